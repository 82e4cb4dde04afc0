/*
 * The oracle finds what it is there to find: planted faults, each a design of
 * its own or a mutant of a word, must be reported; correct runs must not.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#define KLOCK_ticket
#include "replay/dialect/pgd.h"
#include "replay/era.h"
#include "replay/native/native.h"
#include "replay/native/rcu.h"
#include "replay/native/world.h"
#include "replay/oracle.h"
#include "tests/support/workload_make.h"

/* ---- a walk design with one fault switched on at a time ---- */

enum fault { NO_FAULT, SKIP_ONE, SLOT_ZERO, WRONG_TABLE, FORGET_LIST_DEL, LATE_INIT_MISSING };

struct faulty {
	spinlock_t pgd_lock;
	struct list_head pgd_list;
};

/* The one switch of this test program; set before a run, constant in it. */
static enum fault fault;

static void faulty_init(struct kernel *k)
{
	struct faulty *f = k->design;
	spin_lock_init(k, &f->pgd_lock, "pgd_lock");
	INIT_LIST_HEAD(&f->pgd_list);
}

static void faulty_alloc(struct kernel *k, struct mm_struct *mm)
{
	struct faulty *f = k->design;
	spin_lock(&f->pgd_lock);
	if (fault != LATE_INIT_MISSING)
		copy_kernel_part(k, mm);
	WRITE_ONCE(READ_ONCE(mm->pgd)->pt_mm, mm);
	list_add(&READ_ONCE(mm->pgd)->pt_list, &f->pgd_list);
	spin_unlock(&f->pgd_lock);
}

static void faulty_free(struct kernel *k, struct mm_struct *mm)
{
	struct faulty *f = k->design;
	if (fault == FORGET_LIST_DEL)
		return;
	spin_lock(&f->pgd_lock);
	list_del(&READ_ONCE(mm->pgd)->pt_list);
	spin_unlock(&f->pgd_lock);
}

static void faulty_sync(struct kernel *k, u32 slot)
{
	struct faulty *f = k->design;
	struct ptdesc *pgd;
	spin_lock(&f->pgd_lock);
	list_for_each_entry (pgd, &f->pgd_list, pt_list) {
		/* One of those that live to the end. */
		if (READ_ONCE(pgd->pt_mm)->id == 2 && fault == SKIP_ONE)
			continue;
		if (fault == SLOT_ZERO)
			WRITE_ONCE(*pgd_slot(pgd, 0), READ_ONCE(*reference_slot(k, slot)));
		else if (fault == WRONG_TABLE)
			WRITE_ONCE(*pgd_slot(pgd, slot), 0xbad000);
		else
			sync_slot(k, pgd, slot);
	}
	spin_unlock(&f->pgd_lock);
}

static u32 faulty_listed(struct kernel *k)
{
	struct faulty *f = k->design;
	struct ptdesc *pgd;
	u32 n = 0;
	list_for_each_entry (pgd, &f->pgd_list, pt_list)
		if (++n > 100000)
			break;
	return n;
}

static const struct pgd_hooks faulty_hooks = {
	.world_size = sizeof(struct faulty),
	.world_init = faulty_init,
	.pgd_alloc = faulty_alloc,
	.pgd_free = faulty_free,
	.sync = faulty_sync,
	.listed = faulty_listed,
};
PGD_DESIGN(test_faulty, faulty_hooks, .source = "test", .about = "a list with planted faults", .expect = "broken");

/* ---- running ---- */

static struct native_clock clock_;

