/* Order `resource`: who does what, after what, and what makes no sense. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "tests/support/plan_walk.h"
#include "tests/support/workload_make.h"

static void make(const struct workload *w, unsigned workers, enum partition how, struct plan *p)
{
	struct mmr_err e = { 0 };
	if (plan_make(w, workers, how, p, &e))
		fail_msg("%s", e.text);
}

static void a_child_starts_after_its_fork(void **state)
{
	(void)state;
	struct workload w;
	struct plan p;
	wm_init(&w, 2);
	uint32_t parent = wm_present(&w); /* event 0 */
	uint32_t child = wm_fork(&w, parent, 0); /* 1 */
	uint32_t grandchild = wm_fork(&w, child, 1); /* 2 */
	wm_exit(&w, grandchild, 0); /* 3 */
	wm_exit(&w, child, 0); /* 4 */
	make(&w, 2, PARTITION_CPU, &p);
	assert_true(plan_ordered(&p, 1, 2));
	assert_true(plan_ordered(&p, 2, 3));
	assert_true(plan_ordered(&p, 2, 4));
	assert_int_equal(p.npresent, 1);
	assert_int_equal(p.events, 4);
	plan_free(&p);
	workload_free(&w);
}

static void a_vfork_parent_sleeps_until_exec_or_exit(void **state)
{
	(void)state;
	struct workload w;
	struct plan p;
	wm_init(&w, 2);
	uint32_t parent = wm_present(&w);
	uint32_t child = wm_vfork(&w, parent, 0); /* 1 */
	wm_exec(&w, child, 1); /* 2 */
	wm_fork(&w, parent, 0); /* 3 */
	uint32_t second = wm_vfork(&w, parent, 0); /* 4 */
	wm_exit(&w, second, 1); /* 5 */
	wm_exit(&w, parent, 0); /* 6 */
	make(&w, 2, PARTITION_CPU, &p);
	assert_true(plan_ordered(&p, 2, 3));
	assert_true(plan_ordered(&p, 5, 6));
	plan_free(&p);
	workload_free(&w);
}

static void exec_follows_the_siblings_exits(void **state)
{
	(void)state;
	struct workload w;
	struct plan p;
	wm_init(&w, 3);
	uint32_t leader = wm_present(&w);
	uint32_t a = wm_thread(&w, leader, 0); /* 1 */
	uint32_t b = wm_thread(&w, leader, 0); /* 2 */
	wm_exit(&w, b, 2); /* 3 */
	wm_exit(&w, leader, 1); /* 4 */
	wm_add(&w,
	       (struct mmw_event){ .type = EV_EXEC, .flags = EV_F_LEADER, .task = a, .arg = leader, .mm = ++w.mms });
	wm_fork(&w, a, 1); /* 6 */
	make(&w, 3, PARTITION_CPU, &p);
	assert_true(plan_ordered(&p, 3, 5));
	assert_true(plan_ordered(&p, 4, 5));
	assert_true(plan_ordered(&p, 5, 6));
	plan_free(&p);
	workload_free(&w);
}

static void a_reaped_child_comes_before_its_parents_next_event(void **state)
{
	(void)state;
	struct workload w;
	struct plan p;
	wm_init(&w, 2);
	uint32_t parent = wm_present(&w);
	uint32_t child = wm_fork(&w, parent, 0); /* 1 */
	uint32_t other = wm_fork(&w, parent, 0); /* 2 */
	wm_exit(&w, child, 1); /* 3 */
	wm_free(&w, child, parent, 1); /* 4 */
	wm_fork(&w, parent, 0); /* 5 */
	wm_exit(&w, other, 1); /* 6: not reaped */
	wm_fork(&w, parent, 0); /* 7 */
	make(&w, 2, PARTITION_CPU, &p);
	assert_true(plan_ordered(&p, 3, 5));
	assert_false(plan_ordered(&p, 6, 7));
	plan_free(&p);
	workload_free(&w);
}

static void independent_families_do_not_wait(void **state)
{
	(void)state;
	struct workload w;
	struct plan p;
	wm_init(&w, 2);
	wm_present(&w);
	wm_present(&w);
	for (int i = 0; i < 200; i++)
		for (uint32_t parent = 1; parent <= 2; parent++) {
			uint32_t c = wm_fork(&w, parent, 0);
			wm_exit(&w, c, 1);
			wm_free(&w, c, parent, 0);
		}
	make(&w, 2, PARTITION_TASK, &p);
	assert_int_equal(p.constraints, 0);
	assert_int_equal(p.streams[0].n, 600);
	assert_int_equal(p.streams[1].n, 600);
	plan_free(&p);
	workload_free(&w);
}

