/* Times of locks and operations, by views.sql: totals, means, medians, histograms. Values are computed by hand. */
#include "tests/unit/stats_fixture.h"

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
	near(fixture_real(&f, "SELECT hold_avg_all_ns FROM v_descheduled"), 4000080 / 5.0);
	near(fixture_real(&f, "SELECT descheduled FROM v_descheduled"), 1);
	assert_int_equal(az_open(f.path, &db, &f.e), 0);
	assert_int_equal(az_include_descheduled(db, &f.e), 0);
	static const char *const with[] = { "SELECT hold_avg_ns FROM v_locks",
					    "SELECT pgd_lock_hold_avg_ns FROM v_summary",
					    "SELECT hold_total_ns / 100.0 FROM v_lock_detail" };
	for (unsigned i = 0; i < 3; i++) {
		assert_int_equal(az_sql(db, with[i], &t, &f.e), 0);
		near(az_cell(t, 0, 0)->r, 4000080 / 5.0);
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
		cmocka_unit_test(lock_figures),
		cmocka_unit_test(descheduled_holds_either_way),
		cmocka_unit_test(bucket_bounds_are_those_of_the_histogram),
		cmocka_unit_test(medians_of_operations),
	};
	return cmocka_run_group_tests_name("stats times", tests, NULL, NULL);
}
