/* The views of views_scaling.sql against values computed by hand. */
#include "tests/unit/stats_fixture.h"

#include "tests/support/sample_sweep.h"

static void as(struct fixture *f, const char *engine, unsigned threads, unsigned repeat)
{
	f->config.engine = engine;
	f->config.topology = strcmp(engine, "sim") ? "" : "box: 1 x 1 x 8";
	f->config.threads = threads;
	f->config.repeat_no = repeat;
}

static void again(struct fixture *f)
{
	struct result_machine m = sample_machine();
	struct result_workload w = sample_workload();
	f->sink->close(f->sink, NULL);
	if (results_open(f->path, &f->sink, &f->e) || f->sink->set_machine(f->sink, &m, &f->e) ||
	    f->sink->set_workload(f->sink, &w, &f->e))
		fail_msg("%s", f->e.text);
}

static void speed_has_an_interval(void **state)
{
	(void)state;
	struct fixture f;
	fixture_open(&f);
	static const double speeds[] = { 1000, 1100, 1210 };
	for (unsigned i = 0; i < 3; i++) {
		as(&f, "native", 1, i + 1);
		fixture_run(&f, speeds[i], NULL, RUN_DONE, VERDICT_PASS);
	}
	/* Logarithms ln 1000, + ln 1.1, + 2 ln 1.1: mean ln 1100, deviation ln 1.1; t(2) = 4.303. */
	double half = 4.303 * log(1.1) / sqrt(3);
	near(fixture_real(&f, "SELECT events_per_s FROM v_scaling"), 1100);
	near(fixture_real(&f, "SELECT low_events_per_s FROM v_scaling"), 1100 * exp(-half));
	near(fixture_real(&f, "SELECT high_events_per_s FROM v_scaling"), 1100 * exp(half));
	as(&f, "native", 2, 1);
	fixture_run(&f, 1000, NULL, RUN_DONE, VERDICT_PASS);
	assert_true(isnan(fixture_real(&f, "SELECT low_events_per_s FROM v_scaling WHERE threads = 2")));
	fixture_gone(&f);
}

static void a_prediction_has_its_error_or_none(void **state)
{
	(void)state;
	struct fixture f;
	fixture_open(&f);
	for (unsigned r = 1; r <= 3; r++) {
		as(&f, "native", 2, r);
		fixture_run(&f, r == 1 ? 900 : r == 2 ? 1000 : 1100, NULL, RUN_DONE, VERDICT_PASS);
		as(&f, "sim", 2, r);
		fixture_run(&f, 1080, NULL, RUN_DONE, VERDICT_PASS);
		as(&f, "sim", 8, r);
		fixture_run(&f, 3000, NULL, RUN_DONE, VERDICT_PASS);
	}
	near(fixture_real(&f, "SELECT error_percent FROM v_validation WHERE threads = 2"), 8);
	near(fixture_real(&f, "SELECT native_events_per_s FROM v_validation WHERE threads = 2"), 1000);
	assert_string_equal(fixture_text(&f, "SELECT group_concat(threads || validation || COALESCE(within_bar, '-') "
					     "|| validated_threads || native_repeats, ' ') FROM v_validation WHERE "
					     "threads = 2"),
			    "2validated123");
	assert_string_equal(fixture_text(&f, "SELECT validation || (error_percent IS NULL) || (within_bar IS NULL) || "
					     "validated_threads FROM v_validation WHERE threads = 8"),
			    "unvalidated112");
	near(fixture_real(&f, "SELECT worst_error_percent FROM v_validation WHERE threads = 8"), 8);
	/* Side by side in v_scaling. */
	assert_string_equal(fixture_text(&f, "SELECT group_concat(engine || threads || validation, ' ') FROM (SELECT * "
					     "FROM v_scaling ORDER BY engine, threads)"),
			    "native2measured sim2validated sim8unvalidated");
	/* 12 % beside is out of the bar, unless native itself varies more. */
	f.config.design = "other";
	as(&f, "native", 2, 1);
	fixture_run(&f, 1000, NULL, RUN_DONE, VERDICT_PASS);
	as(&f, "sim", 2, 1);
	fixture_run(&f, 1120, NULL, RUN_DONE, VERDICT_PASS);
	assert_int_equal(fixture_real(&f, "SELECT within_bar FROM v_validation WHERE design = 'other'"), 0);
	fixture_gone(&f);
}

