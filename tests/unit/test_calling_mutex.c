/* Runs of a design that calls all CPUs where locks are of kind mutex. */
#define KLOCK_mutex
#include "tests/unit/calling_body.h"