/* Two workers' tasks lie on different cache lines of the table. */
static void handles_of_two_workers_share_no_line(void **state)
{
	(void)state;
	struct workload w;
	struct plan p;
	uint32_t owner[4096] = { 0 };
	wm_init(&w, 2);
	wm_storm(&w, 4, 300, 0);
	make(&w, 2, PARTITION_TASK, &p);
	for (uint32_t k = 0; k < 2; k++)
		for (uint32_t i = 0; i < p.streams[k].n; i++) {
			const struct rop *op = &p.streams[k].ops[i];
			if (op->op != EV_FORK)
				continue;
			assert_in_range(op->arg, 1, p.handles);
			uint32_t *line = &owner[op->arg * sizeof(void *) / 64];
			assert_true(!*line || *line == k + 1);
			*line = k + 1;
		}
	plan_free(&p);
	workload_free(&w);
}

/* The whole of a storm on many workers: each event after what it needs, by running it in lock step. */
static void every_plan_can_be_carried_out(void **state)
{
	(void)state;
	struct workload w;
	struct plan p;
	wm_init(&w, 4);
	wm_storm(&w, 7, 60, 2);
	for (unsigned workers = 1; workers <= 9; workers++) {
		make(&w, workers, workers % 2 ? PARTITION_TASK : PARTITION_CPU, &p);
		assert_int_equal(plan_carry_out(&p), p.events);
		plan_free(&p);
	}
	workload_free(&w);
}

static void nonsense_names_its_event(void **state)
{
	(void)state;
	static const struct {
		struct mmw_event ev;
		const char *why;
	} cases[] = {
		{ { .type = EV_EXIT, .task = 2 }, "event 1 (exit of task 2): the task does not live" },
		{ { .type = EV_FREE, .task = 1 }, "event 1 (free of task 1): the task has not exited" },
		{ { .type = EV_FORK, .task = 1, .arg = 1, .mm = 1 }, "event 1 (fork of task 1): the child is not new" },
		{ { .type = EV_FORK, .task = 1, .arg = 9, .mm = 1 }, "event 1 (fork of task 1): the child is not new" },
		{ { .type = EV_EXIT, .task = 77 }, "event 1 (exit of task 77): the task's id is out of range" },
		{ { .type = EV_VFREE, .task = 1, .arg = 5 }, "event 1 (vfree of task 1): the area is out of range" },
	};
	for (unsigned i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct workload w;
		struct plan p;
		struct mmr_err e = { 0 };
		wm_init(&w, 1);
		wm_present(&w);
		w.tasks = 4;
		wm_add(&w, cases[i].ev);
		assert_int_equal(plan_make(&w, 2, PARTITION_AUTO, &p, &e), -EBADMSG);
		assert_string_equal(e.text, cases[i].why);
		workload_free(&w);
	}
}

static void injections_are_even_and_run_out(void **state)
{
	(void)state;
	static const uint32_t taken[] = { 272, 402, 0 };
	struct workload w;
	struct injection in;
	struct mmr_err e = { 0 };
	uint64_t short_by;
	wm_init(&w, 2);
	wm_storm(&w, 2, 500, 0); /* about 3 ms of recorded time */
	uint64_t before = w.n;
	assert_int_equal(injection_parse("hot_add:2000,max=4", &in, &e), 0);
	assert_int_equal(workload_inject(&w, &in, 1, 272, 399, taken, &short_by, &e), 0);
	assert_int_equal(short_by, 0);
	assert_int_equal(w.injected, 4);
	uint32_t slot = 273, checkpoints = 0;
	for (uint64_t i = 1; i < w.n; i++) {
		assert_true(w.events[i].time_ns >= w.events[i - 1].time_ns);
		if (w.events[i].type == EV_HOT_ADD)
			assert_int_equal(w.events[i].aux, slot++);
		checkpoints += w.events[i].type == EV_NONE;
	}
	assert_int_equal(slot, 277);
	assert_int_equal(checkpoints, 4);
	assert_int_equal(w.n, before + 4 + checkpoints);

	assert_int_equal(injection_parse("hot_add:1000000", &in, &e), 0);
	assert_int_equal(workload_inject(&w, &in, 1, 390, 399, taken, &short_by, &e), 0);
	assert_true(short_by > 1000);
	workload_free(&w);
}

/* Several at once: each brings checkpoints, all together no more than a run takes. */
static void injections_add_up(void **state)
{
	(void)state;
	static const uint32_t taken[] = { 272, 0 };
	struct workload w;
	struct injection in[4];
	struct mmr_err e = { 0 };
	uint64_t short_by;
	unsigned checkpoints = 0;
	wm_init(&w, 2);
	wm_storm(&w, 2, 500, 0);
	for (int i = 0; i < 4; i++)
		assert_int_equal(injection_parse("hot_add:1000000,max=20", &in[i], &e), 0);
	assert_int_equal(workload_inject(&w, in, 4, 272, 399, taken, &short_by, &e), 0);
	assert_int_equal(w.injected, 80);
	for (uint64_t i = 0; i < w.n; i++)
		checkpoints += w.events[i].type == EV_NONE;
	assert_in_range(checkpoints, 16, 32);
	workload_free(&w);
}

