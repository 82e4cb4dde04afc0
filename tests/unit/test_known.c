/* Known answers on real threads: what the machine cannot change, and bounds that it cannot cross. */
#define KLOCK_ticket
#include "tests/unit/known_body.h"

#include "replay/native/native.h"

static struct native_clock clock_;

static struct run_figures run(unsigned workers, enum measure measure, unsigned every)
{
	struct mmr_err e = { 0 };
	struct run_figures r;
	struct workload w;
	struct plan p;
	known_workload(&w);
	if (plan_make_ordered(&w, workers, PARTITION_CPU, ORDER_FREE, &p, &e))
		fail_msg("%s", e.text);
	const struct run_config c = {
		.workload = &w,
		.plan = &p,
		.design = design_find("test_known", "native", "ticket"),
		.geometry = geometry_find("x86_64-4level"),
		.clock = &clock_,
		.oversubscribed = true,
		.measure = measure,
		.sample_every = every,
		.seed = 7,
	};
	assert_non_null(c.design);
	if (native_run(&c, &r, &e))
		fail_msg("%s", e.text);
	plan_free(&p);
	workload_free(&w);
	return r;
}

/* A hold lasts as long as it was asked to, or longer; the clock's rate is rounded. */
static uint64_t at_least(uint64_t ns)
{
	return ns - ns / 100;
}

static void two_workers_alternate_or_not(void **state)
{
	(void)state;
	struct run_figures r = run(2, MEASURE_FULL, 1);
	adds_up(&r);
	const struct result_lock *l = the_lock(&r);
	const struct result_comm lng = the_comm(&r, "long", "sync"), shrt = the_comm(&r, "short", "purge");
	assert_true(l->hold->count == 0 || l->hold->min >= at_least(SHORT_NS));
	assert_true(l->hold->total + l->descheduled_ns >= at_least(ROUNDS * (LONG_NS + SHORT_NS)));
	assert_true(lng.hold_ns >= at_least(ROUNDS * LONG_NS));
	assert_true(shrt.hold_ns >= at_least(ROUNDS * SHORT_NS));
	assert_true(lng.caused_ns == shrt.wait_ns && shrt.caused_ns == lng.wait_ns);
	assert_true(the_op(&r, "sync")->latency->min >= at_least(LONG_NS));
	assert_true(the_op(&r, "purge")->latency->min >= at_least(SHORT_NS));
	/* Rounded, both. */
	assert_in_range(r.slow[0].latency_ns + 1, the_op(&r, r.slow[0].op)->latency->max,
			the_op(&r, r.slow[0].op)->latency->max + 2);
	/* One lock: it is held by one at a time. */
	assert_true(r.run.wall_ns >= at_least(ROUNDS * (LONG_NS + SHORT_NS)));
	run_figures_free(&r);
}

static void one_worker_never_waits(void **state)
{
	(void)state;
	struct run_figures r = run(1, MEASURE_FULL, 1);
	const struct result_lock *l = the_lock(&r);
	assert_int_equal(l->acquisitions, 2 * ROUNDS);
	assert_int_equal(l->contentions + l->wait->count + r.run.nblockers, 0);
	assert_int_equal(over_all(l).acquisitions, l->acquisitions);
	assert_int_equal(over_all(l).hold_ns, l->hold->total);
	for (unsigned i = 0; i < r.run.nslow; i++)
		assert_null(r.slow[i].lock);
	/* Holds of two lengths, each half: the shorter ones lie below all of the longer ones' bound. */
	uint64_t below = 0;
	for (unsigned i = 0; i < hist_index(at_least(LONG_NS)); i++)
		below += l->hold->bucket[i];
	assert_true(below <= ROUNDS);
	run_figures_free(&r);
}

/* Counts are of all, however few are timed. */
static void a_sample_counts_all(void **state)
{
	(void)state;
	struct run_figures r = run(2, MEASURE_SAMPLED, 8);
	const struct result_lock *l = the_lock(&r);
	const struct result_interval all = over_all(l);
	assert_int_equal(l->acquisitions, 2 * ROUNDS);
	assert_true(l->timed > 0 && l->timed < l->acquisitions);
	assert_int_equal(all.acquisitions, l->acquisitions);
	assert_int_equal(all.contentions, l->contentions);
	assert_int_equal(all.timed, l->timed);
	assert_int_equal(all.wait_ns, l->wait->total);
	assert_int_equal(all.hold_ns, l->hold->total);
	assert_int_equal(the_comm(&r, "long", "sync").count, ROUNDS);
	assert_int_equal(the_comm(&r, "short", "purge").count, ROUNDS);
	assert_true(r.run.nslow > 0 && r.run.nslow <= 32);
	run_figures_free(&r);

	r = run(2, MEASURE_OFF, 0);
	assert_int_equal(r.run.nlocks + r.run.ncomms + r.run.nslow, 0);
	run_figures_free(&r);
}

static int measure_clock(void **state)
{
	(void)state;
	return native_clock_measure(&clock_, NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(two_workers_alternate_or_not),
		cmocka_unit_test(one_worker_never_waits),
		cmocka_unit_test(a_sample_counts_all),
	};
	return cmocka_run_group_tests_name("known", tests, measure_clock, NULL);
}
