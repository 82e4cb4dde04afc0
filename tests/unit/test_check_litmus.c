/*
 * The check engine's memory model: the named litmus tests have exactly the
 * outcomes that x86-TSO, or SC, allows; and its reduction: as many complete
 * executions as there are traces, whichever way they are found.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>

#include "replay/dialect/kernel.h"

struct cells {
	SHARED(u32) x, y;
};

#define X (((struct cells *)k->design)->x)
#define Y (((struct cells *)k->design)->y)

/* What the programs have read, and what memory holds in the end. */
struct regs {
	u32 r[4], x, y;
};

struct outcomes {
	struct regs *regs;
	u32 seen[64];
	unsigned n;
	u64 classes[4096], states[4096];
	unsigned nclasses, nstates, complete;
	bool by_register; /* 4 bits each of r0..r3; else of x, y, r0, r1 */
};

static void add(u64 *set, unsigned *n, u64 v)
{
	for (unsigned i = 0; i < *n; i++)
		if (set[i] == v)
			return;
	assert_true(*n < 4096);
	set[(*n)++] = v;
}

static void complete(void *arg, u64 class, u64 state)
{
	struct outcomes *o = arg;
	const struct regs *r = o->regs;
	u32 v = o->by_register ? r->r[0] << 12 | r->r[1] << 8 | r->r[2] << 4 | r->r[3]
			       : r->x << 12 | r->y << 8 | r->r[0] << 4 | r->r[1];
	o->complete++;
	add(o->classes, &o->nclasses, class);
	add(o->states, &o->nstates, state);
	for (unsigned i = 0; i < o->n; i++)
		if (o->seen[i] == v)
			return;
	assert_true(o->n < 64);
	o->seen[o->n++] = v;
}

static void nothing(struct kernel *k, void *arg)
{
	(void)k;
	(void)arg;
}

static void final(struct kernel *k, void *arg)
{
	struct regs *r = arg;
	r->x = READ_ONCE(X);
	r->y = READ_ONCE(Y);
}

static const struct geometry geo = { .name = "none", .nslots = 8, .kernel_boundary = 3 };

typedef void program(struct kernel *k, void *arg);

static void explore(struct outcomes *o, program *const *p, unsigned cpus, enum check_memory memory,
		    enum check_reduction reduction, bool by_register)
{
	struct regs regs = { { 0 }, 0, 0 };
	struct check_programs programs = {
		.cpus = cpus, .setup = nothing, .final = final, .world_size = sizeof(struct cells)
	};
	for (unsigned i = 0; i < cpus; i++)
		programs.program[i] = p[i];
	memset(o, 0, sizeof(*o));
	o->regs = &regs;
	o->by_register = by_register;
	const struct check_config c = { .programs = &programs,
					.arg = &regs,
					.geometry = &geo,
					.memory = memory,
					.reduction = reduction,
					.complete = complete,
					.callback_arg = o };
	struct check_result r;
	struct mmr_err e;
	assert_int_equal(check_run(&c, &r, &e), 0);
	assert_int_equal(r.verdict, CHECK_HOLDS);
	assert_int_equal(r.executions, o->complete);
	o->regs = NULL;
}

/* ---- the programs ---- */

#define PROGRAM(name, ...)                                                                                             \
	static void name(struct kernel *k, void *arg)                                                                  \
	{                                                                                                              \
		struct regs *r = arg;                                                                                  \
		(void)r;                                                                                               \
		__VA_ARGS__                                                                                            \
	}

