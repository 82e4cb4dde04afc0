/*
 * The telling of an execution: fewest changes of CPU, what need not happen left
 * out, stores that come late shown; on traces made by hand.
 */
#include <errno.h>
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "replay/check/columns.h"
#include "replay/check/linear.h"
#include "replay/check/naming.h"
#include "replay/check/schedule.h"

#define M(cpu) CHECK_THREAD(ACTOR_MAIN, cpu)
#define D(cpu) CHECK_THREAD(ACTOR_DRAIN, cpu)

struct made {
	struct check_step step[64];
	unsigned n;
};

/* A visible step of @thread, after @after's first @count ones beside its own earlier ones. */
static struct check_step *step(struct made *m, unsigned thread, unsigned after, u16 count)
{
	struct check_step *s = &m->step[m->n++];
	*s = (struct check_step){ .thread = (u8)thread, .kind = STEP_LOAD, .visible = true };
	for (unsigned i = 0; i < m->n - 1; i++)
		if (m->step[i].visible && m->step[i].thread == thread)
			memcpy(s->clock, m->step[i].clock, sizeof(s->clock));
	for (unsigned i = 0; i < m->n - 1; i++)
		if (m->step[i].visible && m->step[i].thread == after && m->step[i].clock[after] == count)
			for (unsigned t = 0; t < CHECK_THREADS; t++)
				if (m->step[i].clock[t] > s->clock[t])
					s->clock[t] = m->step[i].clock[t];
	s->clock[thread]++;
	return s;
}

static struct check_trace trace_of(struct made *m)
{
	return (struct check_trace){ .step = m->step, .nsteps = m->n, .violation = { .slot = -1 } };
}

static void is_order(const struct linear *l, const u8 *want, unsigned n)
{
	assert_int_equal(l->steps, n);
	assert_memory_equal(l->thread, want, n);
}

/* 0 1 0 1 without any order between is 0 0 1 1. */
static void independent_steps_are_told_together(void **state)
{
	struct made m = { .n = 0 };
	struct linear l;
	(void)state;
	for (unsigned i = 0; i < 4; i++)
		step(&m, M(i % 2), 0, 0);
	const struct check_trace t = trace_of(&m);
	assert_int_equal(linear_make(&l, &t, 100), 0);
	assert_int_equal(l.switches, 1);
	is_order(&l, (u8[]){ M(0), M(0), M(1), M(1) }, 4);
	linear_free(&l);
}

/* Ping pong: each step needs the other's before it. */
static void what_must_alternate_does(void **state)
{
	struct made m = { .n = 0 };
	struct linear l;
	(void)state;
	step(&m, M(0), M(0), 0);
	step(&m, M(1), M(0), 1);
	step(&m, M(0), M(1), 1);
	step(&m, M(1), M(0), 2);
	const struct check_trace t = trace_of(&m);
	assert_int_equal(linear_make(&l, &t, 100), 0);
	assert_int_equal(l.switches, 3);
	linear_free(&l);
	assert_int_equal(linear_make(&l, &t, 3), 0);
	linear_free(&l);
	assert_int_equal(linear_make(&l, &t, 2), -ERANGE);
}

/* CPU 1 first saves a change: 0 needs it in its middle. */
static void the_first_cpu_is_chosen(void **state)
{
	struct made m = { .n = 0 };
	struct linear l;
	(void)state;
	step(&m, M(0), M(0), 0);
	step(&m, M(1), M(1), 0);
	step(&m, M(0), M(1), 1);
	const struct check_trace t = trace_of(&m);
	assert_int_equal(linear_make(&l, &t, 100), 0);
	assert_int_equal(l.switches, 1);
	is_order(&l, (u8[]){ M(1), M(0), M(0) }, 3);
	linear_free(&l);
}

