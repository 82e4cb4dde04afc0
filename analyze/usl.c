#include "analyze/usl.h"

#include <errno.h>
#include <gsl/gsl_cdf.h>
#include <gsl/gsl_errno.h>
#include <gsl/gsl_multifit_nlinear.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

enum { LAMBDA, SIGMA, KAPPA, PARAMS };

/* What is fitted is the logarithm: noise is relative, and lambda cannot become negative. */
struct problem {
	const struct usl_point *p;
	unsigned n;
	bool sigma, kappa; /* else held at 0 */
	unsigned place[PARAMS], params; /* which parameter is which of those fitted */
	double x[PARAMS], cov[PARAMS][PARAMS]; /* lambda as its logarithm; zero where held */
	double residual;
};

static double get(const struct problem *q, const gsl_vector *v, unsigned which)
{
	return which == LAMBDA || (which == SIGMA ? q->sigma : q->kappa) ? gsl_vector_get(v, q->place[which]) : 0;
}

/* A step may try parameters with which it would be negative: they fit badly, that is all. */
static double denominator(double n, double sigma, double kappa)
{
	return fmax(1e-9, 1 + sigma * (n - 1) + kappa * n * (n - 1));
}

static int residuals(const gsl_vector *v, void *arg, gsl_vector *f)
{
	const struct problem *q = arg;
	for (unsigned i = 0; i < q->n; i++) {
		double n = q->p[i].threads, d = denominator(n, get(q, v, SIGMA), get(q, v, KAPPA));
		gsl_vector_set(f, i, get(q, v, LAMBDA) + log(n) - log(d) - log(q->p[i].per_s));
	}
	return GSL_SUCCESS;
}

static int jacobian(const gsl_vector *v, void *arg, gsl_matrix *j)
{
	const struct problem *q = arg;
	for (unsigned i = 0; i < q->n; i++) {
		double n = q->p[i].threads, d = denominator(n, get(q, v, SIGMA), get(q, v, KAPPA));
		gsl_matrix_set(j, i, q->place[LAMBDA], 1);
		if (q->sigma)
			gsl_matrix_set(j, i, q->place[SIGMA], -(n - 1) / d);
		if (q->kappa)
			gsl_matrix_set(j, i, q->place[KAPPA], -n * (n - 1) / d);
	}
	return GSL_SUCCESS;
}

/* A start on the right side of every limit: no coherency, the contention that the last point would need. */
static void start(const struct problem *q, gsl_vector *v)
{
	const struct usl_point *a = &q->p[0], *b = &q->p[q->n - 1];
	double lambda = a->per_s / a->threads, sigma = (lambda * b->threads / b->per_s - 1) / (b->threads - 1);
	gsl_vector_set_zero(v);
	gsl_vector_set(v, q->place[LAMBDA], log(lambda));
	if (q->sigma)
		gsl_vector_set(v, q->place[SIGMA], fmax(0, fmin(0.5, sigma)));
	if (q->kappa)
		gsl_vector_set(v, q->place[KAPPA], 1e-6);
}

static void take(struct problem *q, const gsl_multifit_nlinear_workspace *w, const gsl_matrix *cov)
{
	double ssr = 0;
	gsl_vector *f = gsl_multifit_nlinear_residual(w);
	for (unsigned i = 0; i < q->n; i++)
		ssr += gsl_vector_get(f, i) * gsl_vector_get(f, i);
	q->residual = sqrt(ssr / q->n);
	memset(q->cov, 0, sizeof(q->cov));
	for (unsigned i = 0; i < PARAMS; i++) {
		q->x[i] = get(q, gsl_multifit_nlinear_position(w), i);
		for (unsigned j = 0; j < PARAMS; j++) {
			bool held = (i == SIGMA || j == SIGMA) ? !q->sigma : false;
			held |= (i == KAPPA || j == KAPPA) && !q->kappa;
			if (!held)
				q->cov[i][j] = gsl_matrix_get(cov, q->place[i], q->place[j]) * ssr / (q->n - q->params);
		}
	}
}

