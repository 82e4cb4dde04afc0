/* How views.sql compares designs: pairs and their noise, baselines, series. Values are computed by hand. */
#include "tests/unit/stats_fixture.h"

/* Repeats of two designs, interleaved; a rate of 0 is an interrupted run. */
static void pair(struct fixture *f, const double *a, const double *b, unsigned n)
{
	for (unsigned i = 0; i < n; i++) {
		f->config.repeat_no = i + 1;
		f->config.design = "A";
		fixture_run(f, a[i] > 0 ? a[i] : 1, NULL, a[i] > 0 ? RUN_DONE : RUN_INTERRUPTED, VERDICT_PASS);
		f->config.design = "B";
		fixture_run(f, b[i] > 0 ? b[i] : 1, NULL, b[i] > 0 ? RUN_DONE : RUN_INTERRUPTED, VERDICT_PASS);
	}
}

static void noise_of_three_pairs(void **state)
{
	(void)state;
	struct fixture f;
	fixture_open(&f);
	/* Ratios 1.2, 1.1, 1.3; t(2) = 4.303: exp(0.1799988 -/+ 4.303 * 0.0835512 / sqrt 3). */
	pair(&f, (double[]){ 1000, 1100, 900 }, (double[]){ 1200, 1210, 1170 }, 3);
	near(fixture_real(&f, "SELECT ratio FROM v_compare"), 1.197215767258376);
	near(fixture_real(&f, "SELECT ratio_low FROM v_compare"), 0.9728056792874462);
	near(fixture_real(&f, "SELECT ratio_high FROM v_compare"), 1.4733935295504588);
	assert_string_equal(fixture_text(&f, "SELECT pairs || ' ' || beyond_noise FROM v_compare"), "3 0");
	near(fixture_real(&f, "SELECT baseline_events_per_s FROM v_compare"), 1000);
	near(fixture_real(&f, "SELECT events_per_s FROM v_compare"), 1200);
	/* Sample deviation 100 of a mean of 1000. */
	near(fixture_real(&f, "SELECT baseline_cv_percent FROM v_compare"), 10);
	fixture_gone(&f);
}

static void a_difference_beyond_noise(void **state)
{
	(void)state;
	struct fixture f;
	fixture_open(&f);
	pair(&f, (double[]){ 1000, 1000, 1000 }, (double[]){ 1500, 1490, 1510 }, 3);
	near(fixture_real(&f, "SELECT ratio_low FROM v_compare"), 1.475338953237204);
	near(fixture_real(&f, "SELECT ratio_high FROM v_compare"), 1.5250280811081884);
	assert_int_equal(fixture_real(&f, "SELECT beyond_noise FROM v_compare"), 1);
	fixture_gone(&f);
	/* Slower is a difference, too. */
	fixture_open(&f);
	pair(&f, (double[]){ 1500, 1490, 1510 }, (double[]){ 1000, 1000, 1000 }, 3);
	near(fixture_real(&f, "SELECT ratio_high FROM v_compare"), 1 / 1.475338953237204);
	assert_int_equal(fixture_real(&f, "SELECT beyond_noise FROM v_compare"), 1);
	fixture_gone(&f);
}

static void two_pairs_have_one_degree_of_freedom(void **state)
{
	(void)state;
	struct fixture f;
	fixture_open(&f);
	pair(&f, (double[]){ 1000, 1000 }, (double[]){ 1200, 1400 }, 2);
	near(fixture_real(&f, "SELECT ratio FROM v_compare"), 1.296148139681572); /* sqrt(1.2 * 1.4) */
	near(fixture_real(&f, "SELECT ratio_low FROM v_compare"), 0.4867900429163558);
	near(fixture_real(&f, "SELECT ratio_high FROM v_compare"), 3.4511798761025005);
	fixture_gone(&f);
}

static void one_pair_claims_nothing(void **state)
{
	(void)state;
	struct fixture f;
	fixture_open(&f);
	pair(&f, (double[]){ 1000 }, (double[]){ 9000 }, 1);
	near(fixture_real(&f, "SELECT ratio FROM v_compare"), 9);
	assert_true(isnan(fixture_real(&f, "SELECT ratio_low FROM v_compare")));
	assert_true(isnan(fixture_real(&f, "SELECT beyond_noise FROM v_compare")));
	assert_true(isnan(fixture_real(&f, "SELECT cv_percent FROM v_compare")));
	fixture_gone(&f);
}

static void many_pairs_take_the_next_lower_t(void **state)
{
	(void)state;
	struct fixture f;
	fixture_open(&f);
	double a[58], b[58];
	for (int i = 0; i < 58; i++) {
		a[i] = 1000;
		b[i] = i % 2 ? 1000 * exp(0.1) : 1000 * exp(-0.1);
	}
	pair(&f, a, b, 58);
	/* Mean 0; a fifth less at each end leaves 36 and 35 degrees: the table's 30. */
	near(fixture_real(&f, "SELECT ratio_high FROM v_compare"), exp(2.042 * 0.1 * sqrt(58.0 / 36 / 35)));
	assert_int_equal(fixture_real(&f, "SELECT beyond_noise FROM v_compare"), 0);
	fixture_gone(&f);
}

static void only_complete_pairs_count(void **state)
{
	(void)state;
	struct fixture f;
	fixture_open(&f);
	pair(&f, (double[]){ 1000, 0, 1000, 1000 }, (double[]){ 2000, 9000, 0, 2000 }, 4);
	assert_string_equal(fixture_text(&f, "SELECT pairs || ' ' || ratio || ' ' || incomplete FROM v_compare"),
			    "2 2.0 2");
	/* Medians take every complete run of the design, paired or not. */
	near(fixture_real(&f, "SELECT events_per_s FROM v_compare"), 2000);
	fixture_gone(&f);
}