/* The best of three CPUs is no greedy one: 2 0 1 instead of 0 2 0 1. */
static void three_cpus(void **state)
{
	struct made m = { .n = 0 };
	struct linear l;
	(void)state;
	step(&m, M(0), M(0), 0);
	step(&m, M(2), M(2), 0);
	step(&m, M(0), M(2), 1);
	step(&m, M(1), M(0), 2);
	const struct check_trace t = trace_of(&m);
	assert_int_equal(linear_make(&l, &t, 100), 0);
	assert_int_equal(l.switches, 2);
	is_order(&l, (u8[]){ M(2), M(0), M(0), M(1) }, 4);
	linear_free(&l);
}

/* A buffer drains when it may, and costs no change of CPU. */
static void drains_cost_nothing(void **state)
{
	struct made m = { .n = 0 };
	struct linear l;
	(void)state;
	step(&m, M(0), M(0), 0);
	step(&m, M(1), M(1), 0);
	step(&m, D(0), M(0), 1); /* after CPU 1 has looked */
	step(&m, M(1), M(1), 0);
	const struct check_trace t = trace_of(&m);
	assert_int_equal(linear_make(&l, &t, 100), 0);
	assert_int_equal(l.switches, 1);
	is_order(&l, (u8[]){ M(0), D(0), M(1), M(1) }, 4);
	linear_free(&l);
	m.step[2].clock[M(1)] = 1;
	assert_int_equal(linear_make(&l, &t, 100), 0);
	is_order(&l, (u8[]){ M(0), M(1), D(0), M(1) }, 4);
	linear_free(&l);
}

/* What does not happen before the violation is left out; for one at the end all of it stays. */
static void only_the_past_of_a_violation(void **state)
{
	struct made m = { .n = 0 };
	struct linear l;
	(void)state;
	step(&m, M(0), M(0), 0);
	step(&m, M(1), M(1), 0);
	step(&m, M(1), M(0), 1);
	step(&m, M(2), M(2), 0);
	step(&m, M(0), M(0), 0);
	step(&m, M(1), M(1), 2);
	struct check_trace t = trace_of(&m);
	assert_int_equal(linear_make(&l, &t, 100), 0);
	assert_int_equal(l.steps, 6);
	linear_free(&l);
	m.step[m.n++] = (struct check_step){ .thread = M(1), .kind = STEP_VIOLATION };
	t.nsteps = m.n;
	assert_int_equal(linear_make(&l, &t, 100), 0);
	is_order(&l, (u8[]){ M(0), M(1), M(1), M(1) }, 4);
	linear_free(&l);
}

/* The least number of changes of CPU over all orders there are, one by one. */
static unsigned all_orders(const struct made *m, u32 done, unsigned n, unsigned cpu, unsigned changes)
{
	unsigned best = UINT32_MAX;
	if (n == m->n)
		return changes;
	for (unsigned i = 0; i < m->n; i++) {
		const struct check_step *s = &m->step[i];
		u16 have[CHECK_THREADS] = { 0 };
		bool ready = !(done >> i & 1);
		for (unsigned j = 0; j < m->n; j++)
			have[m->step[j].thread] += done >> j & 1;
		for (unsigned t = 0; t < CHECK_THREADS; t++)
			ready &= s->clock[t] <= have[t] + (t == s->thread);
		if (!ready)
			continue;
		bool drain = CHECK_ACTOR(s->thread) == ACTOR_DRAIN;
		unsigned next = drain ? cpu : CHECK_CPU(s->thread);
		unsigned c = all_orders(m, done | 1u << i, n + 1, next, changes + (n && cpu != 99 && next != cpu));
		best = c < best ? c : best;
	}
	return best;
}

static void as_few_changes_as_any_order_has(void **state)
{
	u32 seed = 1;
	(void)state;
	for (unsigned round = 0; round < 300; round++) {
		struct made m = { .n = 0 };
		struct linear l;
		u16 count[CHECK_THREADS] = { 0 };
		for (unsigned i = 0; i < 8; i++) {
			static const unsigned thread[] = { M(0), M(1), M(2), M(0), M(1), D(0) };
			seed = seed * 1664525 + 1013904223;
			unsigned t = thread[(seed >> 16) % 6], after = thread[(seed >> 20) % 6];
			/* A drain needs its store, an edge its beginning. */
			if (CHECK_ACTOR(t) == ACTOR_DRAIN)
				after = M(0);
			step(&m, t, after, count[after]);
			count[t]++;
		}
		const struct check_trace t = trace_of(&m);
		assert_int_equal(linear_make(&l, &t, 100), 0);
		assert_int_equal(l.switches, all_orders(&m, 0, 0, 99, 0));
		assert_int_equal(l.steps, m.n);
		linear_free(&l);
	}
}

