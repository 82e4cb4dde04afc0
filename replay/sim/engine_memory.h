/*
 * engine_memory.h (sim) - objects, page contents, RCU, violations.
 *
 * Each CPU keeps the objects it freed and takes the last one first, as the
 * native engine does; what it cannot keep goes through a depot (memory.c).
 */
#ifndef SIM_ENGINE_MEMORY_H
#define SIM_ENGINE_MEMORY_H

void *sim_alloc(enum pool pool);
void sim_free(enum pool pool, void *obj);

/* Every object ever made, live or not, for the oracle: how many, one by its number, and back. */
u64 eng_objects(struct kernel *k, enum pool pool);
void *eng_object(struct kernel *k, enum pool pool, u64 i);
u64 eng_object_index(struct kernel *k, enum pool pool, const void *obj);

#define kmem_alloc(pool_id, obj)                                                                                       \
	do {                                                                                                           \
		(obj) = sim_alloc(pool_id);                                                                            \
		WRITE_ONCE((obj)->stamp, READ_ONCE((obj)->stamp) + 1);                                                 \
	} while (0)

#define kmem_free(k, pool_id, obj)                                                                                     \
	do {                                                                                                           \
		u32 kf_stamp_ = READ_ONCE((obj)->stamp);                                                               \
		if (unlikely(!(kf_stamp_ & 1u))) {                                                                     \
			kernel_violation(k, "I6", "an object was freed twice", 0, 0, -1);                              \
			break;                                                                                         \
		}                                                                                                      \
		WRITE_ONCE((obj)->stamp, kf_stamp_ + 1);                                                               \
		sim_free(pool_id, obj);                                                                                \
	} while (0)

/* @n entries, line by line. */
void copy_entries(pgd_t *dst, pgd_t *src, u32 n) __asm__("sim_copy_entries");
void copy_present_entries(pgd_t *dst, pgd_t *src, u32 n) __asm__("sim_copy_present_entries");
void clear_page(pgd_t *page, u32 n) __asm__("sim_clear_page");

/* ---- RCU, preemptible (rcu.c) ---- */
void rcu_read_lock(void) __asm__("sim_rcu_read_lock");
void rcu_read_unlock(void) __asm__("sim_rcu_read_unlock");
void call_rcu(struct rcu_head *head, void (*func)(struct kernel *k, struct rcu_head *head)) __asm__("sim_call_rcu");

/* Report a broken invariant (C.4); counted per kind, the run goes on. */
void kernel_violation(struct kernel *k, const char *invariant, const char *what, u32 task, u32 mm, int slot);

#endif
