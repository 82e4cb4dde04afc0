#include "tracegen/import_order.h"

#include <errno.h>
#include <stdlib.h>

#include "tracegen/import_merge.h"
#include "tracegen/pool.h"

/* Of a lane that is not sorted at all, some events come out of order, instead of taking for ever. */
#define STEPS_MAX 4096

struct entry {
	struct entry *next, *prev;
	struct imp_raw raw;
};

struct lane {
	struct entry *first, *last;
	uint32_t id; /* host and CPU */
};

struct imp_order {
	void (*out)(void *ctx, const struct imp_raw *r);
	void *ctx;
	int64_t window_ns;
	uint32_t window_events, count;
	struct pool pool;
	struct lane *lane;
	uint32_t lanes, room;
	struct imp_merge merge; /* over the lanes' first events; rebuilt when a first one changes otherwise */
};

struct imp_order *imp_order_new(void (*out)(void *ctx, const struct imp_raw *r), void *ctx, int64_t window_ns,
				uint32_t window_events)
{
	struct imp_order *o = calloc(1, sizeof(*o));
	if (!o)
		return NULL;
	*o = (struct imp_order){ .out = out, .ctx = ctx, .window_ns = window_ns, .window_events = window_events };
	pool_init(&o->pool, sizeof(struct entry));
	return o;
}

void imp_order_free(struct imp_order *o)
{
	if (!o)
		return;
	pool_free(&o->pool);
	imp_merge_free(&o->merge);
	free(o->lane);
	free(o);
}

static void rebuild(struct imp_order *o)
{
	imp_merge_clear(&o->merge);
	for (uint32_t i = 0; i < o->lanes; i++)
		if (o->lane[i].first)
			imp_merge_push(&o->merge, o->lane[i].first->raw.ns, i);
}

static struct lane *lane_of(struct imp_order *o, const struct imp_raw *r)
{
	/* The state dump comes from a thread of its own, whatever CPU that was on. */
	bool dump = r->kind == IK_DUMP_TASK || r->kind == IK_DUMP_END || r->kind == IK_CAPTURE;
	uint32_t id = (uint32_t)r->host << 16 | (dump ? UINT16_MAX : r->cpu);
	/* Lanes are in the order of their ids. */
	uint32_t low = 0, high = o->lanes;
	while (low < high) {
		uint32_t mid = (low + high) / 2;
		if (o->lane[mid].id < id)
			low = mid + 1;
		else
			high = mid;
	}
	if (low < o->lanes && o->lane[low].id == id)
		return &o->lane[low];
	if (o->lanes == o->room) {
		uint32_t room = o->room ? 2 * o->room : 16;
		struct lane *lane = realloc(o->lane, room * sizeof(*lane));
		struct imp_merge merge;
		if (!lane)
			return NULL;
		o->lane = lane;
		if (imp_merge_init(&merge, room))
			return NULL;
		imp_merge_free(&o->merge);
		o->merge = merge;
		o->room = room;
	}
	for (uint32_t i = o->lanes; i > low; i--)
		o->lane[i] = o->lane[i - 1];
	o->lane[low] = (struct lane){ .id = id };
	o->lanes++;
	rebuild(o);
	return &o->lane[low];
}

static void release_first(struct imp_order *o)
{
	struct lane *l = &o->lane[imp_merge_port(&o->merge)];
	struct entry *e = l->first;
	l->first = e->next;
	if (l->first) {
		l->first->prev = NULL;
		imp_merge_rekey(&o->merge, l->first->raw.ns);
	} else {
		l->last = NULL;
		imp_merge_pop(&o->merge);
	}
	o->count--;
	o->out(o->ctx, &e->raw);
	pool_put(&o->pool, e);
}

int imp_order_add(struct imp_order *o, const struct imp_raw *r, int64_t now)
{
	int64_t until;
	if (__builtin_sub_overflow(now, o->window_ns, &until))
		until = INT64_MIN;
	while (o->count && (o->count >= o->window_events || imp_merge_key(&o->merge) < until))
		release_first(o);
	struct lane *l = lane_of(o, r);
	struct entry *e = l ? pool_get(&o->pool) : NULL;
	if (!e)
		return -ENOMEM;
	e->raw = *r;
	struct entry *before = l->last;
	for (unsigned steps = 0; before && before->raw.ns > r->ns && steps < STEPS_MAX; steps++)
		before = before->prev;
	e->prev = before;
	e->next = before ? before->next : l->first;
	*(e->prev ? &e->prev->next : &l->first) = e;
	*(e->next ? &e->next->prev : &l->last) = e;
	o->count++;
	if (l->first == e) {
		if (e->next)
			rebuild(o);
		else
			imp_merge_push(&o->merge, r->ns, (uint32_t)(l - o->lane));
	}
	return 0;
}

void imp_order_flush(struct imp_order *o)
{
	while (o->count)
		release_first(o);
}
