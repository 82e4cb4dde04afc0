/* Recorded pace, surrounding work, and where the time goes, on the native engine. No test looks at how fast this machine is. */
#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "replay/era.h"
#include "replay/native/native.h"
#include "replay/surround.h"
#include "tests/support/workload_make.h"

static struct native_clock clock_;
static volatile sig_atomic_t stop;

static struct run_config config(const struct workload *w, const char *design)
{
	return (struct run_config){
		.workload = w,
		.design = design_find(design, "native", "ticket"),
		.geometry = geometry_find("x86_64-4level"),
		.clock = &clock_,
		.oversubscribed = true,
		.measure = MEASURE_FULL,
		.sample_every = 1,
		.seed = 1,
		.fault_handler = true,
		.stop = &stop,
	};
}

static void run(struct run_config *c, unsigned workers, enum partition how, struct run_figures *r)
{
	struct mmr_err e = { 0 };
	struct plan p;
	stop = 0;
	if (plan_make(c->workload, workers, how, &p, &e))
		fail_msg("%s", e.text);
	c->plan = &p;
	if (native_run(c, r, &e))
		fail_msg("%s", e.text);
	plan_free(&p);
	assert_int_equal(r->run.nviolations, 0);
}

/* The events of wm_*() are 1 us apart: @ns instead. */
static void stretch(struct workload *w, uint64_t ns)
{
	for (uint64_t i = 0; i < w->n; i++)
		w->events[i].time_ns *= ns / 1000;
	w->duration_ns *= ns / 1000;
}

static const struct result_op *op_of(const struct run_figures *r, const char *name)
{
	for (unsigned i = 0; i < r->run.nops; i++)
		if (!strcmp(r->run.ops[i].op, name))
			return &r->run.ops[i];
	fail_msg("no %s", name);
	return NULL;
}

static uint64_t sum(const struct result_time *t)
{
	return t->wait_ns + t->hold_ns + t->work_ns + t->surround_ns + t->stall_ns + t->idle_ns + t->rcu_ns +
	       t->harness_ns;
}

/* ---- pace ---- */

static void no_event_comes_before_its_time(void **state)
{
	(void)state;
	struct workload w;
	struct run_figures r;
	wm_init(&w, 2);
	wm_storm(&w, 2, 50, 0);
	stretch(&w, 200000);
	for (double speed = 1; speed <= 4; speed *= 4) {
		struct run_config c = config(&w, "pgd_list");
		uint64_t last = (uint64_t)((double)w.events[w.n - 1].time_ns / speed);
		c.speed = speed;
		run(&c, 2, PARTITION_CPU, &r);
		assert_int_equal(r.run.status, RUN_DONE);
		assert_true(r.run.wall_ns >= last);
		assert_non_null(r.run.drift);
		assert_int_equal(r.run.drift->count, r.run.events);
		/* For most of the time the workers did nothing else, unless the machine kept them from it. */
		assert_true(r.run.time.idle_ns > 0);
		run_figures_free(&r);
	}
	struct run_config c = config(&w, "pgd_list");
	run(&c, 2, PARTITION_CPU, &r);
	assert_null(r.run.drift);
	run_figures_free(&r);
	workload_free(&w);
}

/* Forks 100 us apart that take 1 ms each: the last is late by all that the others took too long, and says so. */
static void a_late_start_is_part_of_the_latency(void **state)
{
	(void)state;
	enum { FORKS = 40 };
	struct workload w;
	struct run_figures r;
	const struct lock_delay slow = { "pgd_lock", 1000000 };
	wm_init(&w, 1);
	uint32_t a = wm_present(&w);
	for (int i = 0; i < FORKS; i++)
		wm_fork(&w, a, 0);
	stretch(&w, 100000);
	struct run_config c = config(&w, "pgd_list");
	c.speed = 1;
	c.delays = &slow;
	c.ndelays = 1;
	run(&c, 1, PARTITION_CPU, &r);
	const struct hist *h = op_of(&r, "fork")->latency;
	assert_int_equal(h->count, FORKS);
	assert_true(h->min >= 1000000);
	assert_true(h->max >= FORKS * 1000000ull - FORKS * 100000ull);
	assert_true(r.run.drift->max >= (FORKS - 1) * 900000ull);
	run_figures_free(&r);
	workload_free(&w);
}