static enum result_verdict run(const char *name, const char *inject, unsigned workers, char *found, size_t size)
{
	static const uint32_t taken[] = { 272, 402, 468, 511, 0 };
	struct mmr_err e = { 0 };
	struct workload w;
	struct plan p;
	struct injection in;
	struct run_figures r;
	uint64_t short_by;
	wm_init(&w, 2);
	wm_storm(&w, 4, 200, 3);
	if (inject) {
		assert_int_equal(injection_parse(inject, &in, &e), 0);
		assert_int_equal(workload_inject(&w, &in, 1, 272, 399, taken, &short_by, &e), 0);
	}
	assert_int_equal(plan_make(&w, workers, PARTITION_AUTO, &p, &e), 0);
	const struct run_config c = {
		.workload = &w,
		.plan = &p,
		.design = design_find(name, "native", "ticket"),
		.geometry = geometry_find("x86_64-4level"),
		.clock = &clock_,
		.oversubscribed = workers > native_cpus(),
		.measure = MEASURE_FULL,
		.sample_every = 1,
	};
	assert_non_null(c.design);
	if (native_run(&c, &r, &e))
		fail_msg("%s", e.text);
	enum result_verdict v = r.run.verdict;
	*found = '\0';
	for (unsigned i = 0; i < r.run.nviolations; i++) {
		strncat(found, r.run.violations[i].invariant, size - strlen(found) - 1);
		strncat(found, " ", size - strlen(found) - 1);
	}
	assert_int_equal(r.run.status, RUN_DONE);
	assert_int_equal(r.run.events, p.events);
	run_figures_free(&r);
	plan_free(&p);
	workload_free(&w);
	return v;
}

static void expect(enum fault f, enum result_verdict want, const char *invariant)
{
	char found[128];
	for (unsigned workers = 1; workers <= 3; workers++) {
		fault = f;
		assert_int_equal(run("test_faulty", "hot_add:1000", workers, found, sizeof(found)), want);
		if (invariant)
			assert_non_null(strstr(found, invariant));
		else
			assert_string_equal(found, "");
	}
	fault = NO_FAULT;
}

static void a_correct_design_passes(void **state)
{
	(void)state;
	expect(NO_FAULT, VERDICT_PASS, NULL);
}

static void a_sync_that_skips_one_directory_breaks_I1b(void **state)
{
	(void)state;
	expect(SKIP_ONE, VERDICT_VIOLATION, "I1b");
}

static void a_sync_to_slot_0_breaks_I4_and_I1b(void **state)
{
	(void)state;
	expect(SLOT_ZERO, VERDICT_VIOLATION, "I4");
	expect(SLOT_ZERO, VERDICT_VIOLATION, "I1b");
}

static void another_table_than_the_references_breaks_I5(void **state)
{
	(void)state;
	expect(WRONG_TABLE, VERDICT_VIOLATION, "I5");
}

static void a_directory_left_on_the_list_breaks_I6(void **state)
{
	(void)state;
	/* One worker: a list that keeps freed directories is no place for two. */
	char found[128];
	fault = FORGET_LIST_DEL;
	assert_int_equal(run("test_faulty", NULL, 1, found, sizeof(found)), VERDICT_VIOLATION);
	assert_non_null(strstr(found, "I6"));
	fault = NO_FAULT;
}

static void a_directory_never_filled_breaks_I1b(void **state)
{
	(void)state;
	expect(LATE_INIT_MISSING, VERDICT_VIOLATION, "I1b");
}

static void nothing_compared_is_unchecked(void **state)
{
	(void)state;
	char found[128];
	assert_int_equal(run("pgd_list", NULL, 2, found, sizeof(found)), VERDICT_UNCHECKED);
	assert_int_equal(run("task_list", "sync:1000", 2, found, sizeof(found)), VERDICT_UNCHECKED);
	assert_int_equal(run("null", "hot_add:1000", 2, found, sizeof(found)), VERDICT_UNCHECKED);
	assert_int_equal(run("pgd_list", "hot_add:1000", 2, found, sizeof(found)), VERDICT_PASS);
	assert_int_equal(run("task_list", "hot_add:1000", 2, found, sizeof(found)), VERDICT_PASS);
}

/* ---- free without grace period (K6), step by step in one thread ---- */

static struct task_struct *forked(struct kernel *k, const struct design_ops *d, struct task_struct *parent, u32 id)
{
	return d->fork(k, parent, id, id, 0);
}

