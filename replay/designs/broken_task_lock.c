/*
 * broken_task_lock - exit and exec change ->mm without the lock under which a
 * walk uses it.
 */
#include "replay/dialect/kernel.h"

#define task_lock(t) ((void)(t))
#define task_unlock(t) ((void)(t))
#include "replay/dialect/process.h"
#undef task_lock
#undef task_unlock

#define VARIANT broken_task_lock
#define VARIANT_SAYS                                                                                                   \
	.source = "mutant of task_list", .about = "task_lock() excludes no exit and no exec",                          \
	.expect = "exit x sync: I3", .flags = DESIGN_NEGATIVE
#include "replay/designs/task_list.c"
