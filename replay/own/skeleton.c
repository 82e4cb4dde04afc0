/*
 * skeleton.c - a design of your own to begin with. It works as it stands: a
 * list of all page directories under a lock, as in Linux v4.1.
 *
 *   cp skeleton.c mine.c                         your copy; change the name at the end
 *   make design D=mine.c                         mine.so, for all engines and lock kinds
 *   mmreplay check --design ./mine.so            is it correct? over all interleavings
 *   mmreplay replay WORK.mmw --design ./mine.so --inject hot_add:10
 *   mmreplay report
 *
 * The question that every design answers: the kernel half of each page directory
 * has to follow the reference (init_mm's). A new directory begins as a copy. An
 * addition changes the reference first and must then reach every directory that
 * exists, and those that are being made right now. How do you find them all?
 *
 * DESIGNS.md, beside this file's folder, has the words and the rules. The
 * shortest: fields that two CPUs may touch are SHARED() and are reached through
 * READ_ONCE() and its kin; state lies in k->design, never in a global; waiting
 * belongs to the locks.
 */
#include "replay/dialect/pgd.h"

/* What your design needs once: k->design, zeroed, a cache line of its own. */
struct world {
	spinlock_t lock;
	struct list_head list; /* of all page directories, by pt_list */
} ____cacheline_aligned;

/* Before anything else happens. The name is the lock's in every result. */
static void world_init(struct kernel *k)
{
	struct world *w = k->design;
	spin_lock_init(k, &w->lock, "my_lock");
	INIT_LIST_HEAD(&w->list);
}

/*
 * fork and exec: a new directory, all zero, that nobody else knows yet. Here it
 * is filled and made known under one lock: a walker that comes before finds
 * nothing of it and its addition is in the copy; one that comes after finds it
 * complete. Without the lock an addition can fall between the two.
 */
static void pgd_alloc(struct kernel *k, struct mm_struct *mm)
{
	struct world *w = k->design;
	struct ptdesc *pgd = READ_ONCE(mm->pgd);
	spin_lock(&w->lock);
	copy_kernel_part(k, mm);
	WRITE_ONCE(pgd->pt_mm, mm);
	list_add(&pgd->pt_list, &w->list);
	spin_unlock(&w->lock);
}

/* The last user of the mm has gone, the directory is freed when this returns: nobody may find it any more. */
static void pgd_free(struct kernel *k, struct mm_struct *mm)
{
	struct world *w = k->design;
	spin_lock(&w->lock);
	list_del(&READ_ONCE(mm->pgd)->pt_list);
	spin_unlock(&w->lock);
}

/* One directory after another, for each of them one of sync_slot(), clear_slot() and overwrite_slot(). */
static void walk(struct kernel *k, visit_fn *visit, u32 slot)
{
	struct world *w = k->design;
	struct ptdesc *pgd;
	spin_lock(&w->lock);
	list_for_each_entry (pgd, &w->list, pt_list) {
		if (!pgd_live(k, pgd))
			break;
		spinlock_t *ptl = &READ_ONCE(pgd->pt_mm)->page_table_lock;
		spin_lock(ptl);
		visit(k, pgd, slot);
		spin_unlock(ptl);
	}
	spin_unlock(&w->lock);
}

/* The reference has a new entry in @slot: bring it everywhere. When this returns memory behind it is used. */
static void sync_added(struct kernel *k, u32 slot)
{
	walk(k, sync_slot, slot);
}

/* The reference has lost its entry, whose table is freed when this returns. NULL: entries are kept for ever. */
static void sync_removed(struct kernel *k, u32 slot)
{
	walk(k, clear_slot, slot);
}

/* 32 bit: an entry of the reference has changed while it was there. */
static void broadcast(struct kernel *k, u32 slot)
{
	walk(k, overwrite_slot, slot);
}

/* How many directories you believe there are: the oracle counts for itself. NULL: you keep no account. */
static u32 listed(struct kernel *k)
{
	struct world *w = k->design;
	struct ptdesc *pgd;
	u32 n = 0;
	list_for_each_entry (pgd, &w->list, pt_list)
		n++;
	return n;
}

/*
 * Everything else (tasks, mms, locks around them, who loads what when) is the
 * same for all designs. Other points at which you may do something: the end of
 * fork and exec (init_late_fork, init_late_exec), a switch (switch_mm), a fault;
 * all are in replay/dialect/hooks.h.
 */
static const struct pgd_hooks hooks = {
	.world_size = sizeof(struct world),
	.world_init = world_init,
	.pgd_alloc = pgd_alloc,
	.pgd_free = pgd_free,
	.sync = sync_added,
	.sync_removed = sync_removed,
	.broadcast = broadcast,
	.listed = listed,
};

/* The name that results show; one PGD_DESIGN() per file. */
PGD_DESIGN(skeleton, hooks, .source = "replay/own/skeleton.c", .about = "a list under a lock, to begin with",
	   .expect = "holds", .flags = DESIGN_REMOVES);