/* -EDOM: no fit was found. */
static int solve(struct problem *q)
{
	q->place[LAMBDA] = 0;
	q->place[SIGMA] = 1;
	q->place[KAPPA] = q->sigma ? 2 : 1;
	q->params = 1u + q->sigma + q->kappa;
	gsl_multifit_nlinear_fdf fdf = { .f = residuals, .df = jacobian, .n = q->n, .p = q->params, .params = q };
	gsl_multifit_nlinear_parameters how = gsl_multifit_nlinear_default_parameters();
	gsl_multifit_nlinear_workspace *w =
		gsl_multifit_nlinear_alloc(gsl_multifit_nlinear_trust, &how, q->n, q->params);
	gsl_vector *v = gsl_vector_alloc(q->params);
	gsl_matrix *cov = gsl_matrix_alloc(q->params, q->params);
	int rc = w && v && cov ? 0 : -ENOMEM;
	if (!rc) {
		int info = 0, end = GSL_FAILURE;
		start(q, v);
		if (!gsl_multifit_nlinear_init(v, &fdf, w))
			end = gsl_multifit_nlinear_driver(500, 1e-10, 1e-12, 0, NULL, NULL, &info, w);
		/* No better step: it is at the bottom, maybe from the start on. */
		if ((end && end != GSL_ENOPROG && info != GSL_ENOPROG) ||
		    gsl_multifit_nlinear_covar(gsl_multifit_nlinear_jac(w), 0, cov))
			rc = -EDOM;
		else
			take(q, w, cov);
	}
	gsl_matrix_free(cov);
	gsl_vector_free(v);
	gsl_multifit_nlinear_free(w);
	return rc;
}

/* How often its standard error a parameter of @q may differ from 0 by chance. */
static double student(const struct problem *q)
{
	return gsl_cdf_tdist_Pinv(0.975, q->n - q->params);
}

static double se(const struct problem *q, unsigned i)
{
	return sqrt(q->cov[i][i]);
}

/* Does it change the last point at all, or is it what computing leaves of 0? */
static bool is_zero(const struct problem *q, unsigned i)
{
	double n = q->p[q->n - 1].threads;
	return fabs(q->x[i]) * (n - 1) * (i == KAPPA ? n : 1) < 1e-6;
}

/*
 * Fit all three; hold at 0 what came out negative and not different from 0.
 * What is negative in earnest is refused: superlinear growth is no contention.
 */
static int solve_in_bounds(struct problem *q, struct usl *u)
{
	static const char *const names[] = { "", "contention", "coherency" };
	q->sigma = q->kappa = true;
	for (int round = 0; round < PARAMS; round++) {
		int rc = solve(q);
		if (rc == -EDOM)
			snprintf(u->why, sizeof(u->why), "no parameters were found that describe the points");
		if (rc)
			return rc;
		unsigned worst = q->kappa && (q->x[KAPPA] < 0 || is_zero(q, KAPPA)) ? KAPPA : SIGMA;
		if (q->x[worst] >= 0 && (worst == SIGMA || !is_zero(q, worst)))
			return 0;
		if (!is_zero(q, worst) && -q->x[worst] > student(q) * se(q, worst)) {
			snprintf(u->why, sizeof(u->why),
				 "%s comes out negative (%.3g, standard error %.2g): %s than the law allows",
				 names[worst], q->x[worst], se(q, worst),
				 worst == SIGMA ? "throughput grows faster" : "throughput bends up later");
			return -EDOM;
		}
		*(worst == SIGMA ? &q->sigma : &q->kappa) = false;
	}
	return 0;
}

