/*
 * fork_storm: independent parents fork children that exit soon. Nothing else:
 * the floor of what a machine does per process.
 */
#include "tracegen/generate.h"

enum { PARENTS, LIVE, RATE, MIGRATE }; /* keys */
enum { CHILD, PARENT }; /* roles */
enum { RUNS, WAITS }; /* phases of a parent; its n: children that live */

static uint64_t interval(const struct gen *g)
{
	return GEN_SECOND * g->set[PARENTS] / (g->set[RATE] * g->cpus);
}

static void setup(struct gen *g)
{
	g->migrate = (uint32_t)g->set[MIGRATE];
	for (uint32_t i = 0; i < g->set[PARENTS]; i++) {
		uint32_t t = gen_present(g, 0, "storm", i);
		gen_task(g, t)->role = PARENT;
		gen_after(g, t, gen_exponential(g, interval(g)));
	}
}

static void run(struct gen *g, uint32_t t)
{
	struct gen_task *k = gen_task(g, t);
	if (k->role == CHILD) {
		gen_exit(g, t);
		return;
	}
	if (k->n == g->set[LIVE]) {
		k->phase = WAITS;
		return;
	}
	k->n++;
	uint32_t child = gen_fork(g, t);
	/* So that half of what may live does, on average. */
	gen_after(g, child, 30 * GEN_US + gen_lognormal(g, interval(g) * g->set[LIVE] * 2 / 5));
	gen_after(g, t, gen_exponential(g, interval(g)));
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

const struct gen_profile gen_fork_storm = {
	.name = "fork_storm",
	.about = "independent parents fork children that exit soon, at a high rate",
	.keys = { [PARENTS] = { "parents", "processes that fork", 64, 1, 65536 },
		  [LIVE] = { "live", "children that may live at once, of each parent", 4, 1, 1024 },
		  [RATE] = { "rate", "forks a second and CPU", 2500, 1, 1000000 },
		  [MIGRATE] = { "migrate", "percent of the children that run on another CPU", 5, 0, 100 } },
	.setup = setup,
	.run = run,
	.wake = wake,
};
