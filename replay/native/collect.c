/*
 * collect.c (native) - what the workers have noted, as figures: operations,
 * locks with their timeline, who waited for whom, by name, the slowest.
 */
#include <errno.h>
#include <stdlib.h>

#include "replay/figures.h"
#include "replay/native/worker.h"

static void collect_ops(const struct worker *workers, unsigned n, struct run_figures *out)
{
	for (unsigned i = 0; i < n; i++)
		worker_count_ops(&workers[i], out->run.op_count);
	for (unsigned op = 0; op < EV_MAX; op++) {
		struct hist h;
		u64 count = op == EV_SWITCH ? 0 : out->run.op_count[op];
		hist_init(&h);
		for (unsigned i = 0; i < n; i++) {
			count += op == EV_SWITCH ? workers[i].switches : 0;
			hist_merge(&h, &workers[i].latency[op]);
		}
		figures_op(out, op, count, &h);
	}
}

static const char *mode_name(const char *lock, unsigned mode)
{
	return mode ? "read" : world_lock_writes(lock) ? "write" : "exclusive";
}

/* ---- the timeline ---- */

static void book(struct timeline *t, const struct ncpu *c)
{
	for (uint32_t row = 0; row < t->rows; row++) {
		const struct lock_counts *s = &c->locks[row];
		timeline_book(t, row,
			      &(struct timeline_cell){ s->acquisitions, s->contentions, s->timed, s->times->wait.total,
						       s->times->hold.total });
	}
}

void collect_interval(struct worker *me)
{
	book(&me->timeline, me->cpu);
}

/* A sample of fewer waits says little of an interval, and fewer intervals say little of a run. */
#define TIMED_LEAST 64
#define INTERVALS_LEAST 8

/* Timed acquisitions of the lock that has most of them. */
static uint64_t most_timed(const struct eng_world *w)
{
	uint64_t most = 0;
	for (uint32_t row = 0; row < w->lock_classes * LOCK_MODES; row++) {
		uint64_t timed = 0;
		for (u32 i = 0; i < w->k.ncpus; i++)
			timed += w->cpu[i].locks[row].timed;
		most = timed > most ? timed : most;
	}
	return most;
}

/* What is not booked yet; then intervals of one length for all. */
static void even_timelines(const struct run *r, struct worker *workers, uint64_t wall_ns)
{
	const u32 n = r->w->k.ncpus;
	uint64_t length = 1, timed = most_timed(r->w);
	for (u32 i = 0; i < n; i++) {
		book(&workers[i].timeline, workers[i].cpu);
		length = workers[i].timeline.length > length ? workers[i].timeline.length : length;
	}
	while (r->c->measure == MEASURE_SAMPLED && wall_ns / length >= 2 * INTERVALS_LEAST &&
	       timed / (wall_ns / length) < TIMED_LEAST)
		length *= 2;
	for (u32 i = 0; i < n; i++)
		timeline_stretch(&workers[i].timeline, length);
}

/* ---- locks ---- */

static int collect_lock(const struct run *r, struct worker *workers, uint32_t row, struct run_figures *out)
{
	const struct eng_world *w = r->w;
	const unsigned class = row / LOCK_MODES, mode = row % LOCK_MODES;
	struct timeline_cell cells[TIMELINE_INTERVALS] = { 0 };
	struct result_interval timeline[TIMELINE_INTERVALS];
	struct hist wait, hold;
	struct result_lock l = { .lock = w->lock_class[class], .wait = &wait, .hold = &hold, .timeline = timeline };
	hist_init(&wait);
	hist_init(&hold);
	for (u32 i = 0; i < w->k.ncpus; i++) {
		const struct lock_counts *s = &w->cpu[i].locks[row];
		l.acquisitions += s->acquisitions;
		l.contentions += s->contentions;
		l.acq_bounces += s->acq_bounces;
		l.con_bounces += s->con_bounces;
		l.timed += s->timed;
		l.descheduled += s->times->descheduled;
		l.descheduled_ns += s->times->descheduled_ns;
		l.outermost_ns += s->times->outermost_ns;
		l.clock_ns += s->times->hold_reads;
		hist_merge(&wait, &s->times->wait);
		hist_merge(&hold, &s->times->hold);
		timeline_sum(&workers[i].timeline, row, cells);
	}
	l.clock_ns = l.clock_ns * r->c->clock->read_ps / 1000;
	l.mode = mode_name(l.lock, mode);
	l.nintervals = timeline_rows(cells, workers[0].timeline.length, out->run.wall_ns, timeline);
	return figures_lock(out, &l);
}

