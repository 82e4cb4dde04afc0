#include "tracegen/import_areas.h"

#include <errno.h>
#include <stdlib.h>

int imp_areas_init(struct imp_areas *a)
{
	*a = (struct imp_areas){ .buckets = 1024 };
	pool_init(&a->pool, sizeof(struct imp_area));
	a->bucket = calloc(a->buckets, sizeof(*a->bucket));
	return a->bucket ? 0 : -ENOMEM;
}

void imp_areas_free(struct imp_areas *a)
{
	pool_free(&a->pool);
	free(a->bucket);
	a->bucket = NULL;
}

static struct imp_area **bucket_of(struct imp_areas *a, unsigned host, uint64_t addr)
{
	uint64_t h = ((addr >> 12) ^ ((uint64_t)host << 56)) * 0x9e3779b97f4a7c15ull;
	return &a->bucket[(uint32_t)(h >> 32) & (a->buckets - 1)];
}

struct imp_area *imp_area_find(struct imp_areas *a, unsigned host, uint64_t addr)
{
	struct imp_area *area = *bucket_of(a, host, addr);
	while (area && (area->addr != addr || area->host != host))
		area = area->chain;
	return area;
}

/* Failing to grow only makes the chains longer. */
static void grow(struct imp_areas *a)
{
	struct imp_area **old = a->bucket, **bigger = calloc(2u * a->buckets, sizeof(*bigger));
	uint32_t n = a->buckets;
	if (!bigger)
		return;
	a->bucket = bigger;
	a->buckets = 2 * n;
	for (uint32_t i = 0; i < n; i++)
		for (struct imp_area *area = old[i], *next; area; area = next) {
			struct imp_area **b = bucket_of(a, area->host, area->addr);
			next = area->chain;
			area->chain = *b;
			*b = area;
		}
	free(old);
}

struct imp_area *imp_area_add(struct imp_areas *a, unsigned host, uint64_t addr)
{
	struct imp_area *area = pool_get(&a->pool);
	if (!area)
		return NULL;
	if (a->used >= a->buckets && a->buckets < 1u << 24)
		grow(a);
	struct imp_area **b = bucket_of(a, host, addr);
	area->addr = addr;
	area->host = (uint8_t)host;
	area->chain = *b;
	*b = area;
	a->used++;
	return area;
}

void imp_area_drop(struct imp_areas *a, struct imp_area *area)
{
	struct imp_area **p = bucket_of(a, area->host, area->addr);
	while (*p != area)
		p = &(*p)->chain;
	*p = area->chain;
	pool_put(&a->pool, area);
	a->used--;
}
