/*
 * run.c (native) - one run from its world to its figures.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "replay/figures.h"
#include "replay/native/rcu.h"
#include "replay/native/trace.h"
#include "replay/native/worker.h"
#include "replay/oracle.h"
#include "replay/perform.h"

unsigned native_cpus(void)
{
	cpu_set_t set;
	return sched_getaffinity(0, sizeof(set), &set) ? 1 : (unsigned)CPU_COUNT(&set);
}

/* The i-th CPU that we may use, round and round. */
static int pick_cpu(unsigned i)
{
	cpu_set_t set;
	if (sched_getaffinity(0, sizeof(set), &set))
		return -1;
	unsigned want = i % (unsigned)CPU_COUNT(&set);
	for (int cpu = 0; cpu < CPU_SETSIZE; cpu++)
		if (CPU_ISSET(cpu, &set) && want-- == 0)
			return cpu;
	return -1;
}

/* ---- before ---- */

static void instrument(struct eng_world *w, const struct run_config *c)
{
	u32 flags = c->measure != MEASURE_OFF ? INSTR_COUNT : 0;
	for (unsigned i = 0; i < c->ndelays; i++) {
		u8 class = eng_lock_class(&w->k, c->delays[i].lock);
		flags |= INSTR_DELAY;
		for (u32 n = 0; n < w->k.ncpus; n++)
			w->cpu[n].delay[class] = (u64)((double)c->delays[i].ns * c->clock->ghz);
	}
	for (u32 n = 0; n < w->k.ncpus; n++) {
		w->cpu[n].instrument = flags;
		w->cpu[n].rcu_mutant = c->rcu_mutant;
	}
}

static int delays_known(struct eng_world *w, const struct run_config *c, struct mmr_err *e)
{
	for (unsigned i = 0; i < c->ndelays; i++) {
		unsigned l = 1;
		while (l < w->lock_classes && strcmp(w->lock_class[l], c->delays[i].lock))
			l++;
		/* The floor has no locks at all. */
		if (l == w->lock_classes && !(c->design->flags & DESIGN_FLOOR))
			return mmr_err(e, -EINVAL, "--delay %s: no such lock in %s", c->delays[i].lock,
				       c->design->name);
	}
	return 0;
}

/* ---- the run ---- */

static u64 now_ms(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (u64)t.tv_sec * 1000 + (u64)t.tv_nsec / 1000000;
}

static int start_all(struct run *r, struct worker *workers, struct mmr_err *e)
{
	for (unsigned i = 0; i < r->w->k.ncpus; i++) {
		int ret = pthread_create(&workers[i].thread, NULL, worker_main, &workers[i]);
		if (!ret)
			continue;
		__atomic_store_n(&r->stop, 1, __ATOMIC_RELAXED);
		watch_join(r, workers, i);
		return mmr_err_sys(e, -ret, "cannot start worker %u", i);
	}
	watch_join(r, workers, r->w->k.ncpus);
	return 0;
}

/* ---- after ---- */

/* The design's own lists may be in no state to be walked: in a thread that can be given up. */
static void last_look(struct run *r, struct worker *workers)
{
	r->finishing = true;
	if (pthread_create(&workers[0].thread, NULL, worker_finish, &workers[0]))
		worker_finish(&workers[0]);
	else
		watch_join(r, workers, 1);
}

/* kernel_violation() asks from any worker. */
static u64 event_of(void *arg, u32 cpu)
{
	const struct run *r = arg;
	const struct stream *s = &r->c->plan->streams[cpu];
	u32 at = __atomic_load_n(&r->progress[cpu].done, __ATOMIC_RELAXED);
	return r->finishing || at >= s->n ? UINT64_MAX : s->ops[at].event;
}

