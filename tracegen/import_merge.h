/*
 * import_merge.h - which of many sorted sequences goes on next: a binary heap
 * over (time, port). Ports with equal times take their turn by number.
 */
#ifndef MMR_TG_IMPORT_MERGE_H
#define MMR_TG_IMPORT_MERGE_H

#include <stdbool.h>
#include <stdint.h>

/* Time and port in one number, so that a comparison is not a branch. */
typedef unsigned __int128 imp_merge_node;

struct imp_merge {
	imp_merge_node *node; /* node[0] goes first; there is one too many, which goes last */
	uint32_t count, room;
};

int imp_merge_init(struct imp_merge *m, uint32_t room); /* 0 or -ENOMEM */
void imp_merge_free(struct imp_merge *m);
void imp_merge_push(struct imp_merge *m, int64_t key, uint32_t port); /* at most room of them */
void imp_merge_rekey(struct imp_merge *m, int64_t key); /* the first one's time becomes @key */
void imp_merge_pop(struct imp_merge *m);
void imp_merge_clear(struct imp_merge *m);

static inline imp_merge_node imp_merge_make(int64_t key, uint32_t port)
{
	return (imp_merge_node)((uint64_t)key ^ 1ull << 63) << 32 | port;
}

/* Of the first, when count is not 0. */
static inline uint32_t imp_merge_port(const struct imp_merge *m)
{
	return (uint32_t)m->node[0];
}

static inline int64_t imp_merge_key(const struct imp_merge *m)
{
	return (int64_t)((uint64_t)(m->node[0] >> 32) ^ 1ull << 63);
}

/* Would the first, with the time @key, still go first? */
static inline bool imp_merge_stays(const struct imp_merge *m, int64_t key)
{
	imp_merge_node n = imp_merge_make(key, imp_merge_port(m));
	return (m->count < 2 || n < m->node[1]) && (m->count < 3 || n < m->node[2]);
}

#endif
