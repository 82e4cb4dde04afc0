/*
 * hotplug: memory comes and goes, one DIMM of many blocks at a time, while
 * processes are made. The first slot is there from the start and half full, so
 * most blocks fall into a slot that exists. CPUs go down and up, and now and
 * then the machine is suspended.
 *
 * A removal is an event only when it empties a slot: before that it changes no
 * top-level entry (and hot_remove says that the slot goes).
 */
#include "tracegen/generate.h"

enum { RATE, DIMM, BLOCKS, SLOTS, VMEMMAP, CPUS, SUSPENDS, FORKS, LIVE }; /* keys */
enum { THERE, LEFT, REMOVES, DOWN }; /* own: blocks, those left of this DIMM, its direction, CPUs that are down */
enum { MANAGER, FORKER, CHILD }; /* roles of those that do something */

/* The slot of block @i of those that may come and go. */
static uint32_t slot_of(const struct gen *g, uint64_t i)
{
	return GEN_DIRECT_FIRST + (uint32_t)((i + g->set[BLOCKS] / 2) / g->set[BLOCKS]);
}

static void add(struct gen *g)
{
	gen_machine(g, EV_HOT_ADD, slot_of(g, g->own[THERE]++));
	/* vmemmap_populate() walks whether its entry is new or not. */
	if (g->set[VMEMMAP])
		gen_machine(g, EV_SYNC, GEN_VMEMMAP);
}

static void take_away(struct gen *g)
{
	uint64_t i = --g->own[THERE];
	uint32_t slot = slot_of(g, i);
	if (slot > GEN_DIRECT_FIRST && (!i || slot_of(g, i - 1) < slot))
		gen_machine(g, EV_HOT_REMOVE, slot);
}

static void change_cpu(struct gen *g)
{
	if (g->cpus < 2)
		return;
	uint32_t cpu = 1 + gen_below(g, g->cpus - 1);
	if (g->cpu[cpu].down) {
		g->own[DOWN]--;
		gen_machine(g, EV_ONLINE, cpu);
	} else if (2 * (g->own[DOWN] + 1) <= g->cpus) {
		g->own[DOWN]++;
		gen_machine(g, EV_OFFLINE, cpu);
	}
}

static void manage(struct gen *g)
{
	if (!g->own[LEFT]) {
		g->own[LEFT] = g->set[DIMM];
		g->own[REMOVES] = gen_percent(g, 50);
		if (gen_percent(g, (uint32_t)g->set[CPUS]))
			change_cpu(g);
		if (gen_below(g, 1000) < g->set[SUSPENDS])
			gen_suspend(g, 50 * GEN_MS + gen_lognormal(g, 100 * GEN_MS));
	}
	g->own[LEFT]--;
	if (!g->own[THERE])
		g->own[REMOVES] = false;
	else if (slot_of(g, g->own[THERE]) > GEN_DIRECT_FIRST + g->set[SLOTS])
		g->own[REMOVES] = true;
	if (g->own[REMOVES])
		take_away(g);
	else
		add(g);
}

static void run(struct gen *g, uint32_t t)
{
	switch (gen_task(g, t)->role) {
	case MANAGER:
		manage(g);
		gen_after(g, t, gen_exponential(g, GEN_SECOND / g->set[RATE]));
		break;
	case FORKER:
		gen_after(g, t, gen_exponential(g, GEN_SECOND / g->set[FORKS]));
		uint32_t child = gen_fork(g, t);
		gen_task(g, child)->role = CHILD;
		gen_after(g, child, 100 * GEN_US + gen_lognormal(g, 2 * GEN_MS));
		break;
	default:
		gen_exit(g, t);
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
	g->migrate = 5;
	g->stacks = true;
	gen_after(g, gen_present(g, 0, "udevd", 0), gen_exponential(g, GEN_SECOND / g->set[RATE]));
	for (uint32_t i = 0; i < g->set[LIVE]; i++)
		gen_present(g, 0, "daemon", i);
	for (uint32_t i = 0; i < g->cpus; i++) {
		uint32_t t = gen_present(g, 0, "cron", i);
		gen_task(g, t)->role = FORKER;
		gen_after(g, t, gen_exponential(g, GEN_SECOND / g->set[FORKS]));
	}
}

const struct gen_profile gen_hotplug = {
	.name = "hotplug",
	.about = "memory blocks come and go, seldom a whole slot; CPUs go down and up, suspends; forks beside",
	.keys = { [RATE] = { "rate", "memory blocks a second that come or go", 200, 1, 1000000 },
		  [DIMM] = { "dimm", "blocks that come or go in a row", 16, 1, 65536 },
		  [BLOCKS] = { "slot_blocks", "blocks of a top-level slot", 64, 1, 65536 },
		  [SLOTS] = { "slots", "top-level slots that may come and go", 8, 1, GEN_DIRECT_SLOTS - 1 },
		  [VMEMMAP] = { "vmemmap", "1: each block that comes is a walk for its memory map, too", 1, 0, 1 },
		  [CPUS] = { "cpu_changes", "of 100 DIMMs so many are preceded by a CPU going down or up", 10, 0, 100 },
		  [SUSPENDS] = { "suspends", "of 1000 DIMMs so many are preceded by a suspend", 20, 0, 1000 },
		  [FORKS] = { "forks", "forks a second and CPU", 500, 1, 1000000 },
		  [LIVE] = { "live", "processes that are there and do nothing", 200, 0, 1000000 } },
	.setup = setup,
	.run = run,
	.wake = wake,
};
