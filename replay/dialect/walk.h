/*
 * walk.h - what the walks of several designs have in common: from a process to
 * the one mm that all its threads share, and from an mm to its directory.
 *
 * Which locks are held around a walk, and which barriers stand before it, is
 * the design's business. Included after pgd.h, so that a variant may have other
 * words here than in the code around it.
 */
#ifndef DIALECT_WALK_H
#define DIALECT_WALK_H

#include "replay/dialect/pgd.h"

/*
 * Every process that has an mm: @t is a thread of it whose task_lock is held
 * inside the body, so that ->mm stays. Inside an RCU read section. A body that
 * leaves early must unlock @t.
 */
#define for_each_task_lock_mm(k, p, t)                                                                                 \
	for_each_process (k, p)                                                                                        \
		for (t = find_lock_task_mm(k, p); t; task_unlock(t), t = NULL)

/* One directory, under its mm's lock: only Xen needs that, everybody takes it. */
static __always_inline void visit_mm(struct kernel *k, struct mm_struct *mm, u32 slot, visit_fn *visit)
{
	if (unlikely(!mm)) {
		kernel_violation(k, "I3", "a walk followed a NULL mm", 0, 0, -1);
		return;
	}
	struct ptdesc *pgd = READ_ONCE(mm->pgd);
	if (!pgd_live(k, pgd))
		return;
	spin_lock(&mm->page_table_lock);
	visit(k, pgd, slot);
	spin_unlock(&mm->page_table_lock);
}

/* @visit for @slot of every directory that a task can be found to use. Inside an RCU read section. */
static __always_inline void visit_task_mms(struct kernel *k, u32 slot, visit_fn *visit)
{
	struct task_struct *p, *t;
	for_each_task_lock_mm (k, p, t)
		visit_mm(k, READ_ONCE(t->mm), slot, visit);
}

/* pgd_hooks.pin of the designs that walk tasks; the machine is stopped. */
static inline void pin_task_mms(struct kernel *k, void (*visit)(struct kernel *k, struct ptdesc *pgd))
{
	struct task_struct *p, *t;
	for_each_task_lock_mm (k, p, t)
		visit(k, READ_ONCE(READ_ONCE(t->mm)->pgd));
}

/* ---- without a lock ---- */

/*
 * One slot of @pgd brought to what the reference says now, whatever it held:
 * unless somebody else stores there between the look and the store, who has
 * then seen a later reference.
 */
static inline void follow_slot(struct kernel *k, struct ptdesc *pgd, u32 slot)
{
	pgd_t *p = pgd_slot(pgd, slot);
	if (p == reference_slot(k, slot))
		return;
	u64 v = READ_ONCE(*p), ref = READ_ONCE(*reference_slot(k, slot));
	if (ref && v != ref)
		cmpxchg(p, v, ref);
}

/*
 * For on_each_cpu(): what this CPU has loaded, and what it goes back to. In the
 * firmware, and lazily on an mm that is no more, they differ.
 */
static inline void follow_loaded(struct kernel *k, u64 slot)
{
	struct cpu *c = this_cpu();
	follow_slot(k, READ_ONCE(c->cr3), (u32)slot);
	follow_slot(k, READ_ONCE(c->active_mm->pgd), (u32)slot);
}

/* pgd_hooks.sync of a design that brings an entry to no directory. */
static inline void no_walk(struct kernel *k, u32 slot)
{
	(void)k;
	(void)slot;
}

#endif
