/*
 * task_list_v1 - the lockless pgd series as first posted, 11 June 2015
 * (KERNEL_FACTS.md B.3; D1), with its bugs. :fix=Kn repairs one:
 *
 *   K1   the late copy is ordered by smp_wmb(), which lets its loads pass the publication.
 *        In fork; in exec while K5 is left, for its repair shares task_lock with exec
 *   K3   p->mm->pgd is read before p->mm is tested: kernel threads have none
 *   K4   p->mm is tested, then read again: an exit comes in between
 *   K5   nothing keeps p->mm while it is used
 *   K6   the tasks are walked outside any RCU read section
 *   K10  the walker stores to slot 0 instead of the one it was asked for
 *
 * It visits every thread, each mm as often as it has threads (K9: a cost). The
 * walker's barrier is pgd_lock's atomic, enough on x86 (K2).
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

static __always_inline void visit_thread(struct kernel *k, struct task_struct *t, u32 slot, visit_fn *visit)
{
	/* With K3 there is no test that would come in time. */
	if (!fixed(k, 4) && fixed(k, 3) && !READ_ONCE(t->mm))
		return;
	if (fixed(k, 5))
		task_lock(t);
	struct mm_struct *mm = READ_ONCE(t->mm);
	bool tested = fixed(k, 3) && fixed(k, 4);
	if ((mm || !tested) && mm_followed(k, t, mm))
		visit_mm(k, mm, slot, visit);
	if (fixed(k, 5))
		task_unlock(t);
}

static __always_inline void walk(struct kernel *k, u32 slot, visit_fn *visit)
{
	struct world *w = k->design;
	struct task_struct *p, *t;
	if (fixed(k, 6))
		rcu_read_lock();
	spin_lock(&w->pgd_lock);
	for_each_process_thread (k, p, t)
		visit_thread(k, t, slot, visit);
	spin_unlock(&w->pgd_lock);
	if (fixed(k, 6))
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

PGD_DESIGN(task_list_v1, hooks, .source = "RFC v1, 11 Jun 2015 (D1)",
	   .about = "as posted: every thread, ->mm unguarded, write barrier",
	   .expect = "broken: K1 fork I1, K3 K4 K5 K6 I3, K10 I4; all fixed: as task_list",
	   .bugs = BUG(1) | BUG(3) | BUG(4) | BUG(5) | BUG(6) | BUG(10));
