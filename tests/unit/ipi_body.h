/*
 * ipi_body.h - calls to all CPUs and stops of the machine, under threads; the
 * test_ipi_*.c define the lock kind and include this.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "replay/dialect/pgd.h"
#include "replay/native/world.h"

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
	};
	return cmocka_run_group_tests_name("ipi", tests, in_time, NULL);
}