/* Who sleeps until the next event is no obstacle to those who interrupt every CPU, or stop the machine. */
static void sleepers_are_reached(void **state)
{
	(void)state;
	struct workload w;
	struct run_figures r;
	wm_init(&w, 2);
	uint32_t a = wm_present(&w), b = wm_present(&w);
	wm_fork(&w, a, 0);
	for (int i = 0; i < 200; i++)
		wm_add(&w, (struct mmw_event){
				   .type = i % 4 == 0   ? EV_HOT_ADD
					   : i % 4 == 1 ? EV_SYNC
					   : i % 4 == 2 ? EV_PIN_ALL
							: EV_UNPIN_ALL,
				   .aux = i % 4 < 2 ? 300u + (unsigned)i / 4 : 0,
			   });
	wm_fork(&w, b, 1);
	/* CPU 1 has nothing to do for all that time. */
	stretch(&w, 100000);
	struct run_config c = config(&w, "task_list_ipi");
	c.speed = 1;
	run(&c, 2, PARTITION_CPU, &r);
	assert_int_equal(r.run.status, RUN_DONE);
	assert_int_equal(r.run.verdict, VERDICT_PASS);
	run_figures_free(&r);
	workload_free(&w);
}

static void a_long_gap_is_no_deadlock(void **state)
{
	(void)state;
	struct workload w;
	struct run_figures r;
	wm_init(&w, 1);
	uint32_t a = wm_present(&w);
	wm_fork(&w, a, 0);
	wm_fork(&w, a, 0);
	w.events[2].time_ns = 1200000000;
	struct run_config c = config(&w, "pgd_list");
	c.speed = 1;
	c.patience_ms = 300;
	run(&c, 1, PARTITION_CPU, &r);
	assert_int_equal(r.run.status, RUN_DONE);
	run_figures_free(&r);
	workload_free(&w);
}

static void on_alarm(int sig)
{
	stop = sig;
}

static void a_sleeping_run_can_be_stopped(void **state)
{
	(void)state;
	struct workload w;
	struct run_figures r;
	wm_init(&w, 2);
	uint32_t a = wm_present(&w);
	wm_fork(&w, a, 0);
	wm_fork(&w, a, 1);
	w.events[2].time_ns = 3600000000000;
	struct run_config c = config(&w, "pgd_list");
	c.speed = 1;
	unsigned rest = alarm(0);
	signal(SIGALRM, on_alarm);
	alarm(1);
	run(&c, 2, PARTITION_CPU, &r);
	signal(SIGALRM, SIG_DFL);
	alarm(rest);
	assert_int_equal(r.run.status, RUN_INTERRUPTED);
	assert_int_equal(r.run.events, 1);
	assert_int_equal(r.run.drift->count, 1);
	run_figures_free(&r);
	workload_free(&w);
}

/* ---- surround ---- */

static void surrounding_work_follows_each_operation(void **state)
{
	(void)state;
	struct workload w;
	struct run_figures r;
	struct surround s = { .ns = { [EV_FORK] = 50000, [EV_EXIT] = 20000 } };
	wm_init(&w, 2);
	wm_storm(&w, 2, 20, 0);
	struct run_config c = config(&w, "pgd_list");
	c.surround = &s;
	run(&c, 2, PARTITION_CPU, &r);
	const uint64_t least = 40 * 50000 + 40 * 20000;
	assert_true(r.run.time.surround_ns >= least - 1000);
	assert_true(r.run.wall_ns * 2 >= least);
	/* It is not the operation's. */
	assert_true(op_of(&r, "fork")->latency->min < 50000);
	run_figures_free(&r);
	workload_free(&w);
}

