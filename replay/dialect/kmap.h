/*
 * kmap.h - the kernel's own mappings: entries of the reference that come,
 * change and go, and CPUs that touch what lies behind them (KERNEL_FACTS.md A.4
 * to A.6, C.4, H.2).
 */
#ifndef DIALECT_KMAP_H
#define DIALECT_KMAP_H

#include "replay/dialect/entry.h"
#include "replay/dialect/mm.h"

/* ---- entries and tables ---- */

/* Point the reference's @slot to a new table. False: it has one. */
static inline bool install_table(struct kernel *k, u32 slot)
{
	bool added = false;
	spin_lock(&k->init_mm->page_table_lock);
	if (!READ_ONCE(*reference_slot(k, slot))) {
		struct ptable *t;
		kmem_alloc(POOL_TABLE, t);
		t->slot = slot;
		WRITE_ONCE(*reference_slot(k, slot), table_entry(k, t));
		added = true;
	}
	spin_unlock(&k->init_mm->page_table_lock);
	return added;
}

static inline void free_table(struct kernel *k, u64 entry)
{
	struct ptable *t = eng_object(k, POOL_TABLE, (entry >> 32) - 1);
	kmem_free(k, POOL_TABLE, t);
}

/* ---- touching ---- */

/* The era's handler: the entry is copied from the reference, without a lock (A.5). */
static inline bool vmalloc_fault(struct kernel *k, u32 slot)
{
	if (!k->fault_handler || !in_vmalloc(k->geo, slot))
		return false;
	u64 ref = READ_ONCE(*reference_slot(k, slot));
	pgd_t *p = pgd_slot(READ_ONCE(this_cpu()->cr3), slot);
	if (!ref)
		return false;
	if (!READ_ONCE(*p))
		WRITE_ONCE(*p, ref);
	return true;
}

/*
 * This CPU touches what lies behind @slot, if it has been handed out (I1a); a
 * walk into what the slot points to may happen at any time, by speculation (I2).
 * The translation is one step: an IPI that flushes this CPU comes before or after it.
 */
static __always_inline void core_access(struct kernel *k, const struct pgd_hooks *h, u32 slot)
{
	struct cpu *c = this_cpu();
	bool done = smp_load_acquire(&k->done[slot]);
	observe_begin();
	struct ptdesc *pgd = READ_ONCE(c->cr3);
	u64 v = READ_ONCE(*pgd_slot(pgd, slot));
	bool dangling = v && !entry_live(k, v);
	/* Natively the steps above are several: believe only what still holds. */
	bool settled = READ_ONCE(c->cr3) == pgd && READ_ONCE(*pgd_slot(pgd, slot)) == v;
	bool in_use = done && READ_ONCE(k->done[slot]);
	observe_end();
	u32 task = c->curr ? c->curr->id : 0;
	if (unlikely(dangling && settled))
		kernel_violation(k, "I2", "a CPU walked into a freed table", task, c->active_mm->id, (int)slot);
	if (likely(v) || !in_use || !settled)
		return;
	if (h->fault ? h->fault(k, slot) : vmalloc_fault(k, slot))
		c->faults++;
	else
		kernel_violation(k, "I1a", "a CPU faulted on a kernel address that is in use", task, c->active_mm->id,
				 (int)slot);
}

/* Kernel code that runs on whatever is loaded touches memory that may be new. */
static __always_inline void touch_kernel(struct kernel *k, const struct pgd_hooks *h)
{
	for (u32 i = 0; i < k->nwatch; i++)
		core_access(k, h, k->watch[i]);
}

/* A call into the firmware: its own directory, filled from the reference now, is loaded meanwhile (A.1). */
static __always_inline void core_efi_call(struct kernel *k, const struct pgd_hooks *h, u32 slot)
{
	struct cpu *c = this_cpu();
	u32 first = k->geo->kernel_boundary;
	copy_present_entries(pgd_slot(k->efi_pgd, first), reference_slot(k, first), k->geo->nslots - first);
	struct ptdesc *before = READ_ONCE(c->cr3);
	WRITE_ONCE(c->cr3, k->efi_pgd);
	smp_mb();
	core_access(k, h, slot);
	WRITE_ONCE(c->cr3, before);
}

/* ---- memory that appears and goes ---- */

