/*
 * exec_chain: commands that exec many times in a row, as in shell -> env ->
 * nice -> program; before some steps a helper runs, and some are taken by a
 * thread, which becomes the leader. New mms without new processes.
 */
#include "tracegen/generate.h"

enum { CHAINS, LENGTH, PAUSE, HELPERS, VFORK, LEADER, MIGRATE, STACKS }; /* keys */
enum { SHELL, CHAIN, HELPER, STEPPER, SLEEPER }; /* roles; the last two are threads */

/* Of a chain: n, execs so far; m, those to come. BLOCKED: in vfork; IDLE: for a child or a thread; HELPED: it came. */
enum { BORN, READY, BLOCKED, IDLE, HELPED };

static const char *const programs[] = { "sh", "env", "nice", "nohup", "timeout", "setsid", "python3" };
static const char *const helpers[] = { "dirname", "uname", "sed", "cat", "getopt" };

#define COUNT(a) (uint32_t)(sizeof(a) / sizeof(*(a)))

static uint64_t pause_ns(struct gen *g)
{
	return 20 * GEN_US + gen_lognormal(g, g->set[PAUSE] * GEN_US);
}

static void command(struct gen *g, uint32_t shell)
{
	uint32_t child = gen_fork(g, shell);
	struct gen_task *k = gen_task(g, child);
	k->role = CHAIN;
	k->m = 1 + gen_below(g, 2 * (uint32_t)g->set[LENGTH] - 1);
	gen_after(g, child, 50 * GEN_US + gen_lognormal(g, 150 * GEN_US));
}

static void helper(struct gen *g, uint32_t t)
{
	bool vfork = gen_percent(g, (uint32_t)g->set[VFORK]);
	gen_task(g, t)->phase = vfork ? BLOCKED : IDLE;
	uint32_t child = vfork ? gen_vfork(g, t) : gen_fork(g, t);
	gen_task(g, child)->role = HELPER;
	gen_after(g, child, 50 * GEN_US + gen_lognormal(g, 150 * GEN_US));
}

/* A thread of @t takes the next step; the others of the group do not survive it. */
static void hand_over(struct gen *g, uint32_t t)
{
	gen_task(g, t)->phase = IDLE;
	for (uint32_t sleepers = gen_below(g, 3); sleepers; sleepers--)
		gen_task(g, gen_thread(g, t))->role = SLEEPER;
	uint32_t next = gen_thread(g, t);
	struct gen_task *k = gen_task(g, next);
	k->role = STEPPER;
	k->n = gen_task(g, t)->n;
	k->m = gen_task(g, t)->m;
	gen_after(g, next, pause_ns(g));
}

static void step(struct gen *g, uint32_t t)
{
	struct gen_task *k = gen_task(g, t);
	k->role = CHAIN;
	k->phase = READY;
	k->m--;
	gen_exec(g, t, programs[k->n++ % COUNT(programs)]);
	gen_after(g, t, pause_ns(g));
}

static void run_chain(struct gen *g, uint32_t t)
{
	const struct gen_task *k = gen_task(g, t);
	if (!k->m)
		gen_exit(g, t);
	else if (k->phase == READY && gen_percent(g, (uint32_t)g->set[HELPERS]))
		helper(g, t);
	else if (k->phase != BORN && gen_percent(g, (uint32_t)g->set[LEADER]))
		hand_over(g, t);
	else
		step(g, t);
}

static void run_helper(struct gen *g, uint32_t t)
{
	if (gen_task(g, t)->phase == BORN) {
		gen_task(g, t)->phase = READY;
		gen_exec(g, t, helpers[gen_below(g, COUNT(helpers))]);
		gen_after(g, t, 100 * GEN_US + gen_lognormal(g, 300 * GEN_US));
	} else {
		gen_exit(g, t);
	}
}

static void run(struct gen *g, uint32_t t)
{
	gen_place(g, t);
	switch (gen_task(g, t)->role) {
	case SHELL:
		command(g, t);
		break;
	case CHAIN:
		run_chain(g, t);
		break;
	case STEPPER:
		step(g, t);
		break;
	default:
		run_helper(g, t);
	}
}

static void wake(struct gen *g, uint32_t t, enum gen_why why)
{
	struct gen_task *k = gen_task(g, t);
	if (why == GEN_VFORK_DONE)
		k->phase = IDLE;
	if (why != GEN_CHILD_GONE)
		return;
	k->phase = HELPED;
	gen_after(g, t, pause_ns(g));
}

static void setup(struct gen *g)
{
	g->migrate = (uint32_t)g->set[MIGRATE];
	g->stacks = g->set[STACKS];
	for (uint32_t i = 0; i < g->set[CHAINS]; i++)
		gen_after(g, gen_present(g, 0, "bash", i), gen_exponential(g, GEN_MS));
}

const struct gen_profile gen_exec_chain = {
	.name = "exec_chain",
	.about = "commands that exec many times in a row, with helpers between and leader changes; few forks",
	.keys = { [CHAINS] = { "chains", "shells that run such commands, one after another", 32, 1, 65536 },
		  [LENGTH] = { "length", "execs in a row of a command, on average", 20, 1, 1000000 },
		  [PAUSE] = { "pause_us", "median time between two of them, in microseconds", 400, 1, 1000000 },
		  [HELPERS] = { "helpers", "percent of the steps before which a helper program runs", 15, 0, 100 },
		  [VFORK] = { "vfork", "percent of the helpers made with vfork", 80, 0, 100 },
		  [LEADER] = { "leader", "percent of the steps taken by a thread that is not the leader", 5, 0, 100 },
		  [MIGRATE] = { "migrate", "percent of wake-ups on another CPU", 10, 0, 100 },
		  [STACKS] = { "stacks", "1: kernel stacks come from vmalloc", 1, 0, 1 } },
	.setup = setup,
	.run = run,
	.wake = wake,
};