static int collect_locks(const struct run *r, struct worker *workers, struct run_figures *out)
{
	int ret = 0;
	if (r->c->measure != MEASURE_OFF)
		even_timelines(r, workers, out->run.wall_ns);
	for (uint32_t row = 0; row < r->w->lock_classes * LOCK_MODES && !ret; row++)
		ret = collect_lock(r, workers, row, out);
	return ret;
}

static int collect_blockers(const struct eng_world *w, struct run_figures *out)
{
	int ret = 0;
	for (unsigned i = 0; i < w->lock_classes * LOCK_MODES * EV_MAX * EV_MAX && !ret; i++) {
		const unsigned l = i / (EV_MAX * EV_MAX), waiter = i / EV_MAX % EV_MAX, holder = i % EV_MAX;
		const char *lock = w->lock_class[l / LOCK_MODES];
		struct result_blocker row = {
			lock, mode_name(lock, l % LOCK_MODES), figures_op_name(waiter), figures_op_name(holder), 0, 0
		};
		for (u32 c = 0; c < w->k.ncpus; c++) {
			row.count += w->cpu[c].times[l].blocked[waiter][holder].count;
			row.wait_ns += w->cpu[c].times[l].blocked[waiter][holder].cycles;
		}
		row.wait_ns = eng_ns(&w->cpu[0], row.wait_ns);
		if (row.count && row.waiter && row.holder)
			ret = figures_blocker(out, &row);
	}
	return ret;
}

static void collect_drift(const struct worker *workers, unsigned n, struct run_figures *out)
{
	hist_init(&out->drift);
	for (unsigned i = 0; i < n; i++)
		hist_merge(&out->drift, workers[i].drift);
	out->run.drift = &out->drift;
}

/* ---- by name, and the slowest ---- */

static int collect_who(const struct run *r, const struct worker *workers, struct run_figures *out)
{
	const unsigned n = r->w->k.ncpus, cells = comms_slots(&r->c->workload->comms) * EV_MAX;
	struct who *all = calloc(cells, sizeof(*all));
	uint32_t *done = calloc(n, sizeof(*done));
	int ret = all && done ? 0 : -ENOMEM;
	for (unsigned i = 0; i < n && !ret; i++) {
		done[i] = workers[i].position;
		for (unsigned k = 0; k < cells; k++)
			who_add(&all[k], &workers[i].cpu->who[k]);
	}
	if (!ret)
		ret = who_collect(out, r->c, all, done, r->c->clock->ghz);
	free(all);
	free(done);
	return ret;
}

static int collect_slow(const struct run *r, const struct worker *workers, struct run_figures *out)
{
	struct slowest all = { 0 };
	int ret = 0;
	for (unsigned i = 0; i < r->w->k.ncpus; i++)
		for (u32 k = 0; k < workers[i].slowest.n; k++)
			if (workers[i].slowest.kept[k].latency > all.floor)
				slowest_add(&all, &workers[i].slowest.kept[k]);
	slowest_sort(&all);
	for (u32 k = 0; k < all.n && !ret; k++) {
		struct result_slow row = slow_row(r->c, &all.kept[k], r->c->clock->ghz);
		if (row.holder) {
			row.lock = r->w->lock_class[all.kept[k].longest.lock / LOCK_MODES];
			row.mode = mode_name(row.lock, all.kept[k].longest.lock % LOCK_MODES);
		}
		ret = figures_slow(out, &row);
	}
	return ret;
}

int collect_figures(struct run *r, struct worker *workers, struct run_figures *out)
{
	collect_ops(workers, r->w->k.ncpus, out);
	if (r->c->speed > 0)
		collect_drift(workers, r->w->k.ncpus, out);
	int ret = collect_locks(r, workers, out);
	if (!ret)
		ret = collect_blockers(r->w, out);
	if (!ret && r->c->measure != MEASURE_OFF)
		ret = collect_who(r, workers, out);
	return ret ? ret : collect_slow(r, workers, out);
}
