/*
 * broken_write_lock - tasklist_lock keeps no other writer out: of two tasks that
 * are added at once, one is lost.
 */
#include "replay/dialect/kernel.h"

#undef write_lock
#undef write_unlock
#define write_lock(l) ((void)(l), smp_mb())
#define write_unlock(l) ((void)(l))

#define VARIANT broken_write_lock
#define VARIANT_SAYS                                                                                                   \
	.source = "mutant of task_list", .about = "write_lock() excludes nobody", .expect = "two forks x sync: I1a",   \
	.flags = DESIGN_NEGATIVE
#include "replay/designs/task_list.c"
