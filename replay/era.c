#include "replay/era.h"

#include <string.h>

#include "replay/design.h"
#include "replay/dialect/kernel.h"
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
};

static const struct era eras[] = {
	{ "v4.1", "2015: ticket locks, vmalloc filled by faults, the kernel the lockless series was written for",
	  "ticket", "x86_64-4level" },
};

static const struct {
	const char *name, *source, *about;
} locks[] = {
	{ "ticket", "up to v4.1", "FIFO; each unlock invalidates every waiter's copy" },
	{ "qspinlock", "from v4.2", "pending bit for the second, per-CPU queue nodes for the rest" },
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

bool lock_known(const char *name)
{
	for (unsigned i = 0; i < COUNT(locks); i++)
		if (!strcmp(locks[i].name, name))
			return true;
	return false;
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

const struct mmr_item *list_locks(unsigned i)
{
	return i < COUNT(locks) ? item(locks[i].name, locks[i].source, locks[i].about) : NULL;
}

/* Each design once, whatever locks and engines it was compiled for. */
const struct mmr_item *list_designs(unsigned i)
{
	unsigned n;
	const struct design_ops *const *d = design_all(&n);
	for (unsigned j = 0; j < n; j++)
		if ((j == 0 || strcmp(d[j]->name, d[j - 1]->name)) && i-- == 0)
			return item(d[j]->name, d[j]->source, d[j]->about);
	return NULL;
}