PROGRAM(sb0, WRITE_ONCE(X, 1); r->r[0] = READ_ONCE(Y);)
PROGRAM(sb1, WRITE_ONCE(Y, 1); r->r[1] = READ_ONCE(X);)
PROGRAM(sb0_mb, WRITE_ONCE(X, 1); smp_mb(); r->r[0] = READ_ONCE(Y);)
PROGRAM(sb1_mb, WRITE_ONCE(Y, 1); smp_mb(); r->r[1] = READ_ONCE(X);)
PROGRAM(sb0_wmb, WRITE_ONCE(X, 1); smp_wmb(); r->r[0] = READ_ONCE(Y);)
PROGRAM(sb0_rmw, xchg(&X, 1); r->r[0] = READ_ONCE(Y);)
PROGRAM(sb1_rmw, xchg(&Y, 1); r->r[1] = READ_ONCE(X);)
PROGRAM(mp0, WRITE_ONCE(X, 1); WRITE_ONCE(Y, 1);)
PROGRAM(mp1, r->r[0] = READ_ONCE(Y); r->r[1] = READ_ONCE(X);)
PROGRAM(lb0, r->r[0] = READ_ONCE(X); WRITE_ONCE(Y, 1);)
PROGRAM(lb1, r->r[1] = READ_ONCE(Y); WRITE_ONCE(X, 1);)
PROGRAM(r1_, WRITE_ONCE(Y, 2); r->r[0] = READ_ONCE(X);)
PROGRAM(s0, WRITE_ONCE(X, 2); WRITE_ONCE(Y, 1);)
PROGRAM(s1, r->r[0] = READ_ONCE(Y); WRITE_ONCE(X, 1);)
PROGRAM(w22_0, WRITE_ONCE(X, 1); WRITE_ONCE(Y, 2);)
PROGRAM(w22_1, WRITE_ONCE(Y, 1); WRITE_ONCE(X, 2);)
PROGRAM(wx, WRITE_ONCE(X, 1);)
PROGRAM(wy, WRITE_ONCE(Y, 1);)
PROGRAM(rxy, r->r[0] = READ_ONCE(X); r->r[1] = READ_ONCE(Y);)
PROGRAM(ryx, r->r[2] = READ_ONCE(Y); r->r[3] = READ_ONCE(X);)
PROGRAM(n6_0, WRITE_ONCE(X, 1); r->r[0] = READ_ONCE(X); r->r[1] = READ_ONCE(Y);)
PROGRAM(n6_1, WRITE_ONCE(Y, 2); WRITE_ONCE(X, 2);)
/* Stores that are read back, over and over: one trace however they drain. */
PROGRAM(
	own, for (u32 i = 1; i < 6; i++) {
		WRITE_ONCE(X, i);
		r->r[0] = READ_ONCE(X);
	})
PROGRAM(other, WRITE_ONCE(Y, 1); r->r[1] = READ_ONCE(Y);)
PROGRAM(await_y, r->r[0] = smp_cond_load_acquire(&Y, VAL != 0); r->r[1] = READ_ONCE(X);)
PROGRAM(y_there_and_back, WRITE_ONCE(Y, 1); WRITE_ONCE(Y, 0); WRITE_ONCE(X, 1); WRITE_ONCE(Y, 2);)
PROGRAM(add_one, fetch_add(&X, 1);)
PROGRAM(add_badly, WRITE_ONCE(X, READ_ONCE(X) + 1);)

struct litmus {
	const char *name;
	unsigned cpus;
	program *p[4];
	bool by_register;
	unsigned ntso, nsc;
	/* x y r0 r1, or r0 r1 r2 r3, a hexadecimal digit each; SC allows the first nsc, TSO all. */
	u32 allowed[20];
};

static const struct litmus litmus[] = {
	{ "SB", 2, { sb0, sb1 }, 1, 4, 3, { 0x0100, 0x1000, 0x1100, 0x0000 } },
	{ "SB+mb", 2, { sb0_mb, sb1_mb }, 1, 3, 3, { 0x0100, 0x1000, 0x1100 } },
	{ "SB+mb on one side", 2, { sb0_mb, sb1 }, 1, 4, 3, { 0x0100, 0x1000, 0x1100, 0x0000 } },
	{ "SB+wmb", 2, { sb0_wmb, sb1_mb }, 1, 4, 3, { 0x0100, 0x1000, 0x1100, 0x0000 } },
	{ "SB+rmw", 2, { sb0_rmw, sb1_rmw }, 1, 3, 3, { 0x0100, 0x1000, 0x1100 } },
	{ "MP", 2, { mp0, mp1 }, 1, 3, 3, { 0x0000, 0x0100, 0x1100 } },
	{ "LB", 2, { lb0, lb1 }, 1, 3, 3, { 0x0000, 0x0100, 0x1000 } },
	/* x=1 y=1 || y=2 r0=x */
	{ "R", 2, { mp0, r1_ }, 0, 4, 3, { 0x1110, 0x1210, 0x1100, 0x1200 } },
	/* x=2 y=1 || r0=y x=1 */
	{ "S", 2, { s0, s1 }, 0, 3, 3, { 0x1110, 0x1100, 0x2100 } },
	{ "2+2W", 2, { w22_0, w22_1 }, 0, 3, 3, { 0x1200, 0x2100, 0x2200 } },
	{ "IRIW",
	  4,
	  { wx, wy, rxy, ryx },
	  1,
	  15,
	  15,
	  { 0x0000, 0x0001, 0x0010, 0x0011, 0x0100, 0x0101, 0x0110, 0x0111, 0x1000, 0x1001, 0x1011, 0x1100, 0x1101,
	    0x1110, 0x1111 } },
	/* x=1 r0=x r1=y || y=2 x=2 */
	{ "n6", 2, { n6_0, n6_1 }, 0, 5, 4, { 0x2210, 0x1212, 0x2212, 0x2222, 0x1210 } },
	{ "own stores", 2, { own, other }, 0, 1, 1, { 0x5151 } },
	{ "a wait", 2, { await_y, y_there_and_back }, 0, 3, 3, { 0x1210, 0x1211, 0x1221 } },
	{ "atomic adds", 3, { add_one, add_one, add_one }, 0, 1, 1, { 0x3000 } },
	{ "adds", 2, { add_badly, add_badly }, 0, 2, 2, { 0x1000, 0x2000 } },
};

