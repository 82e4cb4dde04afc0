/*
 * The directory of cache lines: what a conflict is, what it costs, and that one
 * store more in a design is one conflict more per operation.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#define KLOCK_any
#include "replay/dialect/pgd.h"

/* pgd_list, and a word on a line of its own that each creation writes. */
static void noisy_alloc(struct kernel *k, struct mm_struct *mm);

#define VARIANT test_noisy
#define VARIANT_SAYS .source = "test", .about = "one store more", .expect = "holds", .flags = DESIGN_REMOVES
#undef VARIANT_HOOKS
#define VARIANT_HOOKS .pgd_alloc = noisy_alloc, .world_size = 128
#undef PGD_DESIGN
#define PGD_DESIGN(base, hooks_, ...) PGD_REGISTER(VARIANT, hooks_, VARIANT_SAYS)
#pragma GCC diagnostic ignored "-Woverride-init"
#include "replay/designs/pgd_list.c"

struct noisy {
	struct world world;
	SHARED(u64) last ____cacheline_aligned;
};
_Static_assert(sizeof(struct noisy) == 128, "as VARIANT_HOOKS says");

static void noisy_alloc(struct kernel *k, struct mm_struct *mm)
{
	struct noisy *n = k->design;
	pgd_alloc(k, mm);
	WRITE_ONCE(n->last, mm->id);
}

#include "replay/era.h"
#include "replay/sim/sim.h"
#include "replay/topology.h"
#include "tests/support/workload_make.h"

struct asked {
	const char *design, *topology, *geometry;
	unsigned cpus;
	enum order order;
	bool exact, eager;
};

static struct run_figures run_as(const struct workload *w, struct asked a)
{
	struct mmr_err e = { 0 };
	struct run_figures r;
	struct topology t;
	struct plan p;
	if (topology_parse(a.topology, a.cpus, NULL, &t, &e) ||
	    plan_make_ordered(w, a.cpus, PARTITION_CPU, a.order, &p, &e))
		fail_msg("%s", e.text);
	const struct run_config c = {
		.workload = w,
		.plan = &p,
		.design = design_find(a.design, "sim", "ticket"),
		.geometry = geometry_find(a.geometry),
		.exact = a.exact,
		.sync_policy = a.eager ? SYNC_EAGER : SYNC_LAZY,
		.topology = &t,
		.measure = MEASURE_FULL,
		.sample_every = 1,
		.fault_handler = true,
	};
	assert_non_null(c.design);
	if (sim_run(&c, &r, &e))
		fail_msg("%s", e.text);
	plan_free(&p);
	return r;
}

static struct run_figures run(const char *name, const struct workload *w, unsigned cpus, const char *topology)
{
	return run_as(w, (struct asked){ .design = name,
					 .topology = topology,
					 .geometry = "x86_64-4level",
					 .cpus = cpus,
					 .order = ORDER_RESOURCE });
}

static uint64_t conflicts(const struct run_figures *r, const char *op, const char *line)
{
	uint64_t n = 0;
	for (unsigned i = 0; i < r->run.nconflicts; i++)
		if (!strcmp(r->conflicts[i].op, op) && (!line || !strcmp(r->conflicts[i].line, line)))
			n += r->conflicts[i].count;
	return n;
}

#define CPUS 8
#define CHILDREN 200

/* One parent per CPU; everything of a child happens on its parent's. */
static void make(struct workload *w)
{
	uint32_t parent[CPUS];
	wm_init(w, CPUS);
	for (unsigned i = 0; i < CPUS; i++)
		parent[i] = wm_present(w);
	for (unsigned n = 0; n < CHILDREN; n++)
		for (unsigned i = 0; i < CPUS; i++) {
			uint32_t child = wm_fork(w, parent[i], i);
			wm_exit(w, child, i);
			wm_free(w, child, parent[i], i);
		}
}

static void one_store_more_is_one_conflict_more(void **state)
{
	(void)state;
	struct workload w;
	make(&w);
	struct run_figures plain = run("pgd_list", &w, CPUS, ""), noisy = run("test_noisy", &w, CPUS, "");
	uint64_t forks = CPUS * CHILDREN, more = conflicts(&noisy, "fork", "design + 64");
	assert_int_equal(conflicts(&plain, "fork", "design + 64"), 0);
	/* Only where two forks in a row came from one CPU there is none. */
	assert_true(more <= forks && more > forks * 8 / 10);
	assert_true(noisy.run.wall_ns > plain.run.wall_ns);
	assert_int_equal(noisy.run.state_digest, plain.run.state_digest);
	run_figures_free(&plain);
	run_figures_free(&noisy);
	workload_free(&w);
}

/* Conflicts are a matter of who touched what: no cost changes them when the order is fixed. */
static void conflicts_do_not_depend_on_costs(void **state)
{
	(void)state;
	struct workload w;
	wm_init(&w, 2);
	uint32_t parent = wm_present(&w);
	/* One after the other, by turns: each fork waits for the one before. */
	for (unsigned n = 0; n < 100; n++)
		wm_fork(&w, parent, n % 2);
	struct run_figures cheap = run("pgd_list", &w, 2, "1x1x2,cluster=1,llc=1,memory=1"),
			   dear = run("pgd_list", &w, 2, "1x1x2,cluster=1000,llc=500,memory=2000");
	assert_true(conflicts(&cheap, "fork", NULL) > 100);
	assert_int_equal(conflicts(&cheap, "fork", NULL), conflicts(&dear, "fork", NULL));
	/* Each creation takes the lock's line from the other CPU, and that is all there is to it. */
	assert_true(conflicts(&cheap, "fork", "pgd_lock") >= 98 && conflicts(&cheap, "fork", "pgd_lock") <= 100);
	assert_true(dear.run.wall_ns > 10 * cheap.run.wall_ns);
	run_figures_free(&cheap);
	run_figures_free(&dear);
	workload_free(&w);
}

