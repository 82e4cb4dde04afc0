/*
 * task_list_unlock_wait - task_list whose fork waits out a walk in progress
 * (KERNEL_FACTS.md D6, Oleg Nesterov).
 *
 * The reference is written before pgd_lock is taken, so a walk that has ended
 * when fork has waited either found the child or left a reference that fork
 * now reads. The walker needs no barrier of its own. In exec the copier shares
 * task_lock with the walker, and must not wait: it would hold what the walker
 * waits for (the negative control task_list_unlock_wait_exec does).
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

static void init_late_fork(struct kernel *k, struct mm_struct *mm)
{
	struct world *w = k->design;
	smp_mb();
	spin_unlock_wait(&w->pgd_lock);
	smp_rmb();
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

static void sync_global_pgds(struct kernel *k, u32 slot)
{
	walk(k, slot, sync_slot);
}

static void set_pmd_everywhere(struct kernel *k, u32 slot)
{
	walk(k, slot, overwrite_slot);
}

static const struct pgd_hooks hooks = {
	.world_size = sizeof(struct world),
	.world_init = world_init,
	.init_late_fork = init_late_fork,
	.init_late_exec = copy_present_kernel_part,
	.sync = sync_global_pgds,
	.broadcast = set_pmd_everywhere,
	.pin = pin_task_mms,
	VARIANT_HOOKS,
};

PGD_DESIGN(task_list_unlock_wait, hooks, .source = "Oleg Nesterov, 2015 (D6)",
	   .about = "task_list, fork waits out a walk in progress", .expect = "as task_list",
	   .flags = DESIGN_LOCK_WORDS);
