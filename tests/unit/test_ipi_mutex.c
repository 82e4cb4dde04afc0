/* on_each_cpu() and stop_machine() where locks are of kind mutex. */
#define KLOCK_mutex
#include "tests/unit/ipi_body.h"
