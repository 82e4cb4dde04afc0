/*
 * pool.h - objects of one size from chunks that never move: pointers stay
 * valid until the object is given back. One thread.
 */
#ifndef MMR_TG_POOL_H
#define MMR_TG_POOL_H

#include <stddef.h>
#include <stdint.h>

struct pool {
	size_t size; /* of one object, rounded up to hold a pointer */
	void *free; /* given back, a list through their first word */
	void *chunks; /* the newest first, a list through their first word */
	uint32_t left; /* never used ones in the newest chunk */
};

void pool_init(struct pool *p, size_t size);
void *pool_get(struct pool *p); /* zeroed; NULL: no memory */
void pool_put(struct pool *p, void *object);
void pool_free(struct pool *p); /* all chunks, whatever is still in use */

#endif
