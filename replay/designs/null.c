/*
 * null - no page tables, no lists, no locks: what the harness itself costs.
 *
 * Tasks and mms are taken from the pools and given back, because every
 * operation of a real design begins and ends with that; nothing else happens.
 */
#include "replay/dialect/pgd.h"

static void boot(struct kernel *k)
{
	struct mm_struct *mm;
	kmem_alloc(POOL_MM, mm);
	WRITE_ONCE(mm->users, 1);
	k->init_mm = mm;
}

static struct task_struct *fork_task(struct kernel *k, struct task_struct *parent, u32 id, u32 mm_id, u32 flags)
{
	struct task_struct *p;
	struct mm_struct *mm = parent ? READ_ONCE(parent->mm) : NULL;
	(void)k;
	kmem_alloc(POOL_TASK, p);
	p->id = id;
	if (flags & FORK_KTHREAD) {
		mm = NULL;
	} else if (!(flags & FORK_VM)) {
		kmem_alloc(POOL_MM, mm);
		mm->id = mm_id;
		WRITE_ONCE(mm->users, 1);
	} else if (mm) {
		fetch_add(&mm->users, 1);
	}
	WRITE_ONCE(p->mm, mm);
	return p;
}

static void put(struct kernel *k, struct mm_struct *mm)
{
	if (mm && fetch_add(&mm->users, -1u) == 1)
		kmem_free(k, POOL_MM, mm);
}

static void exec_task(struct kernel *k, struct task_struct *t, u32 mm_id)
{
	struct mm_struct *mm, *old = READ_ONCE(t->mm);
	kmem_alloc(POOL_MM, mm);
	mm->id = mm_id;
	WRITE_ONCE(mm->users, 1);
	WRITE_ONCE(t->mm, mm);
	put(k, old);
}

static void exit_task(struct kernel *k, struct task_struct *t)
{
	put(k, READ_ONCE(t->mm));
	WRITE_ONCE(t->mm, NULL);
	kmem_free(k, POOL_TASK, t);
}

static void switch_to(struct kernel *k, struct task_struct *next)
{
	(void)k;
	this_cpu()->curr = next;
}

static bool no_slot(struct kernel *k, u32 slot)
{
	(void)k;
	(void)slot;
	return false;
}

static void no_walk(struct kernel *k, u32 slot)
{
	(void)k;
	(void)slot;
}

static void nothing(struct kernel *k)
{
	(void)k;
}

static void use_mm(struct kernel *k, struct task_struct *t, struct mm_struct *mm)
{
	(void)k;
	WRITE_ONCE(t->mm, mm);
}

static void unuse_mm(struct kernel *k, struct task_struct *t)
{
	(void)k;
	WRITE_ONCE(t->mm, NULL);
}

static bool stale(struct kernel *k, struct mm_struct *mm)
{
	(void)k;
	(void)mm;
	return false;
}

static u32 listed(struct kernel *k)
{
	(void)k;
	return ~0u;
}

static const struct design_ops design = {
	.abi = DESIGN_ABI,
	.size = sizeof(struct design_ops),
	.name = "null",
	.subject = "pgd",
	.engine = ENGINE_NAME,
	.lock = KLOCK_NAME,
	.source = "-",
	.about = "no page tables: the floor of the harness",
	.expect = "unchecked",
	.flags = DESIGN_FLOOR,
	.boot = boot,
	.fork = fork_task,
	.exec = exec_task,
	.exit = exit_task,
	.switch_to = switch_to,
	.vmalloc = no_slot,
	.purge = nothing,
	.hot_add = no_slot,
	.hot_remove = no_slot,
	.cpa = no_walk,
	.sync = no_walk,
	.access = no_walk,
	.efi_call = no_walk,
	.use_mm = use_mm,
	.unuse_mm = unuse_mm,
	.release_mm = put,
	.pin_all = nothing,
	.unpin_all = nothing,
	.stale = stale,
	.listed = listed,
};
DESIGN_REGISTER(design);