static void gaps_tell_what_surrounds(void **state)
{
	(void)state;
	struct workload w;
	struct surround s;
	char text[256];
	wm_init(&w, 2);
	uint32_t a = wm_present(&w);
	uint64_t now = 0;
	for (int i = 0; i < 20; i++) {
		/* On CPU 0 a fork and what follows it after 10 us, or 30 us, or when the CPU was idle; CPU 1 is no matter. */
		uint32_t child = wm_fork(&w, a, 0);
		w.events[w.n - 1].time_ns = now;
		wm_add(&w, (struct mmw_event){ .type = EV_VMALLOC, .arg = ++w.areas, .mm = 402, .cpu = 1 });
		w.events[w.n - 1].time_ns = now + 1000;
		wm_exit(&w, child, 0);
		w.events[w.n - 1].time_ns = now += i % 5 == 0 ? 30000 : i % 5 == 1 ? 900000000 : 10000;
		now += 5000000;
	}
	assert_int_equal(surround_calibrate(&w, SURROUND_BOUND_NS, &s), 0);
	assert_int_equal(s.ns[EV_FORK], 10000);
	/* Always followed by 5 ms of nothing. */
	assert_int_equal(s.ns[EV_EXIT], 0);
	assert_int_equal(s.ns[EV_VMALLOC], 0);
	surround_text(&s, text, sizeof(text));
	assert_string_equal(text, "fork 10.0 us");
	assert_int_equal(surround_calibrate(&w, 10000000, &s), 0);
	assert_int_equal(s.ns[EV_EXIT], 5000000);
	assert_int_equal(surround_calibrate(&w, 100, &s), 0);
	surround_text(&s, text, sizeof(text));
	assert_string_equal(text, "nothing");
	workload_free(&w);
}

/* ---- where the time goes ---- */

/* In full every part is measured; that they are all there is shows in the sum. */
static void the_parts_make_up_the_whole(void **state)
{
	(void)state;
	struct workload w;
	struct run_figures r;
	const struct lock_delay slow = { "pgd_lock", 3000 };
	struct surround s = { .ns = { [EV_EXIT] = 2000 } };
	wm_init(&w, 2);
	wm_storm(&w, 4, 400, 2);
	wm_add(&w, (struct mmw_event){ .type = EV_NONE });
	wm_storm(&w, 4, 400, 2);
	for (int i = 0; i < 12; i++) {
		unsigned workers = 1 + (unsigned)i % 3;
		struct run_config c = config(&w, i / 3 % 2 ? "task_list" : "pgd_list");
		c.measure = i < 6 ? MEASURE_FULL : MEASURE_SAMPLED;
		c.sample_every = i < 6 ? 1 : 8;
		c.delays = &slow;
		c.ndelays = 1;
		c.surround = &s;
		run(&c, workers, PARTITION_CPU, &r);
		const struct result_time *t = &r.run.time;
		double whole = (double)r.run.wall_ns * workers;
		if (!((double)sum(t) > 0.98 * whole && (double)sum(t) < 1.02 * whole))
			fail_msg("%u workers: %llu of %.0f ns", workers, (unsigned long long)sum(t), whole);
		assert_true(t->work_ns > 0 && t->harness_ns > 0 && t->surround_ns > 0);
		if (i / 3 % 2 == 0)
			/* 3200 forks and nearly as many exits, 3 us each. */
			assert_true(t->hold_ns > (i < 6 ? 3200 * 3000 : 0));
		run_figures_free(&r);
	}
	workload_free(&w);
}

static void where_nothing_is_measured_nothing_is_said(void **state)
{
	(void)state;
	struct workload w;
	struct run_figures r;
	wm_init(&w, 1);
	wm_storm(&w, 2, 20, 0);
	struct run_config c = config(&w, "pgd_list");
	c.measure = MEASURE_OFF;
	c.sample_every = 0;
	run(&c, 1, PARTITION_CPU, &r);
	assert_int_equal(sum(&r.run.time), 0);
	run_figures_free(&r);
	workload_free(&w);
}

