/*
 * generate.h - synthetic workloads: a small machine in virtual time.
 *
 * A profile is a set of tasks that act when their timer fires and when
 * something they wait for has happened. What they do (fork, exec, exit...) goes
 * through the functions below, which keep the books (groups, mms, stacks) and
 * write the events, so that every profile yields a possible history. All
 * arithmetic is on integers: a seed gives the same bytes on any host.
 *
 * A struct gen belongs to one thread. Nothing here fails: when memory or disk
 * does, the error stays in gen.error, events stop, and generate_run() returns it.
 */
#ifndef MMR_GENERATE_H
#define MMR_GENERATE_H

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "schemas/mmw.h"

#define GEN_KEYS_MAX 9
#define GEN_OWN_MAX 4
#define GEN_US 1000ull
#define GEN_MS 1000000ull
#define GEN_SECOND 1000000000ull

struct gen;

/* Top-level slots as on x86-64 with 4 levels: what the direct map, the vmalloc range and vmemmap have. */
#define GEN_DIRECT_FIRST 272
#define GEN_DIRECT_SLOTS 128
#define GEN_VMALLOC_FIRST 402
#define GEN_VMALLOC_SLOTS 64
#define GEN_VMEMMAP 468

/* A parameter of a profile: --set NAME=VALUE. */
struct gen_key {
	const char *name, *about;
	uint64_t value, min, max; /* value: the default */
};

enum gen_why {
	GEN_VFORK_DONE, /* the vfork child has its own mm, or is gone */
	GEN_CHILD_GONE, /* a child process has exited and is reaped */
	GEN_THREAD_GONE, /* another thread of the leader's group has exited */
};

struct gen_profile {
	const char *name, *about;
	struct gen_key keys[GEN_KEYS_MAX + 1]; /* ends with name NULL */
	uint32_t thousandths; /* bit n: the values of key n are in 1/1000, --set NAME=0.25 is 250 */
	/* Make what is there at the start, and set its timers. */
	void (*setup)(struct gen *g);
	/* The timer of @t has fired. */
	void (*run)(struct gen *g, uint32_t t);
	/* Something @t may wait for has happened: take note and set its timer, but do not act here. */
	void (*wake)(struct gen *g, uint32_t t, enum gen_why why);
};

/* A task is named by its place in memory, from 1; the place of one that was freed is used again. */
struct gen_task {
	uint32_t id; /* in the workload; 0: free place */
	uint32_t comm;
	uint32_t mm, group; /* places in their pools */
	uint32_t parent, parent_id; /* who made it; gone when the place holds another id */
	uint32_t next, prev; /* the group's threads, in a ring without the leader */
	uint32_t area; /* its kernel stack, 0: not from vmalloc */
	uint64_t timer; /* order of its only valid one, 0: none */
	uint16_t cpu;
	bool dead;
	bool vforked; /* its parent waits for its exec or exit */
	/* The profile's own. */
	uint8_t role, phase;
	uint32_t n, m;
};

struct gen_group {
	uint32_t leader; /* it may be dead while threads live */
	uint32_t live, members; /* members: not freed yet */
	uint32_t threads; /* one of the live ones that are not the leader, 0: none */
};

struct gen_mm {
	uint32_t id, users;
};

struct gen_area {
	uint32_t id, slot, pages;
	uint32_t next; /* the profile's own */
};

/* Places of equal size, from 1; place 0 takes what is written after an error. */
struct gen_pool {
	void *at;
	uint32_t *freed;
	size_t each;
	uint32_t used, room, nfreed;
};

struct gen_timer {
	uint64_t time_ns, order;
	uint32_t task;
};

struct gen_queue {
	struct gen_timer *at;
	size_t count, room;
	uint64_t order; /* of the timer set last */
};

#define GEN_STACK_CACHE 2 /* kernel stacks a CPU keeps */

struct gen_cpu {
	uint32_t stack[GEN_STACK_CACHE];
	uint32_t stacks;
	bool down;
};

struct gen {
	const struct gen_profile *profile;
	uint64_t set[GEN_KEYS_MAX]; /* values of the profile's keys, in their order */
	uint32_t cpus;
	uint64_t left; /* events still to write; what happens after the last one is not written */
	uint64_t rng;
	uint64_t now; /* of the timer that fired */
	uint64_t stood; /* how long the machine stood still: that much later is everything that happens now */
	uint64_t last; /* of the last event */
	struct mmw_writer *w;
	struct mmr_err *e;
	int error;

	struct gen_pool tasks, groups, mms, areas;
	struct gen_queue queue;
	struct gen_cpu *cpu;
	bool stacks; /* kernel stacks come from vmalloc */
	uint32_t migrate; /* percent of new and woken tasks that go to another CPU */
	uint32_t next_task, next_mm, next_area;
	uint32_t live_tasks, live_mms, peak_tasks, peak_mms;
	uint64_t lazy_pages, lazy_areas;
	bool stays_lazy; /* areas given back wait for gen_purge(), however many they are */
	uint64_t own[GEN_OWN_MAX]; /* the profile's */
};

/* What to make. */
struct gen_options {
	const struct gen_profile *profile;
	uint64_t events, seed;
	uint32_t cpus;
	uint64_t set[GEN_KEYS_MAX]; /* values of the profile's keys */
	volatile sig_atomic_t *stop; /* may be NULL */
	void (*progress)(void *arg, uint64_t done, uint64_t total); /* may be NULL */
	void *progress_arg;
};

