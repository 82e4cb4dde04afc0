/*
 * cpu.h - a native worker's own state: what only its thread touches while a
 * run lasts, and the engine reads once the thread has ended.
 */
#ifndef NATIVE_CPU_H
#define NATIVE_CPU_H

#include <x86intrin.h>

#include "replay/dialect/types.h"
#include "replay/native/descheduled.h"
#include "replay/who.h"
#include "schemas/event.h"
#include "schemas/hist.h"

#define LOCK_CLASSES 16
#define LOCK_MODES 2 /* 0: exclusive or write, 1: read */

/* Bits of ncpu.instrument: what locks do beyond locking. 0 in `--measure off` without `--delay`. */
#define INSTR_COUNT 1u /* acquisitions, contentions, bounces */
#define INSTR_TIMED 2u /* this operation is one of those whose waits and holds are timed */
#define INSTR_DELAY 4u /* some lock class has a delay */
#define INSTR_TRACED 8u /* each acquisition and release is told (trace.h) */

/* What is looked at in timed operations only. */
struct lock_times {
	u64 descheduled, descheduled_ns; /* holds during which the holder did not run: not in `hold` */
	u64 outermost_ns; /* of `hold`, those not inside another timed hold */
	u64 hold_reads; /* of the clock, within those in `hold` */
	u64 reads_before; /* the one under way */
	struct hist wait, hold;
	/* Of the waits in `wait`, by our operation and the one that held the lock when it was let go. */
	u32 holder; /* doing() of the one that let go what the one under way waited for */
	struct {
		u64 count, cycles;
	} blocked[EV_MAX][EV_MAX];
};

/*
 * Of timed operations, in TSC cycles: waits for locks, those of them that lie
 * within a hold, and outermost holds, interrupted ones included. How often the
 * clock was read, in each of these: what reading it costs is in them.
 */
struct lock_time {
	u64 wait, wait_inside, hold;
	u64 waits, hold_reads, reads;
	bool away; /* the thread was off its CPU (descheduled.h) */
	struct who_wait longest; /* since it was reset */
};

/* One line: counted at every acquisition. */
struct lock_counts {
	u64 acquisitions, contentions, acq_bounces, con_bounces, timed;
	u64 hold_start, waited; /* TSC; of the one timed hold under way */
	struct lock_times *times;
};

struct free_list {
	void *head;
	u32 n;
};

struct eng_world;
struct eng_trace;

/* Bits of mailbox.attention. */
#define ATTEND_CALL 1u /* on_each_cpu(): run the world's call */
#define ATTEND_STOP 2u /* stop_machine(): stand still until this is gone */
#define ATTEND_TOUCH 4u /* touch the slots of mailbox.touch before the next event */
#define MAILBOX_SLOTS 1024

/* Who may act for this CPU (ipi.c). */
enum cpu_state {
	CPU_IDLE, /* between two events, or not running at all: anybody may, and it counts as stopped */
	CPU_BLOCKED, /* asleep in the host within an event: anybody may, but it may hold locks */
	CPU_ACTIVE, /* its own thread alone */
	CPU_BUSY, /* another thread, right now */
};

/* What others write to a CPU; read by its thread after each event and wherever it waits. */
struct mailbox {
	u32 attention;
	u32 state; /* enum cpu_state */
	u64 touch[MAILBOX_SLOTS / 64]; /* slots that others have made usable */
} ____per_cpu_aligned;

struct ncpu {
	struct cpu cpu;
	u32 instrument;
	u32 oversubscribed;
	u32 timed_depth; /* timed holds under way */
	u32 doing; /* doing(), of what it does or did last */
	struct lock_time spent;
	u32 spins;
	u32 irqs_off; /* local_irq_disable(): calls have to wait */
	struct eng_world *world;
	u64 delay[LOCK_CLASSES]; /* TSC cycles added to each hold */

	struct free_list pool[POOL_NR];
	struct rcu_head *rcu_head, **rcu_tail;
	u32 rcu_pending;
	u32 rcu_mutant; /* call_rcu() does not wait: the mutant that the oracle must catch */
	s64 live[POOL_NR]; /* allocated minus freed here; the sum over all CPUs is what lives */

	struct lock_counts *locks; /* [LOCK_CLASSES][LOCK_MODES] */
	struct lock_times *times; /* the same */
	struct who *who; /* [slots of the workload's comms][EV_MAX] */
	u32 who_slots;
	u64 tsc_mult; /* ns = (cycles * tsc_mult) >> 32 */
	struct eng_trace *trace; /* INSTR_TRACED */

	struct mailbox mail;
} ____per_cpu_aligned;

/* The CPU that this thread is. Initial-exec, so that a loaded design reaches it as cheaply. */
extern __thread struct ncpu *eng_self __attribute__((tls_model("initial-exec")));

/* ---- where a CPU can be reached (ipi.c) ---- */

/* Something is in the mailbox: calls are run, unless interrupts are off. */
void eng_attend(struct ncpu *c);
/* Between two events, or in a wait between them: calls are run, and if it is so asked, the CPU stands still. */
void eng_attend_between(struct ncpu *c);
/* This thread sleeps in the host from here to eng_wake(): CPU_IDLE between two events, else CPU_BLOCKED. */
void eng_sleep(struct ncpu *c, enum cpu_state how);
void eng_wake(struct ncpu *c);

static inline u32 eng_attention(const struct ncpu *c)
{
	return __atomic_load_n(&c->mail.attention, __ATOMIC_RELAXED);
}

/* ---- how a thread is got out of an operation that does not end (watch.c) ---- */

struct eng_thread {
	void *way_out; /* a sigjmp_buf; NULL: not inside the run. (That header has names of the dialect's in it.) */
	volatile int in_host; /* it holds a lock of the C library or of liburcu: not now */
};
extern __thread struct eng_thread eng_thread __attribute__((tls_model("initial-exec")));

static inline void eng_enter_host(void)
{
	eng_thread.in_host++;
	__asm__ __volatile__("" ::: "memory");
}

static inline void eng_leave_host(void)
{
	__asm__ __volatile__("" ::: "memory");
	eng_thread.in_host--;
}

static inline u64 eng_clock(void)
{
	return __rdtsc();
}

static inline u64 eng_ns(const struct ncpu *c, u64 cycles)
{
	return (u64)(((unsigned __int128)cycles * c->tsc_mult + (1u << 31)) >> 32);
}

#endif
