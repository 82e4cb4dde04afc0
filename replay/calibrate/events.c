/*
 * events.c - what an event of the replay itself costs, and a shared access: the
 * same workload is run natively and simulated on one CPU, without a design and
 * with some. What the one takes and the other was not charged for is the cost.
 */
#include "replay/calibrate/events.h"

#include <errno.h>
#include <gsl/gsl_fit.h>
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
/* A simulated event takes longer to find out, and always costs the same: after the caches are full, that is. */
#define SIM_EVENTS 25000u

struct child {
	uint32_t task, parent;
	bool thread, execed, exited;
};

struct story {
	struct workload *w;
	bool foreseeable; /* one child after another, each the same way */
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
	*c = (struct child){ .task = ++s->w->tasks, .parent = 1 };
	if (!s->foreseeable) {
		c->parent += chance(s, PARENTS);
		c->thread = !chance(s, 4);
	}
	add(s->w, c->thread ? EV_THREAD : EV_FORK, c->parent, c->task, c->thread ? 0 : ++s->w->mms);
}

/* Whose turn it is, and what happens, nobody can foresee, not the processor either; or everybody can. */
static void happens(struct story *s)
{
	unsigned i = s->foreseeable ? 0 : chance(s, s->children);
	struct child *c = &s->child[i];
	if (c->exited) {
		add(s->w, EV_FREE, c->task, c->parent, 0);
		*c = s->child[--s->children];
	} else if (c->thread || (s->foreseeable ? c->execed : chance(s, 2))) {
		add(s->w, EV_EXIT, c->task, 0, 0);
		c->exited = true;
	} else {
		add(s->w, EV_EXEC, c->task, 0, ++s->w->mms);
		c->execed = true;
	}
}

int events_workload(struct workload *w, bool foreseeable, unsigned events)
{
	struct story s = { .w = w, .foreseeable = foreseeable, .seed = 0x9e3779b97f4a7c15ull };
	*w = (struct workload){ .cpus = 1, .peak_tasks = PARENTS + LIVING, .peak_mms = PARENTS + LIVING };
	w->events = calloc(events, sizeof(*w->events));
	if (!w->events)
		return -ENOMEM;
	for (unsigned p = 1; p <= PARENTS; p++) {
		++w->tasks;
		add(w, EV_PRESENT, p, p, ++w->mms);
	}
	while (w->n < events)
		s.children < LIVING && (s.children < LIVING / 2 || (!foreseeable && chance(&s, 2))) ? born(&s)
												    : happens(&s);
	return 0;
}

/* ---- the same run, really and simulated ---- */

struct twin {
	struct workload workload, brief; /* brief: the simulator's */
	struct plan plan, brief_plan;
	struct topology topology;
	const struct engine *engine, *native, *sim;
	const struct design_ops *design;
	bool failed;
	struct mmr_err e;
};

static const struct engine *simulator(void)
{
	const struct engine *e;
	for (unsigned i = 0; (e = engine_at(i)); i++)
		if (e->simulated)
			return e;
	return NULL;
}

