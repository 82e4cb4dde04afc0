/*
 * benchreplay - what the replay itself costs, as SUMMARY lines.
 *
 *   benchreplay STORM.mmw [--slow]
 *
 * STORM.mmw: `generate fork_storm`, independent parents. All figures are taken
 * alternately in one process, so that the machine's moods meet both sides of
 * each ratio. --slow puts a real sleep into each path under test: every limit
 * must then fail, or the bench measures nothing.
 */
#include <err.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "replay/dialect/kernel.h"
#include "replay/era.h"
#include "replay/native/native.h"
#include "replay/native/rcu.h"
#include "replay/native/world.h"

#define ROUNDS 11

static struct {
	struct workload w;
	struct plan plan[2]; /* one worker, two */
	struct plan few; /* two, the first DELAYED_EVENTS */
	struct native_clock clock;
	bool slow;
	int failed;
} bench;

static double now(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* A second asleep, where the path under test would be slow. */
static double handicap(bool under_test)
{
	double from = now();
	if (bench.slow && under_test)
		sleep(1);
	return bench.slow && under_test ? now() - from : 0;
}

/* Seconds that one run takes, as it reports them. */
static double run(const char *design, unsigned workers, enum measure measure, bool under_test)
{
	struct mmr_err e = { 0 };
	struct run_figures r;
	const struct run_config c = {
		.workload = &bench.w,
		.plan = &bench.plan[workers - 1],
		.design = design_find(design, "native", "ticket"),
		.geometry = geometry_find("x86_64-4level"),
		.clock = &bench.clock,
		.oversubscribed = workers > native_cpus(),
		.measure = measure,
		.sample_every = measure == MEASURE_FULL ? 1 : 64,
		.seed = 1,
	};
	if (native_run(&c, &r, &e))
		errx(1, "%s", e.text);
	double s = (double)r.run.wall_ns / 1e9 + handicap(under_test);
	run_figures_free(&r);
	return s;
}

/* What a run says that locks were waited for and held, over all acquisitions, as the store would have it. */
struct totals {
	double wait, hold;
};

static double scaled(uint64_t sum, uint64_t of, uint64_t all)
{
	return of ? (double)sum / (double)of * (double)all : 0;
}

/* Waits longer than this are for a holder that is off its CPU: few, and as long as the scheduler likes. */
#define WAIT_MOST_NS 50000

static uint64_t total_below(const struct hist *h, uint64_t ns)
{
	uint64_t sum = 0;
	for (unsigned i = 0; i < hist_index(ns); i++)
		sum += h->bucket[i] * (hist_lower(i) + hist_width(i) / 2);
	return sum;
}

/*
 * So much longer is a hold of pgd_lock. Timing everything lengthens what lies
 * between two holds, and with it shortens the waits; and holds as short as the
 * clock's own reading are mostly that. Here the holds are what there is.
 */
#define DELAY_NS 20000
#define DELAYED_EVENTS 10000

static struct totals run_totals(enum measure measure, unsigned workers, unsigned delay_ns, bool under_test)
{
	struct mmr_err e = { 0 };
	struct run_figures r;
	struct totals t = { 0 };
	/* A tenth more on the side under test must be seen. */
	const struct lock_delay delay = { "pgd_lock", bench.slow && under_test ? delay_ns * 11 / 10 : delay_ns };
	const struct run_config c = {
		.workload = &bench.w,
		.plan = delay_ns ? &bench.few : &bench.plan[workers - 1],
		.design = design_find("pgd_list", "native", "ticket"),
		.geometry = geometry_find("x86_64-4level"),
		.clock = &bench.clock,
		.oversubscribed = workers > native_cpus(),
		.measure = measure,
		.sample_every = measure == MEASURE_FULL ? 1 : 64,
		.seed = 1,
		.delays = &delay,
		.ndelays = delay_ns > 0,
	};
	if (native_run(&c, &r, &e))
		errx(1, "%s", e.text);
	for (unsigned i = 0; i < r.run.nlocks; i++) {
		const struct result_lock *l = &r.run.locks[i];
		t.wait += scaled(total_below(l->wait, WAIT_MOST_NS), l->timed, l->acquisitions);
		t.hold += scaled(l->hold->total - l->clock_ns, l->hold->count, l->acquisitions);
	}
	run_figures_free(&r);
	return t;
}

/*
 * The hand-written loop: the same operations of the design, in the same order,
 * on the same objects, and nothing else: no streams of mixed kinds, no order
 * between workers, no sampling, no book-keeping. Grace periods are part of it.
 */
static double by_hand(const char *design)
{
	struct mmr_err e = { 0 };
	const struct design_ops *d = design_find(design, "native", "ticket");
	const struct plan *p = &bench.plan[0];
	const struct world_config wc = { .design = d,
					 .geo = geometry_find("x86_64-4level"),
					 .cpus = 1,
					 .tasks = bench.w.tasks,
					 .mms = bench.w.mms,
					 .handles = p->handles,
					 .expect_tasks = bench.w.peak_tasks,
					 .expect_mms = bench.w.peak_mms,
					 .tsc_mult = bench.clock.mult };
	struct eng_world *w;
	if (world_make(&wc, &w, &e))
		errx(1, "%s", e.text);
	eng_rcu_register();
	d->boot(&w->k);
	for (uint32_t i = 0; i < p->npresent; i++)
		w->task[p->present[i].task] = d->fork(&w->k, NULL, p->present[i].aux, p->present[i].mm, 0);
	const struct rop *op = p->streams[0].ops, *end = op + p->streams[0].n;
	struct task_struct *running = NULL;
	double from = now();
	for (; op < end; op++) {
		if (op->op == EV_FREE)
			continue;
		struct task_struct *t = w->task[op->task];
		if (t != running)
			d->switch_to(&w->k, t);
		running = t;
		if (op->op == EV_FORK) {
			w->task[op->arg] = d->fork(&w->k, t, op->aux, op->mm, 0);
		} else {
			d->exit(&w->k, t);
			running = NULL;
			world_rcu_poll(w, &w->cpu[0]);
		}
	}
	double s = now() - from;
	eng_rcu_unregister();
	world_free(w);
	return s;
}

/*
 * The best of all rounds, where nothing is contended: what else the machine
 * does only adds time. Two workers at one lock are another matter: they are
 * fastest when one of them is off its CPU, so there the pairs' median counts.
 */
static void keep_best(double *best, double seconds)
{
	if (*best == 0 || seconds < *best)
		*best = seconds;
}

static int ascending(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;
	return (x > y) - (x < y);
}

static double median(double *v, unsigned n)
{
	qsort(v, n, sizeof(*v), ascending);
	return v[n / 2];
}

static void summary(const char *name, double value, const char *unit, const char *limit, bool pass)
{
	printf("SUMMARY %s=%.3f unit=%s limit=%s %s\n", name, value, unit, limit, pass ? "pass" : "FAIL");
	fflush(stdout);
	bench.failed += !pass;
}

/* How far a sample's totals are from those of which nothing is left out. Pairs, and their median: contention has moods. */
static void measure_totals(void)
{
	double wait[ROUNDS], hold[ROUNDS], bare[ROUNDS], v;
	for (unsigned i = 0; i < ROUNDS; i++) {
		struct totals sample = run_totals(MEASURE_SAMPLED, 2, DELAY_NS, true);
		struct totals full = run_totals(MEASURE_FULL, 2, DELAY_NS, false);
		wait[i] = sample.wait / full.wait;
		hold[i] = sample.hold / full.hold;
		sample = run_totals(MEASURE_SAMPLED, 1, 0, false);
		full = run_totals(MEASURE_FULL, 1, 0, false);
		bare[i] = sample.hold / full.hold;
	}
	v = (median(hold, ROUNDS) - 1) * 100;
	summary("replay_sampled_hold_total_off", v, "%", "-5..5", v >= -5 && v <= 5);
	v = (median(wait, ROUNDS) - 1) * 100;
	summary("replay_sampled_wait_total_off", v, "%", "-5..5", v >= -5 && v <= 5);
	printf("# replay_sampled_bare_hold_total_off=%.1f unit=%% (holds of some ten ns; reported, no limit)\n",
	       (median(bare, ROUNDS) - 1) * 100);
}

static void measure_all(void)
{
	double null_one = 0, null_alone = 0, null_two = 0, hand = 0, replayed = 0, v;
	double sampled[ROUNDS], full[ROUNDS];
	run("null", 1, MEASURE_OFF, false);
	for (unsigned i = 0; i < ROUNDS; i++) {
		keep_best(&null_one, run("null", 1, MEASURE_OFF, true));
		/* Two CPUs left alone at once are rarer than one: more tries, for both. */
		for (unsigned j = 0; j < (bench.slow ? 1 : 4); j++) {
			keep_best(&null_alone, run("null", 1, MEASURE_OFF, false));
			keep_best(&null_two, run("null", 2, MEASURE_OFF, true));
		}
		keep_best(&hand, by_hand("pgd_list"));
		keep_best(&replayed, run("pgd_list", 1, MEASURE_OFF, true));
		double off = run("pgd_list", 2, MEASURE_OFF, false);
		sampled[i] = run("pgd_list", 2, MEASURE_SAMPLED, true) / off;
		full[i] = run("pgd_list", 2, MEASURE_FULL, false) / off;
	}
	v = (double)bench.plan[0].events / null_one / 1e6;
	summary("replay_null_rate", v, "Mevents/s", ">=10", v >= 10);
	v = null_alone / null_two;
	if (native_cpus() >= 2)
		summary("replay_null_two_threads", v, "x", ">=1.8", v >= 1.8);
	else
		printf("# replay_null_two_threads skipped: this machine lends one CPU\n");
	v = (replayed - hand) / replayed * 100;
	summary("replay_harness_share", v, "%", "<=20", v <= 20);
	v = median(sampled, ROUNDS);
	summary("replay_sampled_vs_off", v, "x", "<=1.10", v <= 1.10);
	measure_totals();
	printf("# replay_full_vs_off=%.3f unit=x (reported, no limit)\n", median(full, ROUNDS));
}

int main(int argc, char **argv)
{
	struct mmr_err e = { 0 };
	struct mmw_reader *r;
	if (argc < 2)
		errx(2, "usage: benchreplay STORM.mmw [--slow]");
	bench.slow = argc > 2 && !strcmp(argv[2], "--slow");
	if (mmw_open(argv[1], &r, &e) || workload_load(r, &bench.w, &e) || native_clock_measure(&bench.clock, &e))
		errx(2, "%s", e.text);
	for (unsigned i = 0; i < 2; i++)
		if (plan_make(&bench.w, i + 1, PARTITION_TASK, &bench.plan[i], &e))
			errx(2, "%s", e.text);
	struct workload few = bench.w;
	few.n = few.n < DELAYED_EVENTS ? few.n : DELAYED_EVENTS;
	if (plan_make(&few, 2, PARTITION_TASK, &bench.few, &e))
		errx(2, "%s", e.text);
	measure_all();
	plan_free(&bench.few);
	plan_free(&bench.plan[0]);
	plan_free(&bench.plan[1]);
	workload_free(&bench.w);
	mmw_close(r);
	return bench.failed ? 1 : 0;
}
