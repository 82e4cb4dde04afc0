#include "tracegen/import_merge.h"

#include <errno.h>
#include <stdlib.h>

int imp_merge_init(struct imp_merge *m, uint32_t room)
{
	*m = (struct imp_merge){ .room = room };
	m->node = calloc(room ? room : 1, sizeof(*m->node));
	return m->node ? 0 : -ENOMEM;
}

void imp_merge_free(struct imp_merge *m)
{
	free(m->node);
	*m = (struct imp_merge){ 0 };
}

static bool before(struct imp_merge_node a, struct imp_merge_node b)
{
	return a.key < b.key || (a.key == b.key && a.port < b.port);
}

static void sift_down(struct imp_merge *m, struct imp_merge_node n)
{
	uint32_t i = 0, child;
	while ((child = 2 * i + 1) < m->count) {
		if (child + 1 < m->count && before(m->node[child + 1], m->node[child]))
			child++;
		if (!before(m->node[child], n))
			break;
		m->node[i] = m->node[child];
		i = child;
	}
	m->node[i] = n;
}

void imp_merge_push(struct imp_merge *m, int64_t key, uint32_t port)
{
	struct imp_merge_node n = { key, port };
	uint32_t i = m->count++;
	while (i && before(n, m->node[(i - 1) / 2])) {
		m->node[i] = m->node[(i - 1) / 2];
		i = (i - 1) / 2;
	}
	m->node[i] = n;
}

void imp_merge_rekey(struct imp_merge *m, int64_t key)
{
	sift_down(m, (struct imp_merge_node){ key, m->node[0].port });
}

void imp_merge_pop(struct imp_merge *m)
{
	if (--m->count)
		sift_down(m, m->node[m->count]);
}
