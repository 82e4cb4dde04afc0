/*
 * machine.h (check) - the machine that programs run on, and the execution under
 * way on it.
 *
 * Everything that a program can reach lies in one arena, which is put back to
 * what setup left before each execution. Everything else here is the engine's:
 * store buffers, who waits for what, the steps so far. One machine exists at a
 * time (check_machine); only the thread in check_run() touches it.
 */
#ifndef CHECK_MACHINE_H
#define CHECK_MACHINE_H

#include "replay/check/check.h"
#include "replay/coro/coro.h"
#include "replay/dialect/kernel.h"

#define STEPS_MAX 30000u /* of one execution, visible and not */
#define BUFFER_MAX 2048u
#define STACK_SIZE (128u << 10)
#define NONE UINT32_MAX

/* ---- what lies in the arena ---- */

struct pool_room {
	char *base; /* `parts` times `each` objects, `stride` apart */
	u32 stride, each;
	u32 carved[CHECK_CPUS]; /* of each CPU's part, those ever handed out */
	u16 free[CHECK_CPUS][64]; /* by number, last freed last */
	u32 nfree[CHECK_CPUS];
};

struct eng_world {
	struct kernel k;
	struct cpu cpu[CHECK_CPUS];
	struct cpu *cpus[CHECK_CPUS];
	struct qs_nodes nodes[CHECK_CPUS];
	/* Not memory of any kernel: what read sections (begun, ended) and grace periods order themselves by. */
	u64 rcu_word[CHECK_CPUS][2];
	u64 irq_word[CHECK_CPUS]; /* the same for the interrupts on their way to a CPU */
	struct pool_room pool[POOL_NR];
	char *pages; /* POOL_PTDESC: nslots entries each */
	const char *lock_class[16];
	u32 lock_classes;
};

/* ---- steps and what they touch ---- */

/* Some bytes of one 8-byte word of the arena. */
struct foot {
	u32 word;
	u8 mask;
	u8 write;
	u8 forwarded; /* 1 + CPU: read from that CPU's own buffer, entry `seq` */
	u32 seq;
};

/* A visible step; its check_step has thread, kind and clock. */
struct vstep {
	u32 step; /* in machine.step */
	u32 prev; /* visible step of the same thread, or NONE */
	u32 foot;
	u16 nfoot;
	bool global; /* depends on everything: stop_machine() */
	bool irq_ok, stop_ok; /* an interrupt, a stop of the machine could have come just before it */
	u64 old; /* what a write replaced */
};

/* An access in a word's history, newest first. */
struct access {
	u32 vstep, older;
	u8 mask, write;
};

/* ---- store buffers ---- */

enum entry_kind { ENTRY_STORE, ENTRY_RCU_UNLOCK, ENTRY_CALL_RCU };

struct entry {
	u8 kind, size;
	u32 by; /* the visible step that it belongs to, or NONE */
	u32 step; /* its STEP_BUFFERED */
	void *addr;
	u64 value;
	struct rcu_head *head;
	u32 until; /* call_rcu(): the section of its own CPU that it lies in, 0: none */
	u32 readers; /* forwarded loads: list of struct access */
};

/* A callback and the grace period it waits for. */
struct callback {
	struct rcu_head *head;
	u32 queued; /* visible step */
	u32 until[CHECK_CPUS]; /* read sections of that CPU that must have ended; 0: none */
};

struct request {
	void (*fn)(struct kernel *k, u64 arg);
	u64 arg;
	u32 from; /* thread */
	u32 sent; /* visible step */
};

#define QUEUE_MAX 64u

struct cpu_state {
	struct entry buffer[BUFFER_MAX];
	u32 head, tail; /* entries so far taken out, put in */
	u32 last_drain; /* visible step, or NONE */
	/* Off from the next step on: an interrupt may still come after the one before. */
	u32 irq_off_next, preempt_off_next;
	u32 irq_off, preempt_off;
	bool in_irq;
	u32 irq_began, irq_ended; /* visible steps of the last handler, or NONE */
	u32 rcu_nesting;
	u32 sections_begun, sections_ended; /* outermost read sections; ended: as others see it */
	u32 section_end[256]; /* visible step at which the n-th ended, n modulo 256 */
	struct request irq[QUEUE_MAX];
	u32 irq_head, irq_tail;
	struct callback rcu[QUEUE_MAX];
	u32 rcu_head, rcu_tail;
};

/* ---- threads ---- */

enum wish {
	WISH_NOTHING, /* has ended, or has not begun */
	WISH_LOAD,
	WISH_STORE,
	WISH_BUFFER,
	WISH_RMW,
	WISH_FENCE,
	WISH_LOCK,
	WISH_AWAIT,
	WISH_RCU_LOCK,
	WISH_IPI_SEND,
	WISH_IPI_WAIT,
	WISH_STOP,
	WISH_IRQ_BEGIN,
	WISH_IRQ_END,
	WISH_CALLBACK
};

struct thread {
	struct coro co;
	char *stack;
	enum wish wish; /* its next visible step */
	const void *addr;
	u32 size;
	const struct site *site;
	/* WISH_LOCK */
	bool lock_write, lock_rw;
	/* WISH_AWAIT: what the waiter thinks of `seen` */
	u64 seen;
	bool holds, probing;
	bool judging; /* between a look and what comes of it: no other access */
	/* WISH_IPI_WAIT */
	u32 acks;
	u16 ack_clock[CHECK_THREADS];
	bool observing; /* loads go on without being steps of their own */
	u32 last; /* visible step, or NONE */
	u16 count;
};

