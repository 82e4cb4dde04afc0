/* Runs of a design that calls all CPUs where locks are of kind ticket. */
#define KLOCK_ticket
#include "tests/unit/calling_body.h"
