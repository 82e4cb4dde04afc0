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
 * is empty; when both are present they must name the same table. @index is
 * where the walk looks; only a bug (K10) makes it another than @slot.
 */
static inline void sync_slot_at(struct kernel *k, struct ptdesc *pgd, u32 index, u32 slot)
{
	u64 ref = READ_ONCE(*reference_slot(k, slot));
	pgd_t *p = pgd_slot(pgd, index);
	u64 v = READ_ONCE(*p);
	if (!ref)
		return;
	if (!v)
		WRITE_ONCE(*p, ref);
	else if (unlikely(!same_table(v, ref)))
		kernel_violation(k, index < k->geo->kernel_boundary ? "I4" : "I5",
				 "a walk found a slot that names another table than the reference", 0, 0, (int)index);
}

static inline void sync_slot(struct kernel *k, struct ptdesc *pgd, u32 slot)
{
	sync_slot_at(k, pgd, slot, slot);
}

/* What the CPA broadcast does to one directory: the reference's entry, whatever was there (A.6). */
static inline void overwrite_slot(struct kernel *k, struct ptdesc *pgd, u32 slot)
{
	WRITE_ONCE(*pgd_slot(pgd, slot), READ_ONCE(*reference_slot(k, slot)));
}

/* v4.1 with `removed`: an entry that the reference has lost is cleared (A.4). */
static inline void clear_slot(struct kernel *k, struct ptdesc *pgd, u32 slot)
{
	if (!READ_ONCE(*reference_slot(k, slot)) && READ_ONCE(*pgd_slot(pgd, slot)))
		WRITE_ONCE(*pgd_slot(pgd, slot), 0);
}

/* What a walk does to each directory that it finds: one of the three above. */
typedef void visit_fn(struct kernel *k, struct ptdesc *pgd, u32 slot);

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

/* A pointer of a task that a walk has read: I3 when it is NULL, where the kernel would have oopsed. */
static inline bool mm_followed(struct kernel *k, struct task_struct *t, struct mm_struct *mm)
{
	if (unlikely(!mm)) {
		kernel_violation(k, "I3", "a walk followed a NULL mm", t->id, 0, -1);
		return false;
	}
	if (unlikely(!stamp_live(mm))) {
		kernel_violation(k, "I3", "a walk followed an mm that is freed", t->id, mm->id, -1);
		return false;
	}
	return true;
}

/* Differs where an engine's objects do: a file of designs is loaded only by a program that was built alike. */
#define DESIGN_LAYOUT                                                                                                  \
	((u32)(sizeof(struct kernel) * 31 + sizeof(struct task_struct) * 37 + sizeof(struct mm_struct) * 41 +          \
	       sizeof(struct signal_struct) * 43 + sizeof(struct ptdesc) * 47 + sizeof(struct ptable) * 53 +           \
	       sizeof(struct cpu) * 59 + offsetof(struct kernel, tasks) * 61 + offsetof(struct kernel, init_mm) * 67 + \
	       offsetof(struct task_struct, signal) * 71 + offsetof(struct mm_struct, page_table_lock) * 73))

#define DESIGN_REGISTER(symbol)                                                                                        \
	static const struct design_ops *const symbol##_entry __attribute__((section("mmr_designs"), used)) = &(symbol)

/*
 * PGD_DESIGN(name, hooks, .source = "...", .about = "...", .expect = "..."):
 * the operations of design.h with @hooks inlined, registered under @name.
 *
 * A variant of a design is a file that says what is different and then includes
 * the design's own:
 *
 *   #include "replay/dialect/kernel.h"    or mm.h, or process.h: as far as the words are the true ones
 *   #define smp_mb() barrier()            words that mean something else from here on
 *   #define VARIANT my_variant            its name
 *   #define VARIANT_SAYS .source = ...    what stands in PGD_DESIGN() behind the hooks
 *   #define VARIANT_HOOKS .present = NULL hooks that replace the design's, where that has VARIANT_HOOKS
 *   #define VARIANT_LINE ____cacheline_aligned     on which line the design's list head lies, likewise
 *   #include "replay/designs/..."         the design's file
 */
#define PGD_OPERATION(ret, op, params, call)                                                                           \
	static ret op params                                                                                           \
	{                                                                                                              \
		call;                                                                                                  \
	}

#ifdef VARIANT
#define PGD_DESIGN(base, hooks_, ...) PGD_REGISTER(VARIANT, hooks_, VARIANT_SAYS)
/* The kernel's own use of designated initialisers: the later one counts. */
#pragma GCC diagnostic ignored "-Woverride-init"
#else
#define PGD_DESIGN(name_, hooks_, ...) PGD_REGISTER(name_, hooks_, __VA_ARGS__)
#endif
#ifndef VARIANT_HOOKS
#define VARIANT_HOOKS .mistakes = 0
#endif
#ifndef VARIANT_LINE
#define VARIANT_LINE
#endif

