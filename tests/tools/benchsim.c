/*
 * benchsim - how fast the sim engine is, and how near to the native one, as
 * SUMMARY lines.
 *
 *   benchsim speed STORM64.mmw [STORM4096.mmw] [--slow]
 *   benchsim truth WORKLOAD.mmw... [--slow]
 *
 * speed: `generate fork_storm --cpus 64` and `--cpus 4096`. Rates are per second
 * of this thread's CPU time: the simulator uses one CPU, and who else has it
 * meanwhile is not its affair.
 *
 * truth: each design and lock that both engines have, on each workload, on as
 * many CPUs as there are here, with what `mmreplay calibrate` measures now.
 *
 * --slow: every limit must fail, or the bench measures nothing.
 */
#include <err.h>
#include <math.h>
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

static double cpu_seconds(void)
{
	struct timespec t;
	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
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

/* CPU seconds per fork+exit pair; the best of three. */
static double pair_cost(const struct workload *w, const struct plan *p, const char *design, const char *shape)
{
	struct mmr_err e = { 0 };
	struct topology t;
	double best = INFINITY;
	if (topology_parse(shape, p->workers, NULL, &t, &e))
		errx(1, "%s", e.text);
	struct run_config c = configure(w, p, &t);
	c.design = design_find(design, "sim", "qspinlock");
	for (unsigned i = 0; i < 3; i++) {
		struct run_figures r;
		double from = cpu_seconds();
		if (sim_run(&c, &r, &e))
			errx(1, "%s", e.text);
		double each = (cpu_seconds() - from) / (double)r.run.op_count[EV_FORK];
		best = fmin(best, each);
		run_figures_free(&r);
	}
	return bench.slow ? 20 * best : best;
}

static void speed(char **path, unsigned files)
{
	static const char *const designs[] = { "pgd_list", "task_list" };
	struct mmr_err e = { 0 };
	struct workload w[2];
	struct plan p[2];
	for (unsigned i = 0; i < files; i++) {
		load(path[i], &w[i]);
		if (plan_make(&w[i], i ? 4096 : 64, PARTITION_CPU, &p[i], &e))
			errx(1, "%s", e.text);
	}
	for (unsigned d = 0; d < 2; d++) {
		char name[64];
		double small = pair_cost(&w[0], &p[0], designs[d], "auto");
		snprintf(name, sizeof(name), "sim_pairs_per_second_64_%s", designs[d]);
		summary(name, 1 / small / 1e6, "M/s", ">=1", 1 / small >= 1e6);
		if (files < 2)
			continue;
		double big = pair_cost(&w[1], &p[1], designs[d], "auto") * (bench.slow ? 20 : 1);
		snprintf(name, sizeof(name), "sim_cost_4096_to_64_%s", designs[d]);
		summary(name, big / small, "x", "<=3", big / small <= 3);
	}
	for (unsigned i = 0; i < files; i++) {
		plan_free(&p[i]);
		workload_free(&w[i]);
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
