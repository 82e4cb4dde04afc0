/* The kernel's own waits beside the replay's: against the arithmetic. */
#include "tests/unit/store_fixture.h"

/* 12 s on 4 CPUs: what sample_workload() says. */
#define SECONDS 12.0
#define CPUS 4.0

static const struct result_contention waits[] = {
	{ "__schedule", "", "spinlock", 900, 9000000, 10, 90000 },
	{ "copy_process", "", "rwlock:W", 120, 240000, 100, 9000 },
	/* Another lock that it takes: not the tasklist. */
	{ "copy_process", "", "spinlock", 7, 7000, 1000, 1000 },
	{ "do_exit", "", "rwlock:W", 60, 60000, 100, 4000 },
	{ "release_task", "do_exit", "rwlock:W", 30, 90000, 100, 5000 },
	{ "(unknown)", "", "spinlock", 5, 500, 100, 100 },
};

static void near(double a, double b)
{
	if (!(fabs(a - b) <= 1e-9 * fabs(b)))
		fail_msg("%.12g is not %.12g", a, b);
}

static void with_waits(struct fixture *f, const struct result_contention *c, unsigned n)
{
	struct result_workload w = sample_workload();
	fixture_open(f);
	w.contention = c;
	w.ncontentions = n;
	assert_int_equal(f->sink->set_workload(f->sink, &w, &f->e), 0);
}

/* A run of 6 s with @forks waits of 500 ns for tasklist_lock in fork, one of 1000 ns in exit. */
static void run(struct fixture *f, uint64_t forks)
{
	int64_t id;
	struct hist *wait = calloc(1, sizeof(*wait));
	for (uint64_t i = 0; i < forks; i++)
		hist_add(wait, 500);
	hist_add(wait, 1000);
	struct result_lock lock = { .lock = "tasklist_lock",
				    .mode = "write",
				    .acquisitions = 1000,
				    .contentions = forks + 1,
				    .timed = 1000,
				    .wait = wait };
	struct result_blocker by[] = {
		{ "tasklist_lock", "write", "fork", "exit", forks, forks * 500 },
		{ "tasklist_lock", "write", "exit", "fork", 1, 1000 },
	};
	struct result_run r = { .status = RUN_DONE,
				.verdict = VERDICT_PASS,
				.events = 1000,
				.wall_ns = 6000000000,
				.locks = &lock,
				.nlocks = 1,
				.blockers = by,
				.nblockers = 2 };
	if (f->sink->run_begin(f->sink, &f->config, &id, &f->e) || f->sink->run_end(f->sink, id, &r, &f->e))
		fail_msg("%s", f->e.text);
	free(wait);
}

static void paced_runs_stand_beside_the_kernel(void **state)
{
	(void)state;
	struct fixture f;
	with_waits(&f, waits, sizeof(waits) / sizeof(waits[0]));
	f.config.pace = "recorded";
	f.config.speed = 1;
	f.config.measure = "full";
	f.config.threads = 2;
	/* Two repeats: 24 and 36 waits in 6 s are 5 a second. */
	run(&f, 24);
	f.config.repeat_no++;
	run(&f, 36);
#define OF(part, what)                                                                                                 \
	fixture_real(&f, "SELECT " what " FROM v_kernel WHERE part = '" part "' AND lock = 'tasklist_lock'")
	near(OF("copy_process", "kernel_contentions_per_s"), 120 / SECONDS);
	near(OF("copy_process", "kernel_wait_avg_ns"), 2000);
	near(OF("copy_process", "kernel_wait_percent"), 100 * 240000 / (SECONDS * 1e9 * CPUS));
	near(OF("copy_process", "contentions_per_s"), 5);
	near(OF("copy_process", "wait_avg_ns"), 500);
	near(OF("copy_process", "wait_percent"), 100 * 5 * 500 / 1e9 / CPUS);
	near(OF("copy_process", "apart_ratio"), 5 * 500 / (240000 / SECONDS));
	assert_string_equal(fixture_text(&f, "SELECT apart FROM v_kernel WHERE part = 'copy_process'"),
			    "0.5x the waits, each 0.25x as long");
	/* The replay's exit is the two together. */
	near(OF("do_exit + release_task", "kernel_contentions_per_s"), 90 / SECONDS);
	near(OF("do_exit + release_task", "kernel_wait_max_ns"), 5000);
	near(OF("do_exit + release_task", "contentions_per_s"), 1 / 6.0);
	near(OF("all", "kernel_contentions_per_s"), 210 / SECONDS);
	near(OF("all", "contentions_per_s"), 31 / 6.0);
	/* Where the kernel has none, that is said; some waits have no name. */
	assert_string_equal(fixture_text(&f, "SELECT apart FROM v_kernel WHERE part = 'pgd_alloc'"),
			    "none seen in the kernel (5 waits have no name), nor in the replay");
	assert_int_equal(fixture_real(&f, "SELECT count(*) FROM v_kernel"), 6);
	/* As it is, with those that were asked for and never waited. */
	assert_string_equal(fixture_text(&f, "SELECT group_concat(caller || contentions, ' ') FROM (SELECT * FROM "
					     "v_kernel_waits WHERE is_replayed ORDER BY caller)"),
			    "copy_process120 do_exit60 pgd_alloc0 pgd_free0 release_task30");
	assert_int_equal(fixture_real(&f, "SELECT SUM(contentions) FROM v_kernel_waits"), 1122);
	fixture_gone(&f);
}

