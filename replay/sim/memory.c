/*
 * memory.c (sim) - objects.
 *
 * Pools work as in the native engine: a CPU takes what it freed last; batches
 * pass through a depot; only then is a new object carved, so memory follows
 * what lives.
 */
#include "replay/sim/machine.h"

#define BATCH 32u

static void **next_of(const struct arena *a, void *obj)
{
	return (void **)(void *)((char *)obj + a->offset_free_next);
}

static void push(const struct arena *a, void **list, u32 *n, void *obj)
{
	*next_of(a, obj) = *list;
	*list = obj;
	++*n;
}

static void *pop(const struct arena *a, void **list, u32 *n)
{
	void *obj = *list;
	*list = *next_of(a, obj);
	--*n;
	return obj;
}

static void *carve(struct machine *m, enum pool pool)
{
	struct arena *a = &m->arena[pool];
	/* There is room for every object that a workload can create (machine.c). */
	if (a->carved == a->room)
		__builtin_trap();
	char *obj = a->base + a->carved * a->stride;
	struct line *l = &m->line[(u64)(obj - m->memory) / 64];
	for (u32 i = 0; i < a->stride / 64; i++)
		l[i].name = m->object_name[pool][i < OBJECT_LINES ? i : OBJECT_LINES - 1];
	if (pool == POOL_TASK) {
		u8 class = eng_lock_class(&m->w->k, "alloc_lock");
		((struct task_struct *)(void *)obj)->alloc_lock.class = class;
		m->lock_is_used[class] = true;
	} else if (pool == POOL_MM) {
		u8 class = eng_lock_class(&m->w->k, "page_table_lock");
		((struct mm_struct *)(void *)obj)->page_table_lock.class = class;
		m->lock_is_used[class] = true;
	} else if (pool == POOL_PTDESC) {
		char *page = m->pages + (a->carved << m->page_shift) * 64;
		((struct ptdesc *)(void *)obj)->entries = (pgd_t *)(void *)page;
		l = &m->line[(u64)(page - m->memory) / 64];
		for (u32 i = 0; i < m->lines_per_page; i++)
			l[i].name = m->page_name[i < OBJECT_LINES ? i : OBJECT_LINES - 1];
	}
	a->carved++;
	return obj;
}

void *sim_alloc(enum pool pool)
{
	struct sim_cpu *c = sim_self;
	struct machine *m = c->m;
	struct worker *w = worker_of(c);
	struct arena *a = &m->arena[pool];
	for (u32 i = 0; !w->nfree[pool] && i < (m->keep < BATCH ? m->keep : BATCH) && m->ndepot[pool]; i++)
		push(a, &w->free[pool], &w->nfree[pool], pop(a, &m->depot[pool], &m->ndepot[pool]));
	m->live[pool]++;
	/* init_mm is no mm of the workload. */
	if (pool == POOL_MM && m->live[pool] > m->peak_mms + 1)
		m->peak_mms = m->live[pool] - 1;
	c->now += c->step;
	return w->nfree[pool] ? pop(a, &w->free[pool], &w->nfree[pool]) : carve(m, pool);
}

void sim_free(enum pool pool, void *obj)
{
	struct sim_cpu *c = sim_self;
	struct machine *m = c->m;
	struct worker *w = worker_of(c);
	struct arena *a = &m->arena[pool];
	m->live[pool]--;
	c->now += c->step;
	push(a, &w->free[pool], &w->nfree[pool], obj);
	while (w->nfree[pool] > m->keep)
		push(a, &m->depot[pool], &m->ndepot[pool], pop(a, &w->free[pool], &w->nfree[pool]));
}

u64 eng_objects(struct kernel *k, enum pool pool)
{
	(void)k;
	return sim_self->m->arena[pool].carved;
}

void *eng_object(struct kernel *k, enum pool pool, u64 i)
{
	(void)k;
	return sim_self->m->arena[pool].base + i * sim_self->m->arena[pool].stride;
}

u64 eng_object_index(struct kernel *k, enum pool pool, const void *obj)
{
	(void)k;
	const struct arena *a = &sim_self->m->arena[pool];
	return (u64)((const char *)obj - a->base) / a->stride;
}
