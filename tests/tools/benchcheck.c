/*
 * benchcheck - how long `mmreplay check` takes: each scenario of two CPUs, the
 * full table, a known bug, and how many executions the reduction leaves.
 *
 *   benchcheck [--slow]
 *
 * One SUMMARY line per figure; exit status 1 when one is over its limit.
 * --slow: a sleep in each timed path, no reduction where executions are counted.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "replay/check/cell.h"
#include "replay/choice.h"
#include "replay/era.h"

static struct {
	bool slow, failed;
} bench;

static void summary(const char *name, double value, const char *unit, double limit)
{
	bool pass = value <= limit;
	bench.failed |= !pass;
	printf("SUMMARY %s=%.4g unit=%s limit=<=%g %s\n", name, value, unit, limit, pass ? "pass" : "FAIL");
}

static double now(void)
{
	struct timespec ts;
	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

static void run(struct cell *c)
{
	struct mmr_err e = { 0 };
	if (!cell_run(c, NULL, &e))
		return;
	fprintf(stderr, "benchcheck: %s: %s\n", c->design, e.text);
	exit(1);
}

/* Every design under every scenario, as `mmreplay check` runs them. */
static void full_table(void)
{
	unsigned n, scenarios;
	const struct design_ops *const *d = design_all(&n);
	const struct scenario *s = scenario_all(&scenarios);
	double begin = now(), slowest = 0;
	char name[160] = "";
	for (unsigned i = 0; i < n; i++) {
		bool words = d[i]->flags & DESIGN_LOCK_WORDS;
		if (strcmp(d[i]->engine, "check") || words == !strcmp(d[i]->lock, "blocking"))
			continue;
		for (unsigned j = 0; j < scenarios; j++) {
			struct cell c = { .design = d[i]->name, .lock = d[i]->lock, .ops = d[i], .scenario = &s[j] };
			double from = now();
			run(&c);
			if (bench.slow)
				usleep(j ? 0 : 2100000);
			double t = now() - from;
			if (s[j].cpus == 2 && t > slowest) {
				slowest = t;
				snprintf(name, sizeof(name), "%s, %s/%s", c.design, s[j].name, s[j].range);
			}
		}
	}
	printf("# the slowest of two CPUs: %s\n", name);
	summary("check_slowest_of_two_cpus", slowest, "s", 2);
	summary("check_full_table", now() - begin, "s", 60);
}

static const struct scenario *find(const char *word)
{
	unsigned n;
	const struct scenario *s = scenario_all(&n);
	for (unsigned i = 0; i < n; i++)
		if (scenario_is(&s[i], word))
			return &s[i];
	return NULL;
}

static void choose(const char *what, const char *scenario, const struct geometry *g, struct cell *c)
{
	static struct design_choice d;
	struct mmr_err e = { 0 };
	unsigned n;
	if (design_choose(what, "check", &d, 1, &n, &e)) {
		fprintf(stderr, "benchcheck: %s\n", e.text);
		exit(1);
	}
	*c = (struct cell){
		.design = d.label,
		.lock = "blocking",
		.ops = design_find(d.ops->name, "check", "blocking"),
		.fixed = d.fixed,
		.scenario = find(scenario),
		.geometry = g,
	};
}

static void known_bug(void)
{
	struct cell c;
	choose("task_list_v2:fix=K7,K10", "fork/DM", NULL, &c);
	double from = now();
	run(&c);
	if (bench.slow)
		usleep(200000);
	summary("check_v2_barrier_bug", c.verdict == CHECK_BROKEN ? now() - from : 1e9, "s", 0.1);
}

static void executions(const char *name, const char *geometry)
{
	struct cell c;
	struct check_result *r = &c.result;
	choose("task_list", "fork/DM", geometry ? geometry_find(geometry) : NULL, &c);
	if (bench.slow) {
		c.reduction = REDUCE_NONE;
		c.max_executions = 1000;
	}
	run(&c);
	summary(name, c.verdict == CHECK_BROKEN ? 1e9 : (double)(r->executions + r->blocked), "executions", 50);
}

int main(int argc, char **argv)
{
	bench.slow = argc > 1 && !strcmp(argv[1], "--slow");
	executions("check_fork_2_slots", NULL);
	executions("check_fork_240_slots", "x86_64-4level");
	known_bug();
	full_table();
	return bench.failed;
}
