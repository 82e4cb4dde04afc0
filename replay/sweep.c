/* sweep.c - run after run, interleaved, into the store. */
#include "replay/sweep.h"

#include <errno.h>

#include "replay/crew.h"

/* ---- which ---- */

/* Plans of so many events together are kept: some hundred megabytes. */
#define KEPT_EVENTS 8000000

/*
 * Are the repeats of one setting spread over the whole sweep? What else runs on
 * the machine comes and goes in seconds: nine short runs one after the other may all
 * fall into one such time, and agree with each other on what is not true later. It
 * takes the plans of all thread counts at once. What is paced lasts long enough.
 */
static bool is_spread(const struct job *j)
{
	return !j->o.recorded && !j->o.engine->simulated && (uint64_t)j->w.n * j->o.nthreads <= KEPT_EVENTS;
}

/* Locks and designs alternate within a repeat. */
static int each_design(struct job *j, unsigned threads, unsigned speed, unsigned repeat_no,
		       int (*visit)(struct job *j, const struct setting *s))
{
	const struct options *o = &j->o;
	int status = MMR_OK;
	for (unsigned l = 0; l < o->nlocks; l++)
		for (unsigned d = 0; d < o->ndesigns && !status; d++) {
			const char *name = o->designs[d].ops->name;
			const struct setting s = {
				.design = design_find(name, o->engine->name, o->locks[l]),
				.choice = &o->designs[d],
				.threads = threads,
				.speed = speed,
				.repeat_no = repeat_no,
			};
			status = visit(j, &s);
		}
	return status;
}

/* In the order of the runs: repeat by repeat, or setting by setting. */
static int each_setting(struct job *j, int (*visit)(struct job *j, const struct setting *s))
{
	const struct options *o = &j->o;
	/* A single run is asked for by those who want no more than that, a simulated one needs no warmth. */
	const unsigned first = o->repeat == 1 || o->engine->simulated, settings = o->nthreads * o->nspeeds;
	const unsigned repeats = o->repeat + 1 - first, runs = settings * repeats;
	const bool spread = is_spread(j);
	int status = MMR_OK;
	for (unsigned i = 0; i < runs && !status; i++) {
		const unsigned setting = spread ? i % settings : i / repeats;
		const unsigned repeat_no = first + (spread ? i / settings : i % repeats);
		status = each_design(j, setting / o->nspeeds, setting % o->nspeeds, repeat_no, visit);
	}
	return status;
}

/* --resume: is it there already? What it found counts as if it were found now. */
static int is_there(struct job *j, const struct setting *s, bool *there)
{
	struct mmr_err e = { 0 };
	enum result_verdict verdict = VERDICT_UNCHECKED;
	const struct result_config rc = setting_describe(j, s);
	*there = false;
	if (!j->resumed)
		return MMR_OK;
	if (j->sink->run_there(j->sink, &rc, there, &verdict, &e))
		return cmd_fail(j->ctx, MMR_FAILED, "%s", e.text);
	j->violation |= *there && verdict == VERDICT_VIOLATION;
	return MMR_OK;
}

static int count_run(struct job *j, const struct setting *s)
{
	bool there;
	int status = s->repeat_no ? is_there(j, s, &there) : MMR_OK;
	if (status || !s->repeat_no)
		return status;
	j->there += there;
	j->progress.todo[s->threads][s->speed] += !there;
	j->progress.runs += !there;
	return MMR_OK;
}

/* But for those that runs under way need. */
static void free_plans(struct job *j)
{
	for (unsigned t = 0; t < LIST_MAX; t++)
		if (!crew_needs(j->crew, t))
			plan_free(&j->plan[t]);
}

/* The plan of one thread count serves all its runs. */
static int plan_for(struct job *j, unsigned t)
{
	struct mmr_err e = { 0 };
	const unsigned threads = j->o.threads[t];
	if (j->plan[t].workers == threads)
		return MMR_OK;
	if (!is_spread(j))
		free_plans(j);
	if (plan_make_ordered(&j->w, threads, j->o.partition, j->o.order, &j->plan[t], &e))
		return cmd_fail(j->ctx, e.code == -ENOMEM ? MMR_FAILED : MMR_BAD_INPUT, "%s: %s", j->o.input, e.text);
	return MMR_OK;
}

static int run_alone(struct job *j, const struct setting *s)
{
	struct sweep_run run = { .job = j, .setting = *s };
	const uint64_t begun = sweep_now();
	int status = sweep_run_begin(&run, true);
	if (status)
		return status;
	sweep_run_perform(&run);
	status = sweep_run_end(&run);
	if (status)
		return status;
	j->reference.run_id = run.id;
	j->reference.sweep_ns += sweep_now() - begun;
	/* Once in each repeat. */
	return s->choice == &j->o.designs[j->o.ndesigns - 1]
		       ? reference_run(j, s->design->lock, s->threads, s->repeat_no)
		       : MMR_OK;
}

static int visit_run(struct job *j, const struct setting *s)
{
	bool there = !j->progress.todo[s->threads][s->speed];
	int status = there || !s->repeat_no ? MMR_OK : is_there(j, s, &there);
	if (status || there)
		return status;
	status = plan_for(j, s->threads);
	if (status)
		return status;
	if (!s->repeat_no)
		return setting_warm_up(j, s);
	return j->crew ? crew_run(j->crew, j, s) : run_alone(j, s);
}

static int resume(struct job *j)
{
	struct mmr_err e = { 0 };
	const struct setting any = { .design = design_find(j->o.designs[0].ops->name, j->o.engine->name, NULL),
				     .choice = &j->o.designs[0] };
	const struct result_config rc = setting_describe(j, &any);
	if (j->sink->resume(j->sink, &rc, &j->resumed, &e))
		return cmd_fail(j->ctx, MMR_FAILED, "%s", e.text);
	if (!j->resumed)
		cmd_note(j->ctx, "--resume: %s holds no such runs; starting afresh", j->o.db);
	return MMR_OK;
}

static int visit_all(struct job *j)
{
	const unsigned jobs = j->progress.runs < j->o.jobs ? j->progress.runs : j->o.jobs;
	j->progress.places = jobs;
	if (jobs <= 1)
		return each_setting(j, visit_run);
	j->crew = crew_make(jobs);
	if (!j->crew)
		return cmd_fail(j->ctx, MMR_FAILED, "no memory for %u runs at once", jobs);
	int status = each_setting(j, visit_run), left = crew_wait(j->crew, j, status);
	crew_free(j->crew);
	j->crew = NULL;
	return status ? status : left;
}

int sweep(struct job *j)
{
	int status = j->o.resume ? resume(j) : MMR_OK;
	for (unsigned v = 0; j->o.recorded && v < j->o.nspeeds; v++)
		j->progress.recorded_s[v] = (double)j->w.duration_ns / 1e9 / j->o.speeds[v];
	if (!status)
		status = each_setting(j, count_run);
	if (!status)
		status = visit_all(j);
	reference_free(&j->reference);
	free_plans(j);
	return status;
}