static void fewer_changes_then_fewer_steps(void **state)
{
	const struct linear a = { .switches = 1, .steps = 9 }, b = { .switches = 2, .steps = 3 };
	const struct linear c = { .switches = 1, .steps = 8 };
	(void)state;
	assert_true(linear_better(&a, &b));
	assert_false(linear_better(&b, &a));
	assert_true(linear_better(&c, &a));
	assert_false(linear_better(&a, &a));
}

/* ---- names ---- */

static void is_name(const char *spelled, const char *want)
{
	char buf[160];
	name_expression(spelled, buf, sizeof(buf));
	assert_string_equal(buf, want);
}

static void expressions_as_a_reader_spells_them(void **state)
{
	(void)state;
	is_name("&(t->mm).shared_field_", "t->mm");
	is_name("&((mm)->stamp).shared_field_", "mm->stamp");
	is_name("&(&mm->users)->shared_field_", "mm->users");
	is_name("&(p)->shared_field_", "*p");
	is_name("&(*pgd_slot(pgd, slot)).shared_field_", "*pgd_slot(pgd, slot)");
	is_name("&(&sig->nr_threads)->shared_field_ until VAL == stay", "sig->nr_threads until VAL == stay");
	is_name("spin_lock(&w->pgd_lock)", "spin_lock(&w->pgd_lock)");
	is_name("f(mm)->x", "f(mm)->x");
	is_name("\033[31mred", "?[31mred");
	is_name(NULL, "");
}

/* ---- machine form ---- */

static void schedules_come_back(void **state)
{
	u8 thread[500];
	struct schedule s = { .design = "d:fix=K1,K2", .scenario = "fork/DM", .lock = "ticket", .memory = "tso" };
	(void)state;
	strcpy(s.geometry, "own");
	strcpy(s.violation, "I1a");
	for (unsigned i = 0; i < 500; i++)
		thread[i] = (u8)(i < 300 ? i % CHECK_THREADS : M(2));
	s.thread = thread;
	s.n = 500;
	s.interrupts = true;
	for (unsigned n = 0; n <= 500; n += 50) {
		FILE *f = tmpfile();
		struct schedule back;
		struct mmr_err e = { 0 };
		unsigned line = 0;
		assert_non_null(f);
		s.n = n;
		fputs("some text\n", f);
		schedule_write(f, &s);
		fputs("more\n", f);
		rewind(f);
		assert_int_equal(schedule_read(f, "file", &line, &back, &e), 1);
		assert_int_equal(back.n, n);
		assert_memory_equal(back.thread ? back.thread : thread, thread, n);
		assert_string_equal(back.design, s.design);
		assert_string_equal(back.violation, s.violation);
		assert_true(back.interrupts);
		assert_int_equal(back.line, 2);
		schedule_free(&back);
		assert_int_equal(schedule_read(f, "file", &line, &back, &e), 0);
		fclose(f);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(independent_steps_are_told_together),
		cmocka_unit_test(what_must_alternate_does),
		cmocka_unit_test(the_first_cpu_is_chosen),
		cmocka_unit_test(three_cpus),
		cmocka_unit_test(drains_cost_nothing),
		cmocka_unit_test(only_the_past_of_a_violation),
		cmocka_unit_test(as_few_changes_as_any_order_has),
		cmocka_unit_test(fewer_changes_then_fewer_steps),
		cmocka_unit_test(expressions_as_a_reader_spells_them),
		cmocka_unit_test(schedules_come_back),
	};
	return cmocka_run_group_tests_name("check_linear", tests, NULL, NULL);
}
