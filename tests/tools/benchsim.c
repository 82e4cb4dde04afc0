/*
 * benchsim - how fast the sim engine is, and how near to the native one, as
 * SUMMARY lines.
 *
 *   benchsim speed STORM64.mmw [STORM4096.mmw] [--slow]
 *   benchsim truth WORKLOAD.mmw... [--slow]
 *
 * speed: `generate fork_storm --cpus 64` and `--cpus 4096`, under the lock that a
 * sweep takes by itself and under the one that is harder to simulate. Rates are
 * per second of one thread's CPU time: a run uses one CPU, and who else has it
 * meanwhile is not its affair. Those called sweep are per second of the clock, one
 * run on each CPU of this machine, as --jobs has it.
 *
 * truth: each design and lock that both engines have, on each workload, on as
 * many CPUs as there are here, with what `mmreplay calibrate` measures now.
 *
 * --slow: every limit must fail, or the bench measures nothing.
 */
#include <err.h>
#include <math.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

#include "replay/calibrate/calibrate.h"
#include "replay/calibrate/transfer.h"
#include "replay/era.h"
#include "replay/native/native.h"
#include "replay/sim/sim.h"
#include "replay/topology.h"

static struct {
	struct native_clock clock;
	struct calibration here;
	bool slow;
	int failed;
} bench;

static void summary(const char *name, double value, const char *unit, const char *limit, bool pass)
{
	printf("SUMMARY %s=%.3g unit=%s limit=%s %s\n", name, value, unit, limit, pass ? "pass" : "FAIL");
	bench.failed |= !pass;
	fflush(stdout);
}

