#include "replay/era.h"

#include <stdio.h>
#include <string.h>

#include "replay/design.h"
#include "replay/dialect/kernel.h"
#include "replay/engines.h"
#include "replay/replay.h"

static const struct geometry geometries[] = {
	{
		.name = "x86_64-4level",
		.about = "512 slots of 512 GB; kernel part 272..511 (240 entries), direct map 272..399, vmalloc "
			 "402..465",
		.nslots = 512,
		.kernel_boundary = 272,
		.direct_first = 272,
		.direct_last = 399,
		.vmalloc_first = 402,
		.vmalloc_last = 465,
		/* direct map's first 512 GB, vmalloc's first, vmemmap, kernel image and modules */
		.boot_slots = { 272, 402, 468, 511 },
		/* a non-PIE program at 4 MB, a PIE one at 0x55..., libraries and stack at 0x7f... */
		.user_slots = { 0, 170, 255 },
	},
	{
		.name = "x86_64-5level",
		.about = "512 slots of 256 TB; kernel part 272..511 (240 entries), direct map 272..399, vmalloc "
			 "416..465",
		.nslots = 512,
		.kernel_boundary = 272,
		.direct_first = 272,
		.direct_last = 399,
		.vmalloc_first = 416,
		.vmalloc_last = 465,
		.boot_slots = { 272, 416, 468, 511 },
		/* all that a program gets unasked, and two mappings hinted beyond 47 bits */
		.user_slots = { 0, 128, 255 },
	},
	{
		.name = "i386-2level",
		.about = "1024 slots of 4 MB; kernel part 768..1023, direct map 768..991, vmalloc 994..1020",
		.nslots = 1024,
		.kernel_boundary = 768,
		.direct_first = 768,
		.direct_last = 991,
		.vmalloc_first = 994,
		.vmalloc_last = 1020,
		/* kernel image, vmalloc's first, fixmap */
		.boot_slots = { 768, 994, 1023 },
		/* program at 0x08048000, libraries at 0xb7..., stack below 0xc0000000 */
		.user_slots = { 32, 732, 767 },
	},
	{
		/*
		 * Four top-level entries of 1 GB. Three are the user's; behind the fourth every mm has a
		 * PMD page of its own, which is what has to be kept in step: its 512 entries stand in the
		 * place of the fourth.
		 */
		.name = "i386-pae",
		.about = "3 user slots of 1 GB and an unshared kernel PMD page: 512 slots of 2 MB, 3..514; direct map "
			 "3..450, vmalloc 455..510",
		.nslots = 515,
		.kernel_boundary = 3,
		.direct_first = 3,
		.direct_last = 450,
		.vmalloc_first = 455,
		.vmalloc_last = 510,
		.boot_slots = { 3, 455, 514 },
		.user_slots = { 0, 1, 2 },
	},
};

static const struct era eras[] = {
	{ "v4.1", "2015: vmalloc filled by faults; the kernel the lockless series was written for", "ticket",
	  "x86_64-4level", SYNC_LAZY, true },
	{ "v4.19.67", "2019: vmalloc filled by faults, and each purge syncs its whole range", "qspinlock",
	  "x86_64-4level", SYNC_ON_PURGE, true },
	{ "v5.8", "2020: whoever installs a vmalloc entry syncs it; no fault handler", "qspinlock", "x86_64-4level",
	  SYNC_EAGER, false },
	{ "v6.17", "2025: an entry is synced where it is populated; no fault handler", "qspinlock", "x86_64-4level",
	  SYNC_EAGER, false },
};

static const struct {
	const char *name, *source, *about;
} locks[] = {
	{ "tas", "test and set", "whoever comes first; no queue, no fairness" },
	{ "ticket", "up to v4.1", "FIFO; each unlock invalidates every waiter's copy" },
	{ "qspinlock", "from v4.2", "pending bit for the second, per-CPU queue nodes for the rest" },
	{ "pvqspinlock", "v4.2 on, guests", "qspinlock whose waiters halt after a while and have to be woken" },
	{ "mutex", "pthread", "sleeping lock of the C library; the queued rwlock's inner lock, too" },
};

#define COUNT(a) (sizeof(a) / sizeof(*(a)))

const struct era *era_find(const char *name)
{
	for (unsigned i = 0; i < COUNT(eras); i++)
		if (!strcmp(eras[i].name, name))
			return &eras[i];
	return NULL;
}

const struct geometry *geometry_find(const char *name)
{
	for (unsigned i = 0; i < COUNT(geometries); i++)
		if (!strcmp(geometries[i].name, name))
			return &geometries[i];
	return NULL;
}

static const struct mmr_item *item(const char *name, const char *detail, const char *about)
{
	static struct mmr_item it;
	it = (struct mmr_item){ name, detail, about };
	return &it;
}

const struct mmr_item *list_eras(unsigned i)
{
	return i < COUNT(eras) ? item(eras[i].name, eras[i].lock, eras[i].about) : NULL;
}

const struct mmr_item *list_geometries(unsigned i)
{
	return i < COUNT(geometries) ? item(geometries[i].name, "", geometries[i].about) : NULL;
}

/* Those that some engine was built with, and which. */
const struct mmr_item *list_locks(unsigned i)
{
	static char about[256];
	for (unsigned l = 0; l < COUNT(locks); l++) {
		size_t used = (size_t)snprintf(about, sizeof(about), "%s [", locks[l].about), before = used;
		const struct engine *e;
		for (unsigned n = 0; (e = engine_at(n)); n++)
			if (engine_has_lock(e->name, locks[l].name))
				used += (size_t)snprintf(about + used, sizeof(about) - used, "%s%s",
							 used > before ? ", " : "", e->name);
		if (used == before || i--)
			continue;
		snprintf(about + used, sizeof(about) - used, "]");
		return item(locks[l].name, locks[l].source, about);
	}
	return NULL;
}

const struct mmr_item *list_engines(unsigned i)
{
	const struct engine *e = engine_at(i);
	return e ? item(e->name, "", e->about) : NULL;
}

/* Each design once, whatever locks and engines it was compiled for. */
const struct mmr_item *list_designs(unsigned i)
{
	static struct {
		char source[96], about[256];
	} text;
	unsigned n;
	const struct design_ops *const *d = design_all(&n);
	for (unsigned j = 0; j < n; j++) {
		if ((j && !strcmp(d[j]->name, d[j - 1]->name)) || i-- != 0)
			continue;
		bool negative = d[j]->flags & DESIGN_NEGATIVE;
		snprintf(text.source, sizeof(text.source), "%s%s", negative ? "negative control: " : "", d[j]->source);
		snprintf(text.about, sizeof(text.about), "%s [%s]", d[j]->about, d[j]->expect);
		return item(d[j]->name, text.source, text.about);
	}
	return NULL;
}
