/*
 * What a native run reports: counts of what was done and no more, peaks, who
 * was switched to; and where in an operation a design's hooks are called.
 */
#include <errno.h>
#include <malloc.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>
#include <cmocka.h>

#define KLOCK_ticket
#include "replay/dialect/pgd.h"
#include "replay/era.h"
#include "replay/native/native.h"
#include "replay/native/world.h"
#include "tests/support/workload_make.h"

/* ---- a design that watches ---- */

/* What this program's runs share with their hooks; reset by run(). */
static struct {
	unsigned freed, freed_locked;
	bool keep_listed; /* planted fault: one directory more than there are */
	bool stop_in_fork;
	volatile sig_atomic_t stop;
} watch;

static void watch_free(struct kernel *k, struct mm_struct *mm)
{
	struct task_struct *curr = this_cpu()->curr;
	(void)k;
	(void)mm;
	/* On whichever worker it falls. */
	__atomic_fetch_add(&watch.freed, 1, __ATOMIC_RELAXED);
	if (curr && ticket_is_locked(&curr->alloc_lock.raw.ticket))
		__atomic_fetch_add(&watch.freed_locked, 1, __ATOMIC_RELAXED);
}

static void watch_late(struct kernel *k, struct mm_struct *mm)
{
	copy_present_kernel_part(k, mm);
	/* Not while tasks are set up; and the other worker has all the time it needs to see it. */
	if (watch.stop_in_fork && mm->id == 2) {
		__atomic_store_n(&watch.stop, 1, __ATOMIC_RELAXED);
		usleep(100000);
	}
}

static void watch_sync(struct kernel *k, u32 slot)
{
	(void)k;
	(void)slot;
}

/* The fault shows in the end only: while a second mm lives, the count is right. */
static u32 watch_listed(struct kernel *k)
{
	(void)k;
	return watch.keep_listed && watch.freed ? 1000 : ~0u;
}

static const struct pgd_hooks watch_hooks = {
	.pgd_free = watch_free,
	.init_late_fork = watch_late,
	.init_late_exec = watch_late,
	.sync = watch_sync,
	.listed = watch_listed,
};
PGD_DESIGN(test_watch, watch_hooks, .source = "test", .about = "looks at itself", .expect = "holds");

/* ---- running ---- */

static struct native_clock clock_;

static void run(const char *name, const struct workload *w, unsigned workers, enum partition how, struct run_figures *r)
{
	struct mmr_err e = { 0 };
	struct plan p;
	watch.freed = watch.freed_locked = 0;
	watch.stop = 0;
	if (plan_make(w, workers, how, &p, &e))
		fail_msg("%s", e.text);
	const struct run_config c = {
		.workload = w,
		.plan = &p,
		.design = design_find(name, "native", "ticket"),
		.geometry = geometry_find("x86_64-4level"),
		.clock = &clock_,
		.oversubscribed = true,
		.measure = MEASURE_FULL,
		.sample_every = 1,
		.stop = &watch.stop,
	};
	if (native_run(&c, r, &e))
		fail_msg("%s", e.text);
	plan_free(&p);
}

static uint64_t count_of(const struct run_figures *r, const char *op, uint64_t *timed)
{
	for (unsigned i = 0; i < r->run.nops; i++)
		if (!strcmp(r->run.ops[i].op, op)) {
			*timed = r->run.ops[i].latency->count;
			return r->run.ops[i].count;
		}
	*timed = 0;
	return 0;
}

/* ---- figures ---- */

static void an_interrupted_run_counts_what_it_did(void **state)
{
	(void)state;
	struct workload w;
	struct run_figures r;
	wm_init(&w, 2);
	uint32_t a = wm_present(&w);
	wm_fork(&w, a, 0);
	/* The second worker has nothing but a meeting that never takes place. */
	wm_add(&w, (struct mmw_event){ .type = EV_NONE });
	for (int i = 0; i < 3000; i++)
		wm_fork(&w, a, 0);
	watch.stop_in_fork = true;
	run("test_watch", &w, 2, PARTITION_CPU, &r);
	watch.stop_in_fork = false;
	assert_int_equal(r.run.status, RUN_INTERRUPTED);
	assert_true(r.run.events <= 1025);
	assert_int_equal(r.run.op_count[EV_FORK], r.run.events);
	run_figures_free(&r);
	workload_free(&w);
}

