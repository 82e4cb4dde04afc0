/*
 * sync_gen_global - sync_gen with one counter for all slots (KERNEL_FACTS.md
 * D9). As many vmalloc entries as the reference had when a walk began are taken
 * for synced when that walk has ended. Right for one new entry; of two, the
 * walk that began later may end first, and vouches for the other.
 */
#include "replay/dialect/pgd.h"
#include "replay/dialect/walk.h"

struct world {
	spinlock_t pgd_lock;
	SHARED(u32) synced; /* so many entries; grows under pgd_lock */
};

static u32 entries(struct kernel *k)
{
	u32 n = 0;
	for (u32 s = k->geo->vmalloc_first; s <= k->geo->vmalloc_last; s++)
		n += READ_ONCE(*reference_slot(k, s)) != 0;
	return n;
}

static void world_init(struct kernel *k)
{
	struct world *w = k->design;
	spin_lock_init(k, &w->pgd_lock, "pgd_lock");
	WRITE_ONCE(w->synced, entries(k));
}

static void init_late(struct kernel *k, struct mm_struct *mm)
{
	smp_mb();
	copy_present_kernel_part(k, mm);
}

static __always_inline void walk(struct kernel *k, u32 slot, visit_fn *visit)
{
	struct world *w = k->design;
	rcu_read_lock();
	spin_lock(&w->pgd_lock);
	smp_mb();
	visit_task_mms(k, slot, visit);
	spin_unlock(&w->pgd_lock);
	rcu_read_unlock();
}

static void sync_global_pgds(struct kernel *k, u32 slot)
{
	struct world *w = k->design;
	u32 n = entries(k);
	walk(k, slot, sync_slot);
	spin_lock(&w->pgd_lock);
	if (READ_ONCE(w->synced) < n)
		WRITE_ONCE(w->synced, n);
	spin_unlock(&w->pgd_lock);
}

static void wait_for_count(struct kernel *k, u32 slot)
{
	struct world *w = k->design;
	u32 n = entries(k);
	(void)slot;
	wait_for(&w->synced, VAL >= n);
}

static void set_pmd_everywhere(struct kernel *k, u32 slot)
{
	walk(k, slot, overwrite_slot);
}

static const struct pgd_hooks hooks = {
	.world_size = sizeof(struct world),
	.world_init = world_init,
	.init_late_fork = init_late,
	.init_late_exec = init_late,
	.sync = sync_global_pgds,
	.broadcast = set_pmd_everywhere,
	.pin = pin_task_mms,
	.present = wait_for_count,
};

PGD_DESIGN(sync_gen_global, hooks, .source = "mutant of D9", .about = "sync_gen, one counter for all slots",
	   .expect = "vmalloc x vmalloc in two new slots: I1a (V1)", .flags = DESIGN_NEGATIVE | DESIGN_OWNS_SYNC);
