/*
 * A design that is broken must not break the program that runs it: walks that
 * do not end, pointers to nowhere, locks beyond counting, calls in the wrong
 * place. Each is one operation of a design that is otherwise whole.
 */
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#define KLOCK_any
#include "replay/dialect/kernel.h"

#include "replay/era.h"
#include "replay/sim/sim.h"
#include "replay/topology.h"
#include "tests/support/workload_make.h"

#define CPUS 4
#define LOCKS 10

/* A simulation and its programs are one thread's. */
static __thread struct {
	void (*play)(struct kernel *k, u32 slot);
	volatile sig_atomic_t stop;
	unsigned calls;
} scene;

/* In the world's memory, behind what the design has there. */
static struct stage {
	SHARED(u64) word ____cacheline_aligned;
	SHARED(u64) other ____cacheline_aligned;
	struct {
		spinlock_t lock ____cacheline_aligned;
	} l[LOCKS];
} * stage_of(struct kernel *k)
{
	return (struct stage *)k->design;
}

static void play(struct kernel *k, u32 slot)
{
	scene.play(k, slot);
}

static void boot(struct kernel *k)
{
	struct stage *s = stage_of(k);
	design_find("null", "sim", "ticket")->boot(k);
	for (unsigned i = 0; i < LOCKS; i++)
		spin_lock_init(k, &s->l[i].lock, "stage");
}

/* Slot i on CPU i, @rounds times, forks before and after. */
static void make(struct workload *w, unsigned rounds)
{
	uint32_t parent[CPUS];
	wm_init(w, CPUS);
	for (unsigned i = 0; i < CPUS; i++)
		parent[i] = wm_present(w);
	for (unsigned n = 0; n < rounds; n++)
		for (unsigned i = 0; i < CPUS; i++) {
			uint32_t child = wm_fork(w, parent[i], i);
			wm_exit(w, child, i);
			wm_add(w, (struct mmw_event){ .type = EV_SYNC, .aux = 300 + i, .cpu = (uint16_t)i });
		}
}

static struct run_figures run(void (*what)(struct kernel *k, u32 slot), unsigned rounds)
{
	static const size_t size = sizeof(struct stage) + 64;
	struct design_ops d = *design_find("null", "sim", "ticket");
	struct mmr_err e = { 0 };
	struct run_figures r;
	struct topology t;
	struct workload w;
	struct plan p;
	make(&w, rounds);
	scene.play = what;
	scene.calls = 0;
	d.boot = boot;
	d.sync = play;
	d.world_size = &size;
	if (topology_parse("", CPUS, NULL, &t, &e) || plan_make(&w, CPUS, PARTITION_CPU, &p, &e))
		fail_msg("%s", e.text);
	const struct run_config c = {
		.workload = &w,
		.plan = &p,
		.design = &d,
		.geometry = geometry_find("x86_64-4level"),
		.topology = &t,
		.measure = MEASURE_FULL,
		.sample_every = 1,
		.patience_ms = 300,
		.stop = &scene.stop,
	};
	scene.stop = 0;
	if (sim_run(&c, &r, &e))
		fail_msg("%s", e.text);
	plan_free(&p);
	workload_free(&w);
	return r;
}

static void assert_found(void (*what)(struct kernel *k, u32 slot), const char *invariant)
{
	/* Twice: the program is as before. */
	for (unsigned i = 0; i < 2; i++) {
		struct run_figures r = run(what, 3);
		assert_int_equal(r.run.verdict, VERDICT_VIOLATION);
		assert_int_equal(r.run.status, RUN_DONE);
		assert_string_equal(r.violations[0].invariant, invariant);
		run_figures_free(&r);
	}
}

/* ---- without end ---- */

static void on_one_line(struct kernel *k, u32 slot)
{
	while (slot == 302 && READ_ONCE(stage_of(k)->word) != 1)
		;
}

static void over_two_lines(struct kernel *k, u32 slot)
{
	while (slot == 301)
		if (READ_ONCE(stage_of(k)->word) + READ_ONCE(stage_of(k)->other))
			break;
}

static void without_a_word(struct kernel *k, u32 slot)
{
	(void)k;
	while (slot == 300)
		barrier();
}

static void relaxing(struct kernel *k, u32 slot)
{
	while (slot == 303 && READ_ONCE(stage_of(k)->word) != 1)
		cpu_relax();
}

static void in_an_interrupt(struct kernel *k, u64 arg)
{
	while (arg && READ_ONCE(stage_of(k)->word) != 1)
		cpu_relax();
}

static void interrupting(struct kernel *k, u32 slot)
{
	on_each_cpu(k, in_an_interrupt, slot == 302);
}

static void waiting_for_itself(struct kernel *k, u32 slot)
{
	spin_lock(&stage_of(k)->l[0].lock);
	if (slot == 301)
		spin_lock(&stage_of(k)->l[0].lock);
	spin_unlock(&stage_of(k)->l[0].lock);
}