static void only_the_same_is_a_validation(void **state)
{
	(void)state;
	struct fixture f;
	static const char *const other[] = { "lock", "era", "pace", "speed", "surround", "delay", "oversubscribed" };
	fixture_open(&f);
	as(&f, "sim", 2, 1);
	fixture_run(&f, 1000, NULL, RUN_DONE, VERDICT_PASS);
	for (unsigned i = 0; i < sizeof(other) / sizeof(other[0]); i++) {
		again(&f);
		f.config = sample_config();
		as(&f, "native", 2, 1);
		f.config.lock = i == 0 ? "qspinlock" : f.config.lock;
		f.config.era = i == 1 ? "v6.17" : f.config.era;
		f.config.pace = i == 2 ? "recorded" : f.config.pace;
		f.config.speed = i == 3 ? 2 : 1;
		f.config.surround = i == 4 ? "calibrated" : f.config.surround;
		f.config.delay = i == 5 ? "pgd_lock=1" : "";
		f.config.oversubscribed = i == 6;
		fixture_run(&f, 1000, NULL, RUN_DONE, VERDICT_PASS);
	}
	assert_string_equal(fixture_text(&f, "SELECT validation FROM v_validation"), "unvalidated");
	/* Of another session: the newest. Full timing only when there is no other. */
	static const struct {
		const char *measure;
		double speed;
	} native[] = { { "sampled", 800 }, { "sampled", 900 }, { "full", 500 } };
	for (unsigned i = 0; i < 3; i++) {
		again(&f);
		f.config = sample_config();
		as(&f, "native", 2, 1);
		f.config.measure = native[i].measure;
		fixture_run(&f, native[i].speed, NULL, RUN_DONE, VERDICT_PASS);
	}
	near(fixture_real(&f, "SELECT native_events_per_s FROM v_validation"), 900);
	assert_int_equal(fixture_real(&f, "SELECT native_session FROM v_validation"), 10);
	fixture_gone(&f);
}

/* A paced run: the lock waits for @share of wall x threads, the run lasts @late times what it should. */
static void paced(struct fixture *f, double speed, double share, double late)
{
	struct result_workload w = sample_workload();
	struct hist *wait = malloc(sizeof(*wait)), *drift = malloc(sizeof(*drift));
	assert_non_null(wait);
	assert_non_null(drift);
	hist_init(wait);
	hist_init(drift);
	hist_add(drift, 1000);
	hist_add(drift, 3000);
	/* Nothing happens in the second half of the recording. */
	struct result_run r = { .status = RUN_DONE, .events = 1000, .drift = drift, .paced_ns = w.duration_ns / 2 };
	r.wall_ns = (uint64_t)((double)r.paced_ns / speed * late);
	hist_add(wait, (uint64_t)(share / 100 * (double)r.wall_ns * f->config.threads));
	struct result_lock lock = {
		.lock = "pgd_lock", .mode = "exclusive", .acquisitions = 1, .contentions = 1, .timed = 1, .wait = wait
	};
	r.locks = &lock;
	r.nlocks = 1;
	int64_t id;
	f->config.pace = "recorded";
	f->config.speed = speed;
	assert_int_equal(f->sink->run_begin(f->sink, &f->config, &id, &f->e), 0);
	assert_int_equal(f->sink->run_end(f->sink, id, &r, &f->e), 0);
	free(wait);
	free(drift);
}

#define AT(what, percent)                                                                                              \
	"SELECT " what                                                                                                 \
	" FROM v_headroom WHERE lock = 'pgd_lock' AND design = 'pgd_list' AND threshold_percent = " percent

