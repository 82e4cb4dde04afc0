/*
 * design.h - what an engine knows of a design: a constant, versioned table of
 * operations. Nothing else of a design is visible outside its file, and no
 * engine knows a design by name.
 *
 * One entry exists per design, engine and lock kind; the registry finds them
 * in the section where PGD_DESIGN() puts them (pgd.h). A table whose lock is a
 * list was compiled once for several kinds; the registry makes an entry of each.
 */
#ifndef REPLAY_DESIGN_H
#define REPLAY_DESIGN_H

#include "replay/dialect/types.h"

#define DESIGN_ABI 4

/* design_ops.flags */
#define DESIGN_FLOOR 1u /* no page tables: the harness alone; no oracle, no digest */
#define DESIGN_NEGATIVE 2u /* broken on purpose */
#define DESIGN_OWNS_SYNC 4u /* syncs eagerly whatever the era does */
#define DESIGN_NEEDS_FAULT 8u /* rests on the fault handler: excluded from eras without one */
#define DESIGN_64BIT 16u /* preallocates: no sense in the small kernel part of 32 bit */
#define DESIGN_REMOVES 32u /* hot-remove clears entries, or keeps them safely; without it: additions only */
#define DESIGN_LOCK_WORDS 64u /* looks at lock words: check runs the real lock, access by access */

/* design_ops.bugs */
#define BUG(n) (1u << (n))

/* Flags of design_ops.fork: shares the parent's mm; joins its group; a kernel thread, without mm. */
#define FORK_VM 1u
#define FORK_THREAD 2u
#define FORK_KTHREAD 4u

struct design_ops {
	u32 abi; /* DESIGN_ABI */
	u32 size; /* sizeof(struct design_ops) */
	const char *name, *subject, *engine, *lock;
	const char *source; /* where the design comes from: "v4.1", "RFC v3 as intended"... */
	const char *about; /* one line */
	const char *expect; /* what check and the oracle are expected to say */
	u32 flags; /* DESIGN_* */
	u32 bugs; /* BUG(n) | ...: has Kn, which :fix=Kn repairs */
	u32 layout; /* DESIGN_LAYOUT of the engine's objects; 0: does not say */
	const size_t *world_size, *mm_size; /* bytes of k->design and mm->private; NULL: 0 */

	/* All run on a CPU of the engine; tasks and mms by the workload's ids. */
	void (*boot)(struct kernel *k);
	struct task_struct *(*fork)(struct kernel *k, struct task_struct *parent, u32 id, u32 mm_id, u32 flags);
	void (*exec)(struct kernel *k, struct task_struct *t, u32 mm_id);
	void (*exit)(struct kernel *k, struct task_struct *t);
	void (*switch_to)(struct kernel *k, struct task_struct *next);
	bool (*vmalloc)(struct kernel *k, u32 slot);
	void (*purge)(struct kernel *k);
	bool (*hot_add)(struct kernel *k, u32 slot);
	bool (*hot_remove)(struct kernel *k, u32 slot);
	void (*cpa)(struct kernel *k, u32 slot);
	void (*sync)(struct kernel *k, u32 slot);
	void (*access)(struct kernel *k, u32 slot); /* this CPU touches the slot if it is in use */
	void (*efi_call)(struct kernel *k, u32 slot); /* the same from the firmware's directory */
	void (*use_mm)(struct kernel *k, struct task_struct *t, struct mm_struct *mm); /* which somebody holds */
	void (*unuse_mm)(struct kernel *k, struct task_struct *t);
	void (*release_mm)(struct kernel *k, struct mm_struct *mm); /* the hold of hold_mm() ends */
	void (*pin_all)(struct kernel *k);
	void (*unpin_all)(struct kernel *k);
	bool (*stale)(struct kernel *k, struct mm_struct *mm); /* see pgd_hooks */
	u32 (*listed)(struct kernel *k); /* see pgd_hooks */
};

/* All designs compiled in for @engine; *@n of them, ordered by name, then lock. */
const struct design_ops *const *design_all(unsigned *n);

/* The one called @name for @engine and @lock, or NULL. */
const struct design_ops *design_find(const char *name, const char *engine, const char *lock);

/* Checks the table of every design at start-up; -EINVAL names the one that does not fit. */
struct mmr_err;
int design_check_all(struct mmr_err *e);

/*
 * Load the designs in the shared object @path, made by `make design`. *@d, *@n:
 * what it holds, for all engines; they stay until the program ends. -EINVAL:
 * no such file, not one of designs, or made for another version; -EEXIST: a
 * design of that name is there already.
 */
int design_load(const char *path, const struct design_ops *const **d, unsigned *n, struct mmr_err *e);

#endif
