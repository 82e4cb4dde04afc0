/*
 * perform.h - one operation of a plan on the CPU that this_cpu() names, for any
 * engine that replays; compiled with its words.
 */
#ifndef REPLAY_PERFORM_H
#define REPLAY_PERFORM_H

#include "replay/dialect/kernel.h"
#include "replay/plan.h"

static inline u32 perform_fork_flags(const struct rop *op)
{
	if (op->op == EV_THREAD)
		return FORK_VM | FORK_THREAD;
	if (op->op == EV_VFORK)
		return FORK_VM;
	return op->flags & EV_F_KTHREAD || !op->mm ? FORK_KTHREAD : 0;
}

/* @task: by handle. Returns the slot that has become usable by this operation, or -1. */
static inline int perform(struct kernel *k, const struct design_ops *d, struct task_struct **task, const struct rop *op)
{
	switch (op->op) {
	case EV_FORK:
	case EV_VFORK:
	case EV_THREAD:
		task[op->arg] = d->fork(k, task[op->task], op->aux, op->mm, perform_fork_flags(op));
		break;
	case EV_EXEC:
		d->exec(k, task[op->task], op->mm);
		break;
	case EV_EXIT:
		d->exit(k, task[op->task]);
		/* Its memory may come back as another task. */
		this_cpu()->curr = NULL;
		break;
	case EV_VMALLOC: {
		bool used = READ_ONCE(k->done[op->mm]);
		d->vmalloc(k, op->mm);
		if (unlikely(!used) && READ_ONCE(k->done[op->mm]))
			return (int)op->mm;
		break;
	}
	case EV_PURGE:
		d->purge(k);
		break;
	case EV_HOT_ADD:
		if (d->hot_add(k, op->aux))
			return (int)op->aux;
		break;
	case EV_HOT_REMOVE:
		d->hot_remove(k, op->aux);
		break;
	case EV_SYNC:
		d->sync(k, op->aux);
		break;
	case EV_FAULT:
		d->access(k, op->aux);
		break;
	case EV_PIN_ALL:
		d->pin_all(k);
		break;
	case EV_UNPIN_ALL:
		d->unpin_all(k);
		break;
	default:
		/* free: a grace period does it. vfree does nothing to page directories. */
		break;
	}
	return -1;
}

/* A task that was there before the trace. */
static inline void perform_present(struct kernel *k, const struct design_ops *d, struct task_struct **task,
				   const struct rop *op)
{
	struct task_struct *leader = op->arg != op->task ? task[op->arg] : NULL;
	u32 flags = leader ? FORK_VM | FORK_THREAD : op->flags & EV_F_KTHREAD || !op->mm ? FORK_KTHREAD : 0;
	task[op->task] = d->fork(k, leader, op->aux, op->mm, flags);
}

#endif
