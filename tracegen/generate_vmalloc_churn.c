/*
 * vmalloc_churn: modules, BPF programs and the like come and go on all CPUs, in
 * a window of top-level slots that moves slowly through the vmalloc range;
 * beside them processes are made, their kernel stacks from the first slot.
 */
#include "tracegen/generate.h"

enum { LOADERS, RATE, HOLD, SLOTS, MOVE, UNMAP, FORKS, MIGRATE }; /* keys */
enum { HANDED_OUT }; /* own */

/* n of a loader: its newest area, whose next is the oldest, and so on up to the newest; m: how many. */
enum { LOADER, FORKER, CHILD };
enum { BORN, RUNS };

static uint64_t between_actions(const struct gen *g)
{
	return GEN_SECOND * g->set[LOADERS] / (g->set[RATE] * g->cpus * 2);
}

static void load(struct gen *g, uint32_t t)
{
	uint64_t moved = g->set[MOVE] ? g->own[HANDED_OUT]++ / g->set[MOVE] : 0;
	uint32_t slot = (uint32_t)((moved + gen_below(g, (uint32_t)g->set[SLOTS])) % GEN_VMALLOC_SLOTS);
	uint32_t area = gen_vmalloc(g, t, GEN_VMALLOC_FIRST + slot, 2 + (uint32_t)gen_lognormal(g, 16));
	struct gen_task *k = gen_task(g, t);
	gen_area(g, area)->next = k->n ? gen_area(g, k->n)->next : area;
	if (k->n)
		gen_area(g, k->n)->next = area;
	k->n = area;
	k->m++;
}

static void unload(struct gen *g, uint32_t t)
{
	struct gen_task *k = gen_task(g, t);
	uint32_t oldest = gen_area(g, k->n)->next;
	gen_area(g, k->n)->next = gen_area(g, oldest)->next;
	if (!--k->m)
		k->n = 0;
	gen_vfree(g, t, oldest);
	/* Whoever changes the protection of pages has no stale mapping of them left: set_memory_*() purges. */
	if (gen_percent(g, (uint32_t)g->set[UNMAP]))
		gen_purge(g, t);
}

static void run_child(struct gen *g, uint32_t t)
{
	if (gen_task(g, t)->phase == BORN) {
		gen_task(g, t)->phase = RUNS;
		gen_exec(g, t, "kmod");
		gen_after(g, t, 300 * GEN_US + gen_lognormal(g, GEN_MS));
	} else {
		gen_exit(g, t);
	}
}

static void run(struct gen *g, uint32_t t)
{
	gen_place(g, t);
	switch (gen_task(g, t)->role) {
	case LOADER:
		/* So that it holds as many as it is to hold, on average. */
		if (gen_below(g, 2 * (uint32_t)g->set[HOLD]) < gen_task(g, t)->m)
			unload(g, t);
		else
			load(g, t);
		gen_after(g, t, gen_exponential(g, between_actions(g)));
		break;
	case FORKER:
		gen_after(g, t, gen_exponential(g, GEN_SECOND / g->set[FORKS]));
		uint32_t child = gen_fork(g, t);
		gen_task(g, child)->role = CHILD;
		gen_after(g, child, 50 * GEN_US + gen_lognormal(g, 150 * GEN_US));
		break;
	default:
		run_child(g, t);
	}
}

static void wake(struct gen *g, uint32_t t, enum gen_why why)
{
	(void)g;
	(void)t;
	(void)why;
}

static void setup(struct gen *g)
{
	g->migrate = (uint32_t)g->set[MIGRATE];
	g->stacks = true;
	for (uint32_t i = 0; i < g->set[LOADERS]; i++)
		gen_after(g, gen_present(g, 0, "loader", i), gen_exponential(g, between_actions(g)));
	for (uint32_t i = 0; g->set[FORKS] && i < g->cpus; i++) {
		uint32_t t = gen_present(g, 0, "udevd", i);
		gen_task(g, t)->role = FORKER;
		gen_after(g, t, gen_exponential(g, GEN_SECOND / g->set[FORKS]));
	}
}

const struct gen_profile gen_vmalloc_churn = {
	.name = "vmalloc_churn",
	.about = "modules and kernel stacks: vmalloc, vfree and purge on all CPUs over slots that move; some forks",
	.keys = { [LOADERS] = { "loaders", "processes that get and give back areas", 64, 1, 65536 },
		  [RATE] = { "rate", "areas handed out a second and CPU, besides stacks", 2000, 1, 1000000 },
		  [HOLD] = { "hold", "areas that each holds, on average", 16, 1, 65536 },
		  [SLOTS] = { "slots", "top-level slots in use at a time", 4, 1, GEN_VMALLOC_SLOTS },
		  [MOVE] = { "move", "areas after which these move on by one slot; 0: never", 5000, 0, 1000000000 },
		  [UNMAP] = { "unmap", "percent of the areas given back that are purged at once", 5, 0, 100 },
		  [FORKS] = { "forks", "forks a second and CPU, each with an exec", 200, 0, 1000000 },
		  [MIGRATE] = { "migrate", "percent of wake-ups on another CPU", 20, 0, 100 } },
	.setup = setup,
	.run = run,
	.wake = wake,
};
