/*
 * What an interrupt costs whom: the CPU that was at work, not one that had
 * nothing to do; and whose conflicts are those of the call.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#define KLOCK_any
#include "replay/dialect/pgd.h"

#include "replay/era.h"
#include "replay/sim/sim.h"
#include "replay/topology.h"
#include "tests/support/workload_make.h"

#define CPUS 4
#define CALLS 50
#define CALL_NS 20000

struct world {
	SHARED(u64) word ____cacheline_aligned;
};

static void called(struct kernel *k, u64 arg)
{
	struct world *w = k->design;
	WRITE_ONCE(w->word, READ_ONCE(w->word) + arg);
	cpu_work(CALL_NS);
}

static void call_everybody(struct kernel *k, u32 slot)
{
	(void)slot;
	on_each_cpu(k, called, 1);
}

static const struct pgd_hooks hooks = { .sync = call_everybody, .world_size = sizeof(struct world) };
PGD_DESIGN(test_calls, hooks, .source = "test", .about = "calls every CPU", .expect = "I1", .flags = DESIGN_NEGATIVE);

static struct run_figures run(const struct workload *w, double speed)
{
	struct mmr_err e = { 0 };
	struct run_figures r;
	struct topology t;
	struct plan p;
	if (topology_parse("1x1x4", CPUS, NULL, &t, &e) || plan_make(w, CPUS, PARTITION_CPU, &p, &e))
		fail_msg("%s", e.text);
	const struct run_config c = {
		.workload = w,
		.plan = &p,
		.design = design_find("test_calls", "sim", "ticket"),
		.geometry = geometry_find("x86_64-4level"),
		.topology = &t,
		.speed = speed,
		.measure = MEASURE_FULL,
		.sample_every = 1,
		.fault_handler = true,
	};
	if (sim_run(&c, &r, &e))
		fail_msg("%s", e.text);
	plan_free(&p);
	return r;
}

/* CPU 0 calls, one call every 1 us of recorded time; the others have an event before and one after. */
static void make(struct workload *w)
{
	uint32_t child[CPUS];
	wm_init(w, CPUS);
	uint32_t parent = wm_present(w);
	for (unsigned i = 1; i < CPUS; i++)
		child[i] = wm_fork(w, parent, i);
	for (unsigned n = 0; n < CALLS; n++)
		wm_add(w, (struct mmw_event){ .type = EV_SYNC, .aux = 300 });
	for (unsigned i = 1; i < CPUS; i++)
		wm_exit(w, child[i], i);
}

static uint64_t conflicts(const struct run_figures *r, const char *op, const char *line)
{
	uint64_t n = 0;
	for (unsigned i = 0; i < r->run.nconflicts; i++)
		if ((!op || !strcmp(r->conflicts[i].op, op)) && !strcmp(r->conflicts[i].line, line))
			n += r->conflicts[i].count;
	return n;
}

static void a_call_is_its_callers(void **state)
{
	(void)state;
	struct workload w;
	make(&w);
	struct run_figures r = run(&w, 0);
	/* Each CPU in turn finds the word written by another. */
	assert_true(conflicts(&r, "sync", "design + 0") >= CALLS * CPUS - 1);
	assert_int_equal(conflicts(&r, NULL, "design + 0"), conflicts(&r, "sync", "design + 0"));
	run_figures_free(&r);
	workload_free(&w);
}

/* At a 1000th of the recorded speed there is 1 ms between the calls, in which the others wait for their time. */
static void nothing_is_taken_from_the_idle(void **state)
{
	(void)state;
	struct workload w;
	make(&w);
	struct run_figures r = run(&w, 0.001);
	assert_true(r.run.drift->max < CALL_NS);
	run_figures_free(&r);
	workload_free(&w);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_call_is_its_callers),
		cmocka_unit_test(nothing_is_taken_from_the_idle),
	};
	return cmocka_run_group_tests_name("sim_interrupts", tests, NULL, NULL);
}