static void the_peak_of_a_short_run_is_seen(void **state)
{
	(void)state;
	for (unsigned workers = 1; workers <= 3; workers++) {
		struct workload w;
		struct run_figures r;
		wm_init(&w, 2);
		uint32_t a = wm_present(&w), b = wm_present(&w), kids[40];
		for (int i = 0; i < 40; i++)
			kids[i] = wm_fork(&w, i % 2 ? b : a, 0);
		for (int i = 0; i < 40; i++)
			wm_exit(&w, kids[i], 0);
		run("test_watch", &w, workers, PARTITION_CPU, &r);
		/* A dead mm lives on as a lazy CPU's. */
		assert_in_range(r.run.peak_mms, 42, 42 + workers);
		run_figures_free(&r);
		workload_free(&w);

		/* Without creations, those that were there. */
		wm_init(&w, 2);
		a = wm_present(&w);
		wm_present(&w);
		wm_exit(&w, a, 0);
		run("test_watch", &w, workers, PARTITION_CPU, &r);
		assert_int_equal(r.run.peak_mms, 2);
		run_figures_free(&r);
		workload_free(&w);
	}
}

static void what_the_end_shows_is_no_checkpoints(void **state)
{
	(void)state;
	struct workload w;
	struct run_figures r;
	wm_init(&w, 1);
	uint32_t a = wm_present(&w), b = wm_fork(&w, a, 0);
	wm_add(&w, (struct mmw_event){ .type = EV_NONE });
	wm_fork(&w, b, 0);
	wm_exit(&w, b, 0);
	wm_fork(&w, a, 0);
	watch.keep_listed = true;
	run("test_watch", &w, 1, PARTITION_CPU, &r);
	watch.keep_listed = false;
	assert_int_equal(r.run.nviolations, 1);
	assert_string_equal(r.run.violations[0].invariant, "I6");
	assert_true(r.run.violations[0].event == UINT64_MAX);
	run_figures_free(&r);
	workload_free(&w);
}

/* ---- switches ---- */

static void recorded_switches_are_counted_as_such(void **state)
{
	(void)state;
	struct workload w;
	struct run_figures r;
	uint64_t timed;
	wm_init(&w, 1);
	uint32_t a = wm_present(&w), b = wm_present(&w);
	for (int i = 0; i < 10; i++)
		wm_add(&w, (struct mmw_event){ .type = EV_SWITCH, .task = i % 2 ? b : a, .arg = i % 2 ? a : b });
	/* Already on the CPU; and nobody: idle. */
	wm_add(&w, (struct mmw_event){ .type = EV_SWITCH, .task = b });
	wm_add(&w, (struct mmw_event){ .type = EV_SWITCH });
	run("test_watch", &w, 1, PARTITION_CPU, &r);
	assert_int_equal(count_of(&r, "context_switch", &timed), 10);
	assert_int_equal(timed, 10);
	assert_int_equal(r.run.op_count[EV_SWITCH], 12);
	assert_int_equal(r.run.events, 12);
	run_figures_free(&r);
	workload_free(&w);
}

/* Between exit and the last schedule() a task may be preempted and come back: the trace says a switch to the dead. */
static void a_switch_to_a_dead_task_touches_nothing(void **state)
{
	(void)state;
	struct workload w;
	struct run_figures r;
	uint64_t timed;
	wm_init(&w, 1);
	uint32_t a = wm_present(&w), b = wm_fork(&w, a, 0);
	wm_exit(&w, b, 0);
	wm_add(&w, (struct mmw_event){ .type = EV_SWITCH, .task = b, .arg = a });
	wm_fork(&w, a, 0);
	run("test_watch", &w, 1, PARTITION_CPU, &r);
	/* a for the fork, b for its exit, a again. */
	assert_int_equal(count_of(&r, "context_switch", &timed), 3);
	run_figures_free(&r);
	workload_free(&w);
}

