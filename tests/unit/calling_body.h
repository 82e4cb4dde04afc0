/*
 * calling_body.h - runs of a design that calls all CPUs, and of one that never
 * comes back; the test_calling_*.c define the lock kind and include this.
 */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>

#include <unistd.h>
#include <cmocka.h>

#include "replay/dialect/pgd.h"
#include "replay/era.h"
#include "replay/native/native.h"
#include "tests/support/workload_make.h"

static struct native_clock clock_;

static void fix_loaded(struct kernel *k, u64 slot)
{
	pgd_t *p = pgd_slot(READ_ONCE(this_cpu()->cr3), (u32)slot);
	cmpxchg(p, 0, READ_ONCE(*reference_slot(k, (u32)slot)));
}

static void late(struct kernel *k, struct mm_struct *mm)
{
	smp_mb();
	copy_present_kernel_part(k, mm);
}

/* Under mem_hotplug_lock: a walk, and every CPU looks after what it has loaded. */
static void sync_all(struct kernel *k, u32 slot)
{
	struct task_struct *p, *t;
	smp_mb();
	rcu_read_lock();
	for_each_process (k, p) {
		t = find_lock_task_mm(k, p);
		if (!t)
			continue;
		sync_slot(k, READ_ONCE(READ_ONCE(t->mm)->pgd), slot);
		task_unlock(t);
	}
	rcu_read_unlock();
	on_each_cpu(k, fix_loaded, slot);
}

/* How the design below fails to come back; set before a run. */
static enum { COMES_BACK, LOCK_TWICE, WALK_IN_CIRCLES, LIST_IN_CIRCLES } stuck;
static volatile sig_atomic_t stop_stuck;

struct stuck_world {
	spinlock_t lock;
	struct list_head a, b;
};

static void stuck_init(struct kernel *k)
{
	struct stuck_world *w = k->design;
	spin_lock_init(k, &w->lock, "stuck_lock");
	/* From a to b, and from b to b. */
	INIT_LIST_HEAD(&w->a);
	INIT_LIST_HEAD(&w->b);
	WRITE_ONCE(w->a.next, &w->b);
}

static u32 circles(struct stuck_world *w)
{
	u32 n = 0;
	for (struct list_head *at = READ_ONCE(w->a.next); at != &w->a; at = READ_ONCE(at->next))
		n++;
	return n;
}

static void stuck_sync(struct kernel *k, u32 slot)
{
	struct stuck_world *w = k->design;
	if (stuck == COMES_BACK)
		sync_all(k, slot);
	if (stuck == COMES_BACK || stuck == LIST_IN_CIRCLES)
		return;
	spin_lock(&w->lock);
	if (stuck == LOCK_TWICE)
		spin_lock(&w->lock);
	else
		circles(w);
}

static u32 stuck_listed(struct kernel *k)
{
	return stuck == LIST_IN_CIRCLES ? circles(k->design) : ~0u;
}

static const struct pgd_hooks calling_hooks = {
	.world_size = sizeof(struct stuck_world),
	.world_init = stuck_init,
	.init_late_fork = late,
	.init_late_exec = late,
	.sync = stuck_sync,
	.listed = stuck_listed,
};
PGD_DESIGN(test_calling, calling_hooks, .source = "test", .about = "calls all CPUs", .expect = "holds");

