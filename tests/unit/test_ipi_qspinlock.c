/* on_each_cpu() and stop_machine() where locks are of kind qspinlock. */
#define KLOCK_qspinlock
#include "tests/unit/ipi_body.h"
