/*
 * broken_wait_for - looks once and goes on, whatever the condition says: an exec finds the other
 * threads still there.
 */
#include "replay/dialect/kernel.h"

#undef wait_for
#define wait_for(p, cond)                                                                                              \
	({                                                                                                             \
		__typeof__(READ_ONCE(*(p))) VAL = READ_ONCE(*(p));                                                     \
		(void)(cond);                                                                                          \
	})

#define VARIANT broken_wait_for
#define VARIANT_SAYS                                                                                                   \
	.source = "mutant of task_list", .about = "wait_for() does not wait",                                          \
	.expect = "exec with leader change x sync: I1", .flags = DESIGN_NEGATIVE
#include "replay/designs/task_list.c"