static __attribute__((unused)) void walks_that_do_not_end_are_ended(void **state)
{
	(void)state;
	assert_found(on_one_line, "I7");
	assert_found(over_two_lines, "I7");
	assert_found(without_a_word, "I7");
	assert_found(relaxing, "I7");
	assert_found(interrupting, "I7");
	assert_found(waiting_for_itself, "I7");
}

/* ---- to nowhere ---- */

static void plain_read(struct kernel *k, u32 slot)
{
	(void)k;
	const volatile u64 *nowhere = (const volatile u64 *)(uintptr_t)(slot == 302 ? 8 : 0);
	__asm__("" : "+r"(nowhere));
	if (nowhere)
		(void)*nowhere;
}

static void no_address(struct kernel *k, u32 slot)
{
	(void)k;
	const volatile u64 *nowhere = (const volatile u64 *)(uintptr_t)(slot == 302 ? 0xdead000000000100ull : 0);
	if (nowhere)
		(void)*nowhere;
}

static void word_read(struct kernel *k, u32 slot)
{
	struct stage *s = slot == 302 ? NULL : stage_of(k);
	__asm__("" : "+r"(s));
	(void)READ_ONCE(s->other);
}

static void lock_nowhere(struct kernel *k, u32 slot)
{
	struct stage *s = slot == 302 ? NULL : stage_of(k);
	__asm__("" : "+r"(s));
	spin_lock(&s->l[0].lock);
	spin_unlock(&s->l[0].lock);
}

static __attribute__((unused)) void pointers_to_nowhere_are_told(void **state)
{
	(void)state;
	assert_found(plain_read, "I3");
	assert_found(no_address, "I3");
	assert_found(word_read, "I3");
	assert_found(lock_nowhere, "I3");
}

/* ---- told to stop ---- */

static void stop_in_the_middle(struct kernel *k, u32 slot)
{
	if (slot == 301)
		scene.stop = SIGINT;
	while (slot == 301 && READ_ONCE(stage_of(k)->word) != 1)
		;
}

static void violate_and_stop(struct kernel *k, u32 slot)
{
	kernel_violation(k, "I5", "for the test", 0, 0, (int)slot);
	scene.stop = SIGINT;
}

static __attribute__((unused)) void an_interrupted_run_says_so(void **state)
{
	(void)state;
	struct run_figures r = run(stop_in_the_middle, 3);
	assert_int_equal(r.run.status, RUN_INTERRUPTED);
	assert_int_equal(r.run.verdict, VERDICT_UNCHECKED);
	run_figures_free(&r);
	r = run(violate_and_stop, 100);
	assert_int_equal(r.run.status, RUN_INTERRUPTED);
	assert_int_equal(r.run.verdict, VERDICT_VIOLATION);
	/* At the next operation, not thousands later. */
	assert_true(r.run.events < 3 * CPUS);
	run_figures_free(&r);
}

/* ---- several at once ---- */

static void forks_only(struct kernel *k, u32 slot)
{
	(void)k;
	(void)slot;
}

struct neighbour {
	void (*what)(struct kernel *k, u32 slot);
	unsigned rounds;
	struct run_figures r;
	pthread_t thread;
};

static void *neighbour_main(void *arg)
{
	struct neighbour *n = arg;
	n->r = run(n->what, n->rounds);
	return NULL;
}

/* Some are broken, each in its way, one is told to stop, one is whole: each gets what it gets alone. */
static __attribute__((unused)) void each_thread_is_watched_for_itself(void **state)
{
	(void)state;
	struct neighbour n[] = {
		{ .what = on_one_line, .rounds = 3 },        { .what = plain_read, .rounds = 3 },
		{ .what = stop_in_the_middle, .rounds = 3 }, { .what = without_a_word, .rounds = 3 },
		{ .what = lock_nowhere, .rounds = 3 },       { .what = forks_only, .rounds = 30000 },
	};
	const unsigned many = sizeof(n) / sizeof(n[0]);
	struct run_figures alone = run(forks_only, n[5].rounds);
	for (unsigned i = 0; i < many; i++)
		assert_int_equal(pthread_create(&n[i].thread, NULL, neighbour_main, &n[i]), 0);
	for (unsigned i = 0; i < many; i++)
		pthread_join(n[i].thread, NULL);
	static const char *const found[] = { "I7", "I3", NULL, "I7", "I3", NULL };
	for (unsigned i = 0; i < many; i++) {
		assert_int_equal(n[i].r.run.status, i == 2 ? RUN_INTERRUPTED : RUN_DONE);
		assert_int_equal(n[i].r.run.nviolations > 0, found[i] != NULL);
		if (found[i])
			assert_string_equal(n[i].r.violations[0].invariant, found[i]);
	}
	assert_int_equal(n[5].r.run.events, alone.run.events);
	assert_int_equal(n[5].r.run.wall_ns, alone.run.wall_ns);
	assert_int_equal(n[5].r.run.state_digest, alone.run.state_digest);
	for (unsigned i = 0; i < many; i++)
		run_figures_free(&n[i].r);
	run_figures_free(&alone);
}

