/*
 * era.h - the presets behind --era: which lock, which geometry, what repairs a
 * stale directory, at which kernel version (KERNEL_FACTS.md A.7, E.1).
 */
#ifndef REPLAY_ERA_H
#define REPLAY_ERA_H

#include <stdbool.h>

struct geometry; /* replay/dialect/objects.h */

struct era {
	const char *name, *about;
	const char *lock, *geometry;
	unsigned sync_policy; /* SYNC_*: what follows a new entry of the vmalloc range */
	bool fault_handler; /* a fault in the vmalloc range repairs the directory */
};

const struct era *era_find(const char *name); /* NULL when unknown */
const struct geometry *geometry_find(const char *name); /* NULL when unknown */

#endif
