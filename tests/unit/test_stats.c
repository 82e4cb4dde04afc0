/* The statistics of views.sql against values computed by hand. */
#include "tests/unit/store_fixture.h"

#include "schemas/hist.h"

#define near(got, want) assert_true(fabs((got) - (double)(want)) <= 1e-6 * fabs((double)(want)) + 1e-12)

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

static struct hist *hist_of(const uint64_t *v, unsigned n)
{
	struct hist *h = malloc(sizeof(*h));
	assert_non_null(h);
	hist_init(h);
	for (unsigned i = 0; i < n; i++)
		hist_add(h, v[i]);
	return h;
}

/* 4 timed holds of 10, 10, 10 and 50 ns: mean 20, second moment 700. */
static struct result_lock lock_of(const char *mode, uint64_t acquisitions, struct hist *hold)
{
	return (struct result_lock){
		.lock = "pgd_lock", .mode = mode, .acquisitions = acquisitions, .timed = hold->count, .hold = hold
	};
}

static void a_workload_of(struct fixture *f, uint64_t duration_ns, unsigned cpus)
{
	struct result_workload w = sample_workload();
	w.source_hash = "another";
	w.duration_ns = duration_ns;
	w.cpus = cpus;
	assert_int_equal(f->sink->set_workload(f->sink, &w, &f->e), 0);
}

static void cost_at_the_recorded_rate(void **state)
{
	(void)state;
	struct fixture f;
	fixture_open(&f);
	a_workload_of(&f, 1000000000, 4);
	struct hist *h = hist_of((uint64_t[]){ 10, 10, 10, 50 }, 4);
	struct result_lock l = lock_of("exclusive", 1000000, h);
	fixture_run(&f, 1e6, &l, RUN_DONE, VERDICT_PASS);
	/* lambda 1e6/s, rho 0.02, wait 1e-3 * 700 / (2 * 0.98) ns */
	double wait = 0.7 / 1.96;
	near(fixture_real(&f, "SELECT rate_per_s FROM v_cost"), 1e6);
	near(fixture_real(&f, "SELECT hold_avg_ns FROM v_cost"), 20);
	near(fixture_real(&f, "SELECT utilisation_percent FROM v_cost"), 2);
	near(fixture_real(&f, "SELECT wait_avg_ns FROM v_cost"), wait);
	near(fixture_real(&f, "SELECT cost_percent FROM v_cost"), 100 * 1e-3 * (20 + wait) / 4);
	near(fixture_real(&f, "SELECT saturates_at_ratio FROM v_cost"), 50);
	/* More threads disturb more: they do not count. Nor does what another session measured. */
	struct hist *longer = hist_of((uint64_t[]){ 60, 60, 60, 60 }, 4);
	struct result_lock disturbed = lock_of("exclusive", 1000000, longer);
	f.config.threads = 2;
	fixture_run(&f, 1e6, &disturbed, RUN_DONE, VERDICT_PASS);
	near(fixture_real(&f, "SELECT hold_avg_ns FROM v_cost"), 20);
	assert_int_equal(fixture_real(&f, "SELECT COUNT(*) FROM v_cost"), 1);
	/* Two copies take the lock twice as often as was recorded: the rate is that of one. */
	f.config.threads = 1;
	f.config.copies = 2;
	fixture_run(&f, 1e6, &l, RUN_DONE, VERDICT_PASS);
	near(fixture_real(&f, "SELECT MIN(rate_per_s) FROM v_cost"), 5e5);
	free(longer);
	free(h);
	fixture_gone(&f);
}

