/*
 * sync_gen - task_list whose allocator syncs, and waits for others who do
 * (KERNEL_FACTS.md D9, Ingo Molnar).
 *
 * No fault handler: whoever installs an entry walks at once, whatever the era
 * does. Who finds one present must not hand out an address behind it before
 * that walk is over (V1), so each slot has a state of its own. One counter for
 * all would not do: the walk of the second of two new slots may end first (the
 * negative control sync_gen_global). Nobody waits with a task_lock held.
 */
#include "replay/dialect/pgd.h"
#include "replay/dialect/walk.h"

#define INSTALLING 1
#define SYNCED 2

struct world {
	spinlock_t pgd_lock;
	SHARED(u8) state[NSLOTS_MAX]; /* 0, INSTALLING, SYNCED */
};

static void world_init(struct kernel *k)
{
	struct world *w = k->design;
	spin_lock_init(k, &w->pgd_lock, "pgd_lock");
	for (u32 s = k->geo->kernel_boundary; s < k->geo->nslots; s++)
		WRITE_ONCE(w->state[s], READ_ONCE(*reference_slot(k, s)) ? SYNCED : 0);
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

/* A second walk over a slot that is synced takes nothing back. */
static void sync_global_pgds(struct kernel *k, u32 slot)
{
	struct world *w = k->design;
	if (!READ_ONCE(w->state[slot]))
		WRITE_ONCE(w->state[slot], INSTALLING);
	walk(k, slot, sync_slot);
	smp_store_release(&w->state[slot], SYNCED);
}

static void wait_for_installer(struct kernel *k, u32 slot)
{
	struct world *w = k->design;
	wait_for(&w->state[slot], VAL == SYNCED);
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
	.present = wait_for_installer,
	VARIANT_HOOKS,
};

PGD_DESIGN(sync_gen, hooks, .source = "Ingo Molnar, 2015 (D9)",
	   .about = "task_list, the allocator syncs, who finds an entry present waits for its sync",
	   .expect = "holds, V1 included; broken by lazy mms (K22), CPA on 32 bit (K23), pin_all (K15)",
	   .flags = DESIGN_OWNS_SYNC);
