/*
 * What only shows when a CPU touches memory (I1a, I2), and the events that take
 * memory away, convert directories, or leave it to a fault to repair them.
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
#include "tests/support/workload_make.h"

/* ---- a list of directories; what it leaves undone is set before a run ---- */

static enum { NOTHING_LEFT_OUT, NO_SYNC, NO_REMOVAL, NO_PIN } left_out;
static unsigned walks; /* of this run */

struct list_world {
	spinlock_t lock;
	struct list_head list;
};

static void list_init(struct kernel *k)
{
	struct list_world *w = k->design;
	spin_lock_init(k, &w->lock, "pgd_lock");
	INIT_LIST_HEAD(&w->list);
	walks = 0;
}

static void list_alloc(struct kernel *k, struct mm_struct *mm)
{
	struct list_world *w = k->design;
	spin_lock(&w->lock);
	copy_kernel_part(k, mm);
	list_add(&READ_ONCE(mm->pgd)->pt_list, &w->list);
	spin_unlock(&w->lock);
}

static void list_free(struct kernel *k, struct mm_struct *mm)
{
	struct list_world *w = k->design;
	spin_lock(&w->lock);
	list_del(&READ_ONCE(mm->pgd)->pt_list);
	spin_unlock(&w->lock);
}

static void walk(struct kernel *k, visit_fn *visit, u32 slot)
{
	struct list_world *w = k->design;
	struct ptdesc *pgd;
	spin_lock(&w->lock);
	walks++;
	list_for_each_entry (pgd, &w->list, pt_list)
		visit(k, pgd, slot);
	spin_unlock(&w->lock);
}

static void sync_added(struct kernel *k, u32 slot)
{
	if (left_out != NO_SYNC)
		walk(k, sync_slot, slot);
}

static void sync_removed(struct kernel *k, u32 slot)
{
	if (left_out != NO_REMOVAL)
		walk(k, clear_slot, slot);
}

static void pin(struct kernel *k, void (*visit)(struct kernel *k, struct ptdesc *pgd))
{
	struct list_world *w = k->design;
	struct ptdesc *pgd;
	list_for_each_entry (pgd, &w->list, pt_list)
		if (left_out != NO_PIN)
			visit(k, pgd);
}

static const struct pgd_hooks hooks = {
	.world_size = sizeof(struct list_world),
	.world_init = list_init,
	.pgd_alloc = list_alloc,
	.pgd_free = list_free,
	.sync = sync_added,
	.sync_removed = sync_removed,
	.pin = pin,
};
PGD_DESIGN(test_touch, hooks, .source = "test", .about = "a list", .expect = "holds", .flags = DESIGN_REMOVES);

/* ---- running ---- */

static struct native_clock clock_;

struct era_part {
	u32 sync_policy;
	bool fault_handler;
};

/* Frees @w. */
static void run_events(const char *name, struct workload *w, unsigned workers, struct era_part era,
		       struct run_figures *r)
{
	struct mmr_err e = { 0 };
	struct plan p;
	if (plan_make(w, workers, PARTITION_CPU, &p, &e))
		fail_msg("%s", e.text);
	const struct run_config c = {
		.workload = w,
		.plan = &p,
		.design = design_find(name, "native", "ticket"),
		.geometry = geometry_find("x86_64-4level"),
		.clock = &clock_,
		.oversubscribed = true,
		.measure = MEASURE_SAMPLED,
		.sample_every = 64,
		.sync_policy = era.sync_policy,
		.fault_handler = era.fault_handler,
	};
	if (native_run(&c, r, &e))
		fail_msg("%s", e.text);
	plan_free(&p);
	workload_free(w);
}