static void a_descheduled_holder_in_one_repeat_costs_nothing(void **state)
{
	(void)state;
	struct fixture f;
	fixture_open(&f);
	a_workload_of(&f, 1000000000, 4);
	struct hist *h = hist_of((uint64_t[]){ 10, 10, 10, 50 }, 4);
	/* A holder that lost its CPU for 4 ms: an accident of this machine, not of the lock. */
	struct hist *off = hist_of((uint64_t[]){ 10, 10, 10, 4194304 }, 4);
	struct result_lock l = lock_of("exclusive", 1000000, h), bad = lock_of("exclusive", 1000000, off);
	for (unsigned i = 1; i <= 3; i++) {
		f.config.repeat_no = i;
		fixture_run(&f, 1e6, i == 2 ? &bad : &l, RUN_DONE, VERDICT_PASS);
	}
	near(fixture_real(&f, "SELECT hold_avg_ns FROM v_cost"), 20);
	near(fixture_real(&f, "SELECT wait_avg_ns FROM v_cost"), 0.7 / 1.96);
	assert_int_equal(fixture_real(&f, "SELECT repeats FROM v_cost"), 3);
	/* What is long in most repeats is the lock's own and does count. */
	f.config.repeat_no = 4;
	fixture_run(&f, 1e6, &bad, RUN_DONE, VERDICT_PASS);
	f.config.repeat_no = 5;
	fixture_run(&f, 1e6, &bad, RUN_DONE, VERDICT_PASS);
	assert_int_equal(fixture_real(&f, "SELECT saturated FROM v_cost"), 1);
	free(off);
	free(h);
	fixture_gone(&f);
}

static void a_lock_that_cannot_bear_the_rate(void **state)
{
	(void)state;
	struct fixture f;
	fixture_open(&f);
	a_workload_of(&f, 10000000, 4);
	struct hist *h = hist_of((uint64_t[]){ 10, 10, 10, 50 }, 4);
	struct result_lock l = lock_of("exclusive", 1000000, h); /* 1e8/s of 20 ns: twice what there is */
	fixture_run(&f, 1e6, &l, RUN_DONE, VERDICT_PASS);
	assert_int_equal(fixture_real(&f, "SELECT saturated FROM v_cost"), 1);
	near(fixture_real(&f, "SELECT utilisation_percent FROM v_cost"), 200);
	near(fixture_real(&f, "SELECT saturates_at_ratio FROM v_cost"), 0.5);
	assert_true(isnan(fixture_real(&f, "SELECT wait_avg_ns FROM v_cost")));
	assert_true(isnan(fixture_real(&f, "SELECT cost_percent FROM v_cost")));
	free(h);
	fixture_gone(&f);
}

static void what_has_no_cost(void **state)
{
	(void)state;
	struct fixture f;
	fixture_open(&f);
	a_workload_of(&f, 0, 4);
	struct hist *h = hist_of((uint64_t[]){ 10, 10, 10, 50 }, 4), *none = hist_of(NULL, 0);
	struct result_lock l = lock_of("exclusive", 1000000, h), untaken = lock_of("exclusive", 0, none);
	fixture_run(&f, 1e6, &l, RUN_DONE, VERDICT_PASS);
	assert_true(isnan(fixture_real(&f, "SELECT cost_percent FROM v_cost")));
	a_workload_of(&f, 1000000000, 4);
	f.config.design = "other";
	fixture_run(&f, 1e6, &untaken, RUN_DONE, VERDICT_PASS);
	assert_int_equal(fixture_real(&f, "SELECT cost_percent FROM v_cost WHERE design = 'other'"), 0);
	f.config.design = "third";
	f.config.measure = "off";
	fixture_run(&f, 1e6, &untaken, RUN_DONE, VERDICT_PASS);
	assert_true(isnan(fixture_real(&f, "SELECT cost_percent FROM v_cost WHERE design = 'third'")));
	free(none);
	free(h);
	fixture_gone(&f);
}

static void readers_wait_for_writers_only(void **state)
{
	(void)state;
	struct fixture f;
	fixture_open(&f);
	a_workload_of(&f, 1000000000, 4);
	struct hist *h = hist_of((uint64_t[]){ 10, 10, 10, 50 }, 4);
	struct result_lock both[] = { lock_of("write", 1000000, h), lock_of("read", 90000000, h) };
	int64_t id;
	struct result_run r = { .status = RUN_DONE, .events = 1, .wall_ns = 1, .locks = both, .nlocks = 2 };
	assert_int_equal(f.sink->run_begin(f.sink, &f.config, &id, &f.e), 0);
	assert_int_equal(f.sink->run_end(f.sink, id, &r, &f.e), 0);
	near(fixture_real(&f, "SELECT wait_avg_ns FROM v_cost WHERE mode = 'read'"), 0.7 / 1.96);
	near(fixture_real(&f, "SELECT utilisation_percent FROM v_cost WHERE mode = 'read'"), 180);
	assert_int_equal(fixture_real(&f, "SELECT saturated FROM v_cost WHERE mode = 'read'"), 0);
	free(h);
	fixture_gone(&f);
}

