/*
 * engine.h (check) - the dialect's words where every shared access is a point
 * at which another CPU may go on.
 *
 * Compiled into each design once per lock kind: KLOCK_blocking, a lock that is
 * free or held and nothing more, or KLOCK_ticket and KLOCK_qspinlock, the real
 * ones access by access. The words are calls into words.c; which CPU calls is
 * known there. Outside an execution (setup, the oracle) they act on memory at once.
 */
#ifndef CHECK_ENGINE_H
#define CHECK_ENGINE_H

#define ENGINE_NAME "check"

#include <string.h>

#include "replay/check/check.h"
#include "replay/dialect/types.h"

/* One program holds several engines. */
#define kernel_violation check_kernel_violation
#define eng_lock_class check_lock_class
#define eng_objects check_objects
#define eng_object check_object
#define eng_object_index check_object_index
#define oracle_check check_oracle_check
#define oracle_digest check_oracle_digest

/* The place in the source, as it is spelled there. */
#define check_site(spelled)                                                                                            \
	({                                                                                                             \
		static const struct site site_ = { spelled, __func__, __FILE__, __LINE__ };                            \
		&site_;                                                                                                \
	})

/* ---- words.c ---- */
u64 check_load(const void *p, u32 size, const struct site *s);
void check_store(void *p, u32 size, u64 v, const struct site *s);
enum check_rmw { RMW_XCHG, RMW_CMPXCHG, RMW_ADD, RMW_OR, RMW_AND };
u64 check_rmw(void *p, u32 size, enum check_rmw how, u64 operand, u64 expected, const struct site *s);
void check_fence(const struct site *s);
/* One look of a waiter at *@p, which tells check_await_end() what it thinks of it: true, it has been let go. */
u64 check_await_look(const void *p, u32 size, const struct site *s);
bool check_await_end(bool holds);
void check_note_at(const struct site *s);
/* For the reader of an interleaving: what the program does from here on. */
#define check_note(text) check_note_at(check_site(text))
struct cpu *check_this_cpu(void);
void check_observe(bool begin);
void check_irq(bool enable);
void on_each_cpu(struct kernel *k, void (*fn)(struct kernel *k, u64 arg), u64 arg) __asm__("check_on_each_cpu");
void stop_machine(struct kernel *k, void (*fn)(struct kernel *k, u64 arg), u64 arg) __asm__("check_stop_machine");

/* ---- single accesses: on x86 acquire and release are plain ones ---- */
#define eng_load(p) ((__typeof__(*(p)))check_load((p), sizeof(*(p)), check_site(#p)))
#define eng_store(p, v) check_store((p), sizeof(*(p)), (u64)(__typeof__(*(p)))(v), check_site(#p))
#define eng_load_acquire(p) eng_load(p)
#define eng_store_release(p, v) eng_store(p, v)
#define eng_rmw_(p, how, v, expected)                                                                                  \
	({                                                                                                             \
		__typeof__(*(p)) old_ =                                                                                \
			(__typeof__(*(p)))check_rmw((p), sizeof(*(p)), how, (u64)(__typeof__(*(p)))(v),                \
						    (u64)(__typeof__(*(p)))(expected), check_site(#p));                \
		old_;                                                                                                  \
	})
#define eng_xchg(p, v) eng_rmw_(p, RMW_XCHG, v, 0)
#define eng_cmpxchg(p, old, new) eng_rmw_(p, RMW_CMPXCHG, new, old)
#define eng_fetch_add(p, v) eng_rmw_(p, RMW_ADD, v, 0)
#define eng_fetch_or(p, v) eng_rmw_(p, RMW_OR, v, 0)
#define eng_fetch_and(p, v) eng_rmw_(p, RMW_AND, v, 0)
#define smp_mb() check_fence(check_site("smp_mb()"))
#define smp_wmb() __asm__ __volatile__("" ::: "memory")
#define smp_rmb() __asm__ __volatile__("" ::: "memory")
#define barrier() __asm__ __volatile__("" ::: "memory")

#define eng_cond_load(p, cond)                                                                                         \
	({                                                                                                             \
		__typeof__(p) at_ = (p);                                                                               \
		__typeof__(*(p)) VAL;                                                                                  \
		do                                                                                                     \
			VAL = (__typeof__(*(p)))check_await_look(at_, sizeof(*at_), check_site(#p " until " #cond));   \
		while (!check_await_end(cond));                                                                        \
		VAL;                                                                                                   \
	})
#define eng_cond_sleep(p, cond) eng_cond_load(p, cond)

#define observe_begin() check_observe(true)
#define observe_end() check_observe(false)
#define local_irq_disable() check_irq(false)
#define local_irq_enable() check_irq(true)

static inline struct cpu *this_cpu(void)
{
	return check_this_cpu();
}

/* Only locks that this engine does not run word by word spin outside smp_cond_load_acquire(). */
static inline void cpu_relax(void)
{
}

static inline void cpu_work(u64 ns)
{
	(void)ns;
}

/* Also defines READ_ONCE and the rest. */
#include "replay/dialect/words.h"
#include "replay/check/engine_lock.h"
#include "replay/check/engine_memory.h"

#endif
