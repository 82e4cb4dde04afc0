/*
 * engine_memory.h (native) - RCU, pools, page contents, and how a violation is
 * told.
 *
 * Objects come from type-stable arenas through per-CPU free lists, exchanged in
 * batches with a depot (memory.c): no allocation on the hot path. RCU is
 * liburcu's mb flavour; what call_rcu defers waits on the CPU's own list for
 * world_rcu_poll(), which the worker calls between events.
 */
#ifndef NATIVE_ENGINE_MEMORY_H
#define NATIVE_ENGINE_MEMORY_H

/* Slow paths of the pools, in memory.c: get a batch, give one back. */
void eng_pool_refill(struct ncpu *c, enum pool pool);
void eng_pool_drain(struct ncpu *c, enum pool pool);
#define POOL_BATCH 64u
/* A CPU keeps so many free objects: more than one grace period yields, or every batch would go through the depot. */
#define POOL_KEEP 2048u

#define eng_stack_pop(list, obj)                                                                                       \
	do {                                                                                                           \
		(obj) = (list)->head;                                                                                  \
		(list)->head = (obj)->free_next;                                                                       \
		(list)->n--;                                                                                           \
	} while (0)
#define eng_stack_push(list, obj)                                                                                      \
	do {                                                                                                           \
		(obj)->free_next = (list)->head;                                                                       \
		(list)->head = (obj);                                                                                  \
		(list)->n++;                                                                                           \
	} while (0)

/* Written by its CPU alone; others may look. */
static inline void eng_live_add(s64 *n, s64 d)
{
	__atomic_store_n(n, *n + d, __ATOMIC_RELAXED);
}

/* Every object ever made, live or not, for the oracle: how many, one by its number, and back. */
u64 eng_objects(struct kernel *k, enum pool pool);
void *eng_object(struct kernel *k, enum pool pool, u64 i);
u64 eng_object_index(struct kernel *k, enum pool pool, const void *obj);

/* A live object: its stamp goes odd. @obj is of the pool's type. */
#define kmem_alloc(pool_id, obj)                                                                                       \
	do {                                                                                                           \
		struct ncpu *ka_c_ = eng_self;                                                                         \
		if (unlikely(!ka_c_->pool[pool_id].n))                                                                 \
			eng_pool_refill(ka_c_, pool_id);                                                               \
		eng_stack_pop(&ka_c_->pool[pool_id], obj);                                                             \
		eng_live_add(&ka_c_->live[pool_id], 1);                                                                \
		WRITE_ONCE((obj)->stamp, READ_ONCE((obj)->stamp) + 1);                                                 \
	} while (0)

/* The stamp goes even. Freeing what is not live is a violation of I6 and is not done twice. */
#define kmem_free(k, pool_id, obj)                                                                                     \
	do {                                                                                                           \
		struct ncpu *kf_c_ = eng_self;                                                                         \
		u32 kf_stamp_ = READ_ONCE((obj)->stamp);                                                               \
		if (unlikely(!(kf_stamp_ & 1u))) {                                                                     \
			kernel_violation(k, "I6", "an object was freed twice", 0, 0, -1);                              \
			break;                                                                                         \
		}                                                                                                      \
		WRITE_ONCE((obj)->stamp, kf_stamp_ + 1);                                                               \
		eng_live_add(&kf_c_->live[pool_id], -1);                                                               \
		eng_stack_push(&kf_c_->pool[pool_id], obj);                                                            \
		if (unlikely(kf_c_->pool[pool_id].n >= POOL_KEEP))                                                     \
			eng_pool_drain(kf_c_, pool_id);                                                                \
	} while (0)

/* ---- page contents ---- */

#if defined(__SANITIZE_THREAD__)
#define ENG_SLOT_BY_SLOT 1
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define ENG_SLOT_BY_SLOT 1
#endif
#endif

/* @n entries; natively in one go, whose 8-byte parts the hardware stores whole. */
static inline void copy_entries(pgd_t *dst, pgd_t *src, u32 n)
{
#ifdef ENG_SLOT_BY_SLOT
	for (u32 i = 0; i < n; i++)
		WRITE_ONCE(dst[i], READ_ONCE(src[i]));
#else
	barrier();
	memcpy((void *)dst, (const void *)src, n * sizeof(*dst));
	barrier();
#endif
}

/*
 * The same for entries that are not 0 in @src: a slot that somebody else fills
 * meanwhile is never overwritten with 0 (B.2).
 */
static inline void copy_present_entries(pgd_t *dst, pgd_t *src, u32 n)
{
	u32 i = 0;
#ifndef ENG_SLOT_BY_SLOT
	/* Most are 0: eight at a look, where the hardware loads each 8-byte part whole. */
	typedef u64 pair __attribute__((vector_size(16), aligned(8), may_alias));
	for (; i + 8 <= n; i += 8) {
		const volatile pair *p = (const volatile pair *)(const void *)&src[i];
		pair any = (p[0] | p[1]) | (p[2] | p[3]);
		if (!(any[0] | any[1]))
			continue;
		for (u32 j = i; j < i + 8; j++) {
			u64 v = READ_ONCE(src[j]);
			if (v)
				WRITE_ONCE(dst[j], v);
		}
	}
#endif
	for (; i < n; i++) {
		u64 v = READ_ONCE(src[i]);
		if (v)
			WRITE_ONCE(dst[i], v);
	}
}

static inline void clear_page(pgd_t *page, u32 n)
{
#ifdef ENG_SLOT_BY_SLOT
	for (u32 i = 0; i < n; i++)
		WRITE_ONCE(page[i], 0);
#else
	barrier();
	memset((void *)page, 0, n * sizeof(*page));
	barrier();
#endif
}

/* ---- RCU ---- */
#include "replay/native/rcu.h"

/* The world that @c belongs to. */
struct kernel *eng_kernel_of(struct ncpu *c);

static inline void rcu_read_lock(void)
{
	eng_rcu_read_lock();
}

static inline void rcu_read_unlock(void)
{
	eng_rcu_read_unlock();
}

/* Runs @func in this thread, after a grace period, at the next world_rcu_poll() that finds enough to do. */
static inline void call_rcu(struct rcu_head *head, void (*func)(struct kernel *k, struct rcu_head *head))
{
	struct ncpu *c = eng_self;
	head->func = func;
	if (unlikely(c->rcu_mutant)) {
		func(eng_kernel_of(c), head);
		return;
	}
	head->next = NULL;
	*c->rcu_tail = head;
	c->rcu_tail = &head->next;
	c->rcu_pending++;
}

/* Other work of @ns nanoseconds that the model does not contain. */
static inline void cpu_work(u64 ns)
{
	struct ncpu *c = eng_self;
	u64 cycles = (u64)(((unsigned __int128)ns << 32) / c->tsc_mult);
	for (u64 until = eng_clock() + cycles; eng_clock() < until;)
		__builtin_ia32_pause();
}

/* Report a broken invariant (C.4). @slot -1: none. Counted per invariant; the first of each kind are kept. */
void kernel_violation(struct kernel *k, const char *invariant, const char *what, u32 task, u32 mm, int slot);

#endif