static void lock_figures(void **state)
{
	(void)state;
	struct fixture f;
	fixture_open(&f);
	/* 4 of 100 acquisitions were timed: 80 ns of holds stand for 2000, 30 ns of waits for 750. */
	struct hist *hold = hist_of((uint64_t[]){ 10, 10, 10, 50 }, 4), *wait = hist_of((uint64_t[]){ 30 }, 1);
	struct result_lock l = lock_of("exclusive", 100, hold);
	l.contentions = 25;
	l.wait = wait;
	fixture_run(&f, 1e12, &l, RUN_DONE, VERDICT_PASS); /* 1000 ns of wall time */
	near(fixture_real(&f, "SELECT hold_total_ns FROM v_locks"), 2000);
	near(fixture_real(&f, "SELECT wait_total_ns FROM v_locks"), 750);
	near(fixture_real(&f, "SELECT hold_avg_ns FROM v_locks"), 20);
	near(fixture_real(&f, "SELECT wait_avg_ns FROM v_locks"), 7.5);
	near(fixture_real(&f, "SELECT wait_per_contention_ns FROM v_lock_detail"), 30);
	near(fixture_real(&f, "SELECT contention_percent FROM v_locks"), 25);
	near(fixture_real(&f, "SELECT utilisation_percent FROM v_locks"), 200);
	near(fixture_real(&f, "SELECT wait_share_percent FROM v_locks"), 75);
	/* Three of the four timed did not wait. */
	near(fixture_real(&f, "SELECT wait_p99_ns FROM v_locks"), 30);
	near(fixture_real(&f, "SELECT wait_min_ns FROM v_lock_detail"), 30);
	struct result_lock calm = l;
	struct hist *many = hist_of(NULL, 0);
	for (int i = 0; i < 200; i++)
		hist_add(many, 10);
	calm.hold = many;
	calm.timed = calm.acquisitions = 200;
	f.config.design = "calm";
	fixture_run(&f, 1e12, &calm, RUN_DONE, VERDICT_PASS);
	/* One wait in 200: the 99th percentile did not wait. */
	assert_int_equal(fixture_real(&f, "SELECT wait_p99_ns FROM v_locks WHERE design = 'calm'"), 0);
	near(fixture_real(&f, "SELECT wait_total_ns FROM v_locks WHERE design = 'calm'"), 30);
	free(many);
	free(wait);
	free(hold);
	fixture_gone(&f);
}

/* Holders off their CPU: in no hold figure, or in all means and totals. */
static void descheduled_holds_either_way(void **state)
{
	(void)state;
	struct fixture f;
	struct az_db *db;
	struct az_table *t;
	fixture_open(&f);
	/* 5 of 100 acquisitions were timed, one with the holder away for 4 ms. */
	struct hist *hold = hist_of((uint64_t[]){ 10, 10, 10, 50 }, 4);
	struct result_lock l = lock_of("exclusive", 100, hold);
	l.timed = 5;
	l.descheduled = 1;
	l.descheduled_ns = 4000000;
	fixture_run(&f, 1e12, &l, RUN_DONE, VERDICT_PASS);
	near(fixture_real(&f, "SELECT hold_avg_ns FROM v_locks"), 20);
	near(fixture_real(&f, "SELECT hold_avg_ns FROM v_descheduled"), 20);
	near(fixture_real(&f, "SELECT hold_avg_all_ns FROM v_descheduled"), 4000080 / 5);
	near(fixture_real(&f, "SELECT descheduled FROM v_descheduled"), 1);
	assert_int_equal(az_open(f.path, &db, &f.e), 0);
	assert_int_equal(az_include_descheduled(db, &f.e), 0);
	static const char *const with[] = { "SELECT hold_avg_ns FROM v_locks",
					    "SELECT pgd_lock_hold_avg_ns FROM v_summary",
					    "SELECT hold_total_ns / 100.0 FROM v_lock_detail" };
	for (unsigned i = 0; i < 3; i++) {
		assert_int_equal(az_sql(db, with[i], &t, &f.e), 0);
		near(az_cell(t, 0, 0)->r, 4000080 / 5);
		az_free(t);
	}
	assert_int_equal(az_sql(db, "SELECT hold_max_ns, hold_p99_ns FROM v_locks", &t, &f.e), 0);
	near(az_cell(t, 0, 0)->r, 4000000);
	near(az_cell(t, 0, 1)->r, 50);
	az_free(t);
	az_close(db);
	free(hold);
	fixture_gone(&f);
}

