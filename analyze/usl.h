/*
 * usl.h - the Universal Scalability Law (N. Gunther), fitted to points:
 *
 *   X(N) = lambda N / (1 + sigma (N - 1) + kappa N (N - 1))
 *
 * lambda is the throughput of one thread, sigma the contention (part of the
 * work that waits in line), kappa the coherency (what each pair of threads
 * costs). A fit that the points cannot carry is refused, with the reason.
 *
 * Pure functions; any number may run in parallel.
 */
#ifndef MMR_AZ_USL_H
#define MMR_AZ_USL_H

#include <stdbool.h>

#define USL_LEAST_POINTS 6 /* distinct thread counts: three parameters, and something left to judge them by */
#define USL_REACH 2.0 /* no peak is claimed beyond so many times the largest thread count */
#define USL_RESIDUAL 0.10 /* root mean square of the relative residuals that passes for noise in any case */
#define USL_SAME 0.02 /* throughputs this close are the same when their noise is not known */

/* One thread count; in order, each once. */
struct usl_point {
	double threads, per_s;
	double noise; /* relative half width of the 95 % interval; NAN: not known */
};

struct usl_param {
	double value, se; /* se 0: held at 0, from which it did not differ */
};

struct usl {
	unsigned points;
	double most; /* threads */
	bool fitted; /* else only why and what was measured are set */
	struct usl_param lambda, sigma, kappa;
	double residual; /* root mean square, relative */
	bool peaks; /* the three that follow are set */
	double knee, knee_low, knee_high; /* sqrt((1 - sigma) / kappa), 95 % interval */
	double peak_per_s; /* there */
	double half; /* beyond so many threads efficiency is below 50 %; NAN: nowhere near the points */
	/* Without any model: the first thread count that no later one beats beyond noise. */
	double measured_knee;
	bool still_growing; /* that is the last one: no knee was seen */
	char why[160]; /* why it was refused, or why there is no knee; "" */
};

/* 0, or -ENOMEM. */
int usl_fit(const struct usl_point *p, unsigned n, struct usl *u);

#endif