static void outcomes_are(const struct litmus *l, enum check_memory memory)
{
	struct outcomes *o = malloc(sizeof(*o));
	unsigned n = memory == MEMORY_TSO ? l->ntso : l->nsc;
	explore(o, l->p, l->cpus, memory, REDUCE_SOURCE, l->by_register);
	for (unsigned i = 0; i < o->n; i++) {
		unsigned j = 0;
		while (j < n && l->allowed[j] != o->seen[i])
			j++;
		if (j == n)
			fail_msg("%s: outcome %04x is not allowed", l->name, o->seen[i]);
	}
	if (o->n != n)
		fail_msg("%s: %u outcomes of %u", l->name, o->n, n);
	free(o);
}

static void every_outcome_that_tso_allows_and_no_other(void **state)
{
	(void)state;
	for (unsigned i = 0; i < sizeof(litmus) / sizeof(*litmus); i++)
		outcomes_are(&litmus[i], MEMORY_TSO);
}

static void every_outcome_that_sc_allows_and_no_other(void **state)
{
	(void)state;
	for (unsigned i = 0; i < sizeof(litmus) / sizeof(*litmus); i++)
		outcomes_are(&litmus[i], MEMORY_SC);
}

static int by_value(const void *a, const void *b)
{
	u64 x = *(const u64 *)a, y = *(const u64 *)b;
	return x < y ? -1 : x > y;
}

static void same_set(const char *name, u64 *a, unsigned na, u64 *b, unsigned nb)
{
	qsort(a, na, sizeof(*a), by_value);
	qsort(b, nb, sizeof(*b), by_value);
	if (na != nb || memcmp(a, b, na * sizeof(*a)))
		fail_msg("%s: %u against %u", name, na, nb);
}

/* One complete execution for each trace class, the same classes and end states without reduction, asleep, and with it. */
static void each_trace_once_and_none_is_missed(void **state)
{
	(void)state;
	struct outcomes *all = malloc(sizeof(*all)), *sleep = malloc(sizeof(*sleep)), *source = malloc(sizeof(*source));
	for (unsigned memory = MEMORY_TSO; memory <= MEMORY_SC; memory++)
		for (unsigned i = 0; i < sizeof(litmus) / sizeof(*litmus); i++) {
			const struct litmus *l = &litmus[i];
			explore(sleep, l->p, l->cpus, memory, REDUCE_SLEEP, l->by_register);
			explore(source, l->p, l->cpus, memory, REDUCE_SOURCE, l->by_register);
			if (sleep->complete != sleep->nclasses || source->complete != source->nclasses)
				fail_msg("%s: %u executions of %u classes asleep, %u of %u with source sets", l->name,
					 sleep->complete, sleep->nclasses, source->complete, source->nclasses);
			same_set(l->name, sleep->classes, sleep->nclasses, source->classes, source->nclasses);
			same_set(l->name, sleep->states, sleep->nstates, source->states, source->nstates);
			/* Hundreds of thousands of interleavings otherwise. */
			if (l->cpus > 2 || l->p[0] == own)
				continue;
			explore(all, l->p, l->cpus, memory, REDUCE_NONE, l->by_register);
			same_set(l->name, all->classes, all->nclasses, source->classes, source->nclasses);
			same_set(l->name, all->states, all->nstates, source->states, source->nstates);
		}
	free(all);
	free(sleep);
	free(source);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_outcome_that_tso_allows_and_no_other),
		cmocka_unit_test(every_outcome_that_sc_allows_and_no_other),
		cmocka_unit_test(each_trace_once_and_none_is_missed),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
