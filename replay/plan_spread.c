/* plan_spread.c - which worker a task goes to. */
#include <errno.h>
#include <stdlib.h>

#include "replay/plan_maker.h"

/*
 * What an operation costs, roughly, in nanoseconds: our estimate, of the order
 * that replays on one worker show. Only the ratios matter, and those only for
 * who gets what; so they need not be this machine's, and the same workload is
 * cut the same way everywhere.
 */
static const uint64_t cost_ns[EV_MAX] = {
	[EV_FORK] = 300, [EV_VFORK] = 120, [EV_THREAD] = 120,    [EV_EXEC] = 450,         [EV_EXIT] = 200,
	[EV_FREE] = 10,  [EV_SWITCH] = 60, [EV_VMALLOC] = 30,    [EV_VFREE] = 10,         [EV_PURGE] = 30,
	[EV_FAULT] = 20, [EV_SYNC] = 5000, [EV_HOT_ADD] = 10000, [EV_HOT_REMOVE] = 10000,
};

static uint64_t cost_of(const struct mmw_event *ev)
{
	return ev->type < EV_MAX && cost_ns[ev->type] ? cost_ns[ev->type] : 10;
}

/* ---- the least loaded ---- */

static bool before(const struct spread_entry *a, const struct spread_entry *b)
{
	return a->load != b->load ? a->load < b->load : a->worker < b->worker;
}

static void sift_down(struct spread *s)
{
	struct spread_entry *h = s->heap, moving = h[0];
	uint32_t at = 0;
	for (;;) {
		uint32_t child = 2 * at + 1;
		if (child >= s->workers)
			break;
		if (child + 1 < s->workers && before(&h[child + 1], &h[child]))
			child++;
		if (!before(&h[child], &moving))
			break;
		h[at] = h[child];
		at = child;
	}
	h[at] = moving;
}

/* Loads only grow: one that has not since it was noted, and was noted as the least, is the least. */
static uint32_t least_loaded(struct spread *s)
{
	while (s->heap[0].load != s->load[s->heap[0].worker]) {
		s->heap[0].load = s->load[s->heap[0].worker];
		sift_down(s);
	}
	return s->heap[0].worker;
}

/* ---- placing ---- */

static uint32_t give(struct spread *s, uint32_t worker, uint64_t work)
{
	s->load[worker] += work;
	return worker;
}

uint32_t spread_task(struct spread *s, uint32_t task, uint32_t parent_worker)
{
	uint32_t least = least_loaded(s);
	if (s->work)
		return give(s, least, s->work[task]);
	/* A new task stays with its parent unless that worker is clearly ahead of another. */
	return s->load[parent_worker] > s->load[least] + 1024 + s->load[least] / 256 ? least : parent_worker;
}

uint32_t spread_event(struct spread *s, const struct mmw_event *ev)
{
	return s->work ? give(s, least_loaded(s), cost_of(ev)) : ev->cpu % s->workers;
}

uint32_t spread_present(struct spread *s, uint32_t task, uint32_t round)
{
	return s->work ? give(s, least_loaded(s), s->work[task]) : round % s->workers;
}

int spread_make(struct spread *s, const struct workload *w, unsigned workers, bool balanced)
{
	s->workers = workers;
	s->load = calloc(workers, sizeof(*s->load));
	s->heap = calloc(workers, sizeof(*s->heap));
	s->work = balanced ? calloc(w->tasks + 1ull, sizeof(*s->work)) : NULL;
	if (!s->load || !s->heap || (balanced && !s->work))
		return -ENOMEM;
	for (uint32_t i = 0; i < workers; i++)
		s->heap[i].worker = i;
	for (uint64_t i = 0; balanced && i < w->n; i++)
		if (w->events[i].task <= w->tasks)
			s->work[w->events[i].task] += cost_of(&w->events[i]);
	return 0;
}

void spread_free(struct spread *s)
{
	free(s->load);
	free(s->heap);
	free(s->work);
}
