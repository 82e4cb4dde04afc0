/*
 * cpu.h (sim) - a simulated CPU: what the dialect's words touch all the time.
 *
 * Simulated CPUs are coroutines of one thread. sim_self is the one that runs
 * on this one: as many machines may be simulated at once as there are threads.
 * Time is virtual, in picoseconds.
 */
#ifndef SIM_CPU_H
#define SIM_CPU_H

#include "replay/dialect/types.h"

#define SIM_STORES 64u /* that the store buffer holds: 56 to 112 on x86 since 2015; a power of two */
#define SIM_LOCKS_HELD 8 /* a CPU holds no more at once */
#define NO_LINE UINT64_MAX

struct machine;

/* One lock under way on this CPU. */
struct sim_hold {
	void *lock;
	u64 since, waited; /* ps */
	u8 class, mode;
};

struct sim_cpu {
	u64 now;
	u64 drained; /* when its store buffer will be empty */
	u64 *stored; /* [SIM_STORES], by store: when it left the buffer, of those that had to wait */
	u32 stores;
	u64 line; /* the cache line it touched last without a break; NO_LINE: none */
	uintptr_t base; /* of the world's memory */
	u32 writable; /* that line can be written without asking anybody */
	u32 step, atomic, fence; /* costs, in ps */
	/*
	 * The clocks by which finite caches forget: lines brought into the first
	 * cache, into the second; and what line.stamp says of both.
	 */
	u32 fills, fills2, stamp;
	u8 shift, shift2; /* fills per tick of the stamp's halves, as powers of two */
	u16 l1_ticks, l2_ticks; /* what the caches hold, in ticks */
	u32 held; /* locks */
	u16 id, me; /* me: id + 1, as the directory knows it */
	u16 core, cluster, socket;
	bool observing; /* the oracle: nothing costs anything */
	bool irqs_off;
	bool running_ahead_barred; /* yields before each access (exact) */
	bool careful; /* observing, or barred: no short ways */
	u8 op; /* the event under way, enum ev_type */
	u8 lock_kind; /* of this run, enum sim_lock_kind */
	u16 whose; /* whose event that is, as a slot of the workload's comms */

	struct cpu *cpu; /* in the world's memory */
	struct machine *m;
	struct sim_hold hold[SIM_LOCKS_HELD];
};

/* It is the program's own; only in a design that is loaded it is somebody else's. */
#if defined(__PIC__) && !defined(__PIE__)
#define SIM_SELF_MODEL "initial-exec"
#else
#define SIM_SELF_MODEL "local-exec"
#endif
extern __thread struct sim_cpu *sim_self __attribute__((tls_model(SIM_SELF_MODEL)));

/* Line.c: another line than last time, or one that cannot be written yet. Charges it; may run other CPUs first. */
void sim_line(struct sim_cpu *c, u64 line, bool write);

/* A store behind one that waits for its line. When the buffer is full, the CPU waits for the oldest. */
static inline void sim_store_waits(struct sim_cpu *c)
{
	u64 *s = &c->stored[c->stores++ % SIM_STORES];
	if (*s > c->now)
		c->now = *s;
	*s = c->drained;
}

static __always_inline void sim_touch(const volatile void *p, bool write)
{
	struct sim_cpu *c = sim_self;
	u64 line = ((uintptr_t)p - c->base) >> 6;
	c->now += c->step;
	if (unlikely(line != c->line || (write && !c->writable)))
		sim_line(c, line, write);
	if (write && unlikely(c->drained > c->now))
		sim_store_waits(c);
}

/* A locked instruction: the store buffer is empty before it, and it waits for its line. */
static __always_inline void sim_locked(const volatile void *p)
{
	struct sim_cpu *c = sim_self;
	sim_touch(p, true);
	c->now = (c->now > c->drained ? c->now : c->drained) + c->atomic;
}

static __always_inline void sim_fence(void)
{
	struct sim_cpu *c = sim_self;
	c->now = (c->now > c->drained ? c->now : c->drained) + c->fence;
}

#endif
