/*
 * entry.h - what a kernel entry says: which lower table, alive or not, and what
 * was done to it meanwhile. No locks: the oracle reads entries, too.
 */
#ifndef DIALECT_ENTRY_H
#define DIALECT_ENTRY_H

#include "replay/dialect/kernel.h"

/* Bits of a kernel entry that change while it names the same table. */
#define ENTRY_CPA 0x80ull /* CPA has split the page behind it */
#define ENTRY_PINNED 0x200ull /* Xen: in the form that the hypervisor wants now */
#define ENTRY_FLAGS (ENTRY_CPA | ENTRY_PINNED)

/* What an entry says that points to @t as it is now: a recycled table gives another value. */
static inline u64 table_entry(struct kernel *k, struct ptable *t)
{
	return (eng_object_index(k, POOL_TABLE, t) + 1) << 32 | (u64)(READ_ONCE(t->stamp) & 0xffff) << 12 | 0x63;
}

/* I2: does @entry name a table that is still the one it named? */
static inline bool entry_live(struct kernel *k, u64 entry)
{
	u64 i = (entry >> 32) - 1;
	if ((entry & 0xff & ~ENTRY_FLAGS) != 0x63 || i >= eng_objects(k, POOL_TABLE))
		return false;
	struct ptable *t = eng_object(k, POOL_TABLE, i);
	return table_entry(k, t) == (entry & ~ENTRY_FLAGS) && stamp_live(t);
}

static inline bool same_table(u64 a, u64 b)
{
	return (a & ~ENTRY_FLAGS) == (b & ~ENTRY_FLAGS);
}

static inline bool in_vmalloc(const struct geometry *g, u32 slot)
{
	return slot >= g->vmalloc_first && slot <= g->vmalloc_last;
}

#endif
