/*
 * events.c - what one event costs in the replay itself: the harness is run
 * without a design, natively, and what a simulated CPU is charged for the few
 * shared accesses in that is taken off.
 */
#include "replay/calibrate/events.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "replay/calibrate/calibrate.h"
#include "replay/engines.h"
#include "replay/era.h"
#include "replay/replay.h"

#define PARENTS 16u
#define LIVING 256u /* children at any time */
/* Enough that the plan does not fit the caches: a real one does not. */
#define EVENTS 100000u

struct child {
	uint32_t task, parent;
	bool thread, exited;
};

struct story {
	struct workload *w;
	struct child child[LIVING];
	unsigned children;
	uint64_t seed;
};

static void add(struct workload *w, enum ev_type type, uint32_t task, uint32_t arg, uint32_t mm)
{
	w->events[w->n] =
		(struct mmw_event){ .type = (uint8_t)type, .task = task, .arg = arg, .mm = mm, .time_ns = w->n * 1000 };
	w->duration_ns = w->n++ * 1000;
}

static uint32_t chance(struct story *s, uint32_t n)
{
	s->seed ^= s->seed << 13;
	s->seed ^= s->seed >> 7;
	s->seed ^= s->seed << 17;
	return (uint32_t)((s->seed >> 32) * n >> 32);
}

static void born(struct story *s)
{
	struct child *c = &s->child[s->children++];
	*c = (struct child){ .task = ++s->w->tasks, .parent = 1 + chance(s, PARENTS), .thread = !chance(s, 4) };
	add(s->w, c->thread ? EV_THREAD : EV_FORK, c->parent, c->task, c->thread ? 0 : ++s->w->mms);
}

/* Whose turn it is, and what happens, nobody can foresee: not the processor either. */
static void happens(struct story *s)
{
	unsigned i = chance(s, s->children);
	struct child *c = &s->child[i];
	if (c->exited) {
		add(s->w, EV_FREE, c->task, c->parent, 0);
		*c = s->child[--s->children];
	} else if (c->thread || chance(s, 2)) {
		add(s->w, EV_EXIT, c->task, 0, 0);
		c->exited = true;
	} else {
		add(s->w, EV_EXEC, c->task, 0, ++s->w->mms);
	}
}

int events_workload(struct workload *w)
{
	struct story s = { .w = w, .seed = 0x9e3779b97f4a7c15ull };
	*w = (struct workload){ .cpus = 1, .peak_tasks = PARENTS + LIVING, .peak_mms = PARENTS + LIVING };
	w->events = calloc(EVENTS, sizeof(*w->events));
	if (!w->events)
		return -ENOMEM;
	for (unsigned p = 1; p <= PARENTS; p++) {
		++w->tasks;
		add(w, EV_PRESENT, p, p, ++w->mms);
	}
	while (w->n < EVENTS)
		s.children < LIVING && (s.children < LIVING / 2 || chance(&s, 2)) ? born(&s) : happens(&s);
	return 0;
}

/* ---- the harness alone, really and simulated ---- */

struct floor {
	struct workload workload;
	struct plan plan;
	struct topology topology;
	const struct engine *engine;
	const struct design_ops *design;
	bool failed;
	struct mmr_err e;
};

/* The design that is none, as some engine has it; @like NULL: of any lock. */
static const struct design_ops *floor_of(const char *engine, const struct design_ops *like)
{
	unsigned n;
	const struct design_ops *const *d = design_all(&n);
	for (unsigned i = 0; i < n; i++)
		if (d[i]->flags & DESIGN_FLOOR && !strcmp(d[i]->engine, engine) &&
		    (!like || !strcmp(d[i]->lock, like->lock)))
			return d[i];
	return NULL;
}

static const struct engine *simulator(void)
{
	const struct engine *e;
	for (unsigned i = 0; (e = engine_at(i)); i++)
		if (e->simulated)
			return e;
	return NULL;
}

/* An event's share, in ps, without grace periods. */
static double run_floor(const struct calibrating *c, void *arg)
{
	struct floor *f = arg;
	struct run_figures r;
	const struct run_config rc = {
		.workload = &f->workload,
		.plan = &f->plan,
		.design = f->design,
		.geometry = geometry_find(list_geometries(0)->name),
		.clock = c->clock,
		.topology = &f->topology,
		.measure = MEASURE_OFF,
		.sample_every = 1,
		.seed = 1,
		.stop = c->stop,
	};
	if (f->failed || f->engine->run(&rc, &r, &f->e)) {
		f->failed = true;
		return 0;
	}
	double ps = r.run.events ? (double)(r.run.wall_ns - r.run.rcu_ns) * 1000 / (double)r.run.events : 0;
	run_figures_free(&r);
	return ps;
}

static void measure_floor(const struct calibrating *c, struct floor *f)
{
	struct calibrated *to = &c->out->cost[COST_event];
	struct calibrated simulated = { 0 };
	const struct engine *sim = simulator();
	double ps[CALIBRATE_RUNS], charged = 0;
	f->engine = engine_find("native");
	f->design = floor_of("native", NULL);
	if (!f->design) {
		calibrated_impossible(to, "no design is the floor");
		return;
	}
	bool done = samples_take(c, run_floor, f, ps);
	/* What the simulator charges for the accesses in it is not to be charged twice. */
	const struct design_ops *twin = sim ? floor_of(sim->name, f->design) : NULL;
	if (done && twin && !topology_parse("1x1x1", 1, c->out, &f->topology, &f->e)) {
		f->topology.cost[COST_event].ps = 0;
		f->engine = sim;
		f->design = twin;
		charged = run_floor(c, f);
	}
	simulated.ps = (uint64_t)charged;
	if (f->failed)
		calibrated_impossible(to, f->e.text);
	else if (done)
		samples_sum_up_beyond(ps, CALIBRATE_RUNS, &simulated, to,
				      "a replay without a design, less its accesses");
}

void calibrate_events(const struct calibrating *c)
{
	struct floor f = { 0 };
	if (events_workload(&f.workload) || plan_make(&f.workload, 1, PARTITION_TASK, &f.plan, &f.e))
		calibrated_impossible(&c->out->cost[COST_event], *f.e.text ? f.e.text : "no memory");
	else
		measure_floor(c, &f);
	plan_free(&f.plan);
	workload_free(&f.workload);
}