/* A task that ran elsewhere meanwhile comes back with another mm: the CPU has to switch to it once more. */
static void a_task_that_comes_back_is_switched_to(void **state)
{
	(void)state;
	struct workload w;
	struct run_figures r;
	uint64_t timed;
	wm_init(&w, 2);
	uint32_t a = wm_present(&w);
	wm_fork(&w, a, 0);
	wm_exec(&w, a, 1);
	wm_fork(&w, a, 0);
	run("test_watch", &w, 2, PARTITION_CPU, &r);
	assert_int_equal(count_of(&r, "context_switch", &timed), 3);
	/* The mm that exec left is nowhere loaded any more. */
	assert_int_equal(watch.freed, 1);
	run_figures_free(&r);
	workload_free(&w);
}

/* ---- odd but valid ---- */

/* More mms than ids: nothing forbids a file to use one twice, and two tasks that shared an mm at the start are two. */
static void an_mm_id_may_come_again(void **state)
{
	(void)state;
	struct workload w;
	struct run_figures r;
	wm_init(&w, 1);
	uint32_t a = wm_present(&w);
	for (int i = 0; i < 9000; i++)
		wm_add(&w, (struct mmw_event){ .type = EV_FORK, .task = a, .arg = ++w.tasks, .mm = 1 });
	run("test_watch", &w, 1, PARTITION_CPU, &r);
	assert_int_equal(r.run.status, RUN_DONE);
	assert_int_equal(r.run.peak_mms, 9001);
	run_figures_free(&r);
	workload_free(&w);
}

/* ---- no memory ---- */

#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__) /* they need all the addresses there are */
static void a_world_without_memory_is_told(void **state)
{
	(void)state;
	struct mmr_err e = { 0 };
	struct eng_world *w;
	struct rlimit all, little;
	const struct world_config c = { .design = design_find("test_watch", "native", "ticket"),
					.geo = geometry_find("x86_64-4level"),
					.cpus = 64,
					.tasks = 8,
					.mms = 1u << 22,
					.handles = 64,
					.tsc_mult = clock_.mult };
	getrlimit(RLIMIT_AS, &all);
	little = all;
	little.rlim_cur = 256u << 20;
	setrlimit(RLIMIT_AS, &little);
	mallopt(M_PERTURB, 0x55); /* what malloc() gives is not by chance 0 */
	int ret = world_make(&c, &w, &e);
	mallopt(M_PERTURB, 0);
	setrlimit(RLIMIT_AS, &all);
	assert_int_equal(ret, -ENOMEM);
	assert_non_null(strstr(e.text, "no memory for a world of 64 CPUs"));
}
#endif

/* ---- where hooks are called ---- */

/* A kernel thread that execs (a user-mode helper) drops the dead mm it was lazy on; exec_mmap() does so unlocked. */
static void exec_drops_the_lazy_mm_without_task_lock(void **state)
{
	(void)state;
	struct workload w;
	struct run_figures r;
	wm_init(&w, 1);
	uint32_t a = wm_present(&w), helper = ++w.tasks;
	wm_add(&w, (struct mmw_event){ .type = EV_FORK, .flags = EV_F_KTHREAD, .task = a, .arg = helper });
	uint32_t b = wm_fork(&w, a, 0);
	wm_exit(&w, b, 0);
	wm_exec(&w, helper, 0);
	run("test_watch", &w, 1, PARTITION_CPU, &r);
	assert_int_equal(watch.freed, 1);
	assert_int_equal(watch.freed_locked, 0);
	run_figures_free(&r);
	workload_free(&w);
}

static int measure_clock(void **state)
{
	(void)state;
	alarm(120);
	return native_clock_measure(&clock_, NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_interrupted_run_counts_what_it_did),
		cmocka_unit_test(the_peak_of_a_short_run_is_seen),
		cmocka_unit_test(what_the_end_shows_is_no_checkpoints),
		cmocka_unit_test(recorded_switches_are_counted_as_such),
		cmocka_unit_test(a_switch_to_a_dead_task_touches_nothing),
		cmocka_unit_test(a_task_that_comes_back_is_switched_to),
		cmocka_unit_test(exec_drops_the_lazy_mm_without_task_lock),
		cmocka_unit_test(an_mm_id_may_come_again),
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
		cmocka_unit_test(a_world_without_memory_is_told),
#endif
	};
	return cmocka_run_group_tests_name("native", tests, measure_clock, NULL);
}
