/*
 * idmap.h - what is known of each of the ids that are alive: a hash from an id
 * of a workload to an entry of the caller's. Memory follows what is in it, not
 * how high the ids go. One thread. Entries do not move until they are dropped.
 */
#ifndef MMR_TG_IDMAP_H
#define MMR_TG_IDMAP_H

#include <stddef.h>
#include <stdint.h>

#include "tracegen/pool.h"

/* The first member of every entry. */
struct idmap_entry {
	struct idmap_entry *chain;
	uint32_t id;
};

struct idmap {
	struct pool pool;
	struct idmap_entry **bucket;
	uint32_t buckets, used;
};

/* Entries of @size bytes. 0 or -ENOMEM; idmap_free() in either case. */
int idmap_init(struct idmap *m, size_t size);
void idmap_free(struct idmap *m);

void *idmap_find(const struct idmap *m, uint32_t id); /* NULL: not there */
/* A new entry, zeroed but for its id, which must not be there yet. NULL: no memory. */
void *idmap_add(struct idmap *m, uint32_t id);
void idmap_drop(struct idmap *m, void *entry);
/* All of them, in no order: begin with *@at 0 and @entry NULL; NULL at the end. None may be added or dropped meanwhile. */
void *idmap_next(const struct idmap *m, uint32_t *at, void *entry);

#endif
