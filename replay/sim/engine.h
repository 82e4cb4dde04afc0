/*
 * engine.h (sim) - the dialect's words on virtual CPUs in virtual time.
 *
 * Compiled into each design. Every shared access is charged
 * by the state of its cache line (line.c); a CPU goes on alone until what it
 * does next could matter to one whose time is earlier (sched.c).
 */
#ifndef SIM_ENGINE_H
#define SIM_ENGINE_H

#define ENGINE_NAME "sim"

#include <string.h>

#include "replay/dialect/types.h"

/* One program holds several engines. */
#define kernel_violation sim_kernel_violation
#define eng_lock_class sim_lock_class
#define eng_objects sim_objects
#define eng_object sim_object
#define eng_object_index sim_object_index
#define oracle_check sim_oracle_check
#define oracle_digest sim_oracle_digest

#include "replay/sim/cpu.h"

/* ---- single accesses: one thread, so plain ones are atomic ---- */
#define sim_at(p) (*(volatile __typeof__(*(p)) *)(p))
static __always_inline void *sim_reading(const volatile void *p)
{
	sim_touch(p, false);
	return (void *)(uintptr_t)p;
}

#define eng_load(p) (*(volatile __typeof__(*(p)) *)sim_reading(p))
#define eng_store(p, v)                                                                                                \
	do {                                                                                                           \
		__typeof__(*(p)) store_v_ = (v);                                                                       \
		__typeof__(p) store_at_ = (p);                                                                         \
		sim_touch(store_at_, true);                                                                            \
		sim_at(store_at_) = store_v_;                                                                          \
	} while (0)
#define eng_load_acquire(p) eng_load(p)
#define eng_store_release(p, v) eng_store(p, v)
/* @new: an expression of @old_, what was there. */
#define sim_rmw_(p, new)                                                                                               \
	({                                                                                                             \
		__typeof__(p) rmw_at_ = (p);                                                                           \
		sim_locked(rmw_at_);                                                                                   \
		__typeof__(*(p)) old_ = sim_at(rmw_at_);                                                               \
		sim_at(rmw_at_) = (__typeof__(*(p)))(new);                                                             \
		old_;                                                                                                  \
	})
#define eng_xchg(p, v)                                                                                                 \
	({                                                                                                             \
		__typeof__(*(p)) rmw_v_ = (v);                                                                         \
		sim_rmw_(p, rmw_v_);                                                                                   \
	})
#define eng_cmpxchg(p, expected, v)                                                                                    \
	({                                                                                                             \
		__typeof__(*(p)) rmw_x_ = (expected), rmw_v_ = (v);                                                    \
		sim_rmw_(p, old_ == rmw_x_ ? rmw_v_ : old_);                                                           \
	})
#define eng_fetch_add(p, v)                                                                                            \
	({                                                                                                             \
		__typeof__(*(p)) rmw_v_ = (__typeof__(*(p)))(v);                                                       \
		sim_rmw_(p, old_ + rmw_v_);                                                                            \
	})
#define eng_fetch_or(p, v)                                                                                             \
	({                                                                                                             \
		__typeof__(*(p)) rmw_v_ = (__typeof__(*(p)))(v);                                                       \
		sim_rmw_(p, old_ | rmw_v_);                                                                            \
	})
#define eng_fetch_and(p, v)                                                                                            \
	({                                                                                                             \
		__typeof__(*(p)) rmw_v_ = (__typeof__(*(p)))(v);                                                       \
		sim_rmw_(p, old_ &rmw_v_);                                                                             \
	})
#define smp_mb() sim_fence()
#define smp_wmb() __asm__ __volatile__("" ::: "memory")
#define smp_rmb() __asm__ __volatile__("" ::: "memory")
#define barrier() __asm__ __volatile__("" ::: "memory")

/* words.c: this CPU has nothing to do until somebody writes to the line of @p. */
void sim_await_write(const volatile void *p);

#define eng_cond_load(p, cond)                                                                                         \
	({                                                                                                             \
		__typeof__(p) await_at_ = (p);                                                                         \
		__typeof__(*(p)) VAL;                                                                                  \
		for (;;) {                                                                                             \
			VAL = eng_load(await_at_);                                                                     \
			if (cond)                                                                                      \
				break;                                                                                 \
			sim_await_write(await_at_);                                                                    \
		}                                                                                                      \
		VAL;                                                                                                   \
	})
#define eng_cond_sleep(p, cond) eng_cond_load(p, cond)

/* Nobody runs between two accesses of one CPU that hit; when one misses, who uses these looks again. */
#define observe_begin() ((void)0)
#define observe_end() ((void)0)

void sim_irq_enable(void);
static inline void local_irq_disable(void)
{
	sim_self->irqs_off = true;
}

static inline void local_irq_enable(void)
{
	sim_irq_enable();
}

void on_each_cpu(struct kernel *k, void (*fn)(struct kernel *k, u64 arg), u64 arg) __asm__("sim_on_each_cpu");
void stop_machine(struct kernel *k, void (*fn)(struct kernel *k, u64 arg), u64 arg) __asm__("sim_stop_machine");

static inline struct cpu *this_cpu(void)
{
	return sim_self->cpu;
}

/* Locks do not spin here; own words of a design's that do let the others go on. */
void sim_relax(void);
static inline void cpu_relax(void)
{
	sim_relax();
}

/* Other work of @ns nanoseconds that the model does not contain. */
static inline void cpu_work(u64 ns)
{
	sim_self->now += ns * 1000;
}

/* Also defines READ_ONCE and the rest. */
#include "replay/dialect/words.h"
#include "replay/sim/engine_lock.h"
#include "replay/sim/engine_memory.h"

#endif