static void a_free_without_grace_period_breaks_I3(void **state)
{
	(void)state;
	const struct design_ops *d = design_find("task_list", "native", "ticket");
	for (int mutant = 0; mutant <= 1; mutant++) {
		const struct world_config c = { .design = d,
						.geo = geometry_find("x86_64-4level"),
						.cpus = 1,
						.tasks = 8,
						.mms = 8,
						.handles = 64,
						.tsc_mult = clock_.mult };
		struct eng_world *w;
		assert_int_equal(world_make(&c, &w, NULL), 0);
		eng_rcu_register();
		struct kernel *k = &w->k;
		d->boot(k);
		w->cpu[0].rcu_mutant = (u32)mutant;
		struct task_struct *a = forked(k, d, NULL, 1), *b = forked(k, d, a, 2), *c3 = forked(k, d, a, 3), *p;
		u32 seen = 0;
		/* The walker stands on b when b exits and is freed. */
		rcu_read_lock();
		for_each_process (k, p) {
			seen++;
			if (p != a)
				continue;
			d->switch_to(k, b);
			d->exit(k, b);
			/* The list goes on from a to c: put the walker on b, as if it had read a->next before. */
			assert_ptr_equal(list_entry(READ_ONCE(a->tasks.next), struct task_struct, tasks), c3);
			live_task_(k, b);
		}
		rcu_read_unlock();
		assert_int_equal(seen, 2);
		assert_int_equal(w->violations.n, (unsigned)mutant);
		if (mutant)
			assert_string_equal(w->violations.kept[0].invariant, "I3");
		eng_rcu_unregister();
		world_free(w);
	}
}

#ifndef __SANITIZE_THREAD__
/* The same in the open: a walker against forks and exits, until the walk meets a freed task. */
static void a_walk_meets_a_freed_task_under_threads(void **state)
{
	(void)state;
	struct mmr_err e = { 0 };
	unsigned found = 0;
	for (unsigned attempt = 0; attempt < 400 && !found; attempt++) {
		struct workload w;
		struct plan p;
		struct run_figures r;
		wm_init(&w, 2);
		wm_storm(&w, 8, 400, 3);
		uint64_t n = w.n;
		for (uint64_t i = 0; i < n; i++) {
			/* After each event a walk on the other CPU. */
			wm_add(&w, (struct mmw_event){ .type = EV_SYNC, .aux = 272, .cpu = 1 });
		}
		for (uint64_t i = 0; i < n; i++)
			w.events[i].cpu = 0;
		assert_int_equal(plan_make(&w, 2, PARTITION_CPU, &p, &e), 0);
		const struct run_config c = {
			.workload = &w,
			.plan = &p,
			.design = design_find("task_list", "native", "ticket"),
			.geometry = geometry_find("x86_64-4level"),
			.clock = &clock_,
			.measure = MEASURE_OFF,
			.oversubscribed = true,
			.rcu_mutant = true,
		};
		assert_int_equal(native_run(&c, &r, &e), 0);
		for (unsigned i = 0; i < r.run.nviolations; i++)
			found += !strcmp(r.run.violations[i].invariant, "I3");
		run_figures_free(&r);
		plan_free(&p);
		workload_free(&w);
	}
	assert_true(found > 0);
}
#endif

static int measure_clock(void **state)
{
	(void)state;
	alarm(240);
	return native_clock_measure(&clock_, NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_correct_design_passes),
		cmocka_unit_test(a_sync_that_skips_one_directory_breaks_I1b),
		cmocka_unit_test(a_sync_to_slot_0_breaks_I4_and_I1b),
		cmocka_unit_test(another_table_than_the_references_breaks_I5),
		cmocka_unit_test(a_directory_left_on_the_list_breaks_I6),
		cmocka_unit_test(a_directory_never_filled_breaks_I1b),
		cmocka_unit_test(nothing_compared_is_unchecked),
		cmocka_unit_test(a_free_without_grace_period_breaks_I3),
#ifndef __SANITIZE_THREAD__ /* the planted fault is a data race, which ThreadSanitizer would report first */
		cmocka_unit_test(a_walk_meets_a_freed_task_under_threads),
#endif
	};
	return cmocka_run_group_tests_name("oracle", tests, measure_clock, NULL);
}
