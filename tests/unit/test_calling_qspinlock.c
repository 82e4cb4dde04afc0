/* Runs of a design that calls all CPUs where locks are of kind qspinlock. */
#define KLOCK_qspinlock
#include "tests/unit/calling_body.h"
