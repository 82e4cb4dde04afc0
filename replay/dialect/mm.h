/*
 * mm.h - the life of an mm: made by fork and exec, loaded by CPUs, borrowed by
 * kernel threads, gone at the last drop (KERNEL_FACTS.md A.2, A.3, E.5, H.2).
 */
#ifndef DIALECT_MM_H
#define DIALECT_MM_H

#include "replay/dialect/hooks.h"

/* ---- made and dropped ---- */

static __always_inline struct mm_struct *mm_alloc(struct kernel *k, const struct pgd_hooks *h, u32 id)
{
	struct mm_struct *mm;
	struct ptdesc *pgd;
	kmem_alloc(POOL_MM, mm);
	kmem_alloc(POOL_PTDESC, pgd);
	clear_page(pgd->entries, k->geo->nslots);
	mm->id = id;
	WRITE_ONCE(mm->users, 1);
	WRITE_ONCE(mm->held, 0);
	WRITE_ONCE(mm->count, 1);
	for (u32 i = 0; i < k->ncpus; i += 64)
		WRITE_ONCE(*mm_cpumask(k, mm, i / 64), 0);
	WRITE_ONCE(mm->pgd, pgd);
	if (h->pgd_alloc)
		h->pgd_alloc(k, mm);
	return mm;
}

static __always_inline void mmdrop(struct kernel *k, const struct pgd_hooks *h, struct mm_struct *mm)
{
	if (fetch_add(&mm->count, -1u) != 1)
		return;
	struct ptdesc *pgd = READ_ONCE(mm->pgd);
	if (h->pgd_free)
		h->pgd_free(k, mm);
	kmem_free(k, POOL_PTDESC, pgd);
	kmem_free(k, POOL_MM, mm);
}

/* The user half of a new mm: what dup_mmap copies, or exec maps. */
static inline void fill_user_half(struct kernel *k, struct mm_struct *mm)
{
	struct ptdesc *pgd = READ_ONCE(mm->pgd);
	for (u32 i = 0; i < USER_SLOTS; i++)
		WRITE_ONCE(*pgd_slot(pgd, k->geo->user_slots[i]), user_entry(mm, i));
}

static inline void clear_user_half(struct kernel *k, struct mm_struct *mm)
{
	struct ptdesc *pgd = READ_ONCE(mm->pgd);
	for (u32 i = 0; i < USER_SLOTS; i++)
		WRITE_ONCE(*pgd_slot(pgd, k->geo->user_slots[i]), 0);
}

/* The last user is gone: CPUs that are lazily on @mm load init_mm's directory; they keep their reference. */
static inline void leave_mm(struct kernel *k, struct mm_struct *mm)
{
	struct ptdesc *dead = READ_ONCE(mm->pgd), *init = READ_ONCE(k->init_mm->pgd);
	for (u32 i = 0; i < k->ncpus; i += 64)
		for (u64 mask = READ_ONCE(*mm_cpumask(k, mm, i / 64)); mask; mask &= mask - 1) {
			struct cpu *c = k->cpus[i + (u32)__builtin_ctzll(mask)];
			if (READ_ONCE(c->cr3) == dead)
				cmpxchg(&c->cr3, dead, init);
		}
}

static __always_inline void mmput(struct kernel *k, const struct pgd_hooks *h, struct mm_struct *mm)
{
	if (fetch_add(&mm->users, -1u) != 1)
		return;
	clear_user_half(k, mm);
	leave_mm(k, mm);
	mmdrop(k, h, mm);
}

/* ---- loaded ---- */

/*
 * Load @mm on this CPU; returns what was loaded, for the caller to drop last,
 * as in finish_task_switch(). Interrupts are off: an IPI that fixes the loaded
 * directory comes before all of it or after it.
 */
static __always_inline struct mm_struct *activate_mm(struct kernel *k, const struct pgd_hooks *h, struct mm_struct *mm)
{
	struct cpu *c = this_cpu();
	struct mm_struct *old = c->active_mm;
	u64 bit = 1ull << (c->id % 64);
	cpumask_t *mask = mm_cpumask(k, mm, c->id / 64);
	fetch_add(&mm->count, 1);
	local_irq_disable();
	if (!(READ_ONCE(*mask) & bit))
		fetch_or(mask, bit);
	if (h->switch_mm)
		h->switch_mm(k, mm);
	WRITE_ONCE(c->cr3, READ_ONCE(mm->pgd));
	c->active_mm = mm;
	local_irq_enable();
	if (old != k->init_mm)
		fetch_and(mm_cpumask(k, old, c->id / 64), ~bit);
	return old;
}

/* This CPU goes on with @next. A task without mm borrows what is loaded: lazy. */
static __always_inline void core_switch(struct kernel *k, const struct pgd_hooks *h, struct task_struct *next)
{
	struct cpu *c = this_cpu();
	struct mm_struct *mm = READ_ONCE(next->mm);
	c->curr = next;
	if (mm && mm != c->active_mm)
		mmdrop(k, h, activate_mm(k, h, mm));
}

/* ---- borrowed ---- */

/* mmget() by somebody who is no task of @mm: it outlives its tasks. */
static inline void hold_mm(struct mm_struct *mm)
{
	fetch_add(&mm->users, 1);
	fetch_add(&mm->held, 1);
}

static __always_inline void release_held_mm(struct kernel *k, const struct pgd_hooks *h, struct mm_struct *mm)
{
	fetch_add(&mm->held, -1u);
	mmput(k, h, mm);
}

/* Kernel thread @t, running here, adopts @mm, which it holds (use_mm(), K22). */
static __always_inline void core_use_mm(struct kernel *k, const struct pgd_hooks *h, struct task_struct *t,
					struct mm_struct *mm)
{
	task_lock(t);
	WRITE_ONCE(t->mm, mm);
	if (h->init_late_use)
		h->init_late_use(k, mm);
	struct mm_struct *active = activate_mm(k, h, mm);
	task_unlock(t);
	mmdrop(k, h, active);
}

/* ... and lets it go; it stays loaded, lazily. The hold remains. */
static inline void core_unuse_mm(struct task_struct *t)
{
	task_lock(t);
	WRITE_ONCE(t->mm, NULL);
	task_unlock(t);
}

#endif
