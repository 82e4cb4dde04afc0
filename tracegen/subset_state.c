/*
 * The beginning of a part: who lives becomes present, leaders first; what the
 * machine was like (CPUs that are down, memory that was added, pinned page
 * directories) is brought about by events at time 0.
 */
#include <errno.h>
#include <stdlib.h>

#include "tracegen/subset_parts.h"

static int by_group(const void *a, const void *b)
{
	const struct sub_task *x = *(struct sub_task *const *)a, *y = *(struct sub_task *const *)b;
	if (x->leader != y->leader)
		return x->leader < y->leader ? -1 : 1;
	if ((x->e.id == x->leader) != (y->e.id == y->leader))
		return x->e.id == x->leader ? -1 : 1;
	return x->e.id < y->e.id ? -1 : x->e.id > y->e.id;
}

static int by_number(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
	return x < y ? -1 : x > y;
}

/*
 * A leader that has exited is not told, so the first of its threads leads
 * instead; events to come that name the old one mean the new one.
 */
static void lead(struct sub *s, struct sub_task **group, uint32_t n)
{
	struct sub_task *first = group[0], *old = idmap_find(&s->tasks, first->leader);
	if (old == first)
		return;
	s->result->count[SC_LEADER]++;
	if (old) {
		old->leader = first->e.id;
		old->members = 0;
	}
	for (uint32_t i = 0; i < n; i++)
		group[i]->leader = first->e.id;
	first->members = n;
}

static int tell_tasks(struct sub *s, struct sub_task **list, uint32_t n)
{
	for (uint32_t i = 0, end; i < n; i = end) {
		for (end = i + 1; end < n && list[end]->leader == list[i]->leader;)
			end++;
		lead(s, list + i, end - i);
	}
	for (uint32_t i = 0; i < n; i++) {
		int ret = sub_tell_present(s, list[i], s->from, 0);
		if (ret)
			return ret;
	}
	s->result->count[SC_PRESENT] = n;
	return 0;
}

static int tell_parents(struct sub *s, struct sub_task **list, uint32_t n)
{
	for (uint32_t i = 0; i < n; i++) {
		const struct sub_task *t = list[i];
		const struct sub_task *p = t->parent ? idmap_find(&s->tasks, t->parent) : NULL;
		if (!p || p->exited)
			continue;
		int ret = sub_emit(s, (struct mmw_event){ .time_ns = s->from,
							  .type = EV_PARENT,
							  .task = t->new,
							  .arg = p->new,
							  .comm = sub_name(s, t->comm, t->kthread) });
		if (ret)
			return ret;
	}
	return 0;
}

static int tasks(struct sub *s)
{
	struct sub_task **list = calloc(s->tasks.used + 1u, sizeof(*list)), *t = NULL;
	uint32_t n = 0, at = 0;
	if (!list)
		return sub_no_memory(s);
	while ((t = idmap_next(&s->tasks, &at, t)))
		if (!t->exited)
			list[n++] = t;
	qsort(list, n, sizeof(struct sub_task *), by_group);
	int ret = tell_tasks(s, list, n);
	if (!ret)
		ret = tell_parents(s, list, n);
	free(list);
	return ret;
}

/* An event by nobody, at the beginning, on a CPU that is up. */
static int bring_about(struct sub *s, enum ev_type type, uint32_t aux)
{
	uint16_t cpu = 0;
	while (cpu < UINT16_MAX && idmap_find(&s->down, cpu))
		cpu++;
	s->result->count[SC_MACHINE]++;
	return sub_emit(s, (struct mmw_event){ .time_ns = s->from, .type = (uint8_t)type, .aux = aux, .cpu = cpu });
}

static int things(struct sub *s, const struct idmap *m, enum ev_type type)
{
	uint32_t *list = calloc(m->used + 1u, sizeof(*list)), n = 0, at = 0;
	const struct sub_thing *thing = NULL;
	int ret = 0;
	if (!list)
		return sub_no_memory(s);
	while ((thing = idmap_next(m, &at, (void *)thing)))
		list[n++] = thing->e.id;
	qsort(list, n, sizeof(*list), by_number);
	for (uint32_t i = 0; i < n && !ret; i++)
		ret = bring_about(s, type, list[i]);
	free(list);
	return ret;
}

int sub_begin(struct sub *s)
{
	s->begun = true;
	int ret = tasks(s);
	if (!ret)
		ret = things(s, &s->slots, EV_HOT_ADD);
	for (uint32_t i = 0; i < s->any_slots && !ret; i++)
		ret = bring_about(s, EV_HOT_ADD, EV_ANY_SLOT);
	if (!ret && s->pinned)
		ret = bring_about(s, EV_PIN_ALL, 0);
	return ret ? ret : things(s, &s->down, EV_OFFLINE);
}
