/*
 * task_list - the lockless pgd series as intended (KERNEL_FACTS.md B.2, B.3; D3f).
 *
 * No list of directories: a new one starts with an empty kernel part, is made
 * reachable through its task, and only then copies the reference. A walker
 * writes the reference, then visits every process. Each side publishes, then
 * looks: both need a full barrier in between, or both may miss the other (K1,
 * K2). The walker stores to the slot it was asked for, not to slot 0 (K10).
 *
 * pgd_lock stays for the walkers; creation and destruction never take it. An
 * mm that no task has is not found (K22); a kernel thread that adopts one gets
 * it as it is.
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
	struct task_struct *p, *t;
	rcu_read_lock();
	spin_lock(&w->pgd_lock);
	smp_mb();
	for_each_task_lock_mm (k, p, t)
		visit_mm(k, READ_ONCE(t->mm), slot, visit);
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
	.init_late_fork = init_late,
	.init_late_exec = init_late,
	.sync = sync_global_pgds,
	.broadcast = set_pmd_everywhere,
	.pin = pin_task_mms,
	VARIANT_HOOKS,
};

PGD_DESIGN(task_list, hooks, .source = "RFC v3 as intended (D3f)",
	   .about = "no list, no lock: copy after publication, walkers visit the tasks",
	   .expect = "holds; broken by lazy mms (K22), CPA on 32 bit (K23), pin_all (K15), eager vmalloc (V1)");
