/*
 * task_list_ipi - task_list that also reaches directories no task has
 * (KERNEL_FACTS.md D19).
 *
 * What is brought to a directory without a lock is stored with cmpxchg, so a
 * late copy never undoes what a walk has put there meanwhile (K23). A walk ends
 * with every CPU bringing the slot to what it has loaded or is about to go back
 * to: an mm that is borrowed lazily, or an exiting task's (K22). Such an mm can
 * only be loaded again by a kernel thread that adopts it, and that brings all
 * of it up to date first.
 *
 * The interrupt is sent when pgd_lock and the RCU section have been left: a CPU
 * may be waiting for either.
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

static inline void follow_all(struct kernel *k, struct ptdesc *pgd)
{
	for (u32 s = k->geo->kernel_boundary; s < k->geo->nslots; s++)
		follow_slot(k, pgd, s);
}

static void init_late(struct kernel *k, struct mm_struct *mm)
{
	smp_mb();
	follow_all(k, READ_ONCE(mm->pgd));
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
	on_each_cpu(k, follow_loaded, slot);
}

static void sync_global_pgds(struct kernel *k, u32 slot)
{
	walk(k, slot, sync_slot);
}

static void set_pmd_everywhere(struct kernel *k, u32 slot)
{
	walk(k, slot, overwrite_slot);
}

/* A late copy that has been stopped must find no slot as it has seen it: all are filled (K15). */
static void pin(struct kernel *k, void (*visit)(struct kernel *k, struct ptdesc *pgd))
{
	struct task_struct *p, *t;
	for_each_task_lock_mm (k, p, t)
		follow_all(k, READ_ONCE(READ_ONCE(t->mm)->pgd));
	for (u32 i = 0; i < k->ncpus; i++)
		follow_all(k, READ_ONCE(k->cpus[i]->active_mm->pgd));
	(void)visit;
}

/* Nobody has it but those who keep it for a kernel thread. */
static bool stale(struct kernel *k, struct mm_struct *mm)
{
	(void)k;
	return READ_ONCE(mm->users) == READ_ONCE(mm->held);
}

static const struct pgd_hooks hooks = {
	.world_size = sizeof(struct world),
	.world_init = world_init,
	.init_late_fork = init_late,
	.init_late_exec = init_late,
	.init_late_use = init_late,
	.sync = sync_global_pgds,
	.broadcast = set_pmd_everywhere,
	.pin = pin,
	.stale = stale,
};

PGD_DESIGN(task_list_ipi, hooks, .source = "ours (D19)",
	   .about = "task_list, late copy by cmpxchg, an addition ends with an IPI round",
	   .expect = "holds; broken by eager vmalloc without faults (V1)");
