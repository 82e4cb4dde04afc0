/*
 * pgd_list - v4.1: one list of all page directories under one lock
 * (KERNEL_FACTS.md A.2 to A.4; D0, and for the removal D0r).
 *
 * The lock is taken once per mm creation and once per destruction. Under it the
 * kernel part is copied and the directory put on the list: a walker never sees
 * one that is half filled. Lock and list head lie on one cache line, as the
 * linker put them; no other word shares that line.
 *
 * Entries may be removed, because whatever changes one holds the lock from its
 * look at the reference on.
 */
#include "replay/dialect/pgd.h"

struct world {
	spinlock_t pgd_lock;
	struct list_head pgd_list VARIANT_LINE;
} ____cacheline_aligned;

static void world_init(struct kernel *k)
{
	struct world *w = k->design;
	spin_lock_init(k, &w->pgd_lock, "pgd_lock");
	INIT_LIST_HEAD(&w->pgd_list);
}

static void pgd_alloc(struct kernel *k, struct mm_struct *mm)
{
	struct world *w = k->design;
	struct ptdesc *pgd = READ_ONCE(mm->pgd);
	spin_lock(&w->pgd_lock);
	copy_kernel_part(k, mm);
	WRITE_ONCE(pgd->pt_mm, mm);
	list_add(&pgd->pt_list, &w->pgd_list);
	spin_unlock(&w->pgd_lock);
}

static void pgd_free(struct kernel *k, struct mm_struct *mm)
{
	struct world *w = k->design;
	spin_lock(&w->pgd_lock);
	list_del(&READ_ONCE(mm->pgd)->pt_list);
	spin_unlock(&w->pgd_lock);
}

static __always_inline void walk(struct kernel *k, u32 slot, visit_fn *visit)
{
	struct world *w = k->design;
	struct ptdesc *pgd;
	spin_lock(&w->pgd_lock);
	list_for_each_entry (pgd, &w->pgd_list, pt_list) {
		if (!pgd_live(k, pgd))
			break;
		/* Only Xen needs it; everybody takes it. */
		spinlock_t *ptl = &READ_ONCE(pgd->pt_mm)->page_table_lock;
		spin_lock(ptl);
		visit(k, pgd, slot);
		spin_unlock(ptl);
	}
	spin_unlock(&w->pgd_lock);
}

static void sync_global_pgds(struct kernel *k, u32 slot)
{
	walk(k, slot, sync_slot);
}

static void sync_global_pgds_removed(struct kernel *k, u32 slot)
{
	walk(k, slot, clear_slot);
}

static void set_pmd_everywhere(struct kernel *k, u32 slot)
{
	walk(k, slot, overwrite_slot);
}

static void pin(struct kernel *k, void (*visit)(struct kernel *k, struct ptdesc *pgd))
{
	struct world *w = k->design;
	struct ptdesc *pgd;
	list_for_each_entry (pgd, &w->pgd_list, pt_list)
		visit(k, pgd);
}

static u32 listed(struct kernel *k)
{
	struct world *w = k->design;
	struct ptdesc *pgd;
	u32 n = 0;
	list_for_each_entry (pgd, &w->pgd_list, pt_list)
		n++;
	return n;
}

static const struct pgd_hooks hooks = {
	.world_size = sizeof(struct world),
	.world_init = world_init,
	.pgd_alloc = pgd_alloc,
	.pgd_free = pgd_free,
	.sync = sync_global_pgds,
	.sync_removed = sync_global_pgds_removed,
	.broadcast = set_pmd_everywhere,
	.pin = pin,
	.listed = listed,
	VARIANT_HOOKS,
};

PGD_DESIGN(pgd_list, hooks, .source = "v4.1 (D0)",
	   .about = "global list under pgd_lock, lock and list head on one line",
	   .expect = "holds; broken by eager vmalloc without faults (V1)", .flags = DESIGN_REMOVES);