static void headroom_of_one_repeat_lies_between_two_runs(void **state)
{
	(void)state;
	struct fixture f;
	fixture_open(&f);
	as(&f, "native", 4, 1);
	/* Share 0.1 speed: 1 % at 10, 5 % at 50; along a power law that is exact. */
	for (double speed = 1; speed <= 64; speed *= 2)
		paced(&f, speed, 0.1 * speed, 1);
	assert_true(fabs(fixture_real(&f, AT("load_ratio", "1")) - 10) < 0.001);
	assert_true(fabs(fixture_real(&f, AT("load_ratio", "5")) - 50) < 0.001);
	near(fixture_real(&f, AT("load_ratio_low", "5")), 32);
	near(fixture_real(&f, AT("load_ratio_high", "5")), 64);
	assert_string_equal(fixture_text(&f, AT("outcome || (load_ratio IS NULL) || highest_load_ratio", "25")),
			    "not reached164.0");
	/* All locks together are one lock here. */
	near(fixture_real(&f, "SELECT SUM(load_ratio * CASE lock WHEN 'pgd_lock' THEN 1 ELSE -1 END) FROM v_headroom"),
	     0);
	fixture_gone(&f);
}

static void headroom_of_repeats_has_their_interval(void **state)
{
	(void)state;
	struct fixture f;
	fixture_open(&f);
	for (unsigned r = 1; r <= 3; r++) {
		as(&f, "native", 4, r);
		for (double speed = 1; speed <= 64; speed *= 2)
			paced(&f, speed, (r == 1 ? 0.08 : r == 2 ? 0.1 : 0.125) * speed, 1);
	}
	assert_true(fabs(fixture_real(&f, AT("load_ratio", "5")) - 50) < 0.001);
	assert_true(fabs(fixture_real(&f, AT("load_ratio_low", "5")) - 40) < 0.001);
	assert_true(fabs(fixture_real(&f, AT("load_ratio_high", "5")) - 62.5) < 0.001);
	assert_int_equal(fixture_real(&f, AT("repeats", "5")), 3);
	fixture_gone(&f);
}

static void headroom_at_the_ends(void **state)
{
	(void)state;
	struct fixture f;
	fixture_open(&f);
	as(&f, "native", 4, 1);
	/* No wait at all, then more than 5 % from the second point on: a straight line to it. */
	paced(&f, 1, 0, 1);
	paced(&f, 3, 10, 1);
	near(fixture_real(&f, AT("load_ratio", "5")), 2);
	/* A design that waits from the start. */
	f.config.design = "task_list";
	paced(&f, 1, 6, 1);
	paced(&f, 3, 30, 1);
	assert_string_equal(fixture_text(&f, "SELECT outcome || load_ratio || (load_ratio_low IS NULL) FROM v_headroom "
					     "WHERE design = 'task_list' AND lock = 'pgd_lock' AND threshold_percent = "
					     "5"),
			    "at lowest1.01");
	fixture_gone(&f);
}

static void a_run_that_cannot_keep_up_counts_with_what_it_did(void **state)
{
	(void)state;
	struct fixture f;
	fixture_open(&f);
	as(&f, "native", 4, 1);
	paced(&f, 16, 2, 1.001);
	paced(&f, 64, 8, 2); /* 32 times is all it can */
	assert_true(fabs(fixture_real(&f, "SELECT load_ratio FROM v_load WHERE speed = 16 AND lock = 'pgd_lock'") -
			 16) < 1e-6);
	assert_true(fabs(fixture_real(&f, "SELECT load_ratio FROM v_load WHERE speed = 64 AND lock = 'pgd_lock'") -
			 32) < 1e-6);
	assert_int_equal(fixture_real(&f, "SELECT SUM(kept_up) FROM v_load WHERE lock = 'pgd_lock'"), 1);
	/* Share is proportional to load in between, 2 to 8 % over 16 to 32: 2 * (load / 16)^2. */
	assert_true(fabs(fixture_real(&f, AT("load_ratio", "5")) - 16 * sqrt(2.5)) < 1e-6);
	/* What the runs say of their pace. */
	assert_true(fabs(fixture_real(&f, "SELECT duration_error_percent FROM v_drift WHERE speed = 64") - 100) < 1e-4);
	assert_string_equal(fixture_text(&f,
					 "SELECT drift_count || ' ' || (drift_p50_ns BETWEEN 984 AND 1016) || ' ' || "
					 "drift_max_ns FROM v_drift WHERE speed = 16"),
			    "2 1 3000");
	fixture_gone(&f);
}