/* ---- the whole ---- */

struct machine {
	const struct check_config *c;
	char *arena, *snapshot;
	size_t arena_size;
	struct eng_world *w;
	unsigned cpus;

	struct coro scheduler;
	/* Runs programs.setup and .final; abandoned when it takes more than `budget` looks: some list goes round. */
	struct coro finisher;
	void (*apart)(struct kernel *k, void *arg); /* what it runs now, or NULL */
	char *finisher_stack;
	u32 budget; /* 0: none is kept */
	struct thread thread[CHECK_THREADS];
	struct cpu_state cpu[CHECK_CPUS];
	u32 current; /* thread that runs, or NONE: words act on memory at once */
	u32 acting_cpu; /* who, when words act at once */
	bool atomic; /* inside stop_machine()'s function */
	/*
	 * Somebody interrupts or stops others, which both drain buffers: putting a
	 * store into one is a step of its own. Otherwise nobody can tell it from the
	 * step before. Found out by the first who does it; the search begins again.
	 */
	bool interrupts, interrupts_wanted;

	struct check_step step[STEPS_MAX];
	u32 nsteps;
	struct vstep vstep[STEPS_MAX];
	u32 nvsteps;
	struct foot foot[4 * STEPS_MAX];
	u32 nfeet;
	struct access access[4 * STEPS_MAX];
	u32 naccesses;
	u32 *history; /* [words of the arena]: newest access, valid when `epoch` agrees */
	u32 *history_epoch, epoch;
	u32 last_stop; /* visible step, or NONE */
	struct entry drained; /* by the newest step, if that is a drain */
	u32 candidate[STEPS_MAX]; /* order.c: earlier steps that the one in hand may race with */

	struct check_violation violation;
	u32 violation_step;
	bool too_long, out_of_objects;
	bool astray; /* somebody followed a pointer that leads nowhere: the execution cannot go on */
};

extern struct machine *check_machine;

/* machine.c: -ENOMEM. Runs setup. */
int machine_make(struct machine **m, const struct check_config *c, struct mmr_err *e);
void machine_free(struct machine *m);
/* Back to what setup left; all programs at their beginning. */
void machine_reset(struct machine *m);

/* words.c: the code of a thread that begins. */
void program_main(void *thread);
void irq_main(void *thread);
void rcu_main(void *thread);
/* programs.setup or .final. False: it did not come to an end. */
bool run_apart(struct machine *m, void (*fn)(struct kernel *k, void *arg));
/* Is what runs now a design's code, on a stack of its own? */
bool in_program(const struct machine *m);
/* I3: it has followed a pointer to where nothing is, and goes no further. */
void followed_nowhere(void) __attribute__((noreturn));

/* fault.c: from here on such a pointer is a violation, not the end of this program. */
void fault_watch(void);
void fault_unwatch(void);

/* What @cpu sees at @p, its own buffer first; *@own: all bytes came from there. */
u64 view_of(struct machine *m, u32 cpu, const void *p, u32 size, bool *own);
/* I3: the object that @p lies in, if any, has been freed. *@stamp is what to look at. */
bool object_of(struct machine *m, const void *p, void **stamp, const char **kind);

/* step.c */
bool step_enabled(struct machine *m, u32 thread);
/* Everything has come to its end. */
bool all_done(struct machine *m);
/* One visible step of @thread, which is enabled. */
void step_take(struct machine *m, u32 thread);
/* Ask an awaiting @thread what it thinks of @value. */
bool await_probe(struct machine *m, u32 thread, u64 value);
/* Add to the step under way. */
struct check_step *step_log(struct machine *m, u32 thread, enum step_kind kind, const struct site *s, const void *p,
			    u32 size, u64 value, u64 old);
void step_touch(struct machine *m, const void *p, u32 size, bool write);
/* A read section ends, or a callback is queued, for all to see, as part of the step under way. */
void step_effect(struct machine *m, u32 cpu, const struct entry *b);

/*
 * order.c: what happens before what. order_add() puts the newest visible step
 * in its place and tells of each earlier one with which it could change places:
 * step @earlier, and one of @thread with @clock that comes after @n steps. May be NULL.
 *
 * A lock or a wait is asked before it is taken (order_wish), because whether it
 * could have come before a store depends on what the waiter thinks of the value
 * that the store replaced; also when it cannot be taken, in a deadlock.
 */
typedef void race_fn(void *arg, u32 earlier, u32 thread, const u16 *clock, u32 n);
void order_reset(struct machine *m);
void order_add(struct machine *m, race_fn *race, void *arg);
void order_wish(struct machine *m, u32 thread, race_fn *race, void *arg);
static inline bool waits(enum wish w)
{
	return w == WISH_LOCK || w == WISH_AWAIT;
}
/* Do a step with these feet, of @thread, and the newest visible step depend on each other? */
bool order_dependent(struct machine *m, u32 thread, bool global, const struct foot *feet, u32 n);

static inline const u16 *clock_of(const struct machine *m, u32 v)
{
	return m->step[m->vstep[v].step].clock;
}

/* Does visible step @a happen before @b, or is it @b? */
static inline bool ordered_before(const struct machine *m, u32 a, u32 b)
{
	u32 t = m->step[m->vstep[a].step].thread;
	return clock_of(m, a)[t] <= clock_of(m, b)[t];
}

#endif
