/*
 * ipi_body.h - calls to all CPUs and stops of the machine, under threads; the
 * test_ipi_*.c define the lock kind and include this.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "replay/dialect/pgd.h"
#include "replay/era.h"
#include "replay/native/native.h"
#include "replay/native/world.h"
#include "tests/support/workload_make.h"

#define CPUS 4
#define ROUNDS 300

/* What the threads of one test share; reset by start(). */
static struct {
	struct eng_world *world;
	pthread_t thread[CPUS];
	spinlock_t lock;
	rwlock_t rwlock;
	u32 go_on;
	u32 ran[CPUS], wrong; /* calls by CPU; calls that ran as another */
	u32 inside, torn; /* events under way; stops that found one */
	u32 stops;
} shared;

static struct ncpu *cpu_of(u32 i)
{
	return &shared.world->cpu[i];
}

static void count_call(struct kernel *k, u64 arg)
{
	u32 id = this_cpu()->id;
	(void)k;
	__atomic_fetch_add(&shared.ran[id], 1, __ATOMIC_RELAXED);
	/* What belongs to a CPU may be used without a lock: ThreadSanitizer looks on. */
	this_cpu()->faults++;
	if (arg && id != arg - 1)
		__atomic_fetch_add(&shared.wrong, 1, __ATOMIC_RELAXED);
}

static void look_around(struct kernel *k, u64 arg)
{
	(void)k;
	(void)arg;
	/* The caller itself is inside one. */
	if (__atomic_load_n(&shared.inside, __ATOMIC_SEQ_CST) != 1)
		shared.torn++;
	shared.stops++;
}

static void begin_event(void)
{
	__atomic_fetch_add(&shared.inside, 1, __ATOMIC_SEQ_CST);
}

static void end_event(void)
{
	__atomic_fetch_sub(&shared.inside, 1, __ATOMIC_SEQ_CST);
}

static void enter(u32 i)
{
	eng_self = cpu_of(i);
	eng_wake(eng_self);
}

static void leave(void)
{
	eng_sleep(eng_self, CPU_IDLE);
	eng_self = NULL;
}

static void world_up(void)
{
	static const struct geometry geo = { .nslots = 512, .kernel_boundary = 272, .boot_slots = { 272 } };
	const struct world_config c = { .design = design_find("null", "native", KLOCK_NAME),
					.geo = &geo,
					.cpus = CPUS,
					.oversubscribed = true,
					.tsc_mult = 1ull << 32 };
	memset(&shared, 0, sizeof(shared));
	assert_int_equal(world_make(&c, &shared.world, NULL), 0);
	spin_lock_init(&shared.world->k, &shared.lock, "lock");
	rwlock_init(&shared.world->k, &shared.rwlock, "rwlock");
}

/* One thread for each CPU from @first on, @body with its number. */
static void start(u32 first, void *(*body)(void *))
{
	shared.go_on = 1;
	for (u32 i = first; i < CPUS; i++)
		assert_int_equal(pthread_create(&shared.thread[i], NULL, body, (void *)(uintptr_t)i), 0);
}

static void finish(u32 first)
{
	__atomic_store_n(&shared.go_on, 0, __ATOMIC_RELEASE);
	for (u32 i = first; i < CPUS; i++)
		pthread_join(shared.thread[i], NULL);
}

static bool going_on(void)
{
	return __atomic_load_n(&shared.go_on, __ATOMIC_ACQUIRE);
}

/* ---- who runs a call ---- */

static void a_call_reaches_cpus_that_do_not_run(void **state)
{
	(void)state;
	world_up();
	enter(1);
	on_each_cpu(&shared.world->k, count_call, 0);
	leave();
	for (u32 i = 0; i < CPUS; i++)
		assert_int_equal(shared.ran[i], 1);
	for (u32 i = 0; i < CPUS; i++)
		assert_int_equal(cpu_of(i)->cpu.faults, 1);
	assert_int_equal(cpu_of(0)->mail.state, CPU_IDLE);
	world_free(shared.world);
}

static void *between_events(void *arg)
{
	enter((u32)(uintptr_t)arg);
	while (going_on())
		if (eng_attention(eng_self))
			eng_attend_between(eng_self);
	leave();
	return NULL;
}

static void *only_spins(void *arg)
{
	enter((u32)(uintptr_t)arg);
	while (going_on())
		cpu_relax();
	leave();
	return NULL;
}

static void *at_the_lock(void *arg)
{
	enter((u32)(uintptr_t)arg);
	while (going_on()) {
		spin_lock(&shared.lock);
		spin_unlock(&shared.lock);
		if (eng_attention(eng_self))
			eng_attend_between(eng_self);
	}
	leave();
	return NULL;
}

static void *at_the_rwlock(void *arg)
{
	u32 i = (u32)(uintptr_t)arg;
	enter(i);
	while (going_on()) {
		if (i % 2) {
			read_lock(&shared.rwlock);
			read_unlock(&shared.rwlock);
		} else {
			write_lock(&shared.rwlock);
			write_unlock(&shared.rwlock);
		}
	}
	leave();
	return NULL;
}

