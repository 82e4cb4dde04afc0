/* sweep.c - run after run, interleaved, into the store. */
#include "replay/sweep.h"

#include <errno.h>
#include <time.h>

#include "replay/dialect/kernel.h"
#include "replay/hygiene.h"
#include "schemas/ust/replay.h"

/* One run that is asked for; repeat 0 is the warm-up, which nobody stores. */
struct setting {
	const struct design_ops *design;
	const struct design_choice *choice;
	unsigned threads, speed; /* indices into the options' lists */
	unsigned repeat_no;
};

/* A traced run is not to go on when its trace does not. */
static void look_after_trace(struct job *j)
{
	if (!j->trace_error.code && j->ctx->services->trace_look(j->trace, &j->trace_error))
		__atomic_store_n(&j->halt, SIGTERM, __ATOMIC_RELAXED);
	if (*j->ctx->stop)
		__atomic_store_n(&j->halt, *j->ctx->stop, __ATOMIC_RELAXED);
}

static void on_progress(void *arg, uint64_t done)
{
	struct job *j = arg;
	if (j->emit)
		look_after_trace(j);
	progress_show(&j->progress, j->ctx, j->w.n ? (double)done / (double)j->w.n : 0);
}

static struct result_config describe(const struct job *j, const struct setting *s)
{
	const struct options *o = &j->o;
	const unsigned threads = o->threads[s->threads];
	return (struct result_config){
		.subject = s->design->subject,
		.design = s->choice->label,
		.engine = s->design->engine,
		.lock = s->design->lock,
		.era = o->era->name,
		.geometry = o->geometry->name,
		.threads = threads,
		.partition = partition_name(partition_decide(&j->w, threads, o->partition)),
		.order_mode = order_name(o->order),
		.pace = o->recorded ? "recorded" : "asap",
		.speed = o->recorded ? o->speeds[s->speed] : 1,
		.copies = o->copies,
		.measure = o->measure_name,
		.surround = o->surround_text,
		.inject = o->inject_text,
		.delay = o->delay_text,
		.sample_every = o->sample_every,
		.repeat_no = s->repeat_no,
		.seed = o->seed,
		.oversubscribed = !o->engine->simulated && threads > native_cpus(),
		.floor = s->design->flags & DESIGN_FLOOR,
		.version = MMR_VERSION,
		.command = j->ctx->command_line,
		.topology = j->topology,
	};
}

static uint64_t now(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
}

/* Once, unrecorded: the first repeat shall find memory and caches as the later ones do. */
static int warm_up(struct job *j, const struct run_config *nc)
{
	struct mmr_err e = { 0 };
	struct run_figures r;
	if (j->o.engine->run(nc, &r, &e))
		return cmd_fail(j->ctx, e.code == -EINVAL ? MMR_BAD_INPUT : MMR_FAILED, "%s", e.text);
	run_figures_free(&r);
	return *j->ctx->stop ? cmd_stopped(j->ctx) : MMR_OK;
}

static int stopped(struct job *j)
{
	if (*j->ctx->stop || !j->trace_error.code)
		return cmd_stopped(j->ctx);
	return cmd_fail(j->ctx, MMR_FAILED, "%s", j->trace_error.text);
}

