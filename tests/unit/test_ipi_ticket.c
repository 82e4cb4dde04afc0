/* on_each_cpu() and stop_machine() where locks are of kind ticket. */
#define KLOCK_ticket
#include "tests/unit/ipi_body.h"