/* With 1 to 3 workers each: @invariant is broken; "": none is. */
static void expect_run(struct workload *(*make)(void), struct era_part era, const char *invariant)
{
	for (unsigned workers = 1; workers <= 3; workers++) {
		struct run_figures r;
		run_events("test_touch", make(), workers, era, &r);
		bool found = !*invariant;
		for (unsigned i = 0; i < r.run.nviolations; i++)
			found |= !strcmp(r.run.violations[i].invariant, invariant);
		if (!found || (!*invariant && r.run.verdict != VERDICT_PASS))
			fail_msg("%u workers: verdict %d, first %s, expected '%s'", workers, r.run.verdict,
				 r.run.nviolations ? r.run.violations[0].invariant : "none", invariant);
		run_figures_free(&r);
	}
}

static struct workload made;

/* Two processes on two CPUs that both do something after @what has been done on the first. */
static void around(struct mmw_event what, struct mmw_event then)
{
	wm_init(&made, 2);
	uint32_t a = wm_present(&made), b = wm_present(&made);
	wm_fork(&made, a, 0);
	wm_fork(&made, b, 1);
	wm_add(&made, what);
	uint32_t c = wm_fork(&made, a, 0);
	wm_fork(&made, b, 1);
	if (then.type)
		wm_add(&made, then);
	wm_exit(&made, c, 0);
	for (int i = 0; i < 50; i++)
		wm_fork(&made, i % 2 ? a : b, (unsigned)i % 2);
}

static struct workload *an_addition(void)
{
	around((struct mmw_event){ .type = EV_HOT_ADD, .aux = 300 }, (struct mmw_event){ 0 });
	return &made;
}

static struct workload *a_vmalloc(void)
{
	around((struct mmw_event){ .type = EV_VMALLOC, .arg = 1, .mm = 410, .aux = 4 }, (struct mmw_event){ 0 });
	made.areas = 1;
	return &made;
}

static struct workload *a_vmalloc_and_a_purge(void)
{
	around((struct mmw_event){ .type = EV_VMALLOC, .arg = 1, .mm = 410, .aux = 4 },
	       (struct mmw_event){ .type = EV_PURGE, .aux = 1 });
	made.areas = 1;
	return &made;
}

static struct workload *an_addition_taken_back(void)
{
	around((struct mmw_event){ .type = EV_HOT_ADD, .aux = 300 },
	       (struct mmw_event){ .type = EV_HOT_REMOVE, .aux = 300 });
	wm_add(&made, (struct mmw_event){ .type = EV_HOT_ADD, .aux = 301 });
	return &made;
}

static struct workload *a_slot_used_twice(void)
{
	an_addition_taken_back();
	wm_add(&made, (struct mmw_event){ .type = EV_HOT_ADD, .aux = 300 });
	return &made;
}

static struct workload *a_pin(void)
{
	an_addition();
	wm_add(&made, (struct mmw_event){ .type = EV_PIN_ALL });
	wm_fork(&made, 1, 0);
	return &made;
}

static struct workload *a_pin_and_back(void)
{
	a_pin();
	wm_add(&made, (struct mmw_event){ .type = EV_UNPIN_ALL });
	return &made;
}

static const struct era_part lazy = { SYNC_LAZY, true }, eager = { SYNC_EAGER, false }, neither = { SYNC_LAZY, false };

/* ---- tests ---- */

static void a_cpu_that_was_forgotten_breaks_I1a(void **state)
{
	(void)state;
	expect_run(an_addition, lazy, "");
	left_out = NO_SYNC;
	expect_run(an_addition, lazy, "I1a");
	left_out = NOTHING_LEFT_OUT;
}

static void a_violation_names_event_and_task(void **state)
{
	(void)state;
	struct run_figures r;
	left_out = NO_SYNC;
	run_events("test_touch", an_addition(), 1, lazy, &r);
	left_out = NOTHING_LEFT_OUT;
	assert_string_equal(r.run.violations[0].invariant, "I1a");
	/* The addition is event 4; the CPU that made it runs task 2, and touches the slot before event 5. */
	assert_int_equal(r.run.violations[0].event, 5);
	assert_int_equal(r.run.violations[0].task, 2);
	assert_int_equal(r.run.violations[0].slot, 300);
	run_figures_free(&r);
}

