/* --copies: disjoint ids, one machine, interleaved by time, and what there is no room for. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "tests/support/plan_walk.h"
#include "tests/support/workload_make.h"

/* Two processes that fork, exec, map; a slot that is added; 200 events or so. */
static void sample(struct workload *w)
{
	wm_init(w, 2);
	wm_storm(w, 2, 20, 1);
	wm_add(w, (struct mmw_event){ .type = EV_HOT_ADD, .aux = 300, .cpu = 1 });
	for (int i = 0; i < 10; i++) {
		uint32_t t = wm_vfork(w, 1, 0);
		wm_exec(w, t, 1);
		wm_add(w, (struct mmw_event){ .type = EV_VMALLOC, .task = t, .arg = ++w->areas, .mm = 402, .cpu = 1 });
		wm_exit(w, t, 1);
		wm_add(w, (struct mmw_event){ .type = EV_VFREE, .arg = w->areas, .mm = 402, .cpu = 1 });
		wm_free(w, t, 1, 0);
	}
}

static void copy(struct workload *w, unsigned copies)
{
	struct mmr_err e = { 0 };
	if (workload_copy(w, copies, &e))
		fail_msg("%s", e.text);
}

static void each_copy_is_the_workload_with_ids_of_its_own(void **state)
{
	(void)state;
	enum { COPIES = 5 };
	struct workload one, w;
	sample(&one);
	sample(&w);
	copy(&w, COPIES);
	assert_int_equal(w.tasks, COPIES * one.tasks);
	assert_int_equal(w.mms, COPIES * one.mms);
	assert_int_equal(w.areas, COPIES * one.areas);
	assert_int_equal(w.cpus, COPIES * one.cpus);
	/* All but the addition, which happens to the machine once. */
	assert_int_equal(w.n, COPIES * (one.n - 1) + 1);
	uint64_t at[COPIES] = { 0 }, delay[COPIES] = { 0 }, added = 0;
	for (uint64_t i = 0; i < w.n; i++) {
		const struct mmw_event *ev = &w.events[i];
		uint32_t k = ev->cpu / one.cpus, tasks = k * one.tasks;
		assert_true(!i || ev->time_ns >= w.events[i - 1].time_ns);
		if (ev->type == EV_PRESENT)
			k = (ev->task - 1) / one.tasks, tasks = k * one.tasks;
		assert_in_range(k, 0, COPIES - 1);
		while (k && one.events[at[k]].type == EV_HOT_ADD)
			at[k]++;
		const struct mmw_event *was = &one.events[at[k]++];
		assert_int_equal(ev->type, was->type);
		added += ev->type == EV_HOT_ADD;
		assert_int_equal(ev->task, was->task ? was->task + tasks : 0);
		assert_int_equal(ev->aux, was->aux);
		if (ev->type == EV_VMALLOC || ev->type == EV_VFREE) {
			assert_int_equal(ev->mm, was->mm);
			assert_int_equal(ev->arg, was->arg + k * one.areas);
		} else {
			assert_int_equal(ev->mm, was->mm ? was->mm + k * one.mms : 0);
			assert_int_equal(ev->arg, was->arg ? was->arg + tasks : 0);
		}
		if (ev->type == EV_PRESENT)
			continue;
		/* A copy keeps its times, all later by the same. */
		if (!delay[k])
			delay[k] = ev->time_ns - was->time_ns + 1;
		assert_int_equal(ev->time_ns - was->time_ns + 1, delay[k]);
		assert_true(delay[k] - 1 <= one.duration_ns / 8);
	}
	assert_int_equal(added, 1);
	for (unsigned k = 1; k < COPIES; k++)
		assert_true(delay[k] > 1);
	workload_free(&one);
	workload_free(&w);
}

static void copies_make_a_plan(void **state)
{
	(void)state;
	struct workload w;
	struct plan p;
	struct mmr_err e = { 0 };
	sample(&w);
	copy(&w, 7);
	for (unsigned workers = 1; workers <= 14; workers += 13) {
		assert_int_equal(plan_make(&w, workers, PARTITION_AUTO, &p, &e), 0);
		assert_int_equal(p.partition, workers == 14 ? PARTITION_CPU : PARTITION_TASK);
		assert_int_equal(plan_carry_out(&p), p.events);
		plan_free(&p);
	}
	/* On CPUs of their own copies meet where they meet on the machine, nowhere else: they do not wait. */
	workload_free(&w);
	wm_init(&w, 1);
	wm_storm(&w, 3, 50, 0);
	copy(&w, 4);
	assert_int_equal(plan_make(&w, 4, PARTITION_CPU, &p, &e), 0);
	assert_int_equal(p.constraints, 0);
	plan_free(&p);
	workload_free(&w);
}

static void one_copy_changes_nothing(void **state)
{
	(void)state;
	struct workload one, w;
	sample(&one);
	sample(&w);
	copy(&w, 1);
	assert_int_equal(w.n, one.n);
	assert_memory_equal(w.events, one.events, w.n * sizeof(*w.events));
	workload_free(&one);
	workload_free(&w);
}

static void more_than_there_is_room_for_is_told(void **state)
{
	(void)state;
	struct workload w;
	struct mmr_err e = { 0 };
	wm_init(&w, 192);
	wm_present(&w);
	assert_int_equal(workload_copy(&w, 1024, &e), -E2BIG);
	assert_string_equal(e.text, "--copies 1024: 196608 recorded CPUs are more than one replay takes (65535)");
	w.cpus = 1;
	w.tasks = 5000000;
	assert_int_equal(workload_copy(&w, 1000, &e), -E2BIG);
	assert_string_equal(e.text, "--copies 1000: 5000000000 tasks are more than one replay takes (4294967294)");
	workload_free(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_copy_is_the_workload_with_ids_of_its_own),
		cmocka_unit_test(copies_make_a_plan),
		cmocka_unit_test(one_copy_changes_nothing),
		cmocka_unit_test(more_than_there_is_room_for_is_told),
	};
	return cmocka_run_group_tests_name("copies", tests, NULL, NULL);
}
