/* samples.c - from runs to a figure; threads on their CPUs. */
#include "replay/calibrate/calibrate.h"

#include <math.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>

static int by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;
	return (x > y) - (x < y);
}

/* The value below which @q of them lie, between two of them if need be. */
static double quantile(const double *sorted, unsigned n, double q)
{
	double at = q * (n - 1);
	unsigned i = (unsigned)at;
	return i + 1 < n ? sorted[i] + (at - i) * (sorted[i + 1] - sorted[i]) : sorted[n - 1];
}

static uint64_t whole(double ps)
{
	return ps > 0 ? (uint64_t)llround(ps) : 0;
}

void samples_sum_up(double *ps, unsigned n, struct calibrated *to, const char *how)
{
	qsort(ps, n, sizeof(*ps), by_value);
	*to = (struct calibrated){
		.measured = true,
		.ps = whole(quantile(ps, n, 0.5)),
		.low_ps = whole(quantile(ps, n, 0.25)),
		.high_ps = whole(quantile(ps, n, 0.75)),
		.runs = n,
	};
	snprintf(to->why, sizeof(to->why), "%s", how);
}

void samples_sum_up_beyond(double *ps, unsigned n, const struct calibrated *base, struct calibrated *to,
			   const char *how)
{
	for (unsigned i = 0; i < n; i++)
		ps[i] -= (double)base->ps;
	samples_sum_up(ps, n, to, how);
}

static int by_ps(const void *a, const void *b)
{
	uint64_t x = ((const struct calibrated *)a)->ps, y = ((const struct calibrated *)b)->ps;
	return (x > y) - (x < y);
}

void calibrated_middle(struct calibrated pass[CALIBRATE_PASSES], struct calibrated *to)
{
	for (unsigned i = 0; i < CALIBRATE_PASSES; i++)
		if (!pass[i].measured) {
			*to = pass[i];
			return;
		}
	qsort(pass, CALIBRATE_PASSES, sizeof(*pass), by_ps);
	*to = pass[CALIBRATE_PASSES / 2];
	to->runs = 0;
	for (unsigned i = 0; i < CALIBRATE_PASSES; i++) {
		to->low_ps = pass[i].low_ps < to->low_ps ? pass[i].low_ps : to->low_ps;
		to->high_ps = pass[i].high_ps > to->high_ps ? pass[i].high_ps : to->high_ps;
		to->runs += pass[i].runs;
	}
}

void calibrated_impossible(struct calibrated *to, const char *why)
{
	*to = (struct calibrated){ .measured = false };
	snprintf(to->why, sizeof(to->why), "%s", why);
}

bool samples_take(const struct calibrating *c, one_run run, void *arg, double ps[CALIBRATE_RUNS])
{
	run(c, arg);
	for (unsigned i = 0; i < CALIBRATE_RUNS; i++) {
		if (calibrate_told_to_stop(c))
			return false;
		ps[i] = run(c, arg);
	}
	return true;
}

/* ---- threads ---- */

static void only(cpu_set_t *set, unsigned cpu)
{
	CPU_ZERO(set);
	CPU_SET(cpu, set);
}

int calibrate_pin(unsigned cpu)
{
	cpu_set_t set;
	only(&set, cpu);
	return -pthread_setaffinity_np(pthread_self(), sizeof(set), &set);
}

int calibrate_start(pthread_t *thread, unsigned cpu, void *(*body)(void *arg), void *arg)
{
	pthread_attr_t attr;
	cpu_set_t set;
	only(&set, cpu);
	int rc = pthread_attr_init(&attr);
	if (rc)
		return -rc;
	rc = pthread_attr_setaffinity_np(&attr, sizeof(set), &set);
	if (!rc)
		rc = pthread_create(thread, &attr, body, arg);
	pthread_attr_destroy(&attr);
	return -rc;
}

int calibrate_partner(const struct cpus *c)
{
	static const enum distance order[] = { NEAR_CLUSTER, NEAR_SOCKET, NEAR_REMOTE, NEAR_SMT };
	for (unsigned d = 0; d < sizeof(order) / sizeof(*order); d++)
		for (unsigned i = 1; i < c->n; i++)
			if (cpus_distance(&c->at[0], &c->at[i]) == order[d])
				return (int)c->at[i].cpu;
	return -1;
}
