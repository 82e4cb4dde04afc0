/*
 * memory.c (native) - the pools' slow path: batches between a CPU's free list,
 * the depot, and the arena from which objects are carved.
 *
 * Called between critical sections only, once in POOL_BATCH allocations. Also
 * runs what call_rcu() has put off.
 */
#include "replay/native/world.h"

#include "replay/native/rcu.h"

static void **next_of(const struct arena *a, void *obj)
{
	return (void **)((char *)obj + a->offset_free_next);
}

static void push(const struct arena *a, struct free_list *l, void *obj)
{
	*next_of(a, obj) = l->head;
	l->head = obj;
	l->n++;
}

static void *pop(const struct arena *a, struct free_list *l)
{
	void *obj = l->head;
	l->head = *next_of(a, obj);
	l->n--;
	return obj;
}

/* A zeroed object is a valid one with a free lock of any kind; only names and pages are missing. */
static void *carve(struct eng_world *w, enum pool pool)
{
	struct arena *a = &w->arena[pool];
	if (a->carved == a->room)
		return NULL;
	void *obj = a->base + a->carved * a->stride;
	if (pool == POOL_TASK)
		((struct task_struct *)obj)->alloc_lock.note.class = eng_lock_class(&w->k, "alloc_lock");
	else if (pool == POOL_MM)
		((struct mm_struct *)obj)->page_table_lock.note.class = eng_lock_class(&w->k, "page_table_lock");
	else if (pool == POOL_PTDESC)
		((struct ptdesc *)obj)->entries = (pgd_t *)(a->pages + a->carved * a->page_size);
	/* Who checks an entry asks, without the lock, whether there is such a table (eng_objects). */
	__atomic_store_n(&a->carved, a->carved + 1, __ATOMIC_RELEASE);
	return obj;
}

void eng_pool_refill(struct ncpu *c, enum pool pool)
{
	struct eng_world *w = c->world;
	struct arena *a = &w->arena[pool];
	eng_enter_host();
	pthread_mutex_lock(&w->pool_lock);
	for (unsigned i = 0; i < POOL_BATCH; i++) {
		void *obj = w->depot[pool].n ? pop(a, &w->depot[pool]) : carve(w, pool);
		if (!obj)
			break;
		push(a, &c->pool[pool], obj);
	}
	pthread_mutex_unlock(&w->pool_lock);
	eng_leave_host();
	/* The arena has room for every object that a workload can create (make_arenas). */
	if (!c->pool[pool].n)
		__builtin_trap();
}

void eng_pool_drain(struct ncpu *c, enum pool pool)
{
	struct eng_world *w = c->world;
	struct arena *a = &w->arena[pool];
	eng_enter_host();
	pthread_mutex_lock(&w->pool_lock);
	while (c->pool[pool].n > POOL_KEEP / 2)
		push(a, &w->depot[pool], pop(a, &c->pool[pool]));
	pthread_mutex_unlock(&w->pool_lock);
	eng_leave_host();
}

u64 world_rcu_poll(struct eng_world *w, struct ncpu *c)
{
	if (likely(c->rcu_pending < RCU_BATCH))
		return 0;
	u64 from = eng_clock();
	/* Before the wait: a call that runs here meanwhile may put off more. */
	struct rcu_head *h = c->rcu_head;
	c->rcu_head = NULL;
	c->rcu_tail = &c->rcu_head;
	c->rcu_pending = 0;
	eng_sleep(c, CPU_IDLE);
	eng_enter_host();
	eng_rcu_wait();
	eng_leave_host();
	eng_wake(c);
	while (h) {
		struct rcu_head *next = h->next;
		h->func(&w->k, h);
		h = next;
	}
	return eng_clock() - from;
}

struct kernel *eng_kernel_of(struct ncpu *c)
{
	return &c->world->k;
}

u64 eng_objects(struct kernel *k, enum pool pool)
{
	return __atomic_load_n(&k->eng->arena[pool].carved, __ATOMIC_ACQUIRE);
}

void *eng_object(struct kernel *k, enum pool pool, u64 i)
{
	const struct arena *a = &k->eng->arena[pool];
	return a->base + i * a->stride;
}

u64 eng_object_index(struct kernel *k, enum pool pool, const void *obj)
{
	const struct arena *a = &k->eng->arena[pool];
	return (u64)((const char *)obj - a->base) / a->stride;
}
