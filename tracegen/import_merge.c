#include "tracegen/import_merge.h"

#include <errno.h>
#include <stdlib.h>

#define LAST (~(imp_merge_node)0)

int imp_merge_init(struct imp_merge *m, uint32_t room)
{
	*m = (struct imp_merge){ .room = room };
	m->node = malloc((room + 2ull) * sizeof(*m->node));
	if (!m->node)
		return -ENOMEM;
	m->node[0] = LAST;
	return 0;
}

void imp_merge_free(struct imp_merge *m)
{
	free(m->node);
	*m = (struct imp_merge){ 0 };
}

void imp_merge_clear(struct imp_merge *m)
{
	m->count = 0;
	m->node[0] = LAST;
}

/* node[count] is LAST: a last child without brother has one that loses. */
static void sift_down(struct imp_merge *m, imp_merge_node n)
{
	imp_merge_node *node = m->node;
	uint32_t i = 0, child;
	while ((child = 2 * i + 1) < m->count) {
		child += node[child + 1] < node[child];
		if (n < node[child])
			break;
		node[i] = node[child];
		i = child;
	}
	node[i] = n;
}

void imp_merge_push(struct imp_merge *m, int64_t key, uint32_t port)
{
	imp_merge_node n = imp_merge_make(key, port);
	uint32_t i = m->count++;
	while (i && n < m->node[(i - 1) / 2]) {
		m->node[i] = m->node[(i - 1) / 2];
		i = (i - 1) / 2;
	}
	m->node[i] = n;
	m->node[m->count] = LAST;
}

void imp_merge_rekey(struct imp_merge *m, int64_t key)
{
	sift_down(m, imp_merge_make(key, imp_merge_port(m)));
}

void imp_merge_pop(struct imp_merge *m)
{
	imp_merge_node last = m->node[--m->count];
	m->node[m->count] = LAST;
	if (m->count)
		sift_down(m, last);
}
