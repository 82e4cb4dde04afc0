/*
 * broken_read_lock - tasklist_lock does not wait for a writer: the walker goes on
 * while a child that it does not see is being added.
 */
#include "replay/dialect/kernel.h"

#undef read_lock
#undef read_unlock
#define read_lock(l) ((void)(l), smp_mb())
#define read_unlock(l) ((void)(l))

#define VARIANT broken_read_lock
#define VARIANT_SAYS                                                                                                   \
	.source = "mutant of task_list_tasklist", .about = "read_lock() does not wait for writers",                    \
	.expect = "fork x sync: I1a", .flags = DESIGN_NEGATIVE
#include "replay/designs/task_list_tasklist.c"
