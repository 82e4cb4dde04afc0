/* Statistics against known answers and simulated nulls; comparisons of whole stores. */
#include <stdint.h>

#include "analyze/stats.h"
#include "tests/unit/compare_fixture.h"

static void near(double value, double expected)
{
	if (fabs(value - expected) > 1e-4 * fabs(expected) + 1e-9)
		fail_msg("%.10g, expected %.10g", value, expected);
}

/* ---- known answers: p by numeric integration of Student's density ---- */

static void three_pairs_are_students(void **state)
{
	(void)state;
	struct stats_change c = stats_paired((double[]){ 3, 1, 2 }, 3);
	near(c.change, 2);
	near(c.p, 0.0741799);
	near(c.high - c.change, 4.302653 / sqrt(3));
	near(c.change - c.low, 4.302653 / sqrt(3));
}

static void ten_pairs_lose_two_at_each_end(void **state)
{
	(void)state;
	double q[] = { 10, 1, 2, 9, 3, 8, 4, 7, 5, 6 };
	struct stats_change c = stats_paired(q, 10);
	near(c.change, 5.5);
	near(c.p, 0.00573062);
	near(c.high - c.change, 2.570582 * sqrt(42.5 / 30));
	/* How far off the outermost are does not matter. */
	q[0] = 1e6;
	near(stats_paired(q, 10).p, 0.00573062);
}

static void two_samples_are_welchs(void **state)
{
	(void)state;
	struct stats_change c = stats_unpaired((double[]){ 1, 2, 3, 4 }, 4, (double[]){ 3, 5, 7, 9 }, 4);
	near(c.change, 3.5);
	near(c.p, 0.0664586);
	assert_true(c.low < 0 && c.high > 7);
}

static void what_cannot_be_said_is_not(void **state)
{
	(void)state;
	const double one[] = { 0.5 }, same[] = { 0.1, 0.1, 0.1 }, none[] = { 0, 0, 0 };
	assert_true(isnan(stats_paired(one, 0).change));
	near(stats_paired(one, 1).change, 0.5);
	assert_true(isnan(stats_paired(one, 1).p) && isnan(stats_paired(one, 1).low));
	assert_true(isnan(stats_unpaired(one, 1, same, 3).scatter));
	near(stats_unpaired((double[]){ 1, 2, 3 }, 3, (double[]){ 1, 3, 5 }, 3).scatter, 2);
	assert_true(isnan(stats_unpaired(one, 1, same, 3).p));
	/* Counts that are always the same: the difference is there, or it is not. */
	assert_true(stats_paired(same, 3).p < 1e-6);
	assert_true(stats_paired(none, 3).p == 1);
	assert_true(stats_unpaired(none, 3, same, 3).p < 1e-6);
	assert_true(stats_unpaired(same, 3, same, 3).p == 1);
	assert_true(isnan(stats_median(one, 0)) && isnan(stats_cv_percent(one, 1)));
	near(stats_median((double[]){ 5, 1, 3 }, 3), 3);
	near(stats_median((double[]){ 5, 1, 3, 4 }, 4), 3.5);
	near(stats_cv_percent((double[]){ 2, 4, 6 }, 3), 50);
}

static void holms_correction(void **state)
{
	(void)state;
	double p[] = { 0.01, NAN, 0.04, 0.03, 0.005, 0.9 };
	stats_holm(p, 6);
	near(p[0], 0.04);
	assert_true(isnan(p[1]));
	near(p[2], 0.09); /* 0.04 x 2 is less than what came before it */
	near(p[3], 0.09);
	near(p[4], 0.025);
	near(p[5], 0.9);
}

/* ---- simulated: equals must not alarm more often than they are said to ---- */

/* A run of deviation 1; @slow: one in ten is hit by something else on the machine. */
static double a_run(bool slow)
{
	double v = normal();
	return slow && uniform() < 0.1 ? v - fabs(8 * normal()) : v;
}

#define TRIALS 4000

/* The part of trials in which a difference of @effect has p below 0.05. */
static double seen(unsigned n, bool slow, bool paired, double effect)
{
	unsigned alarms = 0;
	random_state = 20191214 + n;
	for (unsigned t = 0; t < TRIALS; t++) {
		double a[32], b[32];
		for (unsigned i = 0; i < n; i++) {
			a[i] = a_run(slow);
			b[i] = a_run(slow) + effect;
		}
		for (unsigned i = 0; paired && i < n; i++)
			b[i] -= a[i];
		alarms += (paired ? stats_paired(b, n) : stats_unpaired(a, n, b, n)).p < 0.05;
	}
	return (double)alarms / TRIALS;
}

static void equals_seldom_alarm(void **state)
{
	(void)state;
	static const unsigned repeats[] = { 3, 5, 7, 9, 15, 30 };
	for (unsigned i = 0; i < 6; i++)
		for (int slow = 0; slow < 2; slow++)
			for (int paired = 0; paired < 2; paired++) {
				double part = seen(repeats[i], slow, paired, 0);
				if (part > 0.07 || part < 0.015)
					fail_msg("%u repeats, %s, %s: %.1f %% false alarms", repeats[i],
						 slow ? "slow" : "normal", paired ? "paired" : "two samples",
						 100 * part);
			}
}

static void differences_are_seen(void **state)
{
	(void)state;
	for (int paired = 0; paired < 2; paired++) {
		assert_true(seen(9, false, paired, 2) > 0.9);
		assert_true(seen(9, true, paired, 2) > 0.6);
		assert_true(seen(15, true, paired, 2) > 0.85);
		assert_true(seen(3, false, paired, 2) < 0.6);
	}
}

