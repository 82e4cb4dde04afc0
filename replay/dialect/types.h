/*
 * types.h - the dialect's ground: integers, shared fields, list links.
 *
 * A field that more than one CPU may touch is declared SHARED(type). It has no
 * value of its own, so a plain access does not compile; it is reached through
 * READ_ONCE() and the other words of kernel.h, and so every engine sees every
 * shared access. The member's name is poisoned once the words are defined.
 */
#ifndef DIALECT_TYPES_H
#define DIALECT_TYPES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef uint8_t u8;
typedef uint16_t u16;
typedef uint32_t u32;
typedef uint64_t u64;
typedef int64_t s64;

#define SHARED(type)                                                                                                   \
	struct {                                                                                                       \
		type shared_field_;                                                                                    \
	}

#ifndef likely
#define likely(x) __builtin_expect(!!(x), 1)
#define unlikely(x) __builtin_expect(!!(x), 0)
#endif
#ifndef __always_inline
#define __always_inline inline __attribute__((always_inline))
#endif
#define __noinline __attribute__((noinline))
#define ____cacheline_aligned __attribute__((aligned(64)))
/* What one CPU writes all the time, beside what another does: the prefetcher fetches lines in pairs. */
#define PAIR_OF_LINES 128
#define ____per_cpu_aligned __attribute__((aligned(PAIR_OF_LINES)))
#ifndef container_of
#define container_of(ptr, type, member) ((type *)((char *)(ptr)-offsetof(type, member)))
#endif

struct list_head {
	SHARED(struct list_head *) next, prev;
};

/* A top-level entry; 0 is none. */
typedef SHARED(u64) pgd_t;

/* Of 64 CPUs. */
typedef SHARED(u64) cpumask_t;

struct kernel;
struct cpu;
struct task_struct;
struct mm_struct;
struct signal_struct;
struct ptdesc;
struct ptable;

struct rcu_head {
	struct rcu_head *next;
	void (*func)(struct kernel *k, struct rcu_head *head);
};

/* Objects come from type-stable memory: what was freed stays an object of its kind. */
enum pool {
	POOL_TASK,
	POOL_SIGNAL,
	POOL_MM,
	POOL_PTDESC, /* with its page of entries */
	POOL_TABLE,
	POOL_NR
};

/*
 * What one CPU is doing. cr3 is the page directory that it has loaded; the last
 * user's exit may change it from another CPU (leave_mm), nothing else does.
 * active_mm always carries one reference (mm->count).
 */
struct cpu {
	u32 id;
	SHARED(struct ptdesc *) cr3;
	struct mm_struct *active_mm;
	struct task_struct *curr;
	u64 faults; /* repaired by the fault handler on this CPU */
};

#endif
