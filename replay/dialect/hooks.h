/*
 * hooks.h - what a design of the subject `pgd` does at the points where designs
 * differ. NULL: nothing.
 *
 * Everything around the hooks (process.h, mm.h, kmap.h) is the same for all
 * designs and is inlined with a constant struct pgd_hooks, so a hook called
 * inside a critical section is a direct call. Hooks run on the CPU that
 * this_cpu() names and may sleep or spin only in the words of kernel.h.
 */
#ifndef DIALECT_HOOKS_H
#define DIALECT_HOOKS_H

/* pgd_hooks.mistakes: the code around a design made wrong on purpose, for the negative controls. */
#define MISTAKE_EXEC_NOWAIT 1u /* exec does not wait for the other threads to leave the mm (K16) */
#define MISTAKE_FREE_FIRST 2u /* hot-remove frees the table before any entry is cleared (plain v4.1) */

struct pgd_hooks {
	size_t world_size; /* bytes of k->design */
	size_t mm_size; /* bytes of mm->private */
	u32 mistakes; /* MISTAKE_* */

	void (*world_init)(struct kernel *k);
	/* mm->pgd is a zeroed page that nobody else knows: fill the kernel part, make it known. */
	void (*pgd_alloc)(struct kernel *k, struct mm_struct *mm);
	/* The page is about to be freed, at once. */
	void (*pgd_free)(struct kernel *k, struct mm_struct *mm);
	/* The task with the new mm is on the process list; it cannot run yet. tasklist_lock is not held. */
	void (*init_late_fork)(struct kernel *k, struct mm_struct *mm);
	/* ->mm is the new mm, task_lock(t) is held, it is not loaded yet. */
	void (*init_late_exec)(struct kernel *k, struct mm_struct *mm);
	/* A kernel thread has adopted @mm: as init_late_exec. */
	void (*init_late_use)(struct kernel *k, struct mm_struct *mm);
	/* @mm is about to be loaded on this CPU, interrupts are off. */
	void (*switch_mm)(struct kernel *k, struct mm_struct *mm);

	/* The reference of @slot was written before: bring it to every page directory. */
	void (*sync)(struct kernel *k, u32 slot);
	/* The reference of @slot was cleared before: clear it everywhere; the table is freed after that. */
	void (*sync_removed)(struct kernel *k, u32 slot);
	/* CPA, 32 bit: the reference of @slot was changed before: overwrite it everywhere (A.6). */
	void (*broadcast)(struct kernel *k, u32 slot);
	/* The machine is stopped: pin_slots() or unpin_slots(), @visit, for every directory that is known. */
	void (*pin)(struct kernel *k, void (*visit)(struct kernel *k, struct ptdesc *pgd));
	/* A vmalloc found the entry of @slot present and is about to hand out an address behind it. */
	void (*present)(struct kernel *k, u32 slot);
	/* This CPU faulted on @slot. True: repaired. NULL: the era's handler. */
	bool (*fault)(struct kernel *k, u32 slot);

	/* @mm is known to be behind and will be brought up to date before it is loaded (C.4, I1b). */
	bool (*stale)(struct kernel *k, struct mm_struct *mm);
	/* How many page directories the design believes to exist, special ones not counted; ~0: it keeps no account. */
	u32 (*listed)(struct kernel *k);
};

#endif
