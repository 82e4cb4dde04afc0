/* The orders besides `resource`, and the balanced partition: what is kept, and what is dropped and counted. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "tests/support/plan_walk.h"
#include "tests/support/workload_make.h"

static void make(const struct workload *w, unsigned workers, enum partition how, enum order order, struct plan *p)
{
	struct mmr_err e = { 0 };
	if (plan_make_ordered(w, workers, how, order, p, &e))
		fail_msg("%s", e.text);
}

static void total_keeps_the_order_of_the_trace(void **state)
{
	(void)state;
	struct workload w;
	struct plan p;
	wm_init(&w, 3);
	wm_storm(&w, 5, 20, 1);
	make(&w, 3, PARTITION_CPU, ORDER_TOTAL, &p);
	for (uint32_t i = 6; i < w.n; i++)
		assert_true(plan_ordered(&p, i - 1, i));
	assert_int_equal(p.dropped, 0);
	assert_int_equal(plan_carry_out(&p), p.events);
	plan_free(&p);
	workload_free(&w);
}

/* Two unrelated events on two CPUs: only `total` puts one before the other. */
static void only_total_orders_strangers(void **state)
{
	(void)state;
	for (enum order o = ORDER_TOTAL; o <= ORDER_FREE; o++) {
		struct workload w;
		struct plan p;
		wm_init(&w, 2);
		uint32_t a = wm_present(&w), b = wm_present(&w);
		wm_fork(&w, a, 0); /* 2 */
		wm_fork(&w, b, 1); /* 3 */
		make(&w, 2, PARTITION_CPU, o, &p);
		assert_int_equal(plan_ordered(&p, 2, 3), o == ORDER_TOTAL);
		assert_int_equal(p.dropped, 0);
		plan_free(&p);
		workload_free(&w);
	}
}

/* vfork's sleep and reaping are obeyed by `resource`, and dropped by what is looser. */
static void task_drops_what_ties_tasks_together(void **state)
{
	(void)state;
	for (enum order o = ORDER_RESOURCE; o <= ORDER_FREE; o++) {
		struct workload w;
		struct plan p;
		wm_init(&w, 2);
		uint32_t parent = wm_present(&w);
		uint32_t child = wm_vfork(&w, parent, 0); /* 1 */
		wm_exec(&w, child, 1); /* 2 */
		wm_fork(&w, parent, 0); /* 3: slept until 2 */
		wm_exit(&w, child, 1); /* 4 */
		wm_free(&w, child, parent, 1); /* 5 */
		wm_fork(&w, parent, 0); /* 6: has reaped, so after 4 */
		make(&w, 2, PARTITION_CPU, o, &p);
		assert_true(plan_ordered(&p, 1, 2));
		assert_int_equal(plan_ordered(&p, 2, 3), o == ORDER_RESOURCE);
		assert_int_equal(plan_ordered(&p, 4, 6), o == ORDER_RESOURCE);
		assert_int_equal(p.dropped, o == ORDER_RESOURCE ? 0 : 2);
		plan_free(&p);
		workload_free(&w);
	}
}

/* A task's own events: in order but for `free`, which keeps what surrounds a creation, an exec, an exit. */
static void free_keeps_creation_exec_and_exit(void **state)
{
	(void)state;
	for (enum order o = ORDER_RESOURCE; o <= ORDER_FREE; o++) {
		struct workload w;
		struct plan p;
		wm_init(&w, 3);
		uint32_t parent = wm_present(&w);
		uint32_t t = wm_fork(&w, parent, 0); /* 1 */
		wm_fork(&w, t, 1); /* 2 */
		wm_fork(&w, t, 2); /* 3 */
		wm_exec(&w, t, 0); /* 4 */
		wm_fork(&w, t, 1); /* 5 */
		wm_fork(&w, t, 2); /* 6 */
		wm_exit(&w, t, 0); /* 7 */
		wm_free(&w, t, parent, 1); /* 8 */
		make(&w, 3, PARTITION_CPU, o, &p);
		static const uint8_t kept[][2] = { { 1, 2 }, { 1, 3 }, { 2, 4 }, { 3, 4 }, { 4, 5 },
						   { 4, 6 }, { 5, 7 }, { 6, 7 }, { 7, 8 } };
		for (unsigned i = 0; i < sizeof(kept) / sizeof(*kept); i++)
			assert_true(plan_ordered(&p, kept[i][0], kept[i][1]));
		assert_int_equal(plan_ordered(&p, 2, 3), o != ORDER_FREE);
		assert_int_equal(plan_ordered(&p, 5, 6), o != ORDER_FREE);
		assert_int_equal(p.dropped, o == ORDER_FREE ? 2 : 0);
		plan_free(&p);
		workload_free(&w);
	}
}

