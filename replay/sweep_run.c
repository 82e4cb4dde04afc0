/* sweep_run.c - one run of a sweep. */
#include "replay/sweep_run.h"

#include <errno.h>
#include <time.h>

#include "replay/dialect/kernel.h"
#include "replay/hygiene.h"
#include "schemas/ust/replay.h"

uint64_t sweep_now(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
}

static bool is_oversubscribed(const struct job *j, const struct setting *s)
{
	return !j->o.engine->simulated && j->o.threads[s->threads] > native_cpus();
}

struct result_config setting_describe(const struct job *j, const struct setting *s)
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
		.oversubscribed = is_oversubscribed(j, s),
		.floor = s->design->flags & DESIGN_FLOOR,
		.version = MMR_VERSION,
		.command = j->ctx->command_line,
		.topology = j->topology,
	};
}

/* What the engine is asked for, as the warm-up wants it: no longer than need be, and nothing told of it. */
static struct run_config configure(const struct job *j, const struct setting *s)
{
	const struct options *o = &j->o;
	return (struct run_config){
		.workload = &j->w,
		.plan = &j->plan[s->threads],
		.design = s->design,
		.geometry = o->geometry,
		.clock = &j->clock,
		.topology = &o->topology,
		.exact = o->exact,
		.oversubscribed = is_oversubscribed(j, s),
		.measure = o->measure,
		.sample_every = o->sample_every,
		.seed = o->seed + s->repeat_no,
		.sync_policy = o->era->sync_policy,
		.fault_handler = o->era->fault_handler,
		.fixed = s->choice->fixed,
		.delays = o->delay,
		.ndelays = o->ndelay,
		.stop = j->ctx->stop,
	};
}

int setting_warm_up(struct job *j, const struct setting *s)
{
	struct mmr_err e = { 0 };
	struct run_figures r;
	const struct run_config c = configure(j, s);
	if (j->o.engine->run(&c, &r, &e))
		return cmd_fail(j->ctx, e.code == -EINVAL ? MMR_BAD_INPUT : MMR_FAILED, "%s", e.text);
	run_figures_free(&r);
	return *j->ctx->stop ? cmd_stopped(j->ctx) : MMR_OK;
}

/* ---- while it runs ---- */

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
	struct sweep_run *run = arg;
	__atomic_store_n(&run->done, done, __ATOMIC_RELAXED);
}

static void on_progress_alone(void *arg, uint64_t done)
{
	struct sweep_run *run = arg;
	struct job *j = run->job;
	if (j->emit)
		look_after_trace(j);
	run->done = done;
	sweep_run_progress(run);
	progress_show(&j->progress, j->ctx);
}

void sweep_run_progress(struct sweep_run *run)
{
	struct job *j = run->job;
	const uint64_t done = __atomic_load_n(&run->done, __ATOMIC_RELAXED);
	j->progress.now[run->place].part = j->w.n ? (double)done / (double)j->w.n : 0;
}

/* ---- from begin to end ---- */

/* Of several runs at once the first that fails says why the sweep ends; the others would say the same. */
static int fail(struct job *j, int status, const char *text)
{
	if (!j->told)
		cmd_fail(j->ctx, status, "%s", text);
	j->told = true;
	return status;
}

int sweep_run_begin(struct sweep_run *run, bool alone)
{
	struct mmr_err e = { 0 };
	struct job *j = run->job;
	const struct setting *s = &run->setting;
	const struct options *o = &j->o;
	run->rc = setting_describe(j, s);
	run->nc = configure(j, s);
	run->nc.speed = o->speeds[s->speed];
	run->nc.surround = o->surround_bound_ns ? &j->surround : NULL;
	run->nc.trace = j->emit;
	if (j->emit || !alone)
		run->nc.stop = &j->halt;
	run->nc.progress = alone ? on_progress_alone : on_progress;
	run->nc.progress_arg = run;
	run->done = 0;
	progress_begin(&j->progress, run->place, s->threads, s->speed);
	if (j->sink->run_begin(j->sink, &run->rc, &run->id, &e))
		return fail(j, MMR_FAILED, e.text);
	return MMR_OK;
}

void sweep_run_perform(struct sweep_run *run)
{
	const struct job *j = run->job;
	const bool real = !j->o.engine->simulated;
	struct hygiene_mark before;
	run->e = (struct mmr_err){ 0 };
	if (real)
		hygiene_begin(&before);
	if (j->emit)
		j->emit->run_begin(sweep_now(), run->id, j->o.input, run->rc.design, run->rc.lock, run->rc.threads,
				   run->setting.repeat_no);
	run->ran = j->o.engine->run(&run->nc, &run->r, &run->e) == 0;
	if (j->emit)
		j->emit->run_end(sweep_now(), run->id, run->ran ? run->r.run.events : 0);
	if (run->ran && real)
		hygiene_end(&before, &run->r.run.hygiene);
}

static int stopped(struct job *j)
{
	if (*j->ctx->stop || !j->trace_error.code)
		return cmd_stopped(j->ctx);
	return cmd_fail(j->ctx, MMR_FAILED, "%s", j->trace_error.text);
}

int sweep_run_end(struct sweep_run *run)
{
	struct job *j = run->job;
	const struct result_config *rc = &run->rc;
	struct mmr_err stored = { 0 };
	struct result_run failed = { .status = RUN_FAILED, .failure = run->e.text };
	int ret = j->sink->run_end(j->sink, run->id, run->ran ? &run->r.run : &failed, &stored);
	if (!run->ran)
		return fail(j, run->e.code == -EINVAL ? MMR_BAD_INPUT : MMR_FAILED, run->e.text);
	if (run->r.run.verdict == VERDICT_VIOLATION) {
		j->violation = true;
		cmd_note(j->ctx, "%s, %u threads, %s: %s: %s", rc->design, rc->threads, rc->lock,
			 run->r.run.violations[0].invariant, run->r.run.violations[0].detail);
	}
	bool interrupted = run->r.run.status == RUN_INTERRUPTED;
	run_figures_free(&run->r);
	if (ret)
		return fail(j, MMR_FAILED, stored.text);
	progress_end(&j->progress, run->place);
	return interrupted ? stopped(j) : MMR_OK;
}