#define PGD_NAME_(name) #name
#define PGD_NAME(name) PGD_NAME_(name)
#define PGD_REGISTER(design_name, hooks_, ...)                                                                         \
	PGD_OPERATION(void, op_boot, (struct kernel * k), core_boot(k, &(hooks_)))                                     \
	PGD_OPERATION(struct task_struct *, op_fork,                                                                   \
		      (struct kernel * k, struct task_struct * parent, u32 id, u32 mm_id, u32 flags),                  \
		      return core_fork(k, &(hooks_), parent, id, mm_id, flags))                                        \
	PGD_OPERATION(void, op_exec, (struct kernel * k, struct task_struct * t, u32 mm_id),                           \
		      core_exec(k, &(hooks_), t, mm_id))                                                               \
	PGD_OPERATION(void, op_exit, (struct kernel * k, struct task_struct * t), core_exit(k, &(hooks_), t))          \
	PGD_OPERATION(void, op_switch_to, (struct kernel * k, struct task_struct * next),                              \
		      core_switch(k, &(hooks_), next))                                                                 \
	PGD_OPERATION(bool, op_vmalloc, (struct kernel * k, u32 slot), return core_vmalloc(k, &(hooks_), slot))        \
	PGD_OPERATION(void, op_purge, (struct kernel * k), core_purge(k, &(hooks_)))                                   \
	PGD_OPERATION(bool, op_hot_add, (struct kernel * k, u32 slot), return core_hot_add(k, &(hooks_), slot))        \
	PGD_OPERATION(bool, op_hot_remove, (struct kernel * k, u32 slot), return core_hot_remove(k, &(hooks_), slot))  \
	PGD_OPERATION(void, op_cpa, (struct kernel * k, u32 slot), core_cpa(k, &(hooks_), slot))                       \
	PGD_OPERATION(void, op_sync, (struct kernel * k, u32 slot), (hooks_).sync(k, slot))                            \
	PGD_OPERATION(void, op_access, (struct kernel * k, u32 slot), core_access(k, &(hooks_), slot))                 \
	PGD_OPERATION(void, op_efi_call, (struct kernel * k, u32 slot), core_efi_call(k, &(hooks_), slot))             \
	PGD_OPERATION(void, op_use_mm, (struct kernel * k, struct task_struct * t, struct mm_struct * mm),             \
		      core_use_mm(k, &(hooks_), t, mm))                                                                \
	PGD_OPERATION(void, op_unuse_mm, (struct kernel * k, struct task_struct * t), ((void)k, core_unuse_mm(t)))     \
	PGD_OPERATION(void, op_release_mm, (struct kernel * k, struct mm_struct * mm),                                 \
		      release_held_mm(k, &(hooks_), mm))                                                               \
	PGD_OPERATION(void, pin_stopped_, (struct kernel * k, u64 pin), core_convert_all(k, &(hooks_), pin))           \
	PGD_OPERATION(void, op_pin_all, (struct kernel * k), stop_machine(k, pin_stopped_, 1))                         \
	PGD_OPERATION(void, op_unpin_all, (struct kernel * k), stop_machine(k, pin_stopped_, 0))                       \
	PGD_OPERATION(bool, op_stale, (struct kernel * k, struct mm_struct * mm),                                      \
		      return (hooks_).stale && (hooks_).stale(k, mm))                                                  \
	PGD_OPERATION(u32, op_listed, (struct kernel * k), return (hooks_).listed ? (hooks_).listed(k) : ~0u)          \
	static const struct design_ops design = { .abi = DESIGN_ABI,                                                   \
						  .size = sizeof(struct design_ops),                                   \
						  .name = PGD_NAME(design_name),                                       \
						  .subject = "pgd",                                                    \
						  .layout = DESIGN_LAYOUT,                                             \
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
						  .purge = op_purge,                                                   \
						  .hot_add = op_hot_add,                                               \
						  .hot_remove = op_hot_remove,                                         \
						  .cpa = op_cpa,                                                       \
						  .sync = op_sync,                                                     \
						  .access = op_access,                                                 \
						  .efi_call = op_efi_call,                                             \
						  .use_mm = op_use_mm,                                                 \
						  .unuse_mm = op_unuse_mm,                                             \
						  .release_mm = op_release_mm,                                         \
						  .pin_all = op_pin_all,                                               \
						  .unpin_all = op_unpin_all,                                           \
						  .stale = op_stale,                                                   \
						  .listed = op_listed,                                                 \
						  __VA_ARGS__ };                                                       \
	DESIGN_REGISTER(design)

#endif