/* A group has one mm: designs rest on that, so no order lets an exec overtake its siblings' exits. */
static void every_order_lets_siblings_leave_before_an_exec(void **state)
{
	(void)state;
	for (enum order o = ORDER_TOTAL; o <= ORDER_FREE; o++) {
		struct workload w;
		struct plan p;
		wm_init(&w, 2);
		uint32_t leader = wm_present(&w);
		uint32_t sibling = wm_thread(&w, leader, 0); /* 1 */
		wm_exit(&w, sibling, 1); /* 2 */
		wm_exec(&w, leader, 0); /* 3 */
		make(&w, 2, PARTITION_CPU, o, &p);
		assert_true(plan_ordered(&p, 2, 3));
		plan_free(&p);
		workload_free(&w);
	}
}

static void every_order_can_be_carried_out(void **state)
{
	(void)state;
	struct workload w;
	struct plan p;
	wm_init(&w, 4);
	wm_storm(&w, 7, 60, 2);
	wm_add(&w, (struct mmw_event){ .type = EV_NONE });
	wm_storm(&w, 3, 20, 2);
	for (enum order o = ORDER_TOTAL; o <= ORDER_FREE; o++)
		for (unsigned workers = 1; workers <= 6; workers++)
			for (enum partition how = PARTITION_CPU; how <= PARTITION_BALANCED; how++) {
				make(&w, workers, how, o, &p);
				assert_int_equal(plan_carry_out(&p), p.events);
				plan_free(&p);
			}
	workload_free(&w);
}

/* One task forks all: `task` keeps its children where it is as long as it can, `balanced` deals them out. */
static void balanced_deals_out_the_work(void **state)
{
	(void)state;
	struct workload w;
	struct plan p;
	wm_init(&w, 1);
	uint32_t parent = wm_present(&w);
	for (int i = 0; i < 200; i++) {
		uint32_t child = wm_fork(&w, parent, 0);
		wm_exec(&w, child, 0);
		wm_exec(&w, child, 0);
		wm_exec(&w, child, 0);
		wm_exit(&w, child, 0);
	}
	make(&w, 4, PARTITION_TASK, ORDER_RESOURCE, &p);
	assert_int_equal(p.streams[0].n, w.n - 1);
	plan_free(&p);
	make(&w, 4, PARTITION_BALANCED, ORDER_RESOURCE, &p);
	/* 200 forks are one worker's, 800 execs and exits go round: those that do not fork get more of them. */
	assert_in_range(p.streams[0].n, 200, 350);
	for (unsigned k = 1; k < 4; k++)
		assert_in_range(p.streams[k].n, 200, 280);
	assert_string_equal(partition_name(p.partition), "balanced");
	plan_free(&p);
	workload_free(&w);
}

static void names_go_there_and_back(void **state)
{
	(void)state;
	enum order o;
	enum partition how;
	for (enum order i = ORDER_TOTAL; i <= ORDER_FREE; i++) {
		assert_int_equal(order_parse(order_name(i), &o), 0);
		assert_int_equal(o, i);
	}
	for (enum partition i = PARTITION_AUTO; i <= PARTITION_BALANCED; i++) {
		assert_int_equal(partition_parse(partition_name(i), &how), 0);
		assert_int_equal(how, i);
	}
	assert_true(order_parse("strict", &o) < 0);
	assert_true(partition_parse("", &how) < 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(total_keeps_the_order_of_the_trace),
		cmocka_unit_test(only_total_orders_strangers),
		cmocka_unit_test(task_drops_what_ties_tasks_together),
		cmocka_unit_test(free_keeps_creation_exec_and_exit),
		cmocka_unit_test(every_order_lets_siblings_leave_before_an_exec),
		cmocka_unit_test(every_order_can_be_carried_out),
		cmocka_unit_test(balanced_deals_out_the_work),
		cmocka_unit_test(names_go_there_and_back),
	};
	return cmocka_run_group_tests_name("order", tests, NULL, NULL);
}
