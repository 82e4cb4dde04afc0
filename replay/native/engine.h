/*
 * engine.h (native) - the dialect's words on real threads.
 *
 * Compiled into each design once per lock kind (KLOCK_ticket, KLOCK_qspinlock
 * or KLOCK_mutex is defined by the build); the engine itself, which creates
 * threads and reads the statistics, is built without one and sees only the
 * types, which are the same for all kinds. A worker thread is one CPU; eng_self is the only thread-local.
 */
#ifndef NATIVE_ENGINE_H
#define NATIVE_ENGINE_H

#define ENGINE_NAME "native"

#include <pthread.h>
#include <sched.h>
#include <string.h>

#include "replay/dialect/types.h"

/* ---- single accesses ---- */
#define eng_load(p) __atomic_load_n((p), __ATOMIC_RELAXED)
#define eng_store(p, v) __atomic_store_n((p), (v), __ATOMIC_RELAXED)
#define eng_load_acquire(p) __atomic_load_n((p), __ATOMIC_ACQUIRE)
#define eng_store_release(p, v) __atomic_store_n((p), (v), __ATOMIC_RELEASE)
#define eng_xchg(p, v) __atomic_exchange_n((p), (v), __ATOMIC_SEQ_CST)
#define eng_fetch_add(p, v) __atomic_fetch_add((p), (v), __ATOMIC_SEQ_CST)
#define eng_fetch_or(p, v) __atomic_fetch_or((p), (v), __ATOMIC_SEQ_CST)
#define eng_fetch_and(p, v) __atomic_fetch_and((p), (v), __ATOMIC_SEQ_CST)
#define eng_cmpxchg(p, old, new)                                                                                       \
	({                                                                                                             \
		__typeof__(*(p)) eng_seen_ = (old);                                                                    \
		__atomic_compare_exchange_n((p), &eng_seen_, (new), 0, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);            \
		eng_seen_;                                                                                             \
	})
#define smp_mb() __atomic_thread_fence(__ATOMIC_SEQ_CST)
#define smp_wmb() __atomic_thread_fence(__ATOMIC_RELEASE)
#define smp_rmb() __atomic_thread_fence(__ATOMIC_ACQUIRE)
#define barrier() __asm__ __volatile__("" ::: "memory")

#include "replay/native/cpu.h"

static inline struct cpu *this_cpu(void)
{
	return &eng_self->cpu;
}

static inline void cpu_relax(void)
{
	__builtin_ia32_pause();
	if (unlikely(eng_attention(eng_self) & ATTEND_CALL))
		eng_attend(eng_self);
	/* More workers than CPUs: whoever we wait for may not be running. */
	if (unlikely(eng_self->oversubscribed) && ++eng_self->spins % 64 == 0)
		sched_yield();
}

#define eng_cond_load(p, cond)                                                                                         \
	({                                                                                                             \
		__typeof__(*(p)) VAL;                                                                                  \
		for (;;) {                                                                                             \
			VAL = eng_load_acquire(p);                                                                     \
			if (cond)                                                                                      \
				break;                                                                                 \
			cpu_relax();                                                                                   \
		}                                                                                                      \
		VAL;                                                                                                   \
	})
#define eng_cond_sleep(p, cond) eng_cond_load(p, cond)

/* Several loads are several moments here: who uses them looks again. */
#define observe_begin() ((void)0)
#define observe_end() ((void)0)

/* A worker serves interrupts where it waits (cpu_relax) and between two events, but not inside what these bracket. */
static inline void local_irq_disable(void)
{
	eng_self->irqs_off = 1;
	barrier();
}

static inline void local_irq_enable(void)
{
	barrier();
	eng_self->irqs_off = 0;
}

/* See ipi.c. */
void on_each_cpu(struct kernel *k, void (*fn)(struct kernel *k, u64 arg), u64 arg);
void stop_machine(struct kernel *k, void (*fn)(struct kernel *k, u64 arg), u64 arg);

/* Also defines READ_ONCE and the rest. */
#include "replay/dialect/words.h"
#include "replay/native/engine_lock.h"
#include "replay/native/engine_memory.h"

#endif
