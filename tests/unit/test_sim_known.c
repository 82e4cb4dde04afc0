/*
 * Known answers on the simulated machine: where nothing costs anything but the
 * holds, every figure is arithmetic.
 */
#define KLOCK_any
#include "tests/unit/known_body.h"

#include "replay/sim/sim.h"
#include "replay/topology.h"

/* On two CPUs, in which nothing has a cost. */
static struct run_figures run(const char *lock)
{
	struct mmr_err e = { 0 };
	struct run_figures r;
	struct topology t;
	struct workload w;
	struct plan p;
	known_workload(&w);
	if (topology_parse("1x1x2", 2, NULL, &t, &e) || plan_make_ordered(&w, 2, PARTITION_CPU, ORDER_FREE, &p, &e))
		fail_msg("%s", e.text);
	for (unsigned i = 0; i < COST_NR; i++)
		t.cost[i].ps = 0;
	const struct run_config c = {
		.workload = &w,
		.plan = &p,
		.design = design_find("test_known", "sim", lock),
		.geometry = geometry_find("x86_64-4level"),
		.topology = &t,
		.measure = MEASURE_FULL,
		.sample_every = 1,
	};
	assert_non_null(c.design);
	if (sim_run(&c, &r, &e))
		fail_msg("%s", e.text);
	plan_free(&p);
	workload_free(&w);
	return r;
}

/*
 * CPU 0 comes first. From then on each has the lock while the other waits for
 * it: a short one waits for a long one each time, a long one for a short one
 * each time but the first.
 */
static void a_fair_lock_alternates(const char *lock)
{
	struct run_figures r = run(lock);
	adds_up(&r);
	const struct result_lock *l = the_lock(&r);
	assert_int_equal(r.run.wall_ns, ROUNDS * (LONG_NS + SHORT_NS));
	assert_int_equal(l->contentions, 2 * ROUNDS - 1);
	assert_int_equal(l->hold->total, ROUNDS * (LONG_NS + SHORT_NS));
	assert_int_equal(l->wait->total, ROUNDS * LONG_NS + (ROUNDS - 1) * SHORT_NS);
	assert_int_equal(l->outermost_ns, l->hold->total);
	assert_int_equal(l->descheduled, 0);

	/* Half of the holds are long, of the waits one more than half. */
	const struct hist *const hists[] = { l->hold, l->wait };
	for (unsigned i = 0; i < 2; i++) {
		assert_int_equal(hists[i]->min, SHORT_NS);
		assert_int_equal(hists[i]->max, LONG_NS);
		assert_int_equal(hists[i]->bucket[hist_index(LONG_NS)], ROUNDS);
		assert_int_equal(hists[i]->bucket[hist_index(SHORT_NS)], ROUNDS - i);
		assert_in_range(hist_quantile(hists[i], 0.25), SHORT_NS, SHORT_NS + SHORT_NS / 64);
		assert_in_range(hist_quantile(hists[i], 0.75), LONG_NS - LONG_NS / 64, LONG_NS);
		assert_in_range(hist_quantile(hists[i], 0.99), LONG_NS - LONG_NS / 64, LONG_NS);
	}

	const struct result_blocker by_long = the_blocker(&r, "purge", "sync"),
				    by_short = the_blocker(&r, "sync", "purge");
	assert_int_equal(by_long.count, ROUNDS);
	assert_int_equal(by_long.wait_ns, ROUNDS * LONG_NS);
	assert_int_equal(by_short.count, ROUNDS - 1);
	assert_int_equal(by_short.wait_ns, (ROUNDS - 1) * SHORT_NS);

	const struct result_comm lng = the_comm(&r, "long", "sync"), shrt = the_comm(&r, "short", "purge");
	assert_int_equal(lng.wait_ns, by_short.wait_ns);
	assert_int_equal(lng.hold_ns, ROUNDS * LONG_NS);
	assert_int_equal(lng.caused_ns, by_long.wait_ns);
	assert_int_equal(shrt.wait_ns, by_long.wait_ns);
	assert_int_equal(shrt.hold_ns, ROUNDS * SHORT_NS);
	assert_int_equal(shrt.caused_ns, by_short.wait_ns);

	/* With its wait each takes as long as both, but the first one. */
	assert_int_equal(the_op(&r, "sync")->latency->min, LONG_NS);
	assert_int_equal(the_op(&r, "sync")->latency->max, LONG_NS + SHORT_NS);
	assert_int_equal(the_op(&r, "sync")->latency->total, ROUNDS * (LONG_NS + SHORT_NS) - SHORT_NS);
	assert_int_equal(the_op(&r, "purge")->latency->min, LONG_NS + SHORT_NS);
	assert_int_equal(the_op(&r, "purge")->latency->total, ROUNDS * (LONG_NS + SHORT_NS));
	for (unsigned i = 0; i < r.run.nslow; i++) {
		const bool is_long = !strcmp(r.slow[i].op, "sync");
		const uint64_t round = r.slow[i].event / 2;
		assert_int_equal(r.slow[i].latency_ns, LONG_NS + SHORT_NS);
		assert_int_equal(r.slow[i].wait_ns, is_long ? SHORT_NS : LONG_NS);
		assert_int_equal(r.slow[i].begin_ns, round * (LONG_NS + SHORT_NS) - (is_long ? SHORT_NS : 0));
	}

	/* Waits of 4 us in 4 us: what an interval holds is its length, give or take the round that crosses its ends. */
	const struct result_interval *t = l->timeline;
	assert_true(l->nintervals > TIMELINE_INTERVALS / 4 && l->nintervals <= TIMELINE_INTERVALS);
	for (unsigned i = 0; i + 1 < l->nintervals; i++) {
		const uint64_t rounds = t[i].length_ns / (LONG_NS + SHORT_NS);
		assert_in_range(t[i].acquisitions, 2 * rounds - 1, 2 * rounds + 2);
		assert_in_range(t[i].hold_ns + LONG_NS + SHORT_NS, t[i].length_ns,
				t[i].length_ns + 2 * (LONG_NS + SHORT_NS));
		assert_in_range(t[i].wait_ns + LONG_NS + SHORT_NS, t[i].length_ns,
				t[i].length_ns + 2 * (LONG_NS + SHORT_NS));
	}
	assert_int_equal(over_all(l).length_ns, r.run.wall_ns);
	run_figures_free(&r);
}

static void ticket_and_queue_alternate(void **state)
{
	(void)state;
	a_fair_lock_alternates("ticket");
	a_fair_lock_alternates("qspinlock");
}

/* Whoever gets it next: what is held and what adds up stays. */
static void an_unfair_lock_adds_up(void **state)
{
	static const char *const locks[] = { "tas", "pvqspinlock", "mutex" };
	(void)state;
	for (unsigned i = 0; i < 3; i++) {
		struct run_figures r = run(locks[i]);
		const struct result_lock *l = the_lock(&r);
		assert_int_equal(l->acquisitions, 2 * ROUNDS);
		assert_int_equal(l->hold->total, ROUNDS * (LONG_NS + SHORT_NS));
		assert_int_equal(the_comm(&r, "long", "sync").hold_ns, ROUNDS * LONG_NS);
		assert_int_equal(over_all(l).hold_ns, l->hold->total);
		assert_int_equal(over_all(l).wait_ns, l->wait->total);
		assert_true(r.run.wall_ns >= l->hold->total);
		run_figures_free(&r);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ticket_and_queue_alternate),
		cmocka_unit_test(an_unfair_lock_adds_up),
	};
	return cmocka_run_group_tests_name("sim_known", tests, NULL, NULL);
}