/* An event's share, in ps, without grace periods. */
static double run_twin(const struct calibrating *c, void *arg)
{
	struct twin *f = arg;
	struct run_figures r;
	const struct run_config rc = {
		.workload = f->engine->simulated ? &f->brief : &f->workload,
		.plan = f->engine->simulated ? &f->brief_plan : &f->plan,
		.design = f->design,
		.geometry = geometry_find(list_geometries(0)->name),
		.clock = c->clock,
		.topology = &f->topology,
		.measure = MEASURE_OFF,
		.sample_every = 1,
		.seed = 1,
		.fault_handler = true,
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

/* What a simulated CPU takes for an event of @d's twin by these costs, besides those that are known. */
static double charged(const struct calibrating *c, struct twin *f, const struct design_ops *d, uint64_t step,
		      uint64_t surprise)
{
	f->design = design_find(d->name, f->sim->name, d->lock);
	f->engine = f->sim;
	f->topology.cost[COST_step].ps = step;
	f->topology.cost[COST_event].ps = 0;
	f->topology.cost[COST_surprise].ps = surprise;
	return f->design ? run_twin(c, f) : 0;
}

/* ---- step: how much more an event takes by the accesses in it ---- */

#define STEP_DESIGNS 32u
#define STEP_RUNS 9u

/* Those that do what the kernel does, in one lock kind: what its code takes is what a step stands for. */
static bool stands_for_kernels(const struct design_ops *d, const char *lock)
{
	return !strcmp(d->engine, "native") && !(d->flags & (DESIGN_FLOOR | DESIGN_NEGATIVE)) && !d->bugs &&
	       !strcmp(d->lock, lock);
}

/* One design's twin: what it is charged for besides steps, and how many of these an event is. */
struct remainder {
	const struct design_ops *d;
	double charged, steps;
};

static unsigned find_remainders(const struct calibrating *c, struct twin *f, struct remainder *r)
{
	const char *lock = era_find(list_eras(0)->name)->lock;
	unsigned n = 0, designs;
	const struct design_ops *const *d = design_all(&designs);
	for (unsigned i = 0; i < designs && n < STEP_DESIGNS && !calibrate_told_to_stop(c); i++) {
		if (!stands_for_kernels(d[i], lock))
			continue;
		double none = charged(c, f, d[i], 0, 0), some = charged(c, f, d[i], 1000, 0);
		if (!f->failed && some > none)
			r[n++] = (struct remainder){ d[i], none, (some - none) / 1000 };
	}
	return n;
}

/*
 * A line through the designs, by how many accesses an event of theirs is: its
 * slope is a step. Where it begins is no event: what else is charged too dear,
 * or too cheap, is in that.
 */
static void measure_step(const struct calibrating *c, struct twin *f)
{
	struct remainder r[STEP_DESIGNS];
	double step[STEP_RUNS], x[STEP_DESIGNS], y[STEP_DESIGNS];
	unsigned n = find_remainders(c, f, r), runs = 0;
	for (f->engine = f->native; n > 2 && runs < STEP_RUNS && !f->failed && !calibrate_told_to_stop(c); runs++) {
		double c0, c1, v00, v01, v11, rest;
		for (unsigned i = 0; i < n; i++) {
			f->design = r[i].d;
			x[i] = r[i].steps;
			y[i] = run_twin(c, f) - r[i].charged;
		}
		gsl_fit_linear(x, 1, y, 1, n, &c0, &c1, &v00, &v01, &v11, &rest);
		step[runs] = c1;
	}
	/* Without, what core.c found out stands. */
	if (runs == STEP_RUNS && !f->failed)
		samples_sum_up(step, runs, &c->out->cost[COST_step], "replays, by how many accesses an event is");
}

/* ---- event: the harness alone ---- */

static const struct design_ops *find_floor(void)
{
	unsigned n;
	const struct design_ops *const *d = design_all(&n);
	for (unsigned i = 0; i < n; i++)
		if (d[i]->flags & DESIGN_FLOOR && !strcmp(d[i]->engine, "native"))
			return d[i];
	return NULL;
}

/* @f's floor: what its native runs took beyond what is charged for accesses, in @ps; how many surprises an event is. */
static bool floor_beyond_accesses(const struct calibrating *c, struct twin *f, const struct design_ops *floor,
				  double ps[CALIBRATE_RUNS], double *surprises)
{
	uint64_t step = c->out->cost[COST_step].ps;
	double accesses = f->sim ? charged(c, f, floor, step, 0) : 0;
	*surprises = f->sim ? (charged(c, f, floor, step, 1000) - accesses) / 1000 : 0;
	f->engine = f->native;
	f->design = floor;
	if (!samples_take(c, run_twin, f, ps) || f->failed)
		return false;
	for (unsigned i = 0; i < CALIBRATE_RUNS; i++)
		ps[i] -= accesses;
	return true;
}

/* Of two replays, one full of surprises, one with few: two equations. */
static void measure_event(const struct calibrating *c, struct twin *f, struct twin *plain)
{
	const struct design_ops *floor = find_floor();
	struct calibrated *cost = c->out->cost;
	double many[CALIBRATE_RUNS], few[CALIBRATE_RUNS], surprises, unavoidable;
	if (!floor) {
		calibrated_impossible(&cost[COST_event], "no design is the floor");
		return;
	}
	if (!floor_beyond_accesses(c, f, floor, many, &surprises) ||
	    !floor_beyond_accesses(c, plain, floor, few, &unavoidable))
		return;
	for (unsigned i = 0; i < CALIBRATE_RUNS; i++) {
		many[i] = surprises > unavoidable ? (many[i] - few[i]) / (surprises - unavoidable) : 0;
		few[i] -= unavoidable * many[i];
	}
	samples_sum_up(few, CALIBRATE_RUNS, &cost[COST_event], "a replay without a design, less its accesses");
	if (f->sim)
		samples_sum_up(many, CALIBRATE_RUNS, &cost[COST_surprise], "one in random order, against one in turn");
}

static bool make_twin(const struct calibrating *c, struct twin *f, bool foreseeable)
{
	f->native = engine_find("native");
	f->sim = simulator();
	if (events_workload(&f->workload, foreseeable, EVENTS) || events_workload(&f->brief, foreseeable, SIM_EVENTS))
		return mmr_err(&f->e, -ENOMEM, "no memory") == 0;
	return !plan_make(&f->workload, 1, PARTITION_TASK, &f->plan, &f->e) &&
	       !plan_make(&f->brief, 1, PARTITION_TASK, &f->brief_plan, &f->e) &&
	       (!f->sim || !topology_parse("1x1x1", 1, c->out, &f->topology, &f->e));
}

static void drop_twin(struct twin *f)
{
	plan_free(&f->plan);
	plan_free(&f->brief_plan);
	workload_free(&f->workload);
	workload_free(&f->brief);
}

void calibrate_events(const struct calibrating *c)
{
	struct twin f = { .failed = false }, plain = { .failed = false };
	bool made = make_twin(c, &f, false) && make_twin(c, &plain, true);
	if (made && f.sim)
		measure_step(c, &f);
	if (made && !f.failed)
		measure_event(c, &f, &plain);
	if (!made || f.failed || plain.failed)
		calibrated_impossible(&c->out->cost[COST_event], *f.e.text ? f.e.text : plain.e.text);
	drop_twin(&f);
	drop_twin(&plain);
}
