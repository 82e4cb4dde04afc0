/* The fit against points with known parameters, and what it must refuse. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "analyze/usl.h"

static const double counts[] = { 1, 2, 4, 8, 16, 32, 64, 96, 128, 192 };

static double law(double n, double lambda, double sigma, double kappa)
{
	return lambda * n / (1 + sigma * (n - 1) + kappa * n * (n - 1));
}

static uint64_t state;

/* Roughly normal, deviation 1. */
static double normal(void)
{
	double sum = -6;
	for (int i = 0; i < 12; i++) {
		state = state * 6364136223846793005ull + 1442695040888963407ull;
		sum += (double)(state >> 11) / 9007199254740992.0;
	}
	return sum;
}

static struct usl fit(unsigned n, double lambda, double sigma, double kappa, double noise)
{
	struct usl_point p[10];
	struct usl u;
	for (unsigned i = 0; i < n; i++)
		p[i] = (struct usl_point){ counts[i], law(counts[i], lambda, sigma, kappa) * exp(noise * normal()),
					   noise > 0 ? 2 * noise : NAN };
	assert_int_equal(usl_fit(p, n, &u), 0);
	return u;
}

static bool close_to(double got, double want, double part)
{
	return fabs(got - want) <= part * fabs(want);
}

static void exact_points_give_their_parameters(void **unused)
{
	(void)unused;
	struct usl u = fit(7, 2e6, 0.03, 0.0005, 0);
	assert_true(u.fitted && u.peaks);
	assert_true(close_to(u.lambda.value, 2e6, 1e-6));
	assert_true(close_to(u.sigma.value, 0.03, 1e-5));
	assert_true(close_to(u.kappa.value, 0.0005, 1e-5));
	assert_true(close_to(u.knee, sqrt(0.97 / 0.0005), 1e-5));
	assert_true(close_to(u.peak_per_s, law(u.knee, 2e6, 0.03, 0.0005), 1e-5));
	assert_true(u.knee_low <= u.knee && u.knee <= u.knee_high);
	/* Efficiency 50 %: the denominator is 2. */
	assert_true(close_to(1 + 0.03 * (u.half - 1) + 0.0005 * u.half * (u.half - 1), 2, 1e-5));
	assert_int_equal((int)u.measured_knee, 32);
	assert_false(u.still_growing);
	assert_string_equal(u.why, "");
}

/* Of 400 noisy sets, the 95 % intervals hold the truth in about 95 %. */
static void standard_errors_are_honest(void **unused)
{
	(void)unused;
	static const double t = 2.365; /* 10 points, 3 parameters */
	int in[3] = { 0 }, knees = 0, fitted = 0;
	state = 12345;
	for (int i = 0; i < 400; i++) {
		struct usl u = fit(10, 1e6, 0.02, 0.0002, 0.02);
		if (!u.fitted)
			continue;
		fitted++;
		in[0] += fabs(u.lambda.value - 1e6) <= t * u.lambda.se;
		in[1] += fabs(u.sigma.value - 0.02) <= t * u.sigma.se;
		in[2] += fabs(u.kappa.value - 0.0002) <= t * u.kappa.se;
		knees += u.peaks && u.knee_low <= sqrt(0.98 / 0.0002) && sqrt(0.98 / 0.0002) <= u.knee_high;
	}
	assert_int_equal(fitted, 400);
	for (int i = 0; i < 3; i++)
		assert_in_range(in[i], 365, 395);
	assert_in_range(knees, 365, 395);
}

static void refused(const struct usl *u, const char *why)
{
	assert_false(u->fitted);
	assert_false(u->peaks);
	if (!strstr(u->why, why))
		fail_msg("'%s' does not say '%s'", u->why, why);
}

static void too_few_points_are_refused(void **unused)
{
	(void)unused;
	for (unsigned n = 1; n < USL_LEAST_POINTS; n++) {
		struct usl u = fit(n, 2e6, 0.03, 0.0005, 0);
		refused(&u, "need 6 or more");
		assert_int_equal((int)u.measured_knee, (int)counts[n - 1]);
		assert_true(u.still_growing);
	}
	struct usl none;
	assert_int_equal(usl_fit(NULL, 0, &none), 0);
	refused(&none, "0 thread counts");
}

