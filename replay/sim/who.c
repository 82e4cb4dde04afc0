/* who.c (sim) - who did what when: each lock over time, figures by command name, the slowest operations. */
#include <errno.h>
#include <stdlib.h>

#include "replay/sim/machine.h"

#define PS_PER_NS 1000u

/* Of an interval to begin with: virtual time is often short. */
#define INTERVAL_NS 1000u

int sim_who_make(struct machine *m)
{
	m->who = calloc((size_t)comms_slots(&m->c->workload->comms) * EV_MAX, sizeof(*m->who));
	int ret = m->who ? timeline_make(&m->timeline, LOCK_CLASSES * LOCK_MODES, INTERVAL_NS) : -ENOMEM;
	m->interval_end = m->timeline.until * PS_PER_NS;
	return ret;
}

void sim_who_free(struct machine *m)
{
	free(m->who);
	timeline_free(&m->timeline);
}

void sim_blame(struct sim_cpu *c, struct lock_figures *f, u64 waited, u32 holder)
{
	struct machine *m = c->m;
	struct worker *w = worker_of(c);
	const unsigned op = doing_op(holder), slots = comms_slots(&m->c->workload->comms);
	/* A lock in freed memory says anything. */
	const unsigned slot = doing_slot(holder) < slots ? doing_slot(holder) : 0;
	struct who *who = &m->who[slot * EV_MAX + op];
	f->blocked[c->op][op].count++;
	f->blocked[c->op][op].ps += waited;
	who->caused++;
	who->caused_by += waited;
	if (waited > w->longest.took)
		w->longest = (struct who_wait){ waited, doing(op, slot), (u8)(f - m->lock) };
}

static void book(struct machine *m)
{
	for (u32 row = 0; row < m->timeline.rows; row++) {
		const struct lock_figures *f = &m->lock[row];
		timeline_book(&m->timeline, row,
			      &(struct timeline_cell){ f->acquisitions, f->contentions, f->acquisitions, f->wait.total,
						       f->hold.total });
	}
}

void sim_interval(struct sim_cpu *c)
{
	struct machine *m = c->m;
	book(m);
	timeline_go_on(&m->timeline, c->now / PS_PER_NS);
	m->interval_end = m->timeline.until * PS_PER_NS;
}

unsigned sim_timeline(struct machine *m, unsigned row, struct result_interval *room)
{
	struct timeline_cell cells[TIMELINE_INTERVALS] = { 0 };
	book(m);
	timeline_sum(&m->timeline, row, cells);
	return timeline_rows(cells, m->timeline.length, m->out->run.wall_ns, room);
}

void sim_note_latency(struct sim_cpu *c, u8 type, u32 i, u64 from, u64 late, u64 waited)
{
	struct machine *m = c->m;
	const u64 took = c->now - from;
	hist_add(&m->latency[type], took / PS_PER_NS);
	if (unlikely(took > m->slowest.floor))
		slowest_add(&m->slowest, &(struct slow){ .latency = took,
							 .begin = from,
							 .late = late,
							 .wait = waited,
							 .longest = worker_of(c)->longest,
							 .event = m->c->plan->streams[c->id].ops[i].event,
							 .worker = c->id,
							 .op = type,
							 .slot = c->whose });
}

static int collect_slow(struct machine *m,
			const char *(*mode_name)(const struct machine *m, unsigned class, unsigned mode))
{
	int ret = 0;
	slowest_sort(&m->slowest);
	for (u32 i = 0; i < m->slowest.n && !ret; i++) {
		const struct slow *s = &m->slowest.kept[i];
		struct result_slow row = slow_row(m->c, s, PS_PER_NS);
		if (row.holder) {
			row.lock = m->lock_class[s->longest.lock / LOCK_MODES];
			row.mode = mode_name(m, s->longest.lock / LOCK_MODES, s->longest.lock % LOCK_MODES);
		}
		ret = figures_slow(m->out, &row);
	}
	return ret;
}

int sim_who_collect(struct machine *m, const char *(*mode_name)(const struct machine *m, unsigned class, unsigned mode))
{
	u32 *done = calloc(m->cpus, sizeof(*done));
	if (!done)
		return -ENOMEM;
	for (u32 i = 0; i < m->cpus; i++)
		done[i] = m->worker[i].done;
	int ret = who_collect(m->out, m->c, m->who, done, PS_PER_NS);
	free(done);
	return ret ? ret : collect_slow(m, mode_name);
}