static void a_violation_makes_a_design_incomparable(void **state)
{
	(void)state;
	struct fixture f;
	fixture_open(&f);
	pair(&f, (double[]){ 1000, 1000 }, (double[]){ 2000, 2001 }, 2);
	/* In another setting of the same session. */
	f.config.threads = 8;
	f.config.design = "B";
	fixture_run(&f, 5000, NULL, RUN_DONE, VERDICT_VIOLATION);
	assert_true(isnan(fixture_real(&f, "SELECT beyond_noise FROM v_compare WHERE threads = 1")));
	assert_string_equal(fixture_text(&f, "SELECT verdict FROM v_summary WHERE threads = 8"), "violation");
	assert_string_equal(fixture_text(&f, "SELECT verdict FROM v_summary WHERE threads = 1"), "pass");
	/* Another session judges it anew. */
	f.sink->close(f.sink, NULL);
	struct result_machine m = sample_machine();
	struct result_workload w = sample_workload();
	assert_int_equal(results_open(f.path, &f.sink, &f.e), 0);
	assert_int_equal(f.sink->set_machine(f.sink, &m, &f.e), 0);
	assert_int_equal(f.sink->set_workload(f.sink, &w, &f.e), 0);
	f.config.threads = 1;
	pair(&f, (double[]){ 1000, 1000 }, (double[]){ 2000, 2001 }, 2);
	assert_int_equal(fixture_real(&f, "SELECT beyond_noise FROM v_compare WHERE session = 2"), 1);
	fixture_gone(&f);
}

static void the_baseline_is_what_ran_first(void **state)
{
	(void)state;
	struct fixture f;
	fixture_open(&f);
	/* At two threads B happens to run first: A, first of the session, stays the baseline. */
	pair(&f, (double[]){ 1000 }, (double[]){ 2000 }, 1);
	f.config.threads = 2;
	f.config.design = "B";
	fixture_run(&f, 4000, NULL, RUN_DONE, VERDICT_PASS);
	f.config.design = "A";
	fixture_run(&f, 2000, NULL, RUN_DONE, VERDICT_PASS);
	assert_string_equal(fixture_text(&f, "SELECT group_concat(DISTINCT baseline) FROM v_compare"), "A");
	near(fixture_real(&f, "SELECT ratio FROM v_compare WHERE threads = 2"), 2);
	near(fixture_real(&f, "SELECT speedup_ratio FROM v_scaling WHERE design = 'B' AND threads = 2"), 2);
	near(fixture_real(&f, "SELECT efficiency_percent FROM v_scaling WHERE design = 'B' AND threads = 2"), 100);
	assert_string_equal(fixture_text(&f, "SELECT threads || design FROM v_saturation"), "2B");
	fixture_gone(&f);
}

static void a_series_takes_the_partition_that_goes_with_its_threads(void **state)
{
	(void)state;
	struct fixture f;
	fixture_open(&f);
	for (unsigned threads = 1; threads <= 8; threads *= 2) {
		f.config.threads = threads;
		f.config.partition = threads == 4 ? "cpu" : "task";
		fixture_run(&f, 1000 * threads, NULL, RUN_DONE, VERDICT_PASS);
	}
	assert_int_equal(fixture_real(&f, "SELECT COUNT(DISTINCT series) FROM v_scaling"), 1);
	near(fixture_real(&f, "SELECT speedup_ratio FROM v_scaling WHERE threads = 4"), 4);
	/* A setting does not mix them. */
	f.config.threads = 4;
	f.config.partition = "task";
	fixture_run(&f, 1000, NULL, RUN_DONE, VERDICT_PASS);
	assert_int_equal(fixture_real(&f, "SELECT COUNT(DISTINCT setting) FROM v_scaling WHERE threads = 4"), 2);
	fixture_gone(&f);
}

static void saturation_prefers_what_is_not_oversubscribed(void **state)
{
	(void)state;
	struct fixture f;
	fixture_open(&f);
	fixture_run(&f, 1000, NULL, RUN_DONE, VERDICT_PASS);
	f.config.threads = 8;
	f.config.oversubscribed = true;
	fixture_run(&f, 9000, NULL, RUN_DONE, VERDICT_PASS);
	f.config.threads = 4;
	f.config.oversubscribed = false;
	fixture_run(&f, 99000, NULL, RUN_INTERRUPTED, VERDICT_UNCHECKED);
	assert_int_equal(fixture_real(&f, "SELECT threads FROM v_saturation"), 1);
	fixture_gone(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(noise_of_three_pairs),
		cmocka_unit_test(a_difference_beyond_noise),
		cmocka_unit_test(two_pairs_have_one_degree_of_freedom),
		cmocka_unit_test(one_pair_claims_nothing),
		cmocka_unit_test(many_pairs_take_the_next_lower_t),
		cmocka_unit_test(only_complete_pairs_count),
		cmocka_unit_test(a_violation_makes_a_design_incomparable),
		cmocka_unit_test(the_baseline_is_what_ran_first),
		cmocka_unit_test(a_series_takes_the_partition_that_goes_with_its_threads),
		cmocka_unit_test(saturation_prefers_what_is_not_oversubscribed),
	};
	return cmocka_run_group_tests_name("stats", tests, NULL, NULL);
}
