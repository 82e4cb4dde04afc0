/* sweep.c - run after run, interleaved, into the store. */
#include "replay/sweep.h"

#include <errno.h>

#include "replay/dialect/kernel.h"
#include "replay/hygiene.h"

struct setting {
	const struct design_ops *design;
	const struct design_choice *choice;
	const struct plan *plan;
	unsigned threads, repeat_no;
	double speed;
	bool oversubscribed;
	bool warm_up;
};

static void on_progress(void *arg, uint64_t done)
{
	struct job *j = arg;
	uint64_t each = j->w.n;
	cmd_progress(j->ctx, "replay", j->run * each + (done < each ? done : each), j->runs * each);
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

static int one_run(struct job *j, const struct setting *s)
{
	struct mmr_err e = { 0 };
	const struct options *o = &j->o;
	const struct result_config rc = {
		.subject = s->design->subject,
		.design = s->choice->label,
		.engine = s->design->engine,
		.lock = s->design->lock,
		.era = o->era->name,
		.geometry = o->geometry->name,
		.threads = s->threads,
		.partition = partition_name(s->plan->partition),
		.order_mode = order_name(o->order),
		.pace = o->recorded ? "recorded" : "asap",
		.speed = o->recorded ? s->speed : 1,
		.copies = o->copies,
		.measure = o->measure_name,
		.surround = o->surround_text,
		.inject = o->inject_text,
		.delay = o->delay_text,
		.sample_every = o->sample_every,
		.repeat_no = s->repeat_no,
		.seed = o->seed,
		.oversubscribed = s->oversubscribed,
		.floor = s->design->flags & DESIGN_FLOOR,
		.version = MMR_VERSION,
		.command = j->ctx->command_line,
		.topology = j->topology,
	};
	const struct run_config nc = {
		.workload = &j->w,
		.plan = s->plan,
		.design = s->design,
		.geometry = o->geometry,
		.clock = &j->clock,
		.topology = &o->topology,
		.exact = o->exact,
		/* The warm-up need not last as long. */
		.speed = s->warm_up ? 0 : s->speed,
		.surround = o->surround_bound_ns && !s->warm_up ? &j->surround : NULL,
		.oversubscribed = s->oversubscribed,
		.measure = o->measure,
		.sample_every = o->sample_every,
		.seed = o->seed + s->repeat_no,
		.sync_policy = o->era->sync_policy,
		.fault_handler = o->era->fault_handler,
		.fixed = s->choice->fixed,
		.delays = o->delay,
		.ndelays = o->ndelay,
		.stop = j->ctx->stop,
		.progress = on_progress,
		.progress_arg = j,
	};
	if (s->warm_up)
		return warm_up(j, &nc);
	int64_t id;
	if (j->sink->run_begin(j->sink, &rc, &id, &e))
		return cmd_fail(j->ctx, MMR_FAILED, "%s", e.text);
	struct run_figures r;
	struct result_run failed = { .status = RUN_FAILED, .failure = e.text };
	struct hygiene_mark before;
	hygiene_begin(&before);
	bool ran = o->engine->run(&nc, &r, &e) == 0;
	if (ran && !o->engine->simulated)
		hygiene_end(&before, &r.run.hygiene);
	struct mmr_err stored = { 0 };
	int ret = j->sink->run_end(j->sink, id, ran ? &r.run : &failed, &stored);
	if (!ran)
		return cmd_fail(j->ctx, e.code == -EINVAL ? MMR_BAD_INPUT : MMR_FAILED, "%s", e.text);
	if (r.run.verdict == VERDICT_VIOLATION) {
		j->violation = true;
		cmd_note(j->ctx, "%s, %u threads, %s: %s: %s", rc.design, s->threads, rc.lock,
			 r.run.violations[0].invariant, r.run.violations[0].detail);
	}
	bool interrupted = r.run.status == RUN_INTERRUPTED;
	run_figures_free(&r);
	if (ret)
		return cmd_fail(j->ctx, MMR_FAILED, "%s", stored.text);
	j->run++;
	return interrupted ? cmd_stopped(j->ctx) : MMR_OK;
}

/* For one thread count and speed: repeats outermost, so that the designs alternate. */
static int one_speed(struct job *j, const struct plan *plan, double speed)
{
	const struct options *o = &j->o;
	int status = MMR_OK;
	/* Repeat 0 is the warm-up; a single run is asked for by those who want no more than that. */
	for (unsigned r = o->repeat == 1 || o->engine->simulated; r <= o->repeat && !status; r++)
		for (unsigned l = 0; l < o->nlocks && !status; l++)
			for (unsigned d = 0; d < o->ndesigns && !status; d++) {
				const struct setting s = {
					.design = design_find(o->designs[d].ops->name, o->engine->name, o->locks[l]),
					.choice = &o->designs[d],
					.plan = plan,
					.threads = plan->workers,
					.speed = speed,
					.repeat_no = r,
					.warm_up = r == 0,
					.oversubscribed = !o->engine->simulated && plan->workers > native_cpus(),
				};
				status = one_run(j, &s);
			}
	return status;
}

static int one_thread_count(struct job *j, unsigned threads)
{
	struct mmr_err e = { 0 };
	struct plan plan;
	const struct options *o = &j->o;
	if (plan_make_ordered(&j->w, threads, o->partition, o->order, &plan, &e))
		return cmd_fail(j->ctx, e.code == -ENOMEM ? MMR_FAILED : MMR_BAD_INPUT, "%s: %s", o->input, e.text);
	int status = MMR_OK;
	for (unsigned i = 0; i < o->nspeeds && !status; i++)
		status = one_speed(j, &plan, o->speeds[i]);
	plan_free(&plan);
	return status;
}

int sweep(struct job *j)
{
	int status = MMR_OK;
	j->runs = j->o.nthreads * j->o.nspeeds * j->o.nlocks * j->o.ndesigns * j->o.repeat;
	for (unsigned t = 0; t < j->o.nthreads && !status; t++)
		status = one_thread_count(j, j->o.threads[t]);
	return status;
}
