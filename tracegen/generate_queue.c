/* Timers in time order, those of one time in the order they were set: a heap with four children a node. */
#include <errno.h>
#include <stdlib.h>

#include "tracegen/generate.h"

static bool before(const struct gen_timer *a, const struct gen_timer *b)
{
	return a->time_ns != b->time_ns ? a->time_ns < b->time_ns : a->order < b->order;
}

int gen_queue_push(struct gen_queue *q, uint64_t time_ns, uint32_t task)
{
	if (q->count == q->room) {
		size_t room = q->room ? q->room * 2 : 1024;
		struct gen_timer *at = realloc(q->at, room * sizeof(*at));
		if (!at)
			return -ENOMEM;
		q->at = at;
		q->room = room;
	}
	struct gen_timer t = { time_ns, ++q->order, task };
	size_t i = q->count++;
	for (; i && before(&t, &q->at[(i - 1) / 4]); i = (i - 1) / 4)
		q->at[i] = q->at[(i - 1) / 4];
	q->at[i] = t;
	return 0;
}

bool gen_queue_pop(struct gen_queue *q, struct gen_timer *out)
{
	if (!q->count)
		return false;
	*out = q->at[0];
	struct gen_timer t = q->at[--q->count];
	size_t i = 0;
	for (;;) {
		size_t first = 4 * i + 1, least = first;
		if (first >= q->count)
			break;
		for (size_t c = first + 1; c < first + 4 && c < q->count; c++)
			if (before(&q->at[c], &q->at[least]))
				least = c;
		if (!before(&q->at[least], &t))
			break;
		q->at[i] = q->at[least];
		i = least;
	}
	q->at[i] = t;
	return true;
}
