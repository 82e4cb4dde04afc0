/*
 * broken_call_rcu - what is to wait for a grace period happens at once.
 */
#include "replay/dialect/kernel.h"

#undef call_rcu
#define call_rcu(head, func) (func)(k, head)

#define VARIANT broken_call_rcu
#define VARIANT_SAYS                                                                                                   \
	.source = "mutant of task_list", .about = "call_rcu() does not wait", .expect = "exit x sync: I3",             \
	.flags = DESIGN_NEGATIVE
#include "replay/designs/task_list.c"
