#include "tracegen/import_tasks.h"

#include <errno.h>
#include <stdlib.h>

#define FIRST_BUCKETS 4096u
/*
 * free comes from RCU, perhaps after the tid was used again; never after it was
 * used twice more. Free events that were lost must not pile up.
 */
#define DEAD_MAX 3

int imp_tasks_init(struct imp_tasks *t)
{
	*t = (struct imp_tasks){ .buckets = FIRST_BUCKETS };
	pool_init(&t->slots, sizeof(struct imp_slot));
	pool_init(&t->tasks, sizeof(struct imp_task));
	pool_init(&t->groups, sizeof(struct imp_group));
	pool_init(&t->mms, sizeof(struct imp_mm));
	t->bucket = calloc(t->buckets, sizeof(*t->bucket));
	return t->bucket ? 0 : -ENOMEM;
}

void imp_tasks_free(struct imp_tasks *t)
{
	pool_free(&t->slots);
	pool_free(&t->tasks);
	pool_free(&t->groups);
	pool_free(&t->mms);
	free(t->bucket);
	t->bucket = NULL;
}

/* ---- slots ---- */

static uint64_t key_of(unsigned host, int32_t tid)
{
	return (uint64_t)host << 32 | (uint32_t)tid;
}

static uint32_t bucket_of(const struct imp_tasks *t, uint64_t key)
{
	return (uint32_t)((key * 0x9e3779b97f4a7c15ull) >> 32) & (t->buckets - 1);
}

struct imp_slot *imp_slot_find(const struct imp_tasks *t, unsigned host, int32_t tid)
{
	uint64_t key = key_of(host, tid);
	struct imp_slot *s = t->bucket[bucket_of(t, key)];
	while (s && s->key != key)
		s = s->chain;
	return s;
}

/* Failing to grow only makes the chains longer. */
static void grow(struct imp_tasks *t)
{
	struct imp_slot **old = t->bucket, **bigger = calloc(2u * t->buckets, sizeof(*bigger));
	uint32_t n = t->buckets;
	if (!bigger)
		return;
	t->bucket = bigger;
	t->buckets = 2 * n;
	for (uint32_t i = 0; i < n; i++)
		for (struct imp_slot *s = old[i], *next; s; s = next) {
			uint32_t b = bucket_of(t, s->key);
			next = s->chain;
			s->chain = bigger[b];
			bigger[b] = s;
		}
	free(old);
}

struct imp_slot *imp_slot_make(struct imp_tasks *t, unsigned host, int32_t tid)
{
	struct imp_slot *s = imp_slot_find(t, host, tid);
	if (s)
		return s;
	s = pool_get(&t->slots);
	if (!s)
		return NULL;
	if (t->used >= t->buckets && t->buckets < 1u << 24)
		grow(t);
	s->key = key_of(host, tid);
	s->host = (uint8_t)host;
	s->tid = tid;
	uint32_t b = bucket_of(t, s->key);
	s->chain = t->bucket[b];
	t->bucket[b] = s;
	t->used++;
	return s;
}

struct imp_slot *imp_slot_next(const struct imp_tasks *t, uint32_t *at, struct imp_slot *s)
{
	s = s ? s->chain : NULL;
	while (!s && *at < t->buckets)
		s = t->bucket[(*at)++];
	return s;
}

void imp_slot_tidy(struct imp_tasks *t, struct imp_slot *s)
{
	if (s->live || s->dead || s->bits)
		return;
	struct imp_slot **p = &t->bucket[bucket_of(t, s->key)];
	while (*p != s)
		p = &(*p)->chain;
	*p = s->chain;
	pool_put(&t->slots, s);
	t->used--;
}

void imp_slots_sweep(struct imp_tasks *t)
{
	for (uint32_t i = 0; i < t->buckets; i++)
		for (struct imp_slot *s = t->bucket[i], *next; s; s = next) {
			next = s->chain;
			s->bits &= (uint8_t)~IS_SHOWN;
			imp_slot_tidy(t, s);
		}
}

/* ---- mms ---- */

struct imp_mm *imp_mm_new(struct imp_tasks *t, bool left_out)
{
	struct imp_mm *mm = pool_get(&t->mms);
	if (mm && !left_out)
		mm->id = ++t->mm_ids;
	return mm;
}

void imp_task_set_mm(struct imp_tasks *t, struct imp_task *task, struct imp_mm *mm)
{
	struct imp_mm *old = task->mm;
	if (mm && !mm->users++ && mm->id && ++t->live_mms > t->peak_mms)
		t->peak_mms = t->live_mms;
	task->mm = mm;
	if (old && !--old->users) {
		if (old->id)
			t->live_mms--;
		pool_put(&t->mms, old);
	}
}

/* ---- tasks ---- */

static void join(struct imp_group *g, struct imp_task *task)
{
	task->group = g;
	task->prev = NULL;
	task->next = g->members;
	if (g->members)
		g->members->prev = task;
	g->members = task;
	g->live++;
}

