/*
 * What is in a page directory's page is put off until somebody looks: nobody may
 * notice. Random clears, copies, reads and writes on a few pages, each held
 * against plain memory that does the same at once.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

#define KLOCK_any
#include "replay/dialect/kernel.h"

#include "replay/era.h"
#include "replay/sim/sim.h"
#include "replay/topology.h"
#include "tests/support/workload_make.h"

#define PAGES 6 /* the first one is copied from most */
#define MOST_SLOTS 1024
#define STEPS 40 /* an operation */

static struct {
	struct ptdesc *page[PAGES];
	u64 is[PAGES][MOST_SLOTS];
	u32 random;
	u64 written, wrong, read, copies;
	bool alone; /* one CPU: also what lets others in between */
} scene;

static u32 below(u32 n)
{
	scene.random = scene.random * 1664525 + 1013904223;
	return (u32)((u64)scene.random * n >> 32);
}

static void look(u32 p, u32 slot)
{
	u64 v = READ_ONCE(scene.page[p]->entries[slot]);
	scene.wrong += v != scene.is[p][slot];
	scene.read++;
}

static void store(u32 p, u32 slot)
{
	u64 v = ++scene.written;
	if (below(3)) {
		WRITE_ONCE(scene.page[p]->entries[slot], v);
	} else {
		u64 was = xchg(&scene.page[p]->entries[slot], v);
		scene.wrong += was != scene.is[p][slot];
	}
	scene.is[p][slot] = v;
}

static void copy(u32 to, u32 from, u32 first, u32 n)
{
	copy_entries(&scene.page[to]->entries[first], &scene.page[from]->entries[first], n);
	memcpy(&scene.is[to][first], &scene.is[from][first], n * sizeof(u64));
	scene.copies++;
}

static void copy_present(u32 to, u32 first, u32 n)
{
	copy_present_entries(&scene.page[to]->entries[first], &scene.page[0]->entries[first], n);
	for (u32 i = first; i < first + n; i++)
		if (scene.is[0][i])
			scene.is[to][i] = scene.is[0][i];
}

static void clear(u32 p, u32 n)
{
	clear_page(scene.page[p]->entries, n);
	memset(scene.is[p], 0, n * sizeof(u64));
}

static void step(const struct geometry *g)
{
	const u32 any = below(PAGES), other = 1 + below(PAGES - 1), slot = below(g->nslots);
	const u32 kernel = g->kernel_boundary, from = below(g->nslots);
	switch (below(14)) {
	case 0:
		clear(other, g->nslots);
		break;
	case 1:
	case 2:
	case 3:
		copy(other, 0, kernel, g->nslots - kernel);
		break;
	case 4: /* the most common way */
		clear(other, g->nslots);
		copy(other, 0, kernel, g->nslots - kernel);
		break;
	case 5: /* some of them, or of one that has been copied to */
		copy(other, below(2) ? any : 0, from, below(g->nslots - from) + 1);
		break;
	case 6:
		store(0, slot);
		break;
	case 7: /* one access after the other on the same line */
		look(0, slot);
		store(0, slot);
		look(other, slot);
		break;
	case 8:
		if (scene.alone)
			copy_present(other, kernel, g->nslots - kernel);
		break;
	case 9: /* the line that was looked at last is filled anew */
		look(other, slot);
		clear(other, g->nslots);
		look(other, slot);
		break;
	case 10:
		store(other, kernel + slot % (g->nslots - kernel));
		copy(other, 0, kernel, g->nslots - kernel);
		look(other, kernel + slot % (g->nslots - kernel));
		break;
	case 11:
		store(any, slot);
		look(any, slot);
		break;
	default:
		look(any, slot);
		look(other, below(g->nslots));
	}
}

/* The page that is copied from need not be the same each time, nor be filled itself. */
static void begin(const struct geometry *g)
{
	if (scene.copies || scene.random % 2)
		return;
	store(1, g->nslots - 1);
	clear(1, g->nslots);
	copy(2, 1, g->kernel_boundary, g->nslots - g->kernel_boundary);
	copy(3, 1, g->kernel_boundary, g->nslots - g->kernel_boundary);
	look(3, g->nslots - 1);
}

static void play(struct kernel *k, u32 slot)
{
	(void)slot;
	begin(k->geo);
	for (u32 i = 0; i < STEPS; i++)
		step(k->geo);
}

static void boot(struct kernel *k)
{
	design_find("null", "sim", "ticket")->boot(k);
	for (u32 p = 0; p < PAGES; p++) {
		kmem_alloc(POOL_PTDESC, scene.page[p]);
		clear_page(scene.page[p]->entries, k->geo->nslots);
	}
}

static void run(const char *geometry, unsigned cpus, bool exact, u32 seed)
{
	struct design_ops d = *design_find("null", "sim", "ticket");
	struct mmr_err e = { 0 };
	struct run_figures r;
	struct topology t;
	struct workload w;
	struct plan p;
	wm_init(&w, cpus);
	for (unsigned i = 0; i < cpus; i++)
		wm_present(&w);
	for (unsigned i = 0; i < 300; i++)
		wm_add(&w, (struct mmw_event){ .type = EV_SYNC, .aux = 300, .cpu = (uint16_t)(i % cpus) });
	memset(&scene, 0, sizeof(scene));
	scene.random = seed;
	scene.alone = cpus == 1;
	d.boot = boot;
	d.sync = play;
	if (topology_parse("2x1x2", cpus, NULL, &t, &e) ||
	    plan_make_ordered(&w, cpus, PARTITION_CPU, ORDER_FREE, &p, &e))
		fail_msg("%s", e.text);
	const struct run_config c = {
		.workload = &w,
		.plan = &p,
		.design = &d,
		.geometry = geometry_find(geometry),
		.topology = &t,
		.exact = exact,
		.measure = MEASURE_FULL,
		.sample_every = 1,
	};
	if (sim_run(&c, &r, &e))
		fail_msg("%s", e.text);
	if (scene.wrong || r.run.nviolations)
		fail_msg("%s, %u CPUs%s: %llu of %llu reads are wrong, %u violations", geometry, cpus,
			 exact ? ", exact" : "", (unsigned long long)scene.wrong, (unsigned long long)scene.read,
			 r.run.nviolations);
	assert_true(scene.read > 3000 && scene.copies > 3000);
	run_figures_free(&r);
	plan_free(&p);
	workload_free(&w);
}

static void what_is_put_off_is_there_when_somebody_looks(void **state)
{
	static const char *const geometries[] = { "x86_64-4level", "x86_64-5level", "i386-2level", "i386-pae" };
	(void)state;
	for (u32 i = 0; i < 4; i++)
		for (u32 cpus = 1; cpus <= 4; cpus += 3)
			for (u32 seed = 1; seed <= 6; seed++)
				run(geometries[i], cpus, seed == 6, seed);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_put_off_is_there_when_somebody_looks),
	};
	return cmocka_run_group_tests_name("sim_contents", tests, NULL, NULL);
}
