#include "tracegen/pool.h"

#include <stdlib.h>
#include <string.h>

#define CHUNK_OBJECTS 512

void pool_init(struct pool *p, size_t size)
{
	*p = (struct pool){ .size = (size + sizeof(void *) - 1) / sizeof(void *) * sizeof(void *) };
}

void *pool_get(struct pool *p)
{
	char *object = p->free;
	if (object) {
		memcpy(&p->free, object, sizeof(void *));
	} else {
		if (!p->left) {
			void *chunk = malloc(sizeof(max_align_t) + CHUNK_OBJECTS * p->size);
			if (!chunk)
				return NULL;
			memcpy(chunk, &p->chunks, sizeof(void *));
			p->chunks = chunk;
			p->left = CHUNK_OBJECTS;
		}
		object = (char *)p->chunks + sizeof(max_align_t) + --p->left * p->size;
	}
	memset(object, 0, p->size);
	return object;
}

void pool_put(struct pool *p, void *object)
{
	memcpy(object, &p->free, sizeof(void *));
	p->free = object;
}

void pool_free(struct pool *p)
{
	while (p->chunks) {
		void *next;
		memcpy(&next, p->chunks, sizeof(void *));
		free(p->chunks);
		p->chunks = next;
	}
	p->free = NULL;
	p->left = 0;
}