static void vmalloc_is_repaired_or_synced(void **state)
{
	(void)state;
	expect_run(a_vmalloc, lazy, "");
	expect_run(a_vmalloc, eager, "");
	expect_run(a_vmalloc, neither, "I1a");
	left_out = NO_SYNC;
	expect_run(a_vmalloc, eager, "I1a");
	/* The handler does not look after the direct map. */
	expect_run(an_addition, lazy, "I1a");
	left_out = NOTHING_LEFT_OUT;
}

static void a_purge_walks_where_the_era_says_so(void **state)
{
	static const struct era_part on_purge = { SYNC_ON_PURGE, true };
	struct run_figures r;
	(void)state;
	run_events("test_touch", a_vmalloc_and_a_purge(), 2, lazy, &r);
	assert_int_equal(walks, 0);
	run_figures_free(&r);
	run_events("test_touch", a_vmalloc_and_a_purge(), 2, on_purge, &r);
	/* The range's first slot is there from the start. */
	assert_int_equal(walks, 2);
	assert_int_equal(r.run.op_count[EV_PURGE], 1);
	run_figures_free(&r);
}

static void an_entry_left_behind_breaks_I2(void **state)
{
	(void)state;
	expect_run(an_addition_taken_back, lazy, "");
	expect_run(a_slot_used_twice, lazy, "");
	left_out = NO_REMOVAL;
	expect_run(an_addition_taken_back, lazy, "I2");
	left_out = NOTHING_LEFT_OUT;
}

static void a_directory_left_unpinned_breaks_I5(void **state)
{
	(void)state;
	expect_run(a_pin, lazy, "");
	expect_run(a_pin_and_back, lazy, "");
	left_out = NO_PIN;
	expect_run(a_pin, lazy, "I5");
	left_out = NOTHING_LEFT_OUT;
}

/* Not loaded, and the design says so: it is brought up to date before that changes. */
static void a_stale_directory_may_be_behind(void **state)
{
	(void)state;
	for (unsigned workers = 1; workers <= 3; workers++) {
		struct run_figures r;
		run_events("switch_gen", a_pin(), workers, lazy, &r);
		assert_int_equal(r.run.verdict, VERDICT_PASS);
		run_figures_free(&r);
	}
}

/* One design clears entries, another keeps them: the state that counts is the same. */
static void removals_end_in_one_state(void **state)
{
	(void)state;
	uint64_t digest[4];
	for (unsigned i = 0; i < 4; i++) {
		struct run_figures r;
		run_events(i / 2 ? "task_list" : "test_touch", a_slot_used_twice(), 1 + i % 2, lazy, &r);
		assert_int_equal(r.run.verdict, VERDICT_PASS);
		digest[i] = r.run.state_digest;
		run_figures_free(&r);
	}
	for (unsigned i = 1; i < 4; i++)
		assert_true(digest[i] == digest[0]);
	/* And it is not the state of another history. */
	struct run_figures r;
	run_events("test_touch", an_addition_taken_back(), 1, lazy, &r);
	assert_true(r.run.state_digest != digest[0]);
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
		cmocka_unit_test(a_cpu_that_was_forgotten_breaks_I1a),
		cmocka_unit_test(a_violation_names_event_and_task),
		cmocka_unit_test(vmalloc_is_repaired_or_synced),
		cmocka_unit_test(a_purge_walks_where_the_era_says_so),
		cmocka_unit_test(an_entry_left_behind_breaks_I2),
		cmocka_unit_test(a_directory_left_unpinned_breaks_I5),
		cmocka_unit_test(a_stale_directory_may_be_behind),
		cmocka_unit_test(removals_end_in_one_state),
	};
	return cmocka_run_group_tests_name("touch", tests, measure_clock, NULL);
}
