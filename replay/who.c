#include "replay/who.h"

#include <errno.h>
#include <stdlib.h>

#include "replay/figures.h"

void slowest_add(struct slowest *s, const struct slow *op)
{
	struct slow *to = &s->kept[s->n < SLOW_KEPT ? s->n++ : 0], *least = s->kept;
	/* The last one's place, or that of the least: it is kept in front once all are taken. */
	*to = *op;
	if (s->n < SLOW_KEPT)
		return;
	for (struct slow *k = s->kept + 1; k < s->kept + SLOW_KEPT; k++)
		if (k->latency < least->latency)
			least = k;
	const struct slow first = s->kept[0];
	s->kept[0] = *least;
	*least = first;
	s->floor = s->kept[0].latency;
}

/* Of equals, the one that came first in the workload. */
static int slower(const void *a, const void *b)
{
	const struct slow *x = a, *y = b;
	if (x->latency != y->latency)
		return x->latency > y->latency ? -1 : 1;
	return x->event < y->event ? -1 : x->event > y->event;
}

void slowest_sort(struct slowest *s)
{
	qsort(s->kept, s->n, sizeof(*s->kept), slower);
}

struct result_slow slow_row(const struct run_config *c, const struct slow *s, double per_ns)
{
	const struct workload *w = c->workload;
	struct result_slow row = {
		.op = figures_op_name(s->op),
		.latency_ns = (uint64_t)((double)s->latency / per_ns),
		.begin_ns = (uint64_t)((double)s->begin / per_ns),
		.late_ns = (uint64_t)((double)s->late / per_ns),
		.worker = s->worker,
		.event = s->event,
		.task = w->events[s->event].task,
		.comm = comms_name(&w->comms, s->slot),
		.wait_ns = (uint64_t)((double)s->wait / per_ns),
	};
	if (s->longest.took) {
		row.longest_ns = (uint64_t)((double)s->longest.took / per_ns);
		row.holder = figures_op_name(doing_op(s->longest.holder));
		row.holder_comm = comms_name(&w->comms, doing_slot(s->longest.holder));
	}
	return row;
}

/* Operations done, by name and type. */
static void count(const struct run_config *c, const uint32_t *done, uint64_t *counts)
{
	for (unsigned i = 0; i < c->plan->workers; i++) {
		const struct stream *s = &c->plan->streams[i];
		for (uint32_t n = 0; n < done[i] && n < s->n; n++)
			if (s->ops[n].op != OP_CHECKPOINT)
				counts[s->whose[n] * EV_MAX + s->ops[n].op]++;
	}
}

int who_collect(struct run_figures *f, const struct run_config *c, const struct who *who, const uint32_t *done,
		double per_ns)
{
	const struct comms *names = &c->workload->comms;
	const unsigned n = comms_slots(names) * EV_MAX;
	uint64_t *counts = calloc(n, sizeof(*counts));
	int ret = counts ? 0 : -ENOMEM;
	if (counts)
		count(c, done, counts);
	for (unsigned i = 0; i < n && !ret; i++) {
		const unsigned op = i % EV_MAX;
		const struct result_comm row = {
			.comm = comms_name(names, i / EV_MAX),
			.op = op ? ev_name(op) : figures_op_name(op),
			.count = counts[i],
			.timed = who[i].timed,
			.wait_ns = (uint64_t)((double)who[i].wait / per_ns),
			.hold_ns = (uint64_t)((double)who[i].hold / per_ns),
			.caused = who[i].caused,
			.caused_ns = (uint64_t)((double)who[i].caused_by / per_ns),
		};
		if (row.op && (row.count || row.timed || row.caused))
			ret = figures_comm(f, &row);
	}
	free(counts);
	return ret;
}