static int one_run(struct job *j, const struct setting *s)
{
	struct mmr_err e = { 0 };
	const struct options *o = &j->o;
	const struct result_config rc = describe(j, s);
	const bool warming = !s->repeat_no;
	const struct run_config nc = {
		.workload = &j->w,
		.plan = &j->plan[s->threads],
		.design = s->design,
		.geometry = o->geometry,
		.clock = &j->clock,
		.topology = &o->topology,
		.exact = o->exact,
		/* The warm-up need not last as long. */
		.speed = warming ? 0 : o->speeds[s->speed],
		.surround = o->surround_bound_ns && !warming ? &j->surround : NULL,
		.oversubscribed = rc.oversubscribed,
		.measure = o->measure,
		.sample_every = o->sample_every,
		.seed = o->seed + s->repeat_no,
		.sync_policy = o->era->sync_policy,
		.fault_handler = o->era->fault_handler,
		.fixed = s->choice->fixed,
		.delays = o->delay,
		.ndelays = o->ndelay,
		.trace = warming ? NULL : j->emit,
		.stop = j->emit && !warming ? &j->halt : j->ctx->stop,
		.progress = warming ? NULL : on_progress,
		.progress_arg = j,
	};
	if (warming)
		return warm_up(j, &nc);
	progress_begin(&j->progress, s->threads, s->speed);
	int64_t id;
	if (j->sink->run_begin(j->sink, &rc, &id, &e))
		return cmd_fail(j->ctx, MMR_FAILED, "%s", e.text);
	struct run_figures r;
	struct result_run failed = { .status = RUN_FAILED, .failure = e.text };
	struct hygiene_mark before;
	hygiene_begin(&before);
	if (j->emit)
		j->emit->run_begin(now(), id, o->input, rc.design, rc.lock, rc.threads, s->repeat_no);
	bool ran = o->engine->run(&nc, &r, &e) == 0;
	if (j->emit)
		j->emit->run_end(now(), id, ran ? r.run.events : 0);
	if (ran && !o->engine->simulated)
		hygiene_end(&before, &r.run.hygiene);
	struct mmr_err stored = { 0 };
	int ret = j->sink->run_end(j->sink, id, ran ? &r.run : &failed, &stored);
	if (!ran)
		return cmd_fail(j->ctx, e.code == -EINVAL ? MMR_BAD_INPUT : MMR_FAILED, "%s", e.text);
	if (r.run.verdict == VERDICT_VIOLATION) {
		j->violation = true;
		cmd_note(j->ctx, "%s, %u threads, %s: %s: %s", rc.design, rc.threads, rc.lock,
			 r.run.violations[0].invariant, r.run.violations[0].detail);
	}
	bool interrupted = r.run.status == RUN_INTERRUPTED;
	run_figures_free(&r);
	if (ret)
		return cmd_fail(j->ctx, MMR_FAILED, "%s", stored.text);
	progress_end(&j->progress);
	j->reference.run_id = id;
	return interrupted ? stopped(j) : MMR_OK;
}

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
	const struct result_config rc = describe(j, s);
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

static void free_plans(struct job *j)
{
	for (unsigned t = 0; t < LIST_MAX; t++)
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

static int visit_run(struct job *j, const struct setting *s)
{
	bool there = !j->progress.todo[s->threads][s->speed];
	int status = there || !s->repeat_no ? MMR_OK : is_there(j, s, &there);
	if (status || there)
		return status;
	status = plan_for(j, s->threads);
	if (status)
		return status;
	const uint64_t begun = now();
	status = one_run(j, s);
	if (status || !s->repeat_no)
		return status;
	j->reference.sweep_ns += now() - begun;
	/* Once in each repeat. */
	return s->choice == &j->o.designs[j->o.ndesigns - 1]
		       ? reference_run(j, s->design->lock, s->threads, s->repeat_no)
		       : MMR_OK;
}

static int resume(struct job *j)
{
	struct mmr_err e = { 0 };
	const struct setting any = { .design = design_find(j->o.designs[0].ops->name, j->o.engine->name, NULL),
				     .choice = &j->o.designs[0] };
	const struct result_config rc = describe(j, &any);
	if (j->sink->resume(j->sink, &rc, &j->resumed, &e))
		return cmd_fail(j->ctx, MMR_FAILED, "%s", e.text);
	if (!j->resumed)
		cmd_note(j->ctx, "--resume: %s holds no such runs; starting afresh", j->o.db);
	return MMR_OK;
}

int sweep(struct job *j)
{
	int status = j->o.resume ? resume(j) : MMR_OK;
	for (unsigned v = 0; j->o.recorded && v < j->o.nspeeds; v++)
		j->progress.recorded_s[v] = (double)j->w.duration_ns / 1e9 / j->o.speeds[v];
	if (!status)
		status = each_setting(j, count_run);
	if (!status)
		status = each_setting(j, visit_run);
	reference_free(&j->reference);
	free_plans(j);
	return status;
}