static int collect(struct run *r, struct worker *workers, struct run_figures *out)
{
	struct eng_world *w = r->w;
	const struct run_config *c = r->c;
	struct result_run *run = &out->run;
	u64 begin = UINT64_MAX, end = 0, stall = 0, rcu = 0;
	for (unsigned i = 0; i < w->k.ncpus; i++) {
		struct worker *k = &workers[i];
		run->events += k->done;
		run->constraints_waited += k->waited;
		run->peak_mms = k->peak_mms > run->peak_mms ? k->peak_mms : run->peak_mms;
		stall += k->time->stall;
		r->pairs += k->accesses;
		rcu += k->time->rcu;
		begin = k->begin < begin ? k->begin : begin;
		end = k->end > end ? k->end : end;
	}
	const struct ncpu *n = &w->cpu[0];
	bool stopped = __atomic_load_n(&r->stop, __ATOMIC_RELAXED);
	run->constraints = c->plan->constraints;
	run->constraints_dropped = c->plan->dropped;
	run->paced_ns = plan_recorded_ns(c->plan);
	run->stall_ns = eng_ns(n, stall);
	run->rcu_ns = eng_ns(n, rcu);
	run->oracle_ns = eng_ns(n, r->oracle_cycles);
	run->wall_ns = end > begin ? eng_ns(n, end - begin) - run->oracle_ns : 0;
	int ret = collect_figures(r, workers, out);
	if (c->measure != MEASURE_OFF)
		time_collect(r, workers, begin, end, &run->time);
	if (!(c->design->flags & DESIGN_FLOOR) && !stopped) {
		last_look(r, workers);
		run->state_digest = r->digest;
		stopped = __atomic_load_n(&r->stop, __ATOMIC_RELAXED);
	}
	run->status = stopped && !r->hung ? RUN_INTERRUPTED : RUN_DONE;
	run->pairs_compared = r->pairs;
	figures_violations(out, &w->violations);
	figures_judge(out, stopped);
	return ret;
}

/* Boot and the tasks that were there before, in this thread as CPU 0; nothing of it is measured. */
static void prepare(struct eng_world *w, const struct run_config *c)
{
	c->design->boot(&w->k);
	for (u32 i = 0; i < c->plan->npresent; i++)
		perform_present(&w->k, c->design, w->task, &c->plan->present[i]);
}

static int run_workers(struct run *r, struct run_figures *out, struct mmr_err *e)
{
	unsigned n = r->w->k.ncpus;
	struct worker *workers = aligned_alloc(PAIR_OF_LINES, n * sizeof(*workers));
	/* Of each worker one per operation, and the drift. */
	struct hist *hists = calloc((size_t)n * (EV_MAX + 1), sizeof(*hists));
	struct worker_time *time = aligned_alloc(PAIR_OF_LINES, n * sizeof(*time));
	r->progress = aligned_alloc(PAIR_OF_LINES, n * sizeof(*r->progress));
	int ret = -ENOMEM;
	if (!workers || !hists || !time || !r->progress) {
		mmr_err(e, ret, "no memory for %u workers", n);
		goto out;
	}
	memset(workers, 0, n * sizeof(*workers));
	memset(r->progress, 0, n * sizeof(*r->progress));
	memset(time, 0, n * sizeof(*time));
	for (size_t i = 0; i < (size_t)n * (EV_MAX + 1); i++)
		hist_init(&hists[i]);
	for (unsigned i = 0; i < n; i++) {
		workers[i].run = r;
		workers[i].index = i;
		workers[i].pin = pick_cpu(i);
		workers[i].stream = &r->c->plan->streams[i];
		workers[i].cpu = &r->w->cpu[i];
		workers[i].latency = hists + (size_t)i * (EV_MAX + 1);
		workers[i].drift = workers[i].latency + EV_MAX;
		workers[i].time = &time[i];
		if (r->c->measure != MEASURE_OFF &&
		    timeline_make(&workers[i].timeline, LOCK_CLASSES * LOCK_MODES, TIMELINE_NS)) {
			mmr_err(e, ret, "no memory for %u workers", n);
			goto out;
		}
	}
	r->w->event_of = event_of;
	r->w->event_arg = r;
	ret = start_all(r, workers, e);
	trace_flush(r);
	if (!ret) {
		eng_self = &r->w->cpu[0];
		ret = collect(r, workers, out);
		if (ret)
			mmr_err(e, ret, "no memory for the figures of a run");
	}
out:
	for (unsigned i = 0; i < n && workers; i++)
		timeline_free(&workers[i].timeline);
	free(workers);
	free(hists);
	free(time);
	free(r->progress);
	return ret;
}