/* A new top-level entry: reference first, then everywhere. False when it was in use before. */
static __always_inline bool core_hot_add(struct kernel *k, const struct pgd_hooks *h, u32 slot)
{
	bool added = false;
	spin_lock(&k->mem_hotplug_lock);
	if (!READ_ONCE(k->done[slot])) {
		if (install_table(k, slot))
			h->sync(k, slot);
		smp_store_release(&k->done[slot], 1);
		added = true;
	}
	spin_unlock(&k->mem_hotplug_lock);
	return added;
}

/*
 * The reverse. A design that cannot clear entries keeps them, and the table
 * with them (af2cf278ef4f). False when nothing was in use there.
 */
static __always_inline bool core_hot_remove(struct kernel *k, const struct pgd_hooks *h, u32 slot)
{
	spin_lock(&k->mem_hotplug_lock);
	bool used = READ_ONCE(k->done[slot]);
	if (used)
		WRITE_ONCE(k->done[slot], 0);
	if (used && h->sync_removed) {
		u64 entry = READ_ONCE(*reference_slot(k, slot));
		if (h->mistakes & MISTAKE_FREE_FIRST)
			free_table(k, entry);
		spin_lock(&k->init_mm->page_table_lock);
		WRITE_ONCE(*reference_slot(k, slot), 0);
		spin_unlock(&k->init_mm->page_table_lock);
		h->sync_removed(k, slot);
		if (!(h->mistakes & MISTAKE_FREE_FIRST))
			free_table(k, entry);
	}
	spin_unlock(&k->mem_hotplug_lock);
	return used;
}

/*
 * vmalloc of an address behind @slot. Eager: whoever installs the entry walks,
 * whoever finds it present does not (V1). True when the entry is new.
 */
static __always_inline bool core_vmalloc(struct kernel *k, const struct pgd_hooks *h, u32 slot)
{
	bool eager = k->sync_policy == SYNC_EAGER;
	bool installed = !READ_ONCE(*reference_slot(k, slot)) && install_table(k, slot);
	if (eager && installed)
		h->sync(k, slot);
	else if (eager && h->present)
		h->present(k, slot);
	if (unlikely(!READ_ONCE(k->done[slot])))
		smp_store_release(&k->done[slot], 1);
	return installed;
}

/* vmalloc's lazily freed areas are given back; v4.19.67 walks over the whole range each time (A.7). */
static __always_inline void core_purge(struct kernel *k, const struct pgd_hooks *h)
{
	if (k->sync_policy != SYNC_ON_PURGE)
		return;
	for (u32 s = k->geo->vmalloc_first; s && s <= k->geo->vmalloc_last; s++)
		if (READ_ONCE(*reference_slot(k, s)))
			h->sync(k, s);
}

/* CPA changes an entry that is there: reference first, then everywhere (A.6, K23). */
static __always_inline void core_cpa(struct kernel *k, const struct pgd_hooks *h, u32 slot)
{
	spin_lock(&k->init_mm->page_table_lock);
	u64 v = READ_ONCE(*reference_slot(k, slot));
	WRITE_ONCE(*reference_slot(k, slot), v ^ ENTRY_CPA);
	spin_unlock(&k->init_mm->page_table_lock);
	h->broadcast(k, slot);
}

/* ---- Xen: every directory converted while the machine stands still (A.6, K15) ---- */

static inline void pin_slots(struct kernel *k, struct ptdesc *pgd)
{
	for (u32 s = k->geo->kernel_boundary; s < k->geo->nslots; s++) {
		u64 v = READ_ONCE(*pgd_slot(pgd, s));
		if (v)
			WRITE_ONCE(*pgd_slot(pgd, s), v | ENTRY_PINNED);
	}
}

static inline void unpin_slots(struct kernel *k, struct ptdesc *pgd)
{
	for (u32 s = k->geo->kernel_boundary; s < k->geo->nslots; s++) {
		u64 v = READ_ONCE(*pgd_slot(pgd, s));
		if (v)
			WRITE_ONCE(*pgd_slot(pgd, s), v & ~ENTRY_PINNED);
	}
}

/* The part that runs while the machine stands still. */
static __always_inline void core_convert_all(struct kernel *k, const struct pgd_hooks *h, bool pin)
{
	void (*visit)(struct kernel *, struct ptdesc *) = pin ? pin_slots : unpin_slots;
	visit(k, READ_ONCE(k->init_mm->pgd));
	visit(k, k->efi_pgd);
	visit(k, k->trampoline_pgd);
	if (h->pin)
		h->pin(k, visit);
}

#endif