static void bucket_bounds_are_those_of_the_histogram(void **state)
{
	(void)state;
	struct fixture f;
	fixture_open(&f);
	struct hist *h = hist_of(NULL, 0);
	uint64_t widths = 0;
	for (unsigned i = 0; i < HIST_BUCKETS; i++) {
		hist_add(h, hist_lower(i));
		/* Weighted, so that two wrong widths do not cancel out. */
		widths += hist_width(i) % 1000003 * (i + 1);
	}
	struct result_lock l = lock_of("exclusive", HIST_BUCKETS, h);
	struct result_op o = { "fork", HIST_BUCKETS, h };
	struct result_run r = { .status = RUN_DONE, .locks = &l, .nlocks = 1, .ops = &o, .nops = 1 };
	int64_t id;
	assert_int_equal(f.sink->run_begin(f.sink, &f.config, &id, &f.e), 0);
	assert_int_equal(f.sink->run_end(f.sink, id, &r, &f.e), 0);
	static const char sql[] = "SELECT SUM((upper_ns - bucket_ns) %% 1000003 * n) FROM (SELECT *, ROW_NUMBER() OVER "
				  "(ORDER BY bucket_ns) "
				  "AS n FROM v_%s_hist)";
	char text[256];
	for (int i = 0; i < 2; i++) {
		snprintf(text, sizeof(text), sql, i ? "op" : "lock");
		assert_true((uint64_t)fixture_real(&f, text) == widths);
	}
	near(fixture_real(&f, "SELECT MAX(cumulative_percent) FROM v_lock_hist"), 100);
	near(fixture_real(&f, "SELECT SUM(percent) FROM v_op_hist"), 100);
	free(h);
	fixture_gone(&f);
}

static void medians_of_operations(void **state)
{
	(void)state;
	struct fixture f;
	fixture_open(&f);
	/* p50 of 20, 60, 40 and, of a run that timed nothing, NULL. */
	static const uint64_t values[] = { 20, 60, 40 };
	for (unsigned i = 0; i < 4; i++) {
		struct hist *h = hist_of(&values[i], i < 3);
		struct result_op o = { "fork", 10 * (i + 1), h };
		struct result_run r = { .status = RUN_DONE, .ops = &o, .nops = 1 };
		int64_t id;
		f.config.repeat_no = i + 1;
		assert_int_equal(f.sink->run_begin(f.sink, &f.config, &id, &f.e), 0);
		assert_int_equal(f.sink->run_end(f.sink, id, &r, &f.e), 0);
		free(h);
	}
	assert_string_equal(fixture_text(&f,
					 "SELECT repeats || ' ' || count || ' ' || timed || ' ' || p50_ns || ' ' || "
					 "p99_ns || ' ' || mean_ns || ' ' || max_ns FROM v_ops"),
			    "4 25.0 3 40.0 40.0 40.0 60");
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
		cmocka_unit_test(cost_at_the_recorded_rate),
		cmocka_unit_test(a_descheduled_holder_in_one_repeat_costs_nothing),
		cmocka_unit_test(a_lock_that_cannot_bear_the_rate),
		cmocka_unit_test(what_has_no_cost),
		cmocka_unit_test(readers_wait_for_writers_only),
		cmocka_unit_test(lock_figures),
		cmocka_unit_test(descheduled_holds_either_way),
		cmocka_unit_test(bucket_bounds_are_those_of_the_histogram),
		cmocka_unit_test(medians_of_operations),
	};
	return cmocka_run_group_tests_name("stats", tests, NULL, NULL);
}