/* A hold of a lock with a delay holds one clock reading of its own, no more: nothing lies in it. */
static void readings_within_holds_are_known(void **state)
{
	(void)state;
	struct workload w;
	struct run_figures r;
	unsigned seen = 0;
	wm_init(&w, 1);
	wm_storm(&w, 2, 200, 0);
	struct run_config c = config(&w, "pgd_list");
	run(&c, 1, PARTITION_CPU, &r);
	for (unsigned i = 0; i < r.run.nlocks; i++) {
		const struct result_lock *l = &r.run.locks[i];
		uint64_t one = l->hold->count * clock_.read_ps / 1000;
		if (strcmp(l->lock, "pgd_lock"))
			continue;
		seen++;
		assert_in_range(l->clock_ns, one - 1, one + 1);
	}
	assert_int_equal(seen, 1);
	run_figures_free(&r);
	workload_free(&w);
}

/* ---- who kept whom ---- */

/*
 * Two CPUs fork and nothing else, each fork holds pgd_lock for 20 us: whoever
 * waits for it does so in a fork, for a fork. In the second half one CPU execs.
 */
static void waits_are_charged_to_who_held_the_lock(void **state)
{
	(void)state;
	struct workload w;
	struct run_figures r;
	const struct lock_delay slow = { "pgd_lock", 20000 };
	for (int execs = 0; execs < 2; execs++) {
		uint64_t count = 0, ns = 0;
		wm_init(&w, 2);
		uint32_t a = wm_present(&w), b = wm_present(&w);
		for (int i = 0; i < 400; i++) {
			wm_fork(&w, a, 0);
			if (execs)
				wm_exec(&w, b, 1);
			else
				wm_fork(&w, b, 1);
		}
		struct run_config c = config(&w, "pgd_list");
		c.delays = &slow;
		c.ndelays = 1;
		run(&c, 2, PARTITION_CPU, &r);
		for (unsigned i = 0; i < r.run.nblockers; i++) {
			const struct result_blocker *k = &r.run.blockers[i];
			if (strcmp(k->lock, "pgd_lock"))
				continue;
			assert_string_equal(k->mode, "exclusive");
			/* The exec's own mm is the last that its switch away drops. */
			assert_true(!strcmp(k->waiter, "fork") || (execs && !strcmp(k->waiter, "exec")));
			assert_string_equal(k->holder, !execs ? "fork" : !strcmp(k->waiter, "fork") ? "exec" : "fork");
			count += k->count;
			ns += k->wait_ns;
		}
		for (unsigned i = 0; i < r.run.nlocks; i++)
			if (!strcmp(r.run.locks[i].lock, "pgd_lock")) {
				assert_int_equal(count, r.run.locks[i].wait->count);
				/* Each is rounded there, their sum here. */
				assert_in_range(ns + count, r.run.locks[i].wait->total,
						r.run.locks[i].wait->total + 2 * count);
			}
		run_figures_free(&r);
		workload_free(&w);
	}
}

static int measure_clock(void **state)
{
	(void)state;
	alarm(120);
	int ret = native_clock_measure(&clock_, NULL);
	native_pace_measure(&clock_);
	return ret;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_event_comes_before_its_time),
		cmocka_unit_test(a_late_start_is_part_of_the_latency),
		cmocka_unit_test(sleepers_are_reached),
		cmocka_unit_test(a_long_gap_is_no_deadlock),
		cmocka_unit_test(a_sleeping_run_can_be_stopped),
		cmocka_unit_test(surrounding_work_follows_each_operation),
		cmocka_unit_test(gaps_tell_what_surrounds),
		cmocka_unit_test(the_parts_make_up_the_whole),
		cmocka_unit_test(where_nothing_is_measured_nothing_is_said),
		cmocka_unit_test(readings_within_holds_are_known),
		cmocka_unit_test(waits_are_charged_to_who_held_the_lock),
	};
	return cmocka_run_group_tests_name("pace", tests, measure_clock, NULL);
}
