/*
 * import_areas.h - the vmalloc areas that are alive, by address: a free event
 * says no size and no name but the address. One thread.
 */
#ifndef MMR_TG_IMPORT_AREAS_H
#define MMR_TG_IMPORT_AREAS_H

#include <stdint.h>

#include "tracegen/pool.h"

struct imp_area {
	uint64_t addr;
	struct imp_area *chain;
	uint32_t id, pages; /* id 0: of a task that is left out */
	uint8_t host;
};

struct imp_areas {
	struct pool pool;
	struct imp_area **bucket;
	uint32_t buckets, used, ids;
};

int imp_areas_init(struct imp_areas *a); /* 0 or -ENOMEM */
void imp_areas_free(struct imp_areas *a);
struct imp_area *imp_area_find(struct imp_areas *a, unsigned host, uint64_t addr);
/* A new one; none may be there. NULL: no memory. */
struct imp_area *imp_area_add(struct imp_areas *a, unsigned host, uint64_t addr);
void imp_area_drop(struct imp_areas *a, struct imp_area *area);

/* The top-level slot of an address, 4 levels of 512 entries. */
static inline uint32_t imp_top_slot(uint64_t addr)
{
	return (uint32_t)(addr >> 39) & 511;
}

#endif
