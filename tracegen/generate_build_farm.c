/*
 * build_farm: several make -j. Commands run through a shell, compilers through
 * their driver; scripts run small tools; now and then a sub-make, and a linker
 * with threads.
 */
#include "tracegen/generate.h"

enum { MAKES, JOBS, COMPILE, VFORK, LINK, MIGRATE, STACKS }; /* keys */

enum role { MAKE, SUB_MAKE, SHELL, SCRIPT, DRIVER, LINK_DRIVER, COMPILER, ASSEMBLER, LINKER, TOOL, THREAD };

static const char *const program[] = { "make", "make", "sh", "sh", "gcc", "gcc", "cc1", "as", "ld", "sed", "ld" };

/*
 * Of each task: n, what it has under way (children, a linker's threads); m,
 * what it has yet to start. BLOCKED: in vfork; IDLE: until n falls.
 */
enum phase { BORN, READY, BLOCKED, IDLE };

static uint64_t compile_ns(const struct gen *g)
{
	return g->set[COMPILE] * GEN_US;
}

/* How long a program of @role runs before it does its next thing. */
static uint64_t work(struct gen *g, enum role role)
{
	uint64_t start_up = 200 * GEN_US + gen_lognormal(g, 500 * GEN_US);
	switch (role) {
	case COMPILER:
		return start_up + gen_lognormal(g, compile_ns(g));
	case ASSEMBLER:
		return start_up + gen_lognormal(g, compile_ns(g) / 10);
	case TOOL:
		return start_up + gen_lognormal(g, GEN_MS);
	default:
		return start_up;
	}
}

/* What a task of @role starts, in all. */
static uint32_t to_start(struct gen *g, enum role role)
{
	switch (role) {
	case MAKE:
		return UINT32_MAX;
	case SUB_MAKE:
		return 10 + gen_below(g, 90);
	case SCRIPT:
		return 3 + gen_below(g, 20);
	case DRIVER:
		return 2;
	case LINKER:
		return 2 + gen_below(g, 7);
	case SHELL:
	case LINK_DRIVER:
		return 1;
	default:
		return 0;
	}
}

static enum role job(struct gen *g, bool top)
{
	uint32_t kind = gen_below(g, 100);
	if (top && kind < 2)
		return SUB_MAKE;
	if (kind < 15)
		return SCRIPT;
	if (kind < 60)
		return SHELL;
	return g->set[LINK] && gen_below(g, (uint32_t)g->set[LINK]) == 0 ? LINK_DRIVER : DRIVER;
}

static enum role next_child(struct gen *g, const struct gen_task *k)
{
	switch (k->role) {
	case MAKE:
	case SUB_MAKE:
		return job(g, k->role == MAKE);
	case SCRIPT:
		return TOOL;
	case SHELL:
		return gen_percent(g, 80) ? DRIVER : TOOL;
	case DRIVER:
		return k->m == 2 ? COMPILER : ASSEMBLER;
	case LINK_DRIVER:
		return LINKER;
	default:
		return THREAD;
	}
}

static void start(struct gen *g, uint32_t t)
{
	struct gen_task *k = gen_task(g, t);
	enum role role = next_child(g, k);
	bool vfork = role != THREAD && gen_percent(g, (uint32_t)g->set[VFORK]);
	k->n++;
	if (k->m != UINT32_MAX)
		k->m--;
	k->phase = vfork ? BLOCKED : READY;
	if (!vfork)
		gen_after(g, t, 50 * GEN_US + gen_below(g, 100 * GEN_US));
	uint32_t child = role == THREAD ? gen_thread(g, t) : vfork ? gen_vfork(g, t) : gen_fork(g, t);
	k = gen_task(g, child);
	k->role = (uint8_t)role;
	k->m = to_start(g, role);
	gen_after(g, child,
		  role == THREAD ? gen_lognormal(g, compile_ns(g) / 2) : 50 * GEN_US + gen_lognormal(g, 150 * GEN_US));
}

static void exec(struct gen *g, uint32_t t)
{
	enum role role = gen_task(g, t)->role;
	gen_task(g, t)->phase = READY;
	gen_exec(g, t, program[role]);
	gen_after(g, t, work(g, role));
}

static void run(struct gen *g, uint32_t t)
{
	struct gen_task *k = gen_task(g, t);
	gen_place(g, t);
	if (k->phase == BORN && k->role != THREAD) {
		exec(g, t);
		return;
	}
	/* A shell execs its last command in place. */
	if (k->role == SHELL && k->m && gen_percent(g, 50)) {
		k->role = DRIVER;
		k->m = to_start(g, DRIVER);
		exec(g, t);
		return;
	}
	uint64_t at_once = k->role == MAKE       ? g->set[JOBS]
			   : k->role == SUB_MAKE ? 2
			   : k->role == LINKER   ? UINT32_MAX
						 : 1;
	if (k->m && k->n < at_once)
		start(g, t);
	else if (k->n)
		k->phase = IDLE;
	else
		gen_exit(g, t);
}

static void wake(struct gen *g, uint32_t t, enum gen_why why)
{
	struct gen_task *k = gen_task(g, t);
	if (why != GEN_VFORK_DONE)
		k->n--;
	if (why == GEN_VFORK_DONE ? k->phase != BLOCKED : k->phase != IDLE)
		return;
	k->phase = READY;
	gen_after(g, t, 20 * GEN_US + gen_below(g, 80 * GEN_US));
}

static void setup(struct gen *g)
{
	g->migrate = (uint32_t)g->set[MIGRATE];
	g->stacks = g->set[STACKS];
	gen_present(g, 0, "systemd", 0);
	for (uint32_t i = 0; i < g->set[MAKES]; i++) {
		uint32_t t = gen_present(g, 0, "make", i);
		gen_task(g, t)->role = MAKE;
		gen_task(g, t)->phase = READY;
		gen_task(g, t)->m = to_start(g, MAKE);
		gen_after(g, t, gen_exponential(g, 5 * GEN_MS));
	}
}

const struct gen_profile gen_build_farm = {
	.name = "build_farm",
	.about = "make -j: shells, compilers and their drivers, small tools, linkers with threads",
	.keys = { [MAKES] = { "makes", "builds that run side by side", 2, 1, 1024 },
		  [JOBS] = { "jobs", "make -j, of each build", 8, 1, 1024 },
		  [COMPILE] = { "compile_us", "median life of a compiler, in microseconds", 80000, 1, 100000000 },
		  [VFORK] = { "vfork", "percent of the processes made with vfork", 70, 0, 100 },
		  [LINK] = { "link", "one direct job in so many is a linker with threads; 0: none", 20, 0, 1000000 },
		  [MIGRATE] = { "migrate", "percent of wake-ups on another CPU", 10, 0, 100 },
		  [STACKS] = { "stacks", "1: kernel stacks come from vmalloc", 1, 0, 1 } },
	.setup = setup,
	.run = run,
	.wake = wake,
};