extern const struct gen_profile gen_fork_storm, gen_build_farm, gen_thread_pool, gen_exec_chain, gen_vmalloc_churn,
	gen_hotplug, gen_bbs_2019;

/* Profile @i, NULL past the end; the one called @name, NULL when there is none. */
const struct gen_profile *gen_profile(unsigned i);
const struct gen_profile *gen_profile_by_name(const char *name);

/* @value of key @key as --set takes it, in @text. */
const char *gen_value_text(const struct gen_profile *p, unsigned key, uint64_t value, char text[32]);

/*
 * Write exactly o->events events, and besides them one `present` for each task
 * that was there before, to @path. -EINTR when *o->stop was set: nothing is left.
 */
int gen_run(const struct gen_options *o, const char *path, struct mmr_err *e);

/* ---- for the profiles: generate_world.c ---- */

static inline struct gen_task *gen_task(struct gen *g, uint32_t t)
{
	return (struct gen_task *)g->tasks.at + t;
}
static inline struct gen_group *gen_group(struct gen *g, uint32_t group)
{
	return (struct gen_group *)g->groups.at + group;
}
static inline struct gen_area *gen_area(struct gen *g, uint32_t area)
{
	return (struct gen_area *)g->areas.at + area;
}
static inline struct gen_mm *gen_mm(struct gen *g, uint32_t mm)
{
	return (struct gen_mm *)g->mms.at + mm;
}

/* -ENOMEM, or 0; either way it ends in gen_world_free(). */
int gen_world_init(struct gen *g);
void gen_world_free(struct gen *g);

/* A task that was there before the workload; @leader 0: a process of its own. For setup only. */
uint32_t gen_present(struct gen *g, uint32_t leader, const char *comm, uint32_t cpu);

/*
 * New tasks; they have no timer yet. Pointers from gen_task() and the like are
 * stale afterwards. After gen_vfork() the parent must not act before it is
 * woken with GEN_VFORK_DONE.
 */
uint32_t gen_fork(struct gen *g, uint32_t parent);
uint32_t gen_vfork(struct gen *g, uint32_t parent);
uint32_t gen_thread(struct gen *g, uint32_t creator);

/* @comm is the new name. Whoever else is in the group exits before; @t is its leader afterwards. */
void gen_exec(struct gen *g, uint32_t t, const char *comm);

/*
 * @t is gone, and its timer void. The task object is freed by itself: a
 * thread's soon, a leader's when its group is gone and its parent has reaped it.
 */
void gen_exit(struct gen *g, uint32_t t);

/* All of @t's group: the threads, then the leader. */
void gen_exit_group(struct gen *g, uint32_t t);

/* Act @delay ns from now; replaces the timer set before. */
void gen_after(struct gen *g, uint32_t t, uint64_t delay);
/* The timer of a dead task: free it. */
void gen_free(struct gen *g, uint32_t t);

/* Let @t move to another CPU, as happens at a wake-up: g->migrate percent of the time. */
void gen_place(struct gen *g, uint32_t t);

/*
 * Write @ev, at least now and @later ns after the event before (when both belong
 * to one action). False when it is not written any more. For generate_*.c, as
 * are a zeroed place of a pool, and giving it back.
 */
bool gen_emit(struct gen *g, struct mmw_event *ev, uint64_t later);
uint32_t gen_take(struct gen *g, struct gen_pool *p);
void gen_give(struct gen_pool *p, uint32_t i);

/* ---- generate_kernel.c ---- */

/* A kernel stack for a child of @parent: one that its CPU kept, or a new area; and back, if it is not kept. */
uint32_t gen_stack_get(struct gen *g, uint32_t parent);
void gen_stack_put(struct gen *g, uint32_t area, uint16_t cpu);

/* @t gets an area behind top-level slot @slot; the place is good until gen_vfree(), by whichever task. */
uint32_t gen_vmalloc(struct gen *g, uint32_t t, uint32_t slot, uint32_t pages);
void gen_vfree(struct gen *g, uint32_t t, uint32_t place);

/* @t unmaps all that was given back, which may be nothing. */
void gen_purge(struct gen *g, uint32_t t);

/* Memory or a CPU comes or goes: EV_HOT_ADD to EV_OFFLINE, with their aux. CPU 0 must stay. */
void gen_machine(struct gen *g, enum ev_type type, uint32_t aux);

/* Nothing happens for @length ns, with all page directories pinned. */
void gen_suspend(struct gen *g, uint64_t length);

/* ---- generate_random.c ---- */

uint64_t gen_random(struct gen *g);
uint32_t gen_below(struct gen *g, uint32_t n); /* 0 to n - 1 */
bool gen_percent(struct gen *g, uint32_t percent);
uint64_t gen_exponential(struct gen *g, uint64_t mean);
uint64_t gen_lognormal(struct gen *g, uint64_t median); /* sigma 0.8: the mean is 1.4 times that */

/* ---- generate_queue.c ---- */

int gen_queue_push(struct gen_queue *q, uint64_t time_ns, uint32_t task); /* -ENOMEM */
bool gen_queue_pop(struct gen_queue *q, struct gen_timer *out); /* false: empty */

#endif