static void holm_keeps_the_family(void **state)
{
	(void)state;
	unsigned alarms = 0;
	random_state = 7;
	for (unsigned t = 0; t < TRIALS; t++) {
		double p[10];
		bool any = false;
		for (unsigned f = 0; f < 10; f++) {
			double q[9];
			for (unsigned i = 0; i < 9; i++)
				q[i] = normal();
			p[f] = stats_paired(q, 9).p;
		}
		stats_holm(p, 10);
		for (unsigned f = 0; f < 10; f++)
			any |= p[f] < 0.05;
		alarms += any;
	}
	assert_in_range(alarms, TRIALS * 0.025, TRIALS * 0.07);
}

/* ---- stores ---- */

/* The views say the same as the C code: ratio, interval, p. */
static void views_agree(void **state)
{
	(void)state;
	struct fixture f;
	fixture_open(&f);
	f.sink->close(f.sink, NULL);
	f.sink = NULL;
	for (unsigned repeats = 2; repeats <= 12; repeats += 5) {
		struct sample s = { .seed = repeats, .repeats = repeats, .noise = 0.05, .threads = { 1, 2 } };
		assert_int_equal(sample_write(f.path, &s, &f.e), 0);
		struct compare c;
		struct az_table *t;
		unsigned checked = 0;
		compared(&f, "pgd_list", "task_list", &c);
		assert_true(c.paired);
		assert_int_equal(
			az_sql(c.side[0].db,
			       "SELECT lock_kind, threads, figure, ratio, ratio_low, ratio_high, pairs, p FROM "
			       "v_compare_figures WHERE ratio IS NOT NULL",
			       &t, &f.e),
			0);
		for (unsigned r = 0; r < t->nrows; r++)
			for (unsigned i = 0; i < c.nlines; i++) {
				const struct compare_line *l = &c.line[i];
				if (strcmp(l->figure, az_cell(t, r, 2)->s) != 0 ||
				    strcmp(l->key[0][AXIS_LOCK], az_cell(t, r, 0)->s) != 0 ||
				    atoi(l->key[0][AXIS_THREADS]) != (int)az_cell(t, r, 1)->i)
					continue;
				near(az_cell(t, r, 3)->r, exp(l->c.change));
				assert_int_equal(az_cell(t, r, 6)->i, l->c.n);
				/* The views' table of Student's t has four digits. */
				assert_true(fabs(log(az_cell(t, r, 4)->r) - l->c.low) < 1e-3 * (1 + fabs(l->c.low)));
				assert_true(fabs(log(az_cell(t, r, 5)->r) - l->c.high) < 1e-3 * (1 + fabs(l->c.high)));
				if (l->primary)
					near(az_cell(t, r, 7)->r, l->c.p);
				checked++;
			}
		assert_int_equal(checked, t->nrows);
		assert_true(checked > 20);
		az_free(t);
		compare_free(&c);
	}
	fixture_gone(&f);
}

static void what_is_not_judged(void **state)
{
	(void)state;
	struct fixture f;
	fixture_open(&f);
	runs(&f, "pgd_list", false, 1e6, 0.001, 3);
	f.config.design = "task_list";
	f.config.repeat_no = 1;
	fixture_run(&f, 2e6, NULL, RUN_DONE, VERDICT_PASS);
	expect(&f, "pgd_list", "task_list", COMPARE_UNKNOWN, NOISE_SELF);
	runs(&f, "broken", false, 2e6, 0.001, 3);
	expect(&f, "pgd_list", "broken", COMPARE_BETTER, NOISE_SELF);
	f.config.repeat_no = 4;
	fixture_run(&f, 2e6, NULL, RUN_DONE, VERDICT_VIOLATION);
	expect(&f, "pgd_list", "broken", COMPARE_UNKNOWN, NOISE_SELF);
	fixture_gone(&f);
}

static void what_differs_is_said(void **state)
{
	(void)state;
	struct fixture f;
	struct compare c;
	const char *a, *b;
	fixture_open(&f);
	runs(&f, "pgd_list", false, 1e6, 0.001, 3);
	next_session(&f);
	f.config.geometry = "x86_64-5level";
	f.config.lock = "qspinlock";
	runs(&f, "pgd_list", false, 1e6, 0.001, 3);
	compared(&f, "1", "2", &c);
	/* The only kind of lock on each side: these two are compared, and that is said. */
	assert_int_equal(c.nlines, 1);
	assert_string_equal(compare_difference(&c, 0, &a, &b), "geometry");
	assert_string_equal(b, "x86_64-5level");
	assert_string_equal(compare_difference(&c, 1, &a, &b), "lock");
	assert_null(compare_difference(&c, 2, &a, &b));
	compare_free(&c);
	/* Two kinds on one side: only what is alike is compared. */
	f.config.lock = "ticket";
	runs(&f, "pgd_list", false, 1e6, 0.001, 3);
	compared(&f, "1", "2", &c);
	assert_int_equal(c.nlines, 1);
	assert_string_equal(c.line[0].key[1][AXIS_LOCK], "ticket");
	assert_int_equal(c.unmatched[1], 1);
	compare_free(&c);
	fixture_gone(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(three_pairs_are_students),
		cmocka_unit_test(ten_pairs_lose_two_at_each_end),
		cmocka_unit_test(two_samples_are_welchs),
		cmocka_unit_test(what_cannot_be_said_is_not),
		cmocka_unit_test(holms_correction),
		cmocka_unit_test(equals_seldom_alarm),
		cmocka_unit_test(differences_are_seen),
		cmocka_unit_test(holm_keeps_the_family),
		cmocka_unit_test(views_agree),
		cmocka_unit_test(what_is_not_judged),
		cmocka_unit_test(what_differs_is_said),
	};
	return cmocka_run_group_tests_name("compare", tests, NULL, NULL);
}
