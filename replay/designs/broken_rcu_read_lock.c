/*
 * broken_rcu_read_lock - a read section that holds up no grace period.
 */
#include "replay/dialect/kernel.h"

#undef rcu_read_lock
#undef rcu_read_unlock
#define rcu_read_lock() barrier()
#define rcu_read_unlock() barrier()

#define VARIANT broken_rcu_read_lock
#define VARIANT_SAYS                                                                                                   \
	.source = "mutant of task_list", .about = "rcu_read_lock() holds up no grace period",                          \
	.expect = "exit x sync: I3", .flags = DESIGN_NEGATIVE
#include "replay/designs/task_list.c"
