/*
 * world.h (native) - one run's world: the kernel's state, the CPUs, the pools,
 * and what the run reports. Made anew for each run; nothing outlives it.
 *
 * Setting up and taking down happen in the thread that runs the replay, which
 * then acts as CPU 0. Between world_make() and world_free() the worker threads
 * touch only what the dialect shares, their own struct ncpu, and `sync`.
 */
#ifndef NATIVE_WORLD_H
#define NATIVE_WORLD_H

#include <pthread.h>
#include <signal.h>

#include "replay/dialect/kernel.h"
#include "replay/figures.h"

struct arena {
	char *base; /* objects, `stride` apart */
	char *pages; /* POOL_PTDESC: the page of each */
	size_t stride, offset_free_next, page_size;
	u64 room, carved;
	size_t mapped, mapped_pages;
};

/* The one call and the one stop that may be under way (ipi.c). */
struct ipi {
	u32 calling, stopping; /* 1: some CPU is at it */
	u32 left; /* CPUs that have not run the call yet */
	void (*fn)(struct kernel *k, u64 arg);
	u64 arg;
} ____per_cpu_aligned;

struct eng_world {
	struct kernel k;
	struct ipi ipi;
	const struct design_ops *design;
	struct ncpu *cpu; /* [k.ncpus] */
	struct qs_nodes *nodes;
	struct task_struct **task; /* by the plan's handle */

	pthread_mutex_t pool_lock; /* guards arenas and depot */
	struct arena arena[POOL_NR];
	struct free_list depot[POOL_NR];

	const char *lock_class[LOCK_CLASSES];
	u8 lock_classes;

	pthread_mutex_t violation_lock;
	struct violations violations;
	u64 current_event; /* of the oracle's stop under way */
	/* The event that a CPU is at; NULL: nobody is at any. */
	u64 (*event_of)(void *arg, u32 cpu);
	void *event_arg;
};

/* What a world is made for. */
struct world_config {
	const struct design_ops *design;
	const struct geometry *geo;
	unsigned cpus;
	bool oversubscribed;
	u32 tasks, mms; /* so many are ever created */
	u32 handles;
	u32 expect_tasks, expect_mms; /* live at once; so many objects are made beforehand */
	u64 tsc_mult;
	u32 who_slots; /* of the workload's comms */
	/* See struct kernel. */
	u32 sync_policy, fixed;
	bool fault_handler;
};

/* -ENOMEM when memory cannot be had. Leaves eng_self at CPU 0. */
int world_make(const struct world_config *c, struct eng_world **w, struct mmr_err *e);
void world_free(struct eng_world *w);

/* A lock of this class is held by readers and writers, not just held. */
static inline bool world_lock_writes(const char *class)
{
	return !strcmp(class, "tasklist_lock");
}

/* Allocated minus freed objects of @pool over all CPUs; exact while the workers stand still. */
s64 world_live(const struct eng_world *w, enum pool pool);

/* As kernel_violation(), at a stated event, UINT64_MAX: none. From any thread. */
void world_violation(struct eng_world *w, const char *invariant, const char *what, u32 task, u32 mm, int slot,
		     u64 event);

/*
 * Between operations: when a batch of deferred work is waiting, wait for
 * a grace period and run it. Returns the TSC cycles that took.
 */
u64 world_rcu_poll(struct eng_world *w, struct ncpu *c);
#define RCU_BATCH 512u

#endif