static void a_predicted_headroom_is_held_against_the_measured_one(void **state)
{
	(void)state;
	struct fixture f;
	fixture_open(&f);
	as(&f, "native", 2, 1);
	for (double speed = 1; speed <= 64; speed *= 2)
		paced(&f, speed, 0.1 * speed, 1);
	again(&f);
	for (unsigned threads = 2; threads <= 8; threads *= 4) {
		as(&f, "sim", threads, 1);
		for (double speed = 1; speed <= 64; speed *= 2)
			paced(&f, speed, 0.125 * speed, 1);
	}
	assert_string_equal(fixture_text(&f, "SELECT group_concat(threads || validation, ' ') FROM (SELECT * FROM "
					     "v_headroom WHERE engine = 'sim' AND lock = 'pgd_lock' AND "
					     "threshold_percent = 5 ORDER BY threads)"),
			    "2validated 8unvalidated");
	assert_true(
		fabs(fixture_real(&f, "SELECT error_percent FROM v_headroom WHERE engine = 'sim' AND threads = 2 AND "
				      "lock = 'pgd_lock' AND threshold_percent = 5") +
		     20) < 0.01);
	fixture_gone(&f);
}

static void conflicts_and_time(void **state)
{
	(void)state;
	struct fixture f;
	fixture_open(&f);
	as(&f, "sim", 2, 1);
	static const uint64_t counts[] = { 300, 100, 200 };
	for (unsigned i = 0; i < 3; i++) {
		struct result_conflict c[] = { { "fork", "lock", counts[i], 10 * counts[i] },
					       { "fork", "list", 50, 100 } };
		struct result_op o = { "fork", 100, NULL };
		struct result_run r = { .status = RUN_DONE,
					.events = 1,
					.wall_ns = 1000,
					.ops = &o,
					.nops = 1,
					.conflicts = c,
					.nconflicts = 2,
					.time = { 200, 100, 300, 400, 500, 200, 100, 100 + 50 * i } };
		int64_t id;
		f.config.repeat_no = i + 1;
		assert_int_equal(f.sink->run_begin(f.sink, &f.config, &id, &f.e), 0);
		assert_int_equal(f.sink->run_end(f.sink, id, &r, &f.e), 0);
	}
	assert_string_equal(fixture_text(&f,
					 "SELECT operations || ' ' || conflicts || ' ' || conflicts_per_op || ' ' || "
					 "op_percent || ' ' || stall_per_op_ns FROM v_conflicts WHERE line = 'lock'"),
			    "100.0 200.0 2.0 80.0 20.0");
	near(fixture_real(&f, "SELECT wait_percent FROM v_time"), 10);
	near(fixture_real(&f, "SELECT harness_percent FROM v_time"), 7.5);
	near(fixture_real(&f, "SELECT covered_percent FROM v_time_detail WHERE repeat_no = 1"), 95);
	near(fixture_real(&f, "SELECT covered_percent FROM v_time"), 97.5);
	fixture_gone(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(speed_has_an_interval),
		cmocka_unit_test(a_prediction_has_its_error_or_none),
		cmocka_unit_test(only_the_same_is_a_validation),
		cmocka_unit_test(headroom_of_one_repeat_lies_between_two_runs),
		cmocka_unit_test(headroom_of_repeats_has_their_interval),
		cmocka_unit_test(headroom_at_the_ends),
		cmocka_unit_test(a_run_that_cannot_keep_up_counts_with_what_it_did),
		cmocka_unit_test(a_predicted_headroom_is_held_against_the_measured_one),
		cmocka_unit_test(conflicts_and_time),
	};
	return cmocka_run_group_tests_name("prediction", tests, NULL, NULL);
}
