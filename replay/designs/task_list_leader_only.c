/*
 * task_list_leader_only - task_list that asks the leader of each process for
 * the mm (KERNEL_FACTS.md K8, D11): a leader that has exited has none, and its
 * threads' mm is missed.
 */
#include "replay/dialect/kernel.h"

static inline struct task_struct *lock_leader_mm(struct task_struct *p)
{
	task_lock(p);
	if (READ_ONCE(p->mm))
		return p;
	task_unlock(p);
	return NULL;
}

#define find_lock_task_mm(k, p) lock_leader_mm(p)

#define VARIANT task_list_leader_only
#define VARIANT_SAYS                                                                                                   \
	.source = "Linus Torvalds, 2015 (K8, D11)", .about = "task_list, visits a process through its leader alone",   \
	.expect = "leader exit x sync: I1 (K8)", .flags = DESIGN_NEGATIVE
#include "replay/designs/task_list.c"