static double seconds(clockid_t clock)
{
	struct timespec t;
	clock_gettime(clock, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static double cpu_seconds(void)
{
	return seconds(CLOCK_THREAD_CPUTIME_ID);
}

static void load(const char *path, struct workload *w)
{
	struct mmr_err e = { 0 };
	struct mmw_reader *r;
	if (mmw_open(path, &r, &e) || workload_load(r, w, &e))
		errx(1, "%s", e.text);
	mmw_close(r);
}

static struct run_config configure(const struct workload *w, const struct plan *p, const struct topology *t)
{
	const struct era *era = era_find("v4.1");
	return (struct run_config){
		.workload = w,
		.plan = p,
		.geometry = geometry_find("x86_64-4level"),
		.clock = &bench.clock,
		.topology = t,
		.oversubscribed = p->workers > native_cpus(),
		.measure = MEASURE_SAMPLED,
		.sample_every = 64,
		.seed = 1,
		.sync_policy = era->sync_policy,
		.fault_handler = era->fault_handler,
	};
}

/* ---- speed ---- */

#define TRIES 3

struct storm {
	struct workload w;
	struct plan p;
	struct topology t;
};

static void load_storm(struct storm *s, const char *path, unsigned cpus)
{
	struct mmr_err e = { 0 };
	load(path, &s->w);
	if (plan_make(&s->w, cpus, PARTITION_CPU, &s->p, &e) || topology_parse("auto", cpus, NULL, &s->t, &e))
		errx(1, "%s", e.text);
}

/* Fork+exit pairs. */
static uint64_t run_storm(const struct storm *s, const char *design, const char *lock)
{
	struct mmr_err e = { 0 };
	struct run_figures r;
	struct run_config c = configure(&s->w, &s->p, &s->t);
	c.design = design_find(design, "sim", lock);
	if (sim_run(&c, &r, &e))
		errx(1, "%s", e.text);
	uint64_t pairs = r.run.op_count[EV_FORK];
	run_figures_free(&r);
	return pairs;
}

/* CPU seconds per pair; the best of three. */
static double pair_cost(const struct storm *s, const char *design, const char *lock)
{
	double best = INFINITY;
	for (unsigned i = 0; i < TRIES; i++) {
		double from = cpu_seconds();
		uint64_t pairs = run_storm(s, design, lock);
		best = fmin(best, (cpu_seconds() - from) / (double)pairs);
	}
	return bench.slow ? 20 * best : best;
}

/* What one CPU does of a sweep. */
struct share {
	const struct storm *storm;
	const char *design, *lock;
	uint64_t pairs;
	pthread_t thread;
};

static void *share_main(void *arg)
{
	struct share *s = arg;
	for (unsigned i = 0; i < 2; i++)
		s->pairs += run_storm(s->storm, s->design, s->lock);
	return NULL;
}

/* Pairs per second that a sweep gets through with one run on each CPU of this machine, as --jobs has it; the best of three. */
static double side_by_side(const struct storm *storm, const char *design, const char *lock)
{
	const unsigned n = native_cpus();
	double best = 0;
	for (unsigned i = 0; i < TRIES; i++) {
		struct share *s = calloc(n, sizeof(*s));
		double from = seconds(CLOCK_MONOTONIC);
		uint64_t pairs = 0;
		for (unsigned k = 0; k < n; k++) {
			s[k] = (struct share){ .storm = storm, .design = design, .lock = lock };
			if (pthread_create(&s[k].thread, NULL, share_main, &s[k]))
				errx(1, "no threads");
		}
		for (unsigned k = 0; k < n; k++) {
			pthread_join(s[k].thread, NULL);
			pairs += s[k].pairs;
		}
		best = fmax(best, (double)pairs / (seconds(CLOCK_MONOTONIC) - from));
		free(s);
	}
	return bench.slow ? best / 20 : best;
}

static void speed(char **path, unsigned files)
{
	static const char *const designs[] = { "pgd_list", "task_list" }, *const locks[] = { "ticket", "qspinlock" };
	struct storm small, large;
	load_storm(&small, path[0], 64);
	if (files > 1)
		load_storm(&large, path[1], 4096);
	for (unsigned i = 0; i < 4; i++) {
		const char *design = designs[i / 2], *lock = locks[i % 2];
		char name[64];
		double cost = pair_cost(&small, design, lock), rate = side_by_side(&small, design, lock);
		snprintf(name, sizeof(name), "sim_pairs_per_second_64_%s_%s", design, lock);
		summary(name, 1 / cost / 1e6, "M/s", ">=1", 1 / cost >= 1e6);
		snprintf(name, sizeof(name), "sim_sweep_pairs_per_second_64_%s_%s", design, lock);
		summary(name, rate / 1e6, "M/s", ">=1", rate >= 1e6);
		if (files < 2)
			continue;
		double big = pair_cost(&large, design, lock) * (bench.slow ? 20 : 1);
		snprintf(name, sizeof(name), "sim_cost_4096_to_64_%s_%s", design, lock);
		summary(name, big / cost, "x", "<=3", big / cost <= 3);
	}
	for (unsigned i = 0; i < files; i++) {
		plan_free(i ? &large.p : &small.p);
		workload_free(i ? &large.w : &small.w);
	}
}

/* ---- truth ---- */

#define REPEATS 7

static int by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;
	return (x > y) - (x < y);
}

/* Events per second: the median, and half the width of its 95 % interval by order statistics (of 7: lowest, highest). */
static double natively(struct run_config *c, double *half)
{
	struct mmr_err e = { 0 };
	double v[REPEATS];
	for (unsigned i = 0; i < REPEATS; i++) {
		struct run_figures r;
		c->seed = i + 1;
		if (native_run(c, &r, &e))
			errx(1, "%s", e.text);
		v[i] = (double)r.run.events * 1e9 / (double)r.run.wall_ns;
		run_figures_free(&r);
	}
	qsort(v, REPEATS, sizeof(*v), by_value);
	*half = (v[REPEATS - 1] - v[0]) / 2;
	return v[REPEATS / 2];
}

static double simulated(struct run_config *c)
{
	struct mmr_err e = { 0 };
	struct run_figures r;
	if (sim_run(c, &r, &e))
		errx(1, "%s", e.text);
	double v = (double)r.run.events * 1e9 / (double)r.run.wall_ns;
	run_figures_free(&r);
	return bench.slow ? v * 4 : v;
}

static bool comparable(const struct design_ops *d)
{
	/* The tests' own designs are in this program, too. */
	return !strcmp(d->engine, "native") && !(d->flags & DESIGN_NEGATIVE) && !d->bugs && strcmp(d->source, "test") &&
	       design_find(d->name, "sim", d->lock);
}

static void truth(char **path, int n)
{
	struct mmr_err e = { 0 };
	struct topology t;
	unsigned ndesigns, cpus = native_cpus(), m = 0, within = 0;
	const struct design_ops *const *d = design_all(&ndesigns);
	double *error = calloc((size_t)n * cpus * ndesigns, sizeof(*error));
	if (!error || topology_parse("auto", cpus, &bench.here, &t, &e))
		errx(1, "%s", error ? e.text : "no memory");
	for (int f = 0; f < n; f++) {
		struct workload w;
		load(path[f], &w);
		for (unsigned threads = 1; threads <= cpus; threads *= 2) {
			struct plan p;
			if (plan_make(&w, threads, PARTITION_AUTO, &p, &e))
				errx(1, "%s: %s", path[f], e.text);
			struct run_config c = configure(&w, &p, &t);
			for (unsigned i = 0; i < ndesigns; i++) {
				double half;
				if (!comparable(d[i]))
					continue;
				c.design = d[i];
				double real = natively(&c, &half);
				c.design = design_find(d[i]->name, "sim", d[i]->lock);
				double sim = simulated(&c), off = fabs(sim / real - 1);
				printf("# %s, %u threads, %s, %s: native %.3g M/s +- %.1f %%, sim %.3g M/s, %+.1f %%\n",
				       strrchr(path[f], '/') ? strrchr(path[f], '/') + 1 : path[f], threads, d[i]->name,
				       d[i]->lock, real / 1e6, 100 * half / real, sim / 1e6, 100 * (sim / real - 1));
				error[m++] = 100 * off;
				within += off <= fmax(0.1, half / real);
			}
			plan_free(&p);
		}
		workload_free(&w);
	}
	qsort(error, m, sizeof(*error), by_value);
	summary("sim_error_median", error[m / 2], "%", "<=10", error[m / 2] <= 10);
	summary("sim_within_10_percent_or_noise", 100.0 * within / m, "%", ">=50", 2 * within >= m);
	printf("# %u comparisons, error p90 %.1f %%, worst %.1f %%\n", m, error[m * 9 / 10], error[m - 1]);
	free(error);
}

int main(int argc, char **argv)
{
	struct mmr_err e = { 0 };
	if (argc > 2 && !strcmp(argv[argc - 1], "--slow")) {
		bench.slow = true;
		argc--;
	}
	if (native_clock_measure(&bench.clock, &e))
		errx(1, "%s", e.text);
	if ((argc == 3 || argc == 4) && !strcmp(argv[1], "speed")) {
		speed(argv + 2, (unsigned)argc - 2);
	} else if (argc > 2 && !strcmp(argv[1], "truth")) {
		struct cpus cpus;
		struct transfers transfers = { 0 };
		const struct calibrate_request r = { .clock = &bench.clock };
		if (calibrate(&r, &bench.here, &cpus, &transfers, &e))
			errx(1, "%s", e.text);
		transfers_free(&transfers);
		truth(argv + 2, argc - 2);
	} else {
		errx(2, "usage: benchsim speed STORM64.mmw [STORM4096.mmw] | truth WORKLOAD.mmw... [--slow]");
	}
	return bench.failed;
}
