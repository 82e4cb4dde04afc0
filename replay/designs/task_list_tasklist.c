/*
 * task_list_tasklist - task_list without a barrier in fork and exec: the walker
 * pays (KERNEL_FACTS.md D7, Oleg Nesterov).
 *
 * Between writing the reference and walking, the walker takes tasklist_lock for
 * read and lets it go. A child that was added before is on the list that it
 * walks; the parent of one that is added later takes the lock for write after
 * that, and so copies the new reference. In exec walker and copier share
 * task_lock; a new leader takes its place under the write lock.
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

static __always_inline void walk(struct kernel *k, u32 slot, visit_fn *visit)
{
	struct world *w = k->design;
	read_lock(&k->tasklist_lock);
	read_unlock(&k->tasklist_lock);
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
	.init_late_fork = copy_present_kernel_part,
	.init_late_exec = copy_present_kernel_part,
	.sync = sync_global_pgds,
	.broadcast = set_pmd_everywhere,
	.pin = pin_task_mms,
};

PGD_DESIGN(task_list_tasklist, hooks, .source = "Oleg Nesterov, 2015 (D7)",
	   .about = "task_list, ordered by tasklist_lock instead of barriers: the walker pays",
	   .expect = "as task_list");