/* ---- what real traces hold ---- */

static const struct rop *present_of(const struct plan *p, uint32_t task)
{
	for (uint32_t i = 0; i < p->npresent; i++)
		if (p->present[i].aux == task)
			return &p->present[i];
	fail_msg("task %u is not set up", task);
	return NULL;
}

/* A state dump lists a thread after its leader has exited: the zombie leads the group all the same. */
static void a_present_thread_may_follow_its_leaders_exit(void **state)
{
	(void)state;
	struct workload w;
	struct plan p;
	wm_init(&w, 1);
	uint32_t leader = wm_present(&w), thread = ++w.tasks;
	wm_exit(&w, leader, 0); /* 1 */
	wm_add(&w, (struct mmw_event){ .type = EV_PRESENT, .task = thread, .arg = leader, .mm = 1 });
	wm_exec(&w, thread, 0); /* 3 */
	make(&w, 2, PARTITION_TASK, &p);
	assert_int_equal(present_of(&p, thread)->arg, present_of(&p, leader)->task);
	assert_true(plan_ordered(&p, 1, 3));
	plan_free(&p);
	workload_free(&w);
}

/* A thread whose creation was lost, of a leader forked in the trace: it cannot join a group that is not there yet. */
static void a_present_thread_of_a_later_leader_stands_alone(void **state)
{
	(void)state;
	struct workload w;
	struct plan p;
	wm_init(&w, 1);
	uint32_t parent = wm_present(&w), leader = wm_fork(&w, parent, 0), thread = ++w.tasks;
	wm_add(&w, (struct mmw_event){ .type = EV_PRESENT, .task = thread, .arg = leader, .mm = 2 });
	wm_exec(&w, thread, 0);
	wm_exit(&w, leader, 0);
	wm_exit(&w, thread, 0);
	make(&w, 2, PARTITION_TASK, &p);
	assert_int_equal(present_of(&p, thread)->arg, present_of(&p, thread)->task);
	assert_int_equal(p.tasks, 3);
	assert_int_equal(p.mms, 4); /* parent's, leader's, the thread's own, exec's */
	plan_free(&p);
	workload_free(&w);
}

/* The idle task forks kernel threads; it has no id. */
static void the_idle_task_may_fork(void **state)
{
	(void)state;
	struct workload w;
	struct plan p;
	wm_init(&w, 2);
	wm_add(&w, (struct mmw_event){ .type = EV_FORK, .flags = EV_F_KTHREAD, .arg = ++w.tasks, .cpu = 1 });
	wm_exit(&w, 1, 0);
	make(&w, 2, PARTITION_CPU, &p);
	assert_true(plan_ordered(&p, 0, 1));
	plan_free(&p);
	workload_free(&w);
}

static void add_vmalloc(struct workload *w, uint32_t slot)
{
	wm_add(w, (struct mmw_event){ .type = EV_VMALLOC, .arg = ++w->areas, .mm = slot });
}

/* With KASLR, or five levels, the recorded vmalloc range lies elsewhere than the geometry's. */
static void vmalloc_slots_are_brought_into_the_geometry(void **state)
{
	(void)state;
	static const struct {
		uint32_t recorded[3], want[3];
	} cases[] = {
		{ { 402, 403, 465 }, { 402, 403, 465 } }, /* as in the geometry */
		{ { 357, 358, 357 }, { 402, 403, 402 } }, /* KASLR: in what is the direct map here */
		{ { 460, 470, 461 }, { 402, 412, 403 } }, /* partly above */
		{ { 0, 64, 1 }, { 402, 402, 403 } }, /* five levels: more than there is room for */
	};
	for (unsigned i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct workload w;
		struct mmr_err e = { 0 };
		wm_init(&w, 1);
		for (int j = 0; j < 3; j++)
			add_vmalloc(&w, cases[i].recorded[j]);
		wm_add(&w, (struct mmw_event){ .type = EV_VFREE, .arg = 1, .mm = cases[i].recorded[0] });
		assert_int_equal(workload_fit(&w, 272, 512, 402, 465, &e), 0);
		for (int j = 0; j < 3; j++)
			assert_int_equal(w.events[j].mm, cases[i].want[j]);
		assert_int_equal(w.events[3].mm, cases[i].want[0]);
		workload_free(&w);
	}
}

