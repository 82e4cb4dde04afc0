/*
 * check.h - the check engine: every interleaving of a few small programs, on
 * CPUs with or without store buffers.
 *
 * Each CPU runs one program as a coroutine; every shared access is a point at
 * which another CPU may go on. Under TSO a CPU's stores, unlocks, ends of RCU
 * read sections and call_rcu()s wait in a FIFO buffer and take effect when they
 * drain, at any later time. Interleavings that differ only in the order of
 * independent steps are run once (source-set dynamic partial-order reduction
 * with sleep sets).
 *
 * check_run() is called by one thread at a time per process and keeps no state
 * between two calls. Nothing of it prints.
 */
#ifndef CHECK_CHECK_H
#define CHECK_CHECK_H

#include <signal.h>

#include "replay/design.h"
#include "schemas/error.h"

struct geometry;

#define CHECK_CPUS 4

/*
 * Who takes a step: a CPU's program, its store buffer, its interrupt handler, or
 * the callbacks that RCU runs for it.
 */
enum check_actor { ACTOR_MAIN, ACTOR_DRAIN, ACTOR_IRQ, ACTOR_RCU, ACTORS };
#define CHECK_THREADS (ACTORS * CHECK_CPUS)
#define CHECK_THREAD(actor, cpu) ((unsigned)(actor)*CHECK_CPUS + (cpu))
#define CHECK_ACTOR(thread) ((enum check_actor)((thread) / CHECK_CPUS))
#define CHECK_CPU(thread) ((thread) % CHECK_CPUS)

/* Where in the source an access is written: as spelled there, without the word around it. */
struct site {
	const char *expr, *func, *file;
	int line;
};

enum step_kind {
	STEP_NOTE, /* the program says what it does now: site->expr; no access */
	STEP_LOAD,
	STEP_BUFFERED, /* a store, unlock... into the CPU's own buffer: nobody sees it yet */
	STEP_STORE, /* straight to memory: SC, and RCU callbacks */
	STEP_DRAIN, /* the oldest of the buffer takes effect */
	STEP_RMW, /* xchg, cmpxchg, fetch_*; wrote says whether it stored */
	STEP_FENCE,
	STEP_LOCK, /* of any kind; old and value are the lock word's */
	STEP_AWAIT, /* smp_cond_load_acquire(), wait_for(): the load that ended it */
	STEP_RCU_LOCK,
	STEP_IPI_SEND,
	STEP_IPI_DONE, /* all handlers have run */
	STEP_IRQ_BEGIN,
	STEP_IRQ_END,
	STEP_CALLBACK, /* a grace period has ended: an RCU callback begins */
	STEP_STOP, /* stop_machine(): its function, whole */
	STEP_OBSERVE, /* several loads in one moment */
	STEP_VIOLATION
};

struct check_step {
	u8 thread; /* CHECK_THREAD() */
	u8 kind; /* enum step_kind */
	u8 size; /* of the access in bytes, 0: none */
	bool visible; /* a step of its own; the others belong to the visible one before them of the same thread */
	bool wrote;
	const struct site *site;
	const void *addr;
	u64 value, old; /* loaded or stored; what was there before a store */
	u16 clock[CHECK_THREADS]; /* how many visible steps of each thread happen before this or are it */
};

struct check_violation {
	char invariant[8]; /* "I1a"; empty: none */
	char what[96];
	u32 task, mm;
	int slot; /* -1: none */
};

/* One execution that broke something; valid during the call that shows it. */
struct check_trace {
	struct kernel *k; /* as it stood at the end, to name objects with */
	const struct check_step *step;
	unsigned nsteps;
	struct check_violation violation;
};

/* What runs. All functions see the dialect with this engine's words. */
struct check_programs {
	unsigned cpus;
	/* Once, as CPU 0, with nobody else there; what it leaves is where every execution starts. */
	void (*setup)(struct kernel *k, void *arg);
	/* One per CPU. May write to @arg what no other program reads. */
	void (*program[CHECK_CPUS])(struct kernel *k, void *arg);
	/* All programs have ended, all buffers are empty: reports with kernel_violation(). May be NULL. */
	void (*final)(struct kernel *k, void *arg);
	/* Bytes of k->design and mm->private. */
	size_t world_size, mm_size;
};

enum check_memory { MEMORY_TSO, MEMORY_SC };
enum check_reduction { REDUCE_SOURCE, REDUCE_SLEEP, REDUCE_NONE };
enum check_verdict { CHECK_HOLDS, CHECK_BROKEN, CHECK_BOUNDED, CHECK_EXCLUDED };

struct check_config {
	const struct check_programs *programs;
	void *arg;
	const struct geometry *geometry;
	u32 sync_policy, fixed; /* see struct kernel */
	bool fault_handler;
	enum check_memory memory;
	enum check_reduction reduction;
	u64 max_executions; /* then the search is given up as bounded; 0: no limit */
	bool all; /* go on after the first violation */
	bool interrupts; /* it is known that some program calls on_each_cpu() or stop_machine(); else found out */
	const volatile sig_atomic_t *stop; /* may be NULL */
	/* For each execution that breaks something. May be NULL. */
	void (*broken)(void *arg, const struct check_trace *t);
	/* For each complete execution: its trace class and its end state. May be NULL. */
	void (*complete)(void *arg, u64 trace_class, u64 end_state);
	void *callback_arg;
	/* One execution only: the thread of each visible step. NULL: all. */
	const u8 *schedule;
	unsigned nschedule;
};

struct check_result {
	enum check_verdict verdict;
	struct check_violation violation; /* of the first that was found */
	u64 executions; /* complete ones, or ended by a violation */
	u64 blocked; /* given up because they repeat another one */
	u64 steps; /* visible ones, in all executions */
	unsigned deepest; /* visible steps of the longest execution */
	bool interrupted;
	bool interrupts; /* some program called on_each_cpu() or stop_machine() */
};

/*
 * 0 and *r; -ENOMEM; -E2BIG when the programs make more objects than there is room for;
 * -EINVAL when @schedule cannot be followed.
 */
int check_run(const struct check_config *c, struct check_result *r, struct mmr_err *e);

#endif
