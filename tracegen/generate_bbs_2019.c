/*
 * bbs_2019: the report of December 2019 (stable list, v4.19.88): a bulletin
 * board with one process per user, up to 15,000 of them, where fork spent its
 * time in pgd_lock, because a sync of the vmalloc range walked over all page
 * directories. In its call chain the walk is below __vmalloc_node_range, for
 * the new task's stack: no lock of vmalloc's own is held around it.
 *
 * Here that is a `purge` by the task that forks, right before its fork, not a
 * `sync`: so the era decides what it costs (v4.19.67 walks for each slot of the
 * vmalloc range that is in use, all others do nothing), and one file shows the
 * machine with and without it. There are no other purges.
 */
#include "tracegen/generate.h"

enum { LIVE_MMS, SYNCS, FORKS, FORKERS, EXECS, MIGRATE, STACKS }; /* keys */
enum { DEBT }; /* own: thousandths of a purge that are due */
enum { SESSION, FORKER, CHILD }; /* roles */
enum { RUNS, WAITS, EXEC }; /* phases; n of a forker: children that live */

#define LIVE 4 /* children of a forker */

static uint64_t forkers(const struct gen *g)
{
	return g->set[FORKERS] < g->set[LIVE_MMS] ? g->set[FORKERS] : g->set[LIVE_MMS];
}

static uint64_t interval(const struct gen *g)
{
	return GEN_SECOND * forkers(g) / (g->set[FORKS] * g->cpus);
}

static void fork_one(struct gen *g, uint32_t t)
{
	gen_task(g, t)->n++;
	for (g->own[DEBT] += g->set[SYNCS]; g->own[DEBT] >= 1000; g->own[DEBT] -= 1000)
		gen_purge(g, t);
	uint32_t child = gen_fork(g, t);
	gen_task(g, child)->role = CHILD;
	gen_task(g, child)->phase = gen_percent(g, (uint32_t)g->set[EXECS]) ? EXEC : RUNS;
	gen_after(g, child, 30 * GEN_US + gen_lognormal(g, interval(g) * LIVE / 5));
}

static void run(struct gen *g, uint32_t t)
{
	struct gen_task *k = gen_task(g, t);
	if (k->role == CHILD && k->phase == EXEC) {
		k->phase = RUNS;
		gen_exec(g, t, "bbsrf");
		gen_after(g, t, 30 * GEN_US + gen_lognormal(g, interval(g) * LIVE / 5));
	} else if (k->role == CHILD) {
		gen_exit(g, t);
	} else if (k->n == LIVE) {
		k->phase = WAITS;
	} else {
		fork_one(g, t);
		gen_after(g, t, gen_exponential(g, interval(g)));
	}
}

static void wake(struct gen *g, uint32_t t, enum gen_why why)
{
	struct gen_task *k = gen_task(g, t);
	if (why != GEN_CHILD_GONE)
		return;
	k->n--;
	if (k->phase == WAITS) {
		k->phase = RUNS;
		gen_after(g, t, 5 * GEN_US + gen_below(g, 20 * GEN_US));
	}
}

static void setup(struct gen *g)
{
	g->migrate = (uint32_t)g->set[MIGRATE];
	g->stacks = g->set[STACKS];
	g->stays_lazy = true;
	for (uint32_t i = 0; i < g->set[LIVE_MMS]; i++) {
		bool forks = i < forkers(g);
		uint32_t t = gen_present(g, 0, forks ? "sshd" : "mbbsd", i);
		gen_task(g, t)->role = forks ? FORKER : SESSION;
		if (forks)
			gen_after(g, t, gen_exponential(g, interval(g)));
	}
}

const struct gen_profile gen_bbs_2019 = {
	.name = "bbs_2019",
	.about = "15,000 sessions that stay, forks beside them, each with a purge (a walk with --era v4.19.67)",
	.keys = { [LIVE_MMS] = { "live_mms", "processes that stay, those that fork included", 15000, 1, 1000000 },
		  [SYNCS] = { "syncs_per_fork", "purges for each fork", 1000, 0, 2000 },
		  [FORKS] = { "forks", "forks a second and CPU", 500, 1, 1000000 },
		  [FORKERS] = { "forkers", "of the processes that stay so many fork", 64, 1, 65536 },
		  [EXECS] = { "execs", "percent of the children that exec", 0, 0, 100 },
		  [MIGRATE] = { "migrate", "percent of the children that run on another CPU", 5, 0, 100 },
		  [STACKS] = { "stacks", "1: kernel stacks come from vmalloc", 1, 0, 1 } },
	.thousandths = 1u << SYNCS,
	.setup = setup,
	.run = run,
	.wake = wake,
};
