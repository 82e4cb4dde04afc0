/*
 * pgd.h - all that a design of the subject `pgd` includes.
 *
 * A design is one file: its state, its hooks (struct pgd_hooks, process.h), and
 * one PGD_DESIGN(). The same file is compiled for every engine and lock kind.
 */
#ifndef DIALECT_PGD_H
#define DIALECT_PGD_H

#include "replay/dialect/kernel.h"
#include "replay/design.h"
#include "replay/dialect/process.h"

/* Store a kernel entry in a page directory that a walk has reached: I3 if it is a freed one. */
static inline bool pgd_live(struct kernel *k, struct ptdesc *pgd)
{
	if (likely(stamp_live(pgd)))
		return true;
	kernel_violation(k, "I3", "a walk reached a freed page directory", 0, 0, -1);
	return false;
}

/*
 * One slot of one directory brought up to the reference (A.4): filled when it
 * is empty; when both are present they must name the same table.
 */
static inline void sync_slot(struct kernel *k, struct ptdesc *pgd, u32 slot)
{
	u64 ref = READ_ONCE(*reference_slot(k, slot));
	pgd_t *p = pgd_slot(pgd, slot);
	u64 v = READ_ONCE(*p);
	if (!ref)
		return;
	if (!v)
		WRITE_ONCE(*p, ref);
	else if (unlikely(v != ref))
		kernel_violation(k, "I5", "a slot names another table than the reference", 0, 0, (int)slot);
}

/* The kernel part of the reference, copied to @mm whole. */
static inline void copy_kernel_part(struct kernel *k, struct mm_struct *mm)
{
	u32 first = k->geo->kernel_boundary;
	copy_entries(pgd_slot(READ_ONCE(mm->pgd), first), reference_slot(k, first), k->geo->nslots - first);
}

/* The same, but entries that the reference lacks are left alone: safe beside a walk (B.2). */
static inline void copy_present_kernel_part(struct kernel *k, struct mm_struct *mm)
{
	u32 first = k->geo->kernel_boundary;
	copy_present_entries(pgd_slot(READ_ONCE(mm->pgd), first), reference_slot(k, first), k->geo->nslots - first);
}

#define DESIGN_REGISTER(symbol)                                                                                        \
	static const struct design_ops *const symbol##_entry __attribute__((section("mmr_designs"), used)) = &(symbol)

/*
 * PGD_DESIGN(name, hooks, .source = "...", .about = "...", .expect = "..."):
 * the operations of process.h with @hooks inlined, registered under @name.
 */
#define PGD_DESIGN(design_name, hooks_, ...)                                                                           \
	static void op_boot(struct kernel *k)                                                                          \
	{                                                                                                              \
		core_boot(k, &(hooks_));                                                                               \
	}                                                                                                              \
	static struct task_struct *op_fork(struct kernel *k, struct task_struct *parent, u32 id, u32 mm_id, u32 flags) \
	{                                                                                                              \
		return core_fork(k, &(hooks_), parent, id, mm_id, flags);                                              \
	}                                                                                                              \
	static void op_exec(struct kernel *k, struct task_struct *t, u32 mm_id)                                        \
	{                                                                                                              \
		core_exec(k, &(hooks_), t, mm_id);                                                                     \
	}                                                                                                              \
	static void op_exit(struct kernel *k, struct task_struct *t)                                                   \
	{                                                                                                              \
		core_exit(k, &(hooks_), t);                                                                            \
	}                                                                                                              \
	static void op_switch_to(struct kernel *k, struct task_struct *next)                                           \
	{                                                                                                              \
		core_switch(k, &(hooks_), next);                                                                       \
	}                                                                                                              \
	static bool op_vmalloc(struct kernel *k, u32 slot)                                                             \
	{                                                                                                              \
		return core_vmalloc(k, slot);                                                                          \
	}                                                                                                              \
	static bool op_hot_add(struct kernel *k, u32 slot)                                                             \
	{                                                                                                              \
		return core_hot_add(k, &(hooks_), slot);                                                               \
	}                                                                                                              \
	static void op_sync(struct kernel *k, u32 slot)                                                                \
	{                                                                                                              \
		(hooks_).sync(k, slot);                                                                                \
	}                                                                                                              \
	static u32 op_listed(struct kernel *k)                                                                         \
	{                                                                                                              \
		return (hooks_).listed ? (hooks_).listed(k) : ~0u;                                                     \
	}                                                                                                              \
	static const struct design_ops design = { .abi = DESIGN_ABI,                                                   \
						  .size = sizeof(struct design_ops),                                   \
						  .name = #design_name,                                                \
						  .subject = "pgd",                                                    \
						  .engine = ENGINE_NAME,                                               \
						  .lock = KLOCK_NAME,                                                  \
						  .world_size = &(hooks_).world_size,                                  \
						  .mm_size = &(hooks_).mm_size,                                        \
						  .boot = op_boot,                                                     \
						  .fork = op_fork,                                                     \
						  .exec = op_exec,                                                     \
						  .exit = op_exit,                                                     \
						  .switch_to = op_switch_to,                                           \
						  .vmalloc = op_vmalloc,                                               \
						  .hot_add = op_hot_add,                                               \
						  .sync = op_sync,                                                     \
						  .listed = op_listed,                                                 \
						  __VA_ARGS__ };                                                       \
	DESIGN_REGISTER(design)

#endif