/* ---- many locks, and a machine that stops ---- */

static void nothing(struct kernel *k, u64 arg)
{
	(void)k;
	(void)arg;
	scene.calls++;
}

static void ten_locks(struct kernel *k, u32 slot)
{
	struct stage *s = stage_of(k);
	for (unsigned i = 0; i < LOCKS; i++)
		spin_lock(&s->l[i].lock);
	for (unsigned i = 0; i < LOCKS; i++)
		spin_unlock(&s->l[i].lock);
	if (slot == 301)
		stop_machine(k, nothing, 0);
}

static void assert_whole(struct run_figures r, unsigned calls)
{
	if (r.run.nviolations)
		fail_msg("%s: %s", r.violations[0].invariant, r.violations[0].detail);
	assert_int_equal(r.run.status, RUN_DONE);
	assert_int_equal(scene.calls, calls);
	run_figures_free(&r);
}

static void more_locks_than_are_remembered(void **state)
{
	(void)state;
	struct run_figures r = run(ten_locks, 20);
	for (unsigned i = 0; i < r.run.nlocks; i++)
		if (!strcmp(r.locks[i].lock, "stage"))
			assert_true(r.locks[i].outermost_ns > 0 &&
				    r.locks[i].outermost_ns <= (uint64_t)CPUS * r.run.wall_ns);
	assert_whole(r, 20);
}

static void stop_at_once(struct kernel *k, u32 slot)
{
	(void)slot;
	stop_machine(k, nothing, 0);
}

static void all_stop_the_machine(void **state)
{
	(void)state;
	assert_whole(run(stop_at_once, 20), 20 * CPUS);
}

/* Where the kernel forbids it: whatever comes of it, it comes to an end. */
static void stop_with_a_lock(struct kernel *k, u32 slot)
{
	struct stage *s = stage_of(k);
	spin_lock(&s->l[slot % CPUS].lock);
	stop_machine(k, nothing, 0);
	spin_unlock(&s->l[slot % CPUS].lock);
}

static void two_stop_each_other(void **state)
{
	(void)state;
	assert_found(stop_with_a_lock, "I7");
}

/* ---- interrupts ---- */

static void call_with_interrupts_off(struct kernel *k, u32 slot)
{
	(void)slot;
	local_irq_disable();
	on_each_cpu(k, nothing, 0);
	local_irq_enable();
}

static void call_from(struct kernel *k, u32 slot)
{
	if (slot == 300)
		call_with_interrupts_off(k, slot);
}

static void the_caller_runs_it_once(void **state)
{
	(void)state;
	assert_whole(run(call_from, 20), 20 * CPUS);
}

static void add_one(struct kernel *k, u64 arg)
{
	struct stage *s = stage_of(k);
	(void)arg;
	WRITE_ONCE(s->word, READ_ONCE(s->word) + 1);
}

/* The caller has the line, everybody else writes to it, the caller looks again. */
static void pass_a_line_round(struct kernel *k, u32 slot)
{
	if (slot != 300) {
		/* The caller is never behind. */
		cpu_work(1000000);
		return;
	}
	(void)READ_ONCE(stage_of(k)->word);
	on_each_cpu(k, add_one, 0);
}

static uint64_t conflicts_on(const struct run_figures *r, const char *line)
{
	uint64_t n = 0;
	for (unsigned i = 0; i < r->run.nconflicts; i++)
		if (!strncmp(r->conflicts[i].line, line, strlen(line)))
			n += r->conflicts[i].count;
	return n;
}

static void interrupts_take_lines_away(void **state)
{
	(void)state;
	struct run_figures r = run(pass_a_line_round, 50);
	/* Each of the four takes it from the one before, each time; the first to write it takes it from nobody. */
	assert_int_equal(conflicts_on(&r, "design"), 50 * CPUS - 1);
	run_figures_free(&r);
}

int main(void)
{
#ifdef __SANITIZE_ADDRESS__
	puts("1..0 # SKIP AddressSanitizer lets no run be given up in the middle of a switch of stacks");
	return 0;
#endif
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(more_locks_than_are_remembered),
		cmocka_unit_test(all_stop_the_machine),
		cmocka_unit_test(the_caller_runs_it_once),
		cmocka_unit_test(interrupts_take_lines_away),
		cmocka_unit_test(two_stop_each_other),
		cmocka_unit_test(walks_that_do_not_end_are_ended),
		cmocka_unit_test(an_interrupted_run_says_so),
		cmocka_unit_test(pointers_to_nowhere_are_told),
		cmocka_unit_test(each_thread_is_watched_for_itself),
	};
	return cmocka_run_group_tests_name("sim_watch", tests, NULL, NULL);
}