static void runs_with_calls_end(void **state)
{
	static const uint32_t taken[] = { 272, 402, 468, 511, 0 };
	struct mmr_err e = { 0 };
	(void)state;
	for (unsigned workers = 1; workers <= 5; workers += 2) {
		struct workload w;
		struct plan p;
		struct injection in;
		struct run_figures r;
		uint64_t short_by;
		wm_init(&w, 3);
		wm_storm(&w, 6, 300, 3);
		assert_int_equal(injection_parse("hot_add:1000", &in, &e), 0);
		assert_int_equal(workload_inject(&w, &in, 1, 272, 399, taken, &short_by, &e), 0);
		assert_int_equal(plan_make(&w, workers, PARTITION_AUTO, &p, &e), 0);
		const struct run_config c = {
			.workload = &w,
			.plan = &p,
			.design = design_find("test_calling", "native", KLOCK_NAME),
			.geometry = geometry_find("x86_64-4level"),
			.clock = &clock_,
			.oversubscribed = workers > native_cpus(),
			.measure = MEASURE_FULL,
			.sample_every = 1,
		};
		if (native_run(&c, &r, &e))
			fail_msg("%s", e.text);
		assert_int_equal(r.run.status, RUN_DONE);
		assert_int_equal(r.run.verdict, VERDICT_PASS);
		run_figures_free(&r);
		plan_free(&p);
		workload_free(&w);
	}
}

/* ---- designs that never come back ---- */

/* Two walks on two CPUs, and forks after them. */
static void run_stuck(unsigned workers, struct run_figures *r)
{
	struct mmr_err e = { 0 };
	struct workload w;
	struct plan p;
	wm_init(&w, workers);
	uint32_t a = wm_present(&w), b = wm_present(&w);
	wm_fork(&w, a, 0);
	for (uint16_t cpu = 0; cpu < 2; cpu++)
		wm_add(&w, (struct mmw_event){ .type = EV_SYNC, .aux = 272, .cpu = cpu });
	for (unsigned i = 0; i < 20; i++)
		wm_fork(&w, i % 2 ? a : b, (uint16_t)(i % 2));
	assert_int_equal(plan_make(&w, workers, PARTITION_CPU, &p, &e), 0);
	const struct run_config c = {
		.workload = &w,
		.plan = &p,
		.design = design_find("test_calling", "native", KLOCK_NAME),
		.geometry = geometry_find("x86_64-4level"),
		.clock = &clock_,
		.oversubscribed = true,
		.patience_ms = 300,
		.stop = &stop_stuck,
	};
	if (native_run(&c, r, &e))
		fail_msg("%s", e.text);
	plan_free(&p);
	workload_free(&w);
}

static void what_never_comes_back_breaks_I7(void **state)
{
	(void)state;
	for (stuck = LOCK_TWICE; stuck <= LIST_IN_CIRCLES; stuck++)
		for (unsigned workers = 1; workers <= 3; workers += 2) {
			struct run_figures r;
			run_stuck(workers, &r);
			assert_int_equal(r.run.status, RUN_DONE);
			assert_int_equal(r.run.verdict, VERDICT_VIOLATION);
			assert_int_equal(r.run.nviolations, 1);
			assert_string_equal(r.run.violations[0].invariant, "I7");
			/* The first walk, or the second; the end is at no event. */
			if (stuck == LIST_IN_CIRCLES)
				assert_true(r.run.violations[0].event == UINT64_MAX);
			else
				assert_in_range(r.run.violations[0].event, 3, 4);
			assert_true(r.run.events >= 1);
			run_figures_free(&r);
		}
	stuck = COMES_BACK;
}

static void what_never_comes_back_can_be_stopped(void **state)
{
	(void)state;
	struct run_figures r;
	stuck = WALK_IN_CIRCLES;
	stop_stuck = 1;
	run_stuck(2, &r);
	stop_stuck = 0;
	stuck = COMES_BACK;
	assert_int_equal(r.run.status, RUN_INTERRUPTED);
	assert_int_equal(r.run.nviolations, 0);
	run_figures_free(&r);
}

static int measure_clock(void **state)
{
	(void)state;
	alarm(240);
	return native_clock_measure(&clock_, NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(runs_with_calls_end),
		cmocka_unit_test(what_never_comes_back_breaks_I7),
		cmocka_unit_test(what_never_comes_back_can_be_stopped),
	};
	return cmocka_run_group_tests_name("calling", tests, measure_clock, NULL);
}
