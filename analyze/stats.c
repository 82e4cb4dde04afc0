#include "analyze/stats.h"

#include <gsl/gsl_cdf.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static int ascending(const void *a, const void *b)
{
	const double x = *(const double *)a, y = *(const double *)b;
	return (x > y) - (x < y);
}

/* What trimming leaves of one sample. */
struct trimmed {
	double mean;
	double variance; /* of the mean */
	unsigned kept;
};

static struct trimmed trim(const double *v, unsigned n)
{
	double s[STATS_MAX], mean = 0, squares = 0, kept = 0;
	n = n > STATS_MAX ? STATS_MAX : n;
	memcpy(s, v, n * sizeof(*s));
	qsort(s, n, sizeof(*s), ascending);
	const unsigned cut = n / 5, h = n - 2 * cut;
	for (unsigned i = 0; i < n; i++) {
		const unsigned at = i < cut ? cut : i >= n - cut ? n - cut - 1 : i;
		mean += s[at] / n;
		if (at == i)
			kept += s[i] / h;
		/* Winsorized: the two values that are read again are never written over by others. */
		s[i] = s[at];
	}
	for (unsigned i = 0; i < n; i++)
		squares += (s[i] - mean) * (s[i] - mean);
	return (struct trimmed){ kept, h > 1 ? squares / h / (h - 1) : 0, h };
}

static struct stats_change judge(double change, double variance, double df, unsigned n)
{
	struct stats_change c = { n, change, NAN, NAN, NAN, NAN };
	if (n < 2)
		return c;
	/* All equal but for rounding, as counts may be: then the difference is there, or not, and nothing is left to chance. */
	if (!(variance > 1e-24)) {
		c.low = c.high = change;
		c.p = fabs(change) > 1e-12 ? 0 : 1;
		return c;
	}
	const double error = sqrt(variance), half = gsl_cdf_tdist_Pinv(0.975, df) * error;
	c.low = change - half;
	c.high = change + half;
	c.p = 2 * gsl_cdf_tdist_Q(fabs(change) / error, df);
	return c;
}

struct stats_change stats_paired(const double *q, unsigned n)
{
	if (!n)
		return (struct stats_change){ 0, NAN, NAN, NAN, NAN, NAN };
	const struct trimmed t = trim(q, n);
	struct stats_change c = judge(t.mean, t.variance, t.kept - 1.0, n);
	c.scatter = n < 2 ? NAN : sqrt(t.variance * n);
	return c;
}

/* Welch: no sample's variance is taken for another's. */
static double welch(const struct trimmed *t, unsigned n, double *variance)
{
	double below = 0;
	*variance = 0;
	for (unsigned i = 0; i < n; i++) {
		*variance += t[i].variance;
		below += t[i].variance * t[i].variance / (t[i].kept - 1.0);
	}
	return below > 0 ? *variance * *variance / below : 1;
}

struct stats_change stats_unpaired(const double *a, unsigned na, const double *b, unsigned nb)
{
	const unsigned n = na < nb ? na : nb;
	if (!n)
		return (struct stats_change){ 0, NAN, NAN, NAN, NAN, NAN };
	const struct trimmed t[2] = { trim(a, na), trim(b, nb) };
	double variance = NAN;
	const double df = n < 2 ? 1 : welch(t, 2, &variance);
	struct stats_change c = judge(t[1].mean - t[0].mean, variance, df, n);
	c.scatter = n < 2 ? NAN : sqrt(fmax(t[0].variance * na, t[1].variance * nb));
	return c;
}

struct stats_change stats_beyond(const double *a, unsigned na, const double *b, unsigned nb, const double *c,
				 unsigned nc, const double *d, unsigned nd)
{
	const unsigned ab = na < nb ? na : nb, cd = nc < nd ? nc : nd, n = ab < cd ? ab : cd;
	if (!n)
		return (struct stats_change){ 0, NAN, NAN, NAN, NAN, NAN };
	const struct trimmed t[4] = { trim(a, na), trim(b, nb), trim(c, nc), trim(d, nd) };
	double variance = NAN;
	const double df = n < 2 ? 1 : welch(t, 4, &variance);
	return judge(t[1].mean - t[0].mean - (t[3].mean - t[2].mean), variance, df, n);
}

void stats_sort(double *v, unsigned n)
{
	qsort(v, n, sizeof(*v), ascending);
}

double stats_median(const double *v, unsigned n)
{
	double s[STATS_MAX];
	n = n > STATS_MAX ? STATS_MAX : n;
	if (!n)
		return NAN;
	memcpy(s, v, n * sizeof(*s));
	qsort(s, n, sizeof(*s), ascending);
	return (s[(n - 1) / 2] + s[n / 2]) / 2;
}

double stats_cv_percent(const double *v, unsigned n)
{
	double mean = 0, squares = 0;
	if (n < 2)
		return NAN;
	for (unsigned i = 0; i < n; i++)
		mean += v[i] / n;
	for (unsigned i = 0; i < n; i++)
		squares += (v[i] - mean) * (v[i] - mean);
	return mean > 0 ? 100 * sqrt(squares / (n - 1)) / mean : NAN;
}

void stats_holm(double *p, unsigned n)
{
	struct test {
		double p;
		unsigned at;
	} t[STATS_TESTS];
	unsigned m = 0;
	for (unsigned i = 0; i < n; i++) {
		if (i < STATS_TESTS && !isnan(p[i]))
			t[m++] = (struct test){ p[i], i };
		else
			p[i] = NAN;
	}
	/* A struct test begins with its p. */
	qsort(t, m, sizeof(*t), ascending);
	double worst = 0;
	for (unsigned i = 0; i < m; i++) {
		worst = fmax(worst, fmin(1, (m - i) * t[i].p));
		p[t[i].at] = worst;
	}
}
