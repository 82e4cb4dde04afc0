/*
 * task_list_v2 - the lockless pgd series as posted on 13 June 2015
 * (KERNEL_FACTS.md B.3; D2), with its bugs. :fix=Kn repairs one:
 *
 *   K1   the late copy is ordered by smp_wmb(): its loads may pass the publication.
 *        In fork only; exec shares task_lock with the walker
 *   K7   a held spinlock is taken for an RCU read section, which it is not where RCU is preemptible
 *   K10  the walker stores to slot 0 instead of the one it was asked for
 *
 * Every thread is visited with its task_lock held.
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
	if (fixed(k, 1))
		smp_mb();
	else
		smp_wmb();
	copy_present_kernel_part(k, mm);
}

static __always_inline void walk(struct kernel *k, u32 slot, visit_fn *visit)
{
	struct world *w = k->design;
	struct task_struct *p, *t;
	if (fixed(k, 7))
		rcu_read_lock();
	spin_lock(&w->pgd_lock);
	for_each_process_thread (k, p, t) {
		task_lock(t);
		struct mm_struct *mm = READ_ONCE(t->mm);
		if (mm)
			visit_mm(k, mm, slot, visit);
		task_unlock(t);
	}
	spin_unlock(&w->pgd_lock);
	if (fixed(k, 7))
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

PGD_DESIGN(task_list_v2, hooks, .source = "RFC v2, 13 Jun 2015 (D2)",
	   .about = "as posted: every thread under task_lock, write barrier, no RCU section",
	   .expect = "broken: K1 fork I1, K7 exit I3, K10 I4; all fixed: as task_list",
	   .bugs = BUG(1) | BUG(7) | BUG(10));