static void leave(struct imp_group *g, struct imp_task *task)
{
	*(task->prev ? &task->prev->next : &g->members) = task->next;
	if (task->next)
		task->next->prev = task->prev;
	task->prev = task->next = NULL;
	g->live--;
}

struct imp_task *imp_task_new(struct imp_tasks *t, struct imp_slot *s, struct imp_group *group, struct imp_mm *mm,
			      unsigned flags)
{
	struct imp_task *task = pool_get(&t->tasks);
	if (!task)
		return NULL;
	task->slot = s;
	task->flags = (uint8_t)flags;
	if (!(flags & IT_LEFT_OUT)) {
		task->id = ++t->task_ids;
		if (++t->live_tasks > t->peak_tasks)
			t->peak_tasks = t->live_tasks;
	}
	if (!group) {
		group = pool_get(&t->groups);
		if (!group) {
			pool_put(&t->tasks, task);
			return NULL;
		}
		group->leader = task;
		group->leader_id = task->id;
	}
	join(group, task);
	imp_task_set_mm(t, task, mm);
	s->live = task;
	return task;
}

static void queue_dead(struct imp_tasks *t, struct imp_slot *s, struct imp_task *task)
{
	if (s->dead_count == DEAD_MAX)
		imp_task_forget(t, s->dead);
	task->slot = s;
	task->next = NULL;
	*(s->dead ? &s->dead_last->next : &s->dead) = task;
	s->dead_last = task;
	s->dead_count++;
}

static void unqueue_dead(struct imp_slot *s, struct imp_task *task)
{
	struct imp_task **p = &s->dead, *last = NULL;
	while (*p != task) {
		last = *p;
		p = &(*p)->next;
	}
	*p = task->next;
	if (s->dead_last == task)
		s->dead_last = last;
	task->next = NULL;
	s->dead_count--;
}

bool imp_task_die(struct imp_tasks *t, struct imp_task *task, bool keep)
{
	struct imp_group *g = task->group;
	struct imp_slot *s = task->slot;
	imp_task_set_mm(t, task, NULL);
	leave(g, task);
	if (task->id)
		t->live_tasks--;
	s->live = NULL;
	s->led_from = 0;
	bool last = !g->live;
	/* A dead leader is how its threads' group is found by tgid. */
	if (last) {
		struct imp_task *leader = g->leader;
		task->group = NULL;
		if (leader)
			leader->group = NULL;
		if (leader && leader != task && !keep) {
			struct imp_slot *at = leader->slot;
			imp_task_forget(t, leader);
			if (at != s)
				imp_slot_tidy(t, at);
		}
		pool_put(&t->groups, g);
	} else if (g->leader == task) {
		keep = true;
	} else {
		task->group = NULL;
	}
	if (keep) {
		queue_dead(t, s, task);
	} else {
		pool_put(&t->tasks, task);
		imp_slot_tidy(t, s);
	}
	return last;
}

int imp_task_add_zombie(struct imp_tasks *t, struct imp_slot *s)
{
	struct imp_task *task = pool_get(&t->tasks);
	if (!task)
		return -ENOMEM;
	task->flags = IT_LEFT_OUT | IT_BEFORE;
	queue_dead(t, s, task);
	return 0;
}

void imp_task_forget(struct imp_tasks *t, struct imp_task *task)
{
	struct imp_slot *s = task->slot;
	unqueue_dead(s, task);
	if (task->group)
		task->group->leader = NULL;
	pool_put(&t->tasks, task);
}

struct imp_task *imp_task_to_free(const struct imp_tasks *t, const struct imp_slot *s)
{
	if (s->dead || !s->led_from)
		return s->dead;
	/* Before 5.7 the old leader kept its tid, the one that its successor has got. */
	struct imp_slot *from = imp_slot_find(t, s->host, s->led_from);
	for (struct imp_task *d = from ? from->dead : NULL; d; d = d->next)
		if (d->flags & IT_OLD_LEADER)
			return d;
	return NULL;
}

uint32_t imp_task_lead(struct imp_tasks *t, struct imp_task *task, struct imp_slot *to)
{
	struct imp_group *g = task->group;
	struct imp_slot *from = task->slot;
	struct imp_task *old = g->leader;
	uint32_t old_id = g->leader_id == task->id ? 0 : g->leader_id;
	from->live = NULL;
	to->live = task;
	task->slot = to;
	g->leader = task;
	g->leader_id = task->id;
	to->led_from = from == to ? 0 : from->tid;
	if (old && old != task) {
		old->group = NULL;
		old->flags |= IT_OLD_LEADER;
		unqueue_dead(old->slot, old);
		queue_dead(t, from, old);
	}
	imp_slot_tidy(t, from);
	return old_id;
}

struct imp_group *imp_group_find(const struct imp_tasks *t, unsigned host, int32_t tgid)
{
	struct imp_slot *s = imp_slot_find(t, host, tgid);
	if (!s)
		return NULL;
	/* A thread may use the number of a leader that is long gone. */
	if (s->live && s->live->group->leader == s->live)
		return s->live->group;
	for (struct imp_task *d = s->dead; d; d = d->next)
		if (d->group)
			return d->group;
	return NULL;
}