/* A page that does not fit in the cache any more costs what lies below it. */
static void caches_are_finite(void **state)
{
	(void)state;
	struct workload w;
	wm_init(&w, 1);
	wm_storm(&w, 4, 2000, 5);
	struct run_figures big = run("pgd_list", &w, 1, "1x1x1,l1_lines=4096,l2_lines=1000000,llc=200"),
			   small = run("pgd_list", &w, 1, "1x1x1,l1_lines=64,l2_lines=128,llc=200");
	if (small.run.wall_ns < 2 * big.run.wall_ns)
		fail_msg("%llu ns, and %llu", (unsigned long long)small.run.wall_ns,
			 (unsigned long long)big.run.wall_ns);
	assert_int_equal(small.run.state_digest, big.run.state_digest);
	run_figures_free(&big);
	run_figures_free(&small);
	workload_free(&w);
}

/*
 * A page that is one CPU's stands for its lines, until others touch one: walks that
 * fill slots of all pages, pages freed on one CPU and made on another. With one
 * event after another there is nothing to run ahead of, so nothing may differ
 * but what is rounded: the age of single lines of a page.
 */
static void make_pages(struct workload *w, const struct geometry *g)
{
	wm_init(w, 4);
	uint32_t parent = wm_present(w), child[16] = { 0 };
	for (uint32_t n = 0; n < 1500; n++) {
		uint32_t *c = &child[n % 16];
		if (*c) {
			wm_exit(w, *c, n / 3 % 4);
			wm_free(w, *c, parent, n / 5 % 4);
		}
		*c = wm_fork(w, parent, n % 4);
		if (n % 64 == 0)
			wm_add(w, (struct mmw_event){ .type = EV_VMALLOC,
						      .task = parent,
						      .cpu = (uint16_t)(n / 64 % 4),
						      .arg = ++w->areas,
						      .mm = g->vmalloc_first + n / 64 });
	}
}

static void pages_that_stand_for_their_lines_hide_nothing(void **state)
{
	static const char *const designs[] = { "pgd_list_today", "task_list", "switch_gen" };
	static const char *const geometries[] = { "x86_64-4level", "i386-2level", "i386-pae" };
	(void)state;
	for (unsigned i = 0; i < 18; i++) {
		struct workload w;
		make_pages(&w, geometry_find(geometries[i % 3]));
		struct asked a = { .design = designs[i / 3 % 3],
				   .topology = "2x1x2",
				   .geometry = geometries[i % 3],
				   .cpus = i < 9 ? 4 : 1,
				   .order = ORDER_TOTAL,
				   .eager = true };
		struct run_figures fast = run_as(&w, a);
		a.exact = true;
		struct run_figures exact = run_as(&w, a);
		assert_int_equal(fast.run.state_digest, exact.run.state_digest);
		double by = (double)fast.run.wall_ns / (double)exact.run.wall_ns;
		if (by < 0.98 || by > 1.02)
			fail_msg("%s, %s: %.3f times as long", a.design, a.geometry, by);
		for (unsigned k = 0; k < exact.run.nconflicts; k++) {
			const char *op = exact.conflicts[k].op, *line = exact.conflicts[k].line;
			if (conflicts(&fast, op, line) != conflicts(&exact, op, line))
				fail_msg("%s, %s: %s on %s: %llu conflicts, not %llu", a.design, a.geometry, op, line,
					 (unsigned long long)conflicts(&fast, op, line),
					 (unsigned long long)conflicts(&exact, op, line));
		}
		assert_true(a.cpus == 1 || exact.run.nconflicts > 5);
		run_figures_free(&fast);
		run_figures_free(&exact);
		workload_free(&w);
	}
}

/* The farther the other socket, the slower; within one socket it does not matter. */
static void distance_counts(void **state)
{
	(void)state;
	struct workload w;
	make(&w);
	uint64_t ns[3];
	const char *const shapes[] = { "1x1x8,remote=100", "2x1x4,remote=200", "2x1x4,remote=400" };
	for (unsigned i = 0; i < 3; i++) {
		struct run_figures r = run("pgd_list", &w, CPUS, shapes[i]);
		ns[i] = r.run.wall_ns;
		run_figures_free(&r);
	}
	assert_true(ns[0] < ns[1] && ns[1] < ns[2]);
	workload_free(&w);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_store_more_is_one_conflict_more),
		cmocka_unit_test(conflicts_do_not_depend_on_costs),
		cmocka_unit_test(caches_are_finite),
		cmocka_unit_test(pages_that_stand_for_their_lines_hide_nothing),
		cmocka_unit_test(distance_counts),
	};
	return cmocka_run_group_tests_name("sim_lines", tests, NULL, NULL);
}
