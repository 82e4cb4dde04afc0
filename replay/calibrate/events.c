/*
 * events.c - what an event of the replay itself costs, and a shared access: the
 * same workload is run natively and simulated on one CPU, without a design and
 * with some. What the one takes and the other was not charged for is the cost.
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

/* ---- the same run, really and simulated ---- */

struct twin {
	struct workload workload;
	struct plan plan;
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
		.workload = &f->workload,
		.plan = &f->plan,
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

/* What a simulated CPU takes for an event of @d's twin when an access costs @step ps and an event @event. */
static double charged(const struct calibrating *c, struct twin *f, const struct design_ops *d, uint64_t step,
		      uint64_t event)
{
	f->design = design_find(d->name, f->sim->name, d->lock);
	f->engine = f->sim;
	f->topology.cost[COST_step].ps = step;
	f->topology.cost[COST_event].ps = event;
	return f->design ? run_twin(c, f) : 0;
}

/* ---- step: what is left of an event when everything else has its price ---- */

#define STEP_RUNS 5
#define STEP_DESIGNS 4u

/* Those that do what the kernel does, in one lock kind: what its code takes is what a step stands for. */
static bool stands_for_kernels(const struct design_ops *d, const char *lock)
{
	return !strcmp(d->engine, "native") && !(d->flags & (DESIGN_FLOOR | DESIGN_NEGATIVE)) && !d->bugs &&
	       !strcmp(d->lock, lock);
}

/* From one design's runs; < 0: its twin says nothing. */
static double step_of(const struct calibrating *c, struct twin *f, const struct design_ops *d)
{
	uint64_t event = c->out->cost[COST_event].ps;
	double best = 0, none = charged(c, f, d, 0, event), some = charged(c, f, d, 1000, event);
	f->engine = f->native;
	f->design = d;
	/* The fastest: whatever else the machine does makes it slower, nothing makes it faster. */
	for (unsigned i = 0; i < STEP_RUNS && !calibrate_told_to_stop(c); i++) {
		double ps = run_twin(c, f);
		best = !i || ps < best ? ps : best;
	}
	return f->failed || some <= none ? -1 : (best - none) / ((some - none) / 1000);
}

static void measure_step(const struct calibrating *c, struct twin *f)
{
	struct calibrated *to = &c->out->cost[COST_step];
	double ps[STEP_DESIGNS];
	unsigned n = 0, designs;
	const struct design_ops *const *d = design_all(&designs);
	const char *lock = designs ? NULL : "";
	for (unsigned i = 0; i < designs && !lock; i++)
		if (!strcmp(d[i]->engine, "native"))
			lock = d[i]->lock;
	for (unsigned i = 0; i < designs && n < STEP_DESIGNS && !calibrate_told_to_stop(c); i++) {
		if (!lock || !stands_for_kernels(d[i], lock))
			continue;
		double step = step_of(c, f, d[i]);
		if (step >= 0)
			ps[n++] = step;
	}
	/* Without, the accesses of core.c stand, which nothing else gets in the way of. */
	if (n && !f->failed)
		samples_sum_up(ps, n, to, "what other costs leave of replays, one run a design");
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

/* From @native, what its runs took. What the simulator charges for the accesses in them is not to be charged twice. */
static void sum_up_event(const struct calibrating *c, struct twin *f, const struct design_ops *floor,
			 const double native[CALIBRATE_RUNS])
{
	struct calibrated *to = &c->out->cost[COST_event];
	struct calibrated simulated = { 0 };
	double ps[CALIBRATE_RUNS];
	memcpy(ps, native, sizeof(ps));
	if (f->sim)
		simulated.ps = (uint64_t)charged(c, f, floor, c->out->cost[COST_step].ps, 0);
	samples_sum_up_beyond(ps, CALIBRATE_RUNS, &simulated, to, "a replay without a design, less its accesses");
}

static void measure(const struct calibrating *c, struct twin *f)
{
	const struct design_ops *floor = find_floor();
	double native[CALIBRATE_RUNS];
	if (!floor) {
		calibrated_impossible(&c->out->cost[COST_event], "no design is the floor");
		return;
	}
	f->engine = f->native;
	f->design = floor;
	if (!samples_take(c, run_twin, f, native))
		return;
	/* Each has a part in the other: the second look changes little. */
	sum_up_event(c, f, floor, native);
	if (f->sim && !f->failed) {
		measure_step(c, f);
		sum_up_event(c, f, floor, native);
	}
	if (f->failed)
		calibrated_impossible(&c->out->cost[COST_event], f->e.text);
}

void calibrate_events(const struct calibrating *c)
{
	struct twin f = { .native = engine_find("native"), .sim = simulator() };
	if (events_workload(&f.workload) || plan_make(&f.workload, 1, PARTITION_TASK, &f.plan, &f.e) ||
	    (f.sim && topology_parse("1x1x1", 1, c->out, &f.topology, &f.e))) {
		calibrated_impossible(&c->out->cost[COST_event], *f.e.text ? f.e.text : "no memory");
	} else {
		measure(c, &f);
	}
	plan_free(&f.plan);
	workload_free(&f.workload);
}
