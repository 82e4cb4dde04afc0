#include "tracegen/idmap.h"

#include <errno.h>
#include <stdlib.h>

#define FIRST_BUCKETS 1024u
#define BUCKETS_MAX (1u << 26)

int idmap_init(struct idmap *m, size_t size)
{
	*m = (struct idmap){ .buckets = FIRST_BUCKETS };
	pool_init(&m->pool, size);
	m->bucket = calloc(m->buckets, sizeof(struct idmap_entry *));
	return m->bucket ? 0 : -ENOMEM;
}

void idmap_free(struct idmap *m)
{
	pool_free(&m->pool);
	free(m->bucket);
	m->bucket = NULL;
	m->buckets = m->used = 0;
}

static struct idmap_entry **bucket_of(const struct idmap *m, uint32_t id)
{
	return &m->bucket[(uint32_t)(id * 0x9e3779b97f4a7c15ull >> 32) & (m->buckets - 1)];
}

void *idmap_find(const struct idmap *m, uint32_t id)
{
	struct idmap_entry *e = *bucket_of(m, id);
	while (e && e->id != id)
		e = e->chain;
	return e;
}

static void put(struct idmap *m, struct idmap_entry *e)
{
	struct idmap_entry **b = bucket_of(m, e->id);
	e->chain = *b;
	*b = e;
}

/* Failing to grow only makes the chains longer. */
static void grow(struct idmap *m)
{
	struct idmap_entry **old = m->bucket, **bigger = calloc(2u * m->buckets, sizeof(struct idmap_entry *));
	uint32_t n = m->buckets;
	if (!bigger)
		return;
	m->bucket = bigger;
	m->buckets = 2 * n;
	for (uint32_t i = 0; i < n; i++)
		for (struct idmap_entry *e = old[i], *next; e; e = next) {
			next = e->chain;
			put(m, e);
		}
	free(old);
}

void *idmap_add(struct idmap *m, uint32_t id)
{
	struct idmap_entry *e = pool_get(&m->pool);
	if (!e)
		return NULL;
	if (m->used >= m->buckets && m->buckets < BUCKETS_MAX)
		grow(m);
	e->id = id;
	put(m, e);
	m->used++;
	return e;
}

void idmap_drop(struct idmap *m, void *entry)
{
	struct idmap_entry *e = entry, **p = bucket_of(m, e->id);
	while (*p != e)
		p = &(*p)->chain;
	*p = e->chain;
	pool_put(&m->pool, e);
	m->used--;
}

void *idmap_next(const struct idmap *m, uint32_t *at, void *entry)
{
	struct idmap_entry *e = entry ? ((struct idmap_entry *)entry)->chain : NULL;
	while (!e && *at < m->buckets)
		e = m->bucket[(*at)++];
	return e;
}