static void superlinear_growth_is_refused(void **unused)
{
	(void)unused;
	struct usl_point p[7];
	struct usl u;
	for (unsigned i = 0; i < 7; i++)
		p[i] = (struct usl_point){ counts[i], pow(counts[i], 1.3), NAN };
	assert_int_equal(usl_fit(p, 7, &u), 0);
	refused(&u, "negative");
}

static void what_the_law_does_not_describe_is_refused(void **unused)
{
	(void)unused;
	/* Off a cliff at 16, and flat. */
	static const double x[] = { 1, 2, 4, 8, 2, 2, 2 };
	struct usl_point p[7];
	struct usl u;
	for (unsigned i = 0; i < 7; i++)
		p[i] = (struct usl_point){ counts[i], x[i], 0.01 };
	assert_int_equal(usl_fit(p, 7, &u), 0);
	refused(&u, "off by");
	assert_int_equal((int)u.measured_knee, 8);
}

static void linear_growth_has_no_knee(void **unused)
{
	(void)unused;
	struct usl u = fit(7, 1e6, 0, 0, 0);
	assert_true(u.fitted && !u.peaks && u.still_growing);
	assert_true(fabs(u.sigma.value) < 1e-6 && fabs(u.kappa.value) < 1e-8);
	assert_true(isnan(u.half));
	assert_non_null(strstr(u.why, "coherency"));
	/* With noise: what comes out a little negative is held at 0, and nothing peaks. */
	state = 77;
	for (int i = 0; i < 50; i++) {
		u = fit(8, 1e6, 0, 0, 0.005);
		assert_true(u.fitted);
		assert_true(u.sigma.value >= 0 && u.kappa.value >= 0);
		assert_true(!u.peaks || u.knee > 64);
	}
}

static void contention_alone_has_no_peak(void **unused)
{
	(void)unused;
	struct usl u = fit(7, 1e6, 0.05, 0, 0);
	assert_true(u.fitted && !u.peaks);
	assert_true(close_to(u.sigma.value, 0.05, 1e-4));
	assert_true(close_to(u.half, 21, 1e-3));
}

static void a_peak_far_out_is_not_claimed(void **unused)
{
	(void)unused;
	struct usl u = fit(7, 1e6, 0.01, 0.00002, 0); /* 222 of 64 */
	assert_true(u.fitted && !u.peaks);
	assert_non_null(strstr(u.why, "beyond 2 times"));
	u = fit(10, 1e6, 0.01, 0.00002, 0); /* of 192 it is */
	assert_true(u.peaks);
	assert_true(close_to(u.knee, sqrt(0.99 / 0.00002), 1e-4));
}

/* Throughput that falls from the first thread on. */
static void collapse_from_the_start(void **unused)
{
	(void)unused;
	struct usl_point p[7];
	struct usl u;
	for (unsigned i = 0; i < 7; i++)
		p[i] = (struct usl_point){ counts[i], 1e6 / counts[i], NAN };
	assert_int_equal(usl_fit(p, 7, &u), 0);
	assert_false(u.peaks);
	assert_int_equal((int)u.measured_knee, 1);
}

static void growth_within_noise_is_none(void **unused)
{
	(void)unused;
	struct usl_point p[4] = { { 1, 100, 0.01 }, { 2, 150, 0.01 }, { 4, 153, 0.03 }, { 8, 150, 0.01 } };
	struct usl u;
	assert_int_equal(usl_fit(p, 4, &u), 0);
	assert_int_equal((int)u.measured_knee, 2);
	p[2].noise = 0.001;
	p[2].per_s = 156;
	assert_int_equal(usl_fit(p, 4, &u), 0);
	assert_int_equal((int)u.measured_knee, 4);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(exact_points_give_their_parameters),
		cmocka_unit_test(standard_errors_are_honest),
		cmocka_unit_test(too_few_points_are_refused),
		cmocka_unit_test(superlinear_growth_is_refused),
		cmocka_unit_test(what_the_law_does_not_describe_is_refused),
		cmocka_unit_test(linear_growth_has_no_knee),
		cmocka_unit_test(contention_alone_has_no_peak),
		cmocka_unit_test(a_peak_far_out_is_not_claimed),
		cmocka_unit_test(collapse_from_the_start),
		cmocka_unit_test(growth_within_noise_is_none),
	};
	return cmocka_run_group_tests_name("usl", tests, NULL, NULL);
}