/* What is asked in nanoseconds, as the clock counts. */
static void keep_times(struct run *r)
{
	const struct run_config *c = r->c;
	/* Nobody has measured how late sleeps end: as TRACE_FACTS.md has it. */
	const u64 spin_ns = c->clock->spin_ns ? c->clock->spin_ns : 150000;
	if (c->speed > 0)
		r->cycles_per_ns = c->clock->ghz / c->speed;
	r->spin_cycles = (u64)((double)spin_ns * c->clock->ghz);
	r->surrounded = c->surround != NULL;
	for (unsigned op = 0; c->surround && op < EV_MAX; op++)
		r->surround[op] = (u64)((double)c->surround->ns[op] * c->clock->ghz);
}

int native_run(const struct run_config *c, struct run_figures *out, struct mmr_err *e)
{
	struct run *r = aligned_alloc(64, (sizeof(*r) + 63) & ~(size_t)63);
	int ret = figures_make(out);
	if (!r || ret) {
		ret = mmr_err(e, -ENOMEM, "no memory for the figures of a run");
		goto out;
	}
	memset(r, 0, sizeof(*r));
	r->c = c;
	keep_times(r);
	const struct world_config wc = {
		.design = c->design,
		.geo = c->geometry,
		.cpus = c->plan->workers,
		.oversubscribed = c->oversubscribed,
		.tasks = c->plan->tasks,
		.mms = c->plan->mms,
		.handles = c->plan->handles,
		.expect_tasks = c->workload->peak_tasks,
		.expect_mms = c->workload->peak_mms,
		.tsc_mult = c->clock->mult,
		.who_slots = comms_slots(&c->workload->comms),
		.sync_policy = c->sync_policy,
		.fixed = c->fixed,
		.fault_handler = c->fault_handler,
	};
	ret = world_make(&wc, &r->w, e);
	if (ret)
		goto out;
	eng_rcu_register();
	prepare(r->w, c);
	ret = delays_known(r->w, c, e);
	instrument(r->w, c);
	if (!ret)
		ret = trace_make(r, e);
	if (!ret)
		ret = run_workers(r, out, e);
	trace_free(r);
	eng_rcu_unregister();
	world_free(r->w);
out:
	free(r);
	if (ret)
		run_figures_free(out);
	return ret;
}

/* ---- the clock ---- */

int native_clock_measure(struct native_clock *c, struct mmr_err *e)
{
	struct timespec a, b;
	u64 from, to, started = now_ms();
	clock_gettime(CLOCK_MONOTONIC_RAW, &a);
	from = eng_clock();
	while (now_ms() - started < 50)
		;
	clock_gettime(CLOCK_MONOTONIC_RAW, &b);
	to = eng_clock();
	double ns = (double)(b.tv_sec - a.tv_sec) * 1e9 + (double)(b.tv_nsec - a.tv_nsec);
	if (to <= from || ns <= 0)
		return mmr_err(e, -ENOTSUP, "the time stamp counter does not advance");
	c->ghz = (double)(to - from) / ns;
	c->mult = (u64)(4294967296.0 / c->ghz);
	enum { READS = 100000 };
	from = eng_clock();
	for (int i = 0; i < READS; i++) {
		eng_clock();
		barrier();
	}
	c->read_ps = (u64)((double)(eng_clock() - from) / c->ghz / READS * 1000);
	return 0;
}
