/*
 * broken_find_lock_task_mm - finds a thread that has an mm and does not keep it:
 * the thread exits, and the mm is gone while the walk uses it.
 */
#include "replay/dialect/process.h"

static inline struct task_struct *find_task_mm(struct kernel *k, struct task_struct *p)
{
	struct task_struct *t;
	for_each_thread (k, p, t)
		if (READ_ONCE(t->mm))
			return t;
	return NULL;
}

#define find_lock_task_mm(k, p) find_task_mm(k, p)
#define task_unlock(t) ((void)(t))

#define VARIANT broken_find_lock_task_mm
#define VARIANT_SAYS                                                                                                   \
	.source = "mutant of task_list", .about = "find_lock_task_mm() locks nothing", .expect = "exit x sync: I3",    \
	.flags = DESIGN_NEGATIVE
#include "replay/designs/task_list.c"