static void find_knee(const struct problem *q, struct usl *u)
{
	double sigma = q->x[SIGMA], kappa = q->x[KAPPA], t = student(q);
	if (sigma >= 1) {
		snprintf(u->why, sizeof(u->why), "contention is 1 or more: throughput falls from the first thread on");
		return;
	}
	if (!q->kappa || kappa <= t * se(q, KAPPA)) {
		snprintf(u->why, sizeof(u->why),
			 "coherency does not differ from 0: no peak can be told from the points");
		return;
	}
	double knee = sqrt((1 - sigma) / kappa), rest = 1 - sigma;
	if (knee > USL_REACH * u->most) {
		snprintf(u->why, sizeof(u->why),
			 "the peak would be at %.0f threads, beyond %.0f times the most that ran (%.0f)", knee,
			 USL_REACH, u->most);
		return;
	}
	/* Of the knee's logarithm. */
	double var = 0.25 * (q->cov[SIGMA][SIGMA] / (rest * rest) + q->cov[KAPPA][KAPPA] / (kappa * kappa) +
			     2 * q->cov[SIGMA][KAPPA] / (rest * kappa));
	double spread = exp(t * sqrt(fmax(0, var)));
	if (spread > 2) {
		snprintf(u->why, sizeof(u->why), "the peak is anywhere between %.0f and %.0f threads", knee / spread,
			 knee * spread);
		return;
	}
	u->peaks = true;
	u->knee = knee;
	u->knee_low = knee / spread;
	u->knee_high = knee * spread;
	u->peak_per_s = u->lambda.value * knee / denominator(knee, sigma, kappa);
}

/* Where the denominator is 2. */
static double half_efficiency(const struct usl *u)
{
	double s = u->sigma.value, k = u->kappa.value, n = NAN;
	if (k > 0)
		n = (k - s + sqrt((s - k) * (s - k) + 4 * k * (1 + s))) / (2 * k);
	else if (s > 0)
		n = 1 + 1 / s;
	return n <= USL_REACH * u->most ? n : NAN;
}

static double known(double noise)
{
	return isfinite(noise) ? noise : USL_SAME / 2;
}

static void look(const struct usl_point *p, unsigned n, struct usl *u)
{
	for (unsigned i = 0; i < n; i++) {
		bool beaten = false;
		for (unsigned j = i + 1; j < n; j++)
			beaten |= p[j].per_s > p[i].per_s * (1 + fmax(USL_SAME, known(p[i].noise) + known(p[j].noise)));
		if (beaten)
			continue;
		u->measured_knee = p[i].threads;
		u->still_growing = i + 1 == n;
		return;
	}
}

/* Relative noise of the points, at the median; 0 when it is not known. */
static double middle_noise(const struct usl_point *p, unsigned n)
{
	double best = 0;
	for (unsigned i = 0; i < n; i++) {
		unsigned below = 0, known_points = 0;
		for (unsigned j = 0; j < n; j++) {
			known_points += isfinite(p[j].noise);
			below += isfinite(p[j].noise) && p[j].noise <= p[i].noise;
		}
		if (isfinite(p[i].noise) && 2 * below >= known_points && (best == 0 || p[i].noise < best))
			best = p[i].noise;
	}
	return best;
}

int usl_fit(const struct usl_point *p, unsigned n, struct usl *u)
{
	struct problem q = { .p = p, .n = n };
	*u = (struct usl){ .points = n, .most = n ? p[n - 1].threads : 0, .half = NAN };
	look(p, n, u);
	if (n < USL_LEAST_POINTS) {
		snprintf(u->why, sizeof(u->why), "%u thread count%s; three parameters need %u or more", n,
			 n == 1 ? "" : "s", USL_LEAST_POINTS);
		return 0;
	}
	/* The library's own answer to an error would be to end the program. */
	gsl_set_error_handler_off();
	int rc = solve_in_bounds(&q, u);
	if (rc)
		return rc == -EDOM ? 0 : rc;
	double bound = fmax(USL_RESIDUAL, middle_noise(p, n));
	if (q.residual > bound) {
		snprintf(u->why, sizeof(u->why),
			 "the law is off by %.0f %% (root mean square), beyond the noise of %.0f %%", 100 * q.residual,
			 100 * bound);
		return 0;
	}
	u->fitted = true;
	u->residual = q.residual;
	u->lambda = (struct usl_param){ exp(q.x[LAMBDA]), exp(q.x[LAMBDA]) * se(&q, LAMBDA) };
	u->sigma = (struct usl_param){ q.x[SIGMA], se(&q, SIGMA) };
	u->kappa = (struct usl_param){ q.x[KAPPA], se(&q, KAPPA) };
	u->half = half_efficiency(u);
	find_knee(&q, u);
	return 0;
}
