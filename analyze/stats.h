/*
 * stats.h - is it a difference, or the noise of 3 to 30 repeats?
 *
 * Figures are compared as ratios, so everything is done on logarithms: a change
 * of -0.05 is 5 % less. The change is a 20 % trimmed mean, its interval and p are
 * Yuen's (Student's t on what trimming leaves, the variance from winsorized
 * values; with fewer than 5 repeats nothing is trimmed and it is Student's t).
 * Views say the same in SQL (i_pair_figures); tests/unit/test_compare.c holds
 * the two against each other.
 *
 * Why no bootstrap of the median, which one would expect here: it was tried.
 * False alarms of a 95 % interval between equals (2000 trials each; `slow`: one
 * run in ten is hit by something else on the machine), and how often an effect of
 * twice the standard deviation of a run is seen under `slow`:
 *
 *                            normal, repeats    slow, repeats    seen, repeats
 *                             3    7    15       3    7    15      7    15
 *   bootstrap of the median  24 % 13 %   8 %    26 % 14 %   7 %   75 %  89 %
 *   bootstrap-t of the mean   1 %  6 %   4 %     2 %  7 %  10 %   54 %  58 %
 *   Student's t               5 %  5 %   5 %     4 %  3 %   3 %   46 %  59 %
 *   trimmed t (this)          5 %  6 %   5 %     4 %  6 %   5 %   56 %  91 %
 *
 * Three values have ten different resamples: no resampling makes 95 % of them.
 * The trimmed t keeps its word from 3 repeats on, is not blinded by a few
 * disturbed runs, needs no random numbers, and its p goes as low as Holm's
 * correction needs, which that of a rank test with 7 repeats does not.
 *
 * Pure functions: any thread, no memory of their own.
 */
#ifndef MMR_AZ_STATS_H
#define MMR_AZ_STATS_H

#include <stdbool.h>

#define STATS_MAX 1000 /* repeats at most: what --repeat takes */

struct stats_change {
	unsigned n; /* pairs; of two samples, the smaller one's repeats */
	double change; /* logarithm of the ratio; NAN when n is 0 */
	double low, high; /* 95 % interval; NAN when n < 2 */
	double p; /* two-sided; NAN when n < 2 */
	double scatter; /* standard deviation of a single repeat, of two samples the larger; NAN when n < 2 */
};

/* @q: logarithms of the ratios of @n pairs, 0 to STATS_MAX of them. */
struct stats_change stats_paired(const double *q, unsigned n);
/* @b against @a, which have nothing to do with each other: logarithms of @nb and @na values. */
struct stats_change stats_unpaired(const double *a, unsigned na, const double *b, unsigned nb);

/* By how much more: @b against @a, less @d against @c. Change, interval and p; not the scatter. */
struct stats_change stats_beyond(const double *a, unsigned na, const double *b, unsigned nb, const double *c,
				 unsigned nc, const double *d, unsigned nd);

void stats_sort(double *v, unsigned n); /* ascending */
double stats_median(const double *v, unsigned n); /* NAN of none */
/* Standard deviation over mean, in percent; NAN of fewer than 2. */
double stats_cv_percent(const double *v, unsigned n);

/*
 * Holm: each of @n p values corrected for their number, in place. NAN ones
 * were not tested and stay; they are not counted. @n is at most STATS_TESTS,
 * what is beyond is left NAN.
 */
#define STATS_TESTS 4096
void stats_holm(double *p, unsigned n);

#endif