/* The caller holds what all others want, round after round. */
static void call_with(void *(*others)(void *))
{
	world_up();
	enter(0);
	start(1, others);
	for (u32 n = 0; n < ROUNDS; n++) {
		spin_lock(&shared.lock);
		write_lock(&shared.rwlock);
		on_each_cpu(&shared.world->k, count_call, 0);
		write_unlock(&shared.rwlock);
		spin_unlock(&shared.lock);
		for (u32 i = 0; i < CPUS; i++)
			assert_int_equal(__atomic_load_n(&shared.ran[i], __ATOMIC_RELAXED), n + 1);
	}
	leave();
	finish(1);
	for (u32 i = 0; i < CPUS; i++)
		assert_int_equal(cpu_of(i)->cpu.faults, ROUNDS);
	world_free(shared.world);
}

static void a_call_reaches_cpus_between_events(void **state)
{
	(void)state;
	call_with(between_events);
}

static void a_call_reaches_cpus_that_spin(void **state)
{
	(void)state;
	call_with(only_spins);
}

static void a_caller_may_hold_what_others_wait_for(void **state)
{
	(void)state;
	call_with(at_the_lock);
	call_with(at_the_rwlock);
}

static void *disabled_for_a_while(void *arg)
{
	u32 i = (u32)(uintptr_t)arg;
	enter(i);
	while (going_on()) {
		local_irq_disable();
		u32 before = __atomic_load_n(&shared.ran[i], __ATOMIC_RELAXED);
		for (int n = 0; n < 50; n++)
			cpu_relax();
		if (__atomic_load_n(&shared.ran[i], __ATOMIC_RELAXED) != before)
			__atomic_fetch_add(&shared.wrong, 1, __ATOMIC_RELAXED);
		local_irq_enable();
		cpu_relax();
	}
	leave();
	return NULL;
}

static void no_call_runs_with_interrupts_off(void **state)
{
	(void)state;
	call_with(disabled_for_a_while);
	assert_int_equal(shared.wrong, 0);
}

/* ---- all at once ---- */

static void *everything(void *arg)
{
	u32 i = (u32)(uintptr_t)arg, seed = i + 1;
	struct kernel *k = &shared.world->k;
	enter(i);
	for (u32 n = 0; n < ROUNDS; n++) {
		begin_event();
		seed = seed * 1103515245 + 12345;
		switch (seed >> 16 & 7) {
		case 0:
			stop_machine(k, look_around, 0);
			break;
		case 1:
			on_each_cpu(k, count_call, 0);
			break;
		case 2:
			spin_lock(&shared.lock);
			on_each_cpu(k, count_call, 0);
			spin_unlock(&shared.lock);
			break;
		case 3:
			write_lock(&shared.rwlock);
			spin_lock(&shared.lock);
			spin_unlock(&shared.lock);
			write_unlock(&shared.rwlock);
			break;
		default:
			spin_lock(&shared.lock);
			cpu_relax();
			spin_unlock(&shared.lock);
			break;
		}
		end_event();
		if (eng_attention(eng_self))
			eng_attend_between(eng_self);
	}
	leave();
	return NULL;
}

static void calls_stops_and_locks_end(void **state)
{
	(void)state;
	world_up();
	start(0, everything);
	finish(0);
	for (u32 i = 1; i < CPUS; i++)
		assert_int_equal(shared.ran[i], shared.ran[0]);
	assert_true(shared.stops > 0);
	world_free(shared.world);
}

/* Nobody else is inside an event while the machine is stopped. */
static void *events_and_stops(void *arg)
{
	u32 i = (u32)(uintptr_t)arg;
	struct kernel *k = &shared.world->k;
	enter(i);
	for (u32 n = 0; n < ROUNDS; n++) {
		if (n % 8 == i) {
			/* Waiting for its turn a stop may be stopped: it is inside nothing. */
			stop_machine(k, look_around, 0);
		} else {
			begin_event();
			spin_lock(&shared.lock);
			spin_unlock(&shared.lock);
			end_event();
		}
		if (eng_attention(eng_self))
			eng_attend_between(eng_self);
	}
	leave();
	return NULL;
}

static void nothing_runs_while_the_machine_is_stopped(void **state)
{
	(void)state;
	world_up();
	begin_event(); /* look_around() expects one */
	start(0, events_and_stops);
	finish(0);
	assert_int_equal(shared.torn, 0);
	assert_true(shared.stops >= CPUS * (ROUNDS / 8));
	world_free(shared.world);
}

/* ---- in a run ---- */

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
	struct native_clock clock;
	struct mmr_err e = { 0 };
	(void)state;
	assert_int_equal(native_clock_measure(&clock, &e), 0);
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
			.clock = &clock,
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
	struct native_clock clock;
	struct mmr_err e = { 0 };
	struct workload w;
	struct plan p;
	assert_int_equal(native_clock_measure(&clock, &e), 0);
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
		.clock = &clock,
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

static int in_time(void **state)
{
	(void)state;
	alarm(240);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_call_reaches_cpus_that_do_not_run),
		cmocka_unit_test(a_call_reaches_cpus_between_events),
		cmocka_unit_test(a_call_reaches_cpus_that_spin),
		cmocka_unit_test(a_caller_may_hold_what_others_wait_for),
		cmocka_unit_test(no_call_runs_with_interrupts_off),
		cmocka_unit_test(calls_stops_and_locks_end),
		cmocka_unit_test(nothing_runs_while_the_machine_is_stopped),
		cmocka_unit_test(runs_with_calls_end),
		cmocka_unit_test(what_never_comes_back_breaks_I7),
		cmocka_unit_test(what_never_comes_back_can_be_stopped),
	};
	return cmocka_run_group_tests_name("ipi", tests, in_time, NULL);
}
