/*
 * task_list_v3 - the lockless pgd series as posted on 22 September 2015
 * (KERNEL_FACTS.md B.3; D3), with the bug that was left. :fix=Kn repairs it:
 *
 *   K10  the walker stores to slot 0 instead of the one it was asked for
 *
 * One thread of each process, found with its task_lock held, inside an RCU read
 * section; a full barrier in the late copy. The walker's is pgd_lock's atomic,
 * enough on x86 (K2).
 */
#include "replay/dialect/pgd.h"
#include "replay/dialect/walk.h"

struct world {
	spinlock_t pgd_lock;
} ____cacheline_aligned;

static void world_init(struct kernel *k)
{
	struct world *w = k->design;
	spin_lock_init(k, &w->pgd_lock, "pgd_lock");
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
	visit_task_mms(k, slot, visit);
	spin_unlock(&w->pgd_lock);
	rcu_read_unlock();
}

static void visit_slot(struct kernel *k, struct ptdesc *pgd, u32 slot)
{
	sync_slot_at(k, pgd, fixed(k, 10) ? slot : 0, slot);
}

static void sync_global_pgds(struct kernel *k, u32 slot)
{
	walk(k, slot, visit_slot);
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
};

PGD_DESIGN(task_list_v3, hooks, .source = "RFC v3, 22 Sep 2015 (D3)",
	   .about = "as posted: find_lock_task_mm, full barrier, the walker's slot is wrong",
	   .expect = "broken: K10 I4; fixed: as task_list", .bugs = BUG(10));
