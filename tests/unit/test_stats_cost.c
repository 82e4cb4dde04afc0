/*
 * What a lock costs at the recorded rate, by views.sql, against values computed by
 * hand. Most holds are of 10, 10, 10 and 50 ns: mean 20, second moment 700.
 */
#include "tests/unit/stats_fixture.h"

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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(cost_at_the_recorded_rate),
		cmocka_unit_test(a_descheduled_holder_in_one_repeat_costs_nothing),
		cmocka_unit_test(a_lock_that_cannot_bear_the_rate),
		cmocka_unit_test(what_has_no_cost),
		cmocka_unit_test(readers_wait_for_writers_only),
	};
	return cmocka_run_group_tests_name("stats cost", tests, NULL, NULL);
}
