/*
 * engine_memory.h (check) - objects, page contents, RCU, violations.
 *
 * Each CPU has its own objects of each kind and takes back what it frees, last
 * first: which object an allocation returns depends on that CPU's steps alone,
 * so two CPUs' allocations are independent steps.
 */
#ifndef CHECK_ENGINE_MEMORY_H
#define CHECK_ENGINE_MEMORY_H

void *check_alloc(enum pool pool);
void check_free(enum pool pool, void *obj);

u64 eng_objects(struct kernel *k, enum pool pool);
void *eng_object(struct kernel *k, enum pool pool, u64 i);
u64 eng_object_index(struct kernel *k, enum pool pool, const void *obj);

#define kmem_alloc(pool_id, obj)                                                                                       \
	do {                                                                                                           \
		(obj) = check_alloc(pool_id);                                                                          \
		WRITE_ONCE((obj)->stamp, READ_ONCE((obj)->stamp) + 1);                                                 \
	} while (0)

#define kmem_free(k, pool_id, obj)                                                                                     \
	do {                                                                                                           \
		u32 kf_stamp_ = READ_ONCE((obj)->stamp);                                                               \
		if (!(kf_stamp_ & 1u)) {                                                                               \
			kernel_violation(k, "I6", "an object was freed twice", 0, 0, -1);                              \
			break;                                                                                         \
		}                                                                                                      \
		WRITE_ONCE((obj)->stamp, kf_stamp_ + 1);                                                               \
		check_free(pool_id, obj);                                                                              \
	} while (0)

/* ---- page contents, slot by slot ---- */

static inline void copy_entries(pgd_t *dst, pgd_t *src, u32 n)
{
	for (u32 i = 0; i < n; i++)
		WRITE_ONCE(dst[i], READ_ONCE(src[i]));
}

static inline void copy_present_entries(pgd_t *dst, pgd_t *src, u32 n)
{
	for (u32 i = 0; i < n; i++) {
		u64 v = READ_ONCE(src[i]);
		if (v)
			WRITE_ONCE(dst[i], v);
	}
}

static inline void clear_page(pgd_t *page, u32 n)
{
	for (u32 i = 0; i < n; i++)
		WRITE_ONCE(page[i], 0);
}

/* ---- RCU, preemptible ---- */

void check_rcu_read_lock(const struct site *s);
void check_rcu_read_unlock(const struct site *s);
void check_call_rcu(struct rcu_head *head, void (*func)(struct kernel *k, struct rcu_head *head), const struct site *s);
#define rcu_read_lock() check_rcu_read_lock(check_site("rcu_read_lock()"))
#define rcu_read_unlock() check_rcu_read_unlock(check_site("rcu_read_unlock()"))
#define call_rcu(head, func) check_call_rcu(head, func, check_site("call_rcu(" #head ")"))

/* Report a broken invariant (C.4); the execution ends with it. */
void kernel_violation(struct kernel *k, const char *invariant, const char *what, u32 task, u32 mm, int slot);

#endif
