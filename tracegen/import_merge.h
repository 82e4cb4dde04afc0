/*
 * import_merge.h - which of many sorted sequences goes on next: a binary heap
 * over (time, port). Ports with equal times take their turn by number.
 */
#ifndef MMR_TG_IMPORT_MERGE_H
#define MMR_TG_IMPORT_MERGE_H

#include <stdbool.h>
#include <stdint.h>

struct imp_merge_node {
	int64_t key;
	uint32_t port;
};

struct imp_merge {
	struct imp_merge_node *node; /* node[0] goes first */
	uint32_t count, room;
};

int imp_merge_init(struct imp_merge *m, uint32_t room); /* 0 or -ENOMEM */
void imp_merge_free(struct imp_merge *m);
void imp_merge_push(struct imp_merge *m, int64_t key, uint32_t port); /* at most room of them */
void imp_merge_rekey(struct imp_merge *m, int64_t key); /* node[0]'s key becomes @key */
void imp_merge_pop(struct imp_merge *m);

/* Would (@key, @port), taken from the top, still go first? */
static inline bool imp_merge_stays(const struct imp_merge *m, int64_t key, uint32_t port)
{
	for (uint32_t i = 1; i < 3 && i < m->count; i++)
		if (m->node[i].key < key || (m->node[i].key == key && m->node[i].port < port))
			return false;
	return true;
}

#endif
