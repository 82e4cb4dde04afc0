#include "replay/reference.h"

#include <errno.h>

#include "replay/dialect/kernel.h"
#include "replay/sweep.h"

static bool wanted(const struct options *o)
{
	for (unsigned d = 0; d < o->ndesigns; d++)
		if (o->designs[d].ops->flags & DESIGN_FLOOR)
			return false;
	return o->reference && o->repeat > 1 && !o->recorded && !o->trace && !o->engine->simulated;
}

/* The plan of the workload's beginning: a part of a workload is one. */
static int plan_for(struct job *j, unsigned t, struct mmr_err *e)
{
	struct workload w = j->w;
	if (j->reference.plan[t].workers)
		return 0;
	if (w.n > REFERENCE_EVENTS)
		w.n = REFERENCE_EVENTS;
	return plan_make_ordered(&w, j->o.threads[t], j->o.partition, j->o.order, &j->reference.plan[t], e);
}

/* Not measured: what is on both sides of a comparison may differ in that. */
static int run_floor(struct job *j, const struct design_ops *floor, unsigned threads, struct run_figures *r,
		     struct mmr_err *e)
{
	const struct options *o = &j->o;
	const struct run_config c = {
		.workload = &j->w,
		.plan = &j->reference.plan[threads],
		.design = floor,
		.geometry = o->geometry,
		.clock = &j->clock,
		.oversubscribed = o->threads[threads] > native_cpus(),
		.measure = MEASURE_OFF,
		.seed = o->seed,
		.sync_policy = o->era->sync_policy,
		.fault_handler = o->era->fault_handler,
		.stop = j->ctx->stop,
	};
	int rc = plan_for(j, threads, e);
	return rc ? rc : o->engine->run(&c, r, e);
}

int reference_run(struct job *j, const char *lock, unsigned threads, unsigned repeat_no)
{
	struct mmr_err e = { 0 };
	struct run_figures r;
	struct reference *ref = &j->reference;
	const struct design_ops *floor = design_find("null", j->o.engine->name, lock);
	if (!floor || !wanted(&j->o))
		return MMR_OK;
	if (ref->spent_ns > REFERENCE_FREE_NS && ref->spent_ns * 100 > ref->sweep_ns * REFERENCE_SHARE)
		return MMR_OK;
	const uint64_t begun = sweep_now();
	if (run_floor(j, floor, threads, &r, &e))
		return cmd_fail(j->ctx, MMR_FAILED, "the reference run of %s: %s", floor->name, e.text);
	const struct result_reference row = { floor->name, repeat_no, r.run.events, r.run.wall_ns };
	/* Null breaks no invariant: somebody else had its CPU. */
	const bool done = r.run.status == RUN_DONE && r.run.verdict != VERDICT_VIOLATION;
	run_figures_free(&r);
	if (done && j->sink->reference(j->sink, ref->run_id, &row, &e))
		return cmd_fail(j->ctx, MMR_FAILED, "%s", e.text);
	ref->spent_ns += sweep_now() - begun;
	return MMR_OK;
}

void reference_free(struct reference *r)
{
	for (unsigned t = 0; t < LIST_MAX; t++)
		plan_free(&r->plan[t]);
}