static void without_paced_runs_the_queue_is_expected(void **state)
{
	(void)state;
	struct fixture f;
	with_waits(&f, waits, sizeof(waits) / sizeof(waits[0]));
	struct hist *hold = calloc(1, sizeof(*hold));
	for (unsigned i = 0; i < 1000; i++)
		hist_add(hold, 40);
	/* 12000 acquisitions in 12 s, 40 ns each: found taken with a probability of 4e-5. */
	struct result_lock lock = {
		.lock = "tasklist_lock", .mode = "write", .acquisitions = 12000, .timed = 1000, .hold = hold
	};
	f.config.measure = "full";
	f.config.pace = "asap";
	fixture_run(&f, 1000000, &lock, RUN_DONE, VERDICT_PASS);
	assert_string_equal(fixture_text(&f, "SELECT group_concat(basis || part) FROM v_kernel"), "expectedall");
	near(fixture_real(&f, "SELECT contentions_per_s FROM v_kernel"), 1000 * 4e-5);
	/* The wait of who meets it taken: half a hold, and a little for who stands before it. */
	near(fixture_real(&f, "SELECT wait_avg_ns FROM v_kernel"), 20 / (1 - 4e-5));
	free(hold);
	fixture_gone(&f);
}

static void no_events_no_comparison(void **state)
{
	(void)state;
	struct fixture f;
	fixture_open(&f);
	f.config.pace = "recorded";
	f.config.speed = 1;
	f.config.measure = "full";
	run(&f, 10);
	assert_string_equal(fixture_text(&f, "SELECT group_concat(DISTINCT apart) FROM v_kernel"),
			    "the capture holds no contention events");
	assert_true(isnan(fixture_real(&f, "SELECT MAX(kernel_contentions_per_s) FROM v_kernel")));
	assert_int_equal(fixture_real(&f, "SELECT count(*) FROM v_kernel_waits"), 0);
	fixture_gone(&f);
}

static void a_workload_that_is_read_again_has_its_waits_once(void **state)
{
	(void)state;
	struct fixture f;
	with_waits(&f, waits, 3);
	struct result_workload w = sample_workload();
	w.contention = waits;
	w.ncontentions = 2;
	assert_int_equal(f.sink->set_workload(f.sink, &w, &f.e), 0);
	assert_string_equal(fixture_text(&f, "SELECT group_concat(seq || caller) FROM kernel_contention"),
			    "0__schedule,1copy_process");
	fixture_gone(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(paced_runs_stand_beside_the_kernel),
		cmocka_unit_test(without_paced_runs_the_queue_is_expected),
		cmocka_unit_test(no_events_no_comparison),
		cmocka_unit_test(a_workload_that_is_read_again_has_its_waits_once),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