static void slots_that_the_geometry_lacks_are_refused(void **state)
{
	(void)state;
	static const uint32_t bad_slots[] = { 0, 271, 512, 100000, EV_ANY_SLOT };
	static const uint8_t types[] = { EV_HOT_ADD, EV_SYNC };
	for (unsigned i = 0; i < sizeof(bad_slots) / sizeof(*bad_slots); i++)
		for (unsigned j = 0; j < 2; j++) {
			struct workload w;
			struct mmr_err e = { 0 };
			wm_init(&w, 1);
			wm_add(&w, (struct mmw_event){ .type = types[j], .aux = 272 });
			wm_add(&w, (struct mmw_event){ .type = types[j], .aux = bad_slots[i] });
			assert_int_equal(workload_fit(&w, 272, 512, 402, 465, &e), -EBADMSG);
			assert_non_null(strstr(e.text, "event 1 "));
			workload_free(&w);
		}
}

/* Slots are used again once they have been given back, in the order in which that happened. */
static void removals_give_slots_back(void **state)
{
	(void)state;
	static const uint32_t taken[] = { 391, 0 }, want[] = { 390, 390, 392, 393, 392, 390, 392, 393, 393 };
	struct mmr_err e = { 0 };
	struct workload w;
	struct injection in[3];
	uint64_t short_by, at = 0;
	wm_init(&w, 2);
	uint32_t a = wm_present(&w);
	for (int i = 0; i < 99; i++)
		wm_fork(&w, a, 0);
	/* 99 us: additions at 14, 28, 42, 56, 70 and 84, removals at 24, 49 and 74. */
	assert_int_equal(injection_parse("hot_add:1000000,max=6", &in[0], &e), 0);
	assert_int_equal(injection_parse("hot_remove:1000000,max=3", &in[1], &e), 0);
	assert_int_equal(injection_parse("pin:1000000,max=2", &in[2], &e), 0);
	assert_int_equal(workload_inject(&w, in, 3, 390, 393, taken, &short_by, &e), 0);
	assert_int_equal(short_by, 0);
	assert_int_equal(w.nothing_to_remove, 0);
	enum ev_type pin = EV_PIN_ALL;
	for (uint64_t i = 0; i < w.n; i++) {
		if (w.events[i].type == EV_PIN_ALL || w.events[i].type == EV_UNPIN_ALL) {
			assert_int_equal(w.events[i].type, pin);
			pin = EV_UNPIN_ALL;
		}
		if (w.events[i].type == EV_HOT_ADD || w.events[i].type == EV_HOT_REMOVE)
			assert_int_equal(w.events[i].aux, want[at++]);
	}
	assert_int_equal(at, 9);
	workload_free(&w);

	wm_init(&w, 2);
	a = wm_present(&w);
	wm_fork(&w, a, 0);
	assert_int_equal(workload_inject(&w, &in[1], 1, 390, 393, taken, &short_by, &e), 0);
	assert_int_equal(w.nothing_to_remove, 1);
	assert_int_equal(w.injected, 0);
	workload_free(&w);
}

static void bad_injections_are_told(void **state)
{
	(void)state;
	static const char *const bad[] = {
		"",       "hot_add",        "hot_add:",        "hot_add:0",    "hot_add:-1", "sync:nan",
		"fork:3", "hot_add:1,max=", "hot_add:1,max=0", "sync:1,min=3", "sync:1x",    "hot_add:inf"
	};
	struct injection in;
	struct mmr_err e;
	for (unsigned i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		assert_int_equal(injection_parse(bad[i], &in, &e), -EINVAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_child_starts_after_its_fork),
		cmocka_unit_test(a_vfork_parent_sleeps_until_exec_or_exit),
		cmocka_unit_test(exec_follows_the_siblings_exits),
		cmocka_unit_test(a_reaped_child_comes_before_its_parents_next_event),
		cmocka_unit_test(independent_families_do_not_wait),
		cmocka_unit_test(handles_of_two_workers_share_no_line),
		cmocka_unit_test(every_plan_can_be_carried_out),
		cmocka_unit_test(nonsense_names_its_event),
		cmocka_unit_test(injections_are_even_and_run_out),
		cmocka_unit_test(injections_add_up),
		cmocka_unit_test(removals_give_slots_back),
		cmocka_unit_test(bad_injections_are_told),
		cmocka_unit_test(a_present_thread_may_follow_its_leaders_exit),
		cmocka_unit_test(a_present_thread_of_a_later_leader_stands_alone),
		cmocka_unit_test(the_idle_task_may_fork),
		cmocka_unit_test(vmalloc_slots_are_brought_into_the_geometry),
		cmocka_unit_test(slots_that_the_geometry_lacks_are_refused),
	};
	return cmocka_run_group_tests_name("plan", tests, NULL, NULL);
}
