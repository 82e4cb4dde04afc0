/*
 * thread_pool: servers whose pools of threads are filled and retired all the
 * time. A thread now and then runs a helper program; a server is restarted; a
 * helper's leader leaves before its threads, or one of its threads execs.
 */
#include "tracegen/generate.h"

enum { SERVERS, THREADS, RATE, HELPERS, RESTARTS, MIGRATE, STACKS }; /* keys */
enum { MASTER, SERVER, WORKER, HELPER, HELPER_THREAD }; /* roles */
enum { BORN, RUNS, CALLS, BLOCKED, EXECS, LAST }; /* phases */

static const char *const helpers[] = { "convert", "gzip", "sendmail", "sh" };

static uint64_t between_threads(const struct gen *g)
{
	return GEN_SECOND / g->set[RATE];
}

/* Such that as many live as the pool is to hold: rate times mean life. */
static uint64_t worker_life(struct gen *g)
{
	return gen_lognormal(g, between_threads(g) * g->set[THREADS] * 71 / 100);
}

static void hire(struct gen *g, uint32_t worker)
{
	struct gen_task *k = gen_task(g, worker);
	uint64_t life = worker_life(g);
	k->role = WORKER;
	k->phase = RUNS;
	if (gen_below(g, 1000) < g->set[HELPERS]) {
		k->phase = CALLS;
		life /= 2;
	}
	gen_after(g, worker, life);
}

static void run_server(struct gen *g, uint32_t t)
{
	struct gen_task *k = gen_task(g, t);
	if (k->phase == BORN) {
		k->phase = RUNS;
		gen_exec(g, t, "server");
	} else if (gen_below(g, 100000) < g->set[RESTARTS]) {
		/* Mostly all at once; else the leader is a zombie until the last thread has finished. */
		if (gen_percent(g, 75))
			gen_exit_group(g, t);
		else
			gen_exit(g, t);
		return;
	} else if (gen_group(g, k->group)->live < 2 * g->set[THREADS]) {
		hire(g, gen_thread(g, t));
	}
	gen_after(g, t, gen_exponential(g, between_threads(g)));
}

static void run_worker(struct gen *g, uint32_t t)
{
	if (gen_task(g, t)->phase != CALLS) {
		gen_exit(g, t);
		return;
	}
	bool vfork = gen_percent(g, 80);
	gen_task(g, t)->phase = vfork ? BLOCKED : RUNS;
	if (!vfork)
		gen_after(g, t, worker_life(g) / 2);
	uint32_t child = vfork ? gen_vfork(g, t) : gen_fork(g, t);
	gen_task(g, child)->role = HELPER;
	gen_after(g, child, 50 * GEN_US + gen_lognormal(g, 150 * GEN_US));
}

static void helper_thread(struct gen *g, uint32_t helper, uint8_t phase)
{
	uint32_t t = gen_thread(g, helper);
	gen_task(g, t)->role = HELPER_THREAD;
	gen_task(g, t)->phase = phase;
	gen_after(g, t, gen_lognormal(g, 2 * GEN_MS));
}

static void run_helper(struct gen *g, uint32_t t)
{
	struct gen_task *k = gen_task(g, t);
	uint32_t kind = gen_below(g, 1000);
	if (k->phase == BORN) {
		k->phase = RUNS;
		gen_exec(g, t, helpers[gen_below(g, sizeof(helpers) / sizeof(*helpers))]);
		gen_after(g, t, GEN_MS + gen_lognormal(g, 4 * GEN_MS));
	} else if (k->phase == RUNS && kind < 5) {
		/* One of its threads will exec, and so end this one. */
		k->phase = LAST;
		helper_thread(g, t, EXECS);
		gen_after(g, t, GEN_SECOND);
	} else if (k->phase == RUNS && kind < 20) {
		helper_thread(g, t, RUNS);
		helper_thread(g, t, RUNS);
		gen_exit(g, t);
	} else {
		gen_exit_group(g, t);
	}
}

static void run_helper_thread(struct gen *g, uint32_t t)
{
	if (gen_task(g, t)->phase != EXECS) {
		gen_exit(g, t);
		return;
	}
	gen_exec(g, t, "java");
	gen_task(g, t)->role = HELPER;
	gen_task(g, t)->phase = LAST;
	gen_after(g, t, gen_lognormal(g, 20 * GEN_MS));
}

static void run(struct gen *g, uint32_t t)
{
	gen_place(g, t);
	switch (gen_task(g, t)->role) {
	case SERVER:
		run_server(g, t);
		break;
	case WORKER:
		run_worker(g, t);
		break;
	case HELPER:
		run_helper(g, t);
		break;
	case HELPER_THREAD:
		run_helper_thread(g, t);
		break;
	default: /* the master starts a server again */
		if (--gen_task(g, t)->n)
			gen_after(g, t, 10 * GEN_MS);
		uint32_t child = gen_fork(g, t);
		gen_task(g, child)->role = SERVER;
		gen_after(g, child, GEN_MS);
	}
}

static void wake(struct gen *g, uint32_t t, enum gen_why why)
{
	struct gen_task *k = gen_task(g, t);
	if (k->role == MASTER && why == GEN_CHILD_GONE) {
		if (!k->n++)
			gen_after(g, t, 10 * GEN_MS);
	} else if (k->role == WORKER && why == GEN_VFORK_DONE) {
		k->phase = RUNS;
		gen_after(g, t, worker_life(g) / 2);
	}
}

static void setup(struct gen *g)
{
	g->migrate = (uint32_t)g->set[MIGRATE];
	g->stacks = g->set[STACKS];
	uint32_t master = gen_present(g, 0, "systemd", 0);
	for (uint32_t i = 0; i < g->set[SERVERS]; i++) {
		uint32_t t = gen_present(g, 0, "server", i);
		struct gen_task *k = gen_task(g, t);
		k->role = SERVER;
		k->phase = RUNS;
		k->parent = master;
		k->parent_id = gen_task(g, master)->id;
		gen_after(g, t, gen_exponential(g, between_threads(g)));
		for (uint32_t n = 0; n < g->set[THREADS]; n++)
			hire(g, gen_present(g, t, "server", i + n));
	}
}

const struct gen_profile gen_thread_pool = {
	.name = "thread_pool",
	.about = "servers that create and retire threads, with a helper program now and then",
	.keys = { [SERVERS] = { "servers", "processes with a pool", 8, 1, 4096 },
		  [THREADS] = { "threads", "threads of a pool, on average", 32, 1, 4096 },
		  [RATE] = { "rate", "threads made a second, of each server", 250, 1, 1000000 },
		  [HELPERS] = { "helpers", "of 1000 threads so many run a helper program", 20, 0, 1000 },
		  [RESTARTS] = { "restarts", "restarts of the server for 100000 threads", 20, 0, 100000 },
		  [MIGRATE] = { "migrate", "percent of wake-ups on another CPU", 20, 0, 100 },
		  [STACKS] = { "stacks", "1: kernel stacks come from vmalloc", 1, 0, 1 } },
	.setup = setup,
	.run = run,
	.wake = wake,
};
