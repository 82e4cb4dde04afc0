/* The books of the small machine, and the events that change them. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "tracegen/generate.h"

static void failed(struct gen *g, int error)
{
	if (!g->error)
		g->error = mmr_err_sys(g->e, error, "no memory for more tasks");
	g->left = 0;
}

static int grow(struct gen_pool *p)
{
	uint32_t room = p->room ? p->room * 2 : 256;
	void *at = realloc(p->at, room * p->each);
	if (at)
		p->at = at;
	uint32_t *freed = realloc(p->freed, room * sizeof(*freed));
	if (freed)
		p->freed = freed;
	if (!at || !freed)
		return -ENOMEM;
	p->room = room;
	return 0;
}

uint32_t gen_take(struct gen *g, struct gen_pool *p)
{
	uint32_t i = 0;
	if (p->nfreed)
		i = p->freed[--p->nfreed];
	else if (p->used < p->room || !grow(p))
		i = p->used++;
	else
		failed(g, -ENOMEM);
	memset((char *)p->at + i * p->each, 0, p->each);
	return i;
}

void gen_give(struct gen_pool *p, uint32_t i)
{
	memset((char *)p->at + i * p->each, 0, p->each);
	if (i)
		p->freed[p->nfreed++] = i;
}

int gen_world_init(struct gen *g)
{
	g->tasks.each = sizeof(struct gen_task);
	g->groups.each = sizeof(struct gen_group);
	g->mms.each = sizeof(struct gen_mm);
	g->areas.each = sizeof(struct gen_area);
	g->cpu = calloc(g->cpus, sizeof(*g->cpu));
	if (!g->cpu || grow(&g->tasks) || grow(&g->groups) || grow(&g->mms) || grow(&g->areas))
		return -ENOMEM;
	/* Place 0. */
	gen_take(g, &g->tasks);
	gen_take(g, &g->groups);
	gen_take(g, &g->mms);
	gen_take(g, &g->areas);
	return 0;
}

void gen_world_free(struct gen *g)
{
	struct gen_pool *pools[] = { &g->tasks, &g->groups, &g->mms, &g->areas };
	for (unsigned i = 0; i < 4; i++) {
		free(pools[i]->at);
		free(pools[i]->freed);
	}
	free(g->queue.at);
	free(g->cpu);
}

/* What a CPU that is down would have done is done by the next one. */
static uint16_t cpu_up(const struct gen *g, uint16_t cpu)
{
	while (g->cpu[cpu].down)
		cpu = (uint16_t)((cpu + 1u) % g->cpus);
	return cpu;
}

bool gen_emit(struct gen *g, struct mmw_event *ev, uint64_t later)
{
	if (g->last < g->now + g->stood)
		g->last = g->now + g->stood;
	g->last += later;
	ev->time_ns = g->last;
	ev->cpu = cpu_up(g, ev->cpu);
	if (ev->type != EV_PRESENT) {
		if (!g->left)
			return false;
		g->left--;
	}
	int ret = mmw_add(g->w, ev, g->e);
	if (!ret)
		return true;
	g->error = g->error ? g->error : ret;
	g->left = 0;
	return false;
}

static uint32_t new_mm(struct gen *g)
{
	uint32_t m = gen_take(g, &g->mms);
	gen_mm(g, m)->id = ++g->next_mm;
	return m;
}

static void get_mm(struct gen *g, uint32_t m, bool counted)
{
	if (!gen_mm(g, m)->users++)
		g->live_mms++;
	if (counted && g->live_mms > g->peak_mms)
		g->peak_mms = g->live_mms;
}

static void put_mm(struct gen *g, uint32_t m)
{
	if (--gen_mm(g, m)->users)
		return;
	g->live_mms--;
	gen_give(&g->mms, m);
}

static void join(struct gen *g, uint32_t t, uint32_t group)
{
	struct gen_group *gr = gen_group(g, group);
	struct gen_task *k = gen_task(g, t);
	k->group = group;
	gr->members++;
	if (!gr->live++) {
		gr->leader = t;
		return;
	}
	k->next = k->prev = t;
	if (gr->threads) {
		struct gen_task *head = gen_task(g, gr->threads);
		k->next = gr->threads;
		k->prev = head->prev;
		gen_task(g, head->prev)->next = t;
		head->prev = t;
	}
	gr->threads = t;
}

static void leave_ring(struct gen *g, uint32_t t)
{
	struct gen_task *k = gen_task(g, t);
	struct gen_group *gr = gen_group(g, k->group);
	if (gr->leader == t)
		return;
	gen_task(g, k->prev)->next = k->next;
	gen_task(g, k->next)->prev = k->prev;
	if (gr->threads == t)
		gr->threads = k->next == t ? 0 : k->next;
}

void gen_place(struct gen *g, uint32_t t)
{
	if (g->cpus < 2 || !gen_percent(g, g->migrate))
		return;
	uint16_t *cpu = &gen_task(g, t)->cpu;
	*cpu = (uint16_t)((*cpu + 1 + gen_below(g, g->cpus - 1)) % g->cpus);
}

uint32_t gen_present(struct gen *g, uint32_t leader, const char *comm, uint32_t cpu)
{
	uint32_t t = gen_take(g, &g->tasks), group = leader ? gen_task(g, leader)->group : gen_take(g, &g->groups);
	uint32_t mm = leader ? gen_task(g, leader)->mm : new_mm(g);
	join(g, t, group);
	get_mm(g, mm, true);
	struct gen_task *k = gen_task(g, t);
	k->id = ++g->next_task;
	k->mm = mm;
	k->comm = mmw_string(g->w, comm);
	k->cpu = (uint16_t)(cpu % g->cpus);
	struct mmw_event ev = { .type = EV_PRESENT,
				.task = k->id,
				.arg = gen_task(g, gen_group(g, group)->leader)->id,
				.mm = gen_mm(g, mm)->id,
				.comm = k->comm,
				.cpu = k->cpu };
	if (gen_emit(g, &ev, 0) && ++g->live_tasks > g->peak_tasks)
		g->peak_tasks = g->live_tasks;
	return t;
}

static uint32_t new_task(struct gen *g, uint32_t parent, enum ev_type type, uint8_t flags)
{
	uint32_t area = gen_stack_get(g, parent);
	uint32_t t = gen_take(g, &g->tasks);
	uint32_t group = type == EV_THREAD ? gen_task(g, parent)->group : gen_take(g, &g->groups);
	uint32_t mm = type == EV_FORK ? new_mm(g) : gen_task(g, parent)->mm;
	struct gen_task *k = gen_task(g, t);
	const struct gen_task *p = gen_task(g, parent);
	k->id = ++g->next_task;
	k->comm = p->comm;
	k->mm = mm;
	k->parent = parent;
	k->parent_id = p->id;
	k->area = area;
	k->cpu = p->cpu;
	join(g, t, group);
	struct mmw_event ev = { .type = (uint8_t)type,
				.flags = flags,
				.task = p->id,
				.arg = k->id,
				.mm = gen_mm(g, mm)->id,
				.comm = k->comm,
				.cpu = p->cpu };
	bool written = gen_emit(g, &ev, 1000 + gen_below(g, 1000));
	get_mm(g, mm, written);
	g->live_tasks++;
	if (written && g->live_tasks > g->peak_tasks)
		g->peak_tasks = g->live_tasks;
	gen_place(g, t);
	return t;
}

uint32_t gen_fork(struct gen *g, uint32_t parent)
{
	return new_task(g, parent, EV_FORK, 0);
}

uint32_t gen_thread(struct gen *g, uint32_t creator)
{
	return new_task(g, creator, EV_THREAD, 0);
}

uint32_t gen_vfork(struct gen *g, uint32_t parent)
{
	uint32_t t = new_task(g, parent, EV_VFORK, EV_F_WAIT);
	gen_task(g, t)->vforked = true;
	return t;
}

/* Who made @t, if it lives: it could wait for @t. */
static uint32_t living_parent(struct gen *g, uint32_t t)
{
	const struct gen_task *k = gen_task(g, t), *p = gen_task(g, k->parent);
	return k->parent && p->id == k->parent_id && !p->dead ? k->parent : 0;
}

/* The one who waits may have been killed meanwhile. */
static void release_vforker(struct gen *g, uint32_t t)
{
	uint32_t p = living_parent(g, t);
	if (gen_task(g, t)->vforked && p)
		g->profile->wake(g, p, GEN_VFORK_DONE);
	gen_task(g, t)->vforked = false;
}

void gen_exec(struct gen *g, uint32_t t, const char *comm)
{
	uint32_t leader = gen_group(g, gen_task(g, t)->group)->leader, old = 0;
	for (uint32_t i; (i = gen_group(g, gen_task(g, t)->group)->threads);) {
		/* The ring's head may be @t itself. */
		if (i == t)
			i = gen_task(g, t)->next;
		if (i == t)
			break;
		gen_exit(g, i);
	}
	if (leader != t) {
		old = gen_task(g, leader)->id;
		if (!gen_task(g, leader)->dead)
			gen_exit(g, leader);
		leave_ring(g, t);
		gen_group(g, gen_task(g, t)->group)->leader = t;
		/* The old leader is released by the exec, as a thread is. */
		gen_after(g, leader, gen_lognormal(g, 4 * GEN_MS));
		gen_task(g, t)->parent = gen_task(g, leader)->parent;
		gen_task(g, t)->parent_id = gen_task(g, leader)->parent_id;
	}
	uint32_t mm = new_mm(g), was = gen_task(g, t)->mm;
	struct gen_task *k = gen_task(g, t);
	k->comm = mmw_string(g->w, comm);
	k->mm = mm;
	struct mmw_event ev = { .type = EV_EXEC,
				.flags = old ? EV_F_LEADER : 0,
				.task = k->id,
				.arg = old,
				.mm = gen_mm(g, mm)->id,
				.comm = k->comm,
				.cpu = k->cpu };
	bool written = gen_emit(g, &ev, 0);
	/* Both exist for a moment, but the old one has one user less when the event is seen. */
	put_mm(g, was);
	get_mm(g, mm, written);
	release_vforker(g, t);
}

void gen_exit(struct gen *g, uint32_t t)
{
	struct gen_task *k = gen_task(g, t);
	uint32_t group = k->group, leader = gen_group(g, group)->leader;
	struct gen_group *gr = gen_group(g, group);
	bool last = --gr->live == 0;
	leave_ring(g, t);
	k->dead = true;
	k->timer = 0;
	g->live_tasks--;
	struct mmw_event ev = { .type = EV_EXIT,
				.flags = last ? EV_F_LAST : 0,
				.task = k->id,
				.arg = gen_task(g, leader)->id,
				.mm = gen_mm(g, k->mm)->id,
				.comm = k->comm,
				.cpu = k->cpu };
	gen_emit(g, &ev, 0);
	put_mm(g, k->mm);
	release_vforker(g, t);
	if (t != leader)
		gen_after(g, t, gen_lognormal(g, 4 * GEN_MS));
	if (!last) {
		if (t != leader && !gen_task(g, leader)->dead)
			g->profile->wake(g, leader, GEN_THREAD_GONE);
		return;
	}
	uint32_t parent = living_parent(g, leader);
	gen_after(g, leader, 20 * GEN_US + gen_lognormal(g, 4 * GEN_MS));
	if (parent)
		g->profile->wake(g, parent, GEN_CHILD_GONE);
}

void gen_exit_group(struct gen *g, uint32_t t)
{
	uint32_t group = gen_task(g, t)->group, leader = gen_group(g, group)->leader;
	bool leader_left = !gen_task(g, leader)->dead;
	while (gen_group(g, group)->threads)
		gen_exit(g, gen_group(g, group)->threads);
	if (leader_left)
		gen_exit(g, leader);
}

void gen_after(struct gen *g, uint32_t t, uint64_t delay)
{
	int ret = gen_queue_push(&g->queue, g->now + delay, t);
	if (ret)
		failed(g, ret);
	else
		gen_task(g, t)->timer = g->queue.order;
}

void gen_free(struct gen *g, uint32_t t)
{
	struct gen_task *k = gen_task(g, t);
	struct gen_group *gr = gen_group(g, k->group);
	uint32_t parent = gr->leader == t ? living_parent(g, t) : 0;
	struct mmw_event ev = { .type = EV_FREE,
				.task = k->id,
				.arg = parent ? gen_task(g, parent)->id : 0,
				.comm = k->comm,
				.cpu = k->cpu };
	gen_emit(g, &ev, 0);
	gen_stack_put(g, k->area, k->cpu);
	if (gr->leader == t)
		gr->leader = 0;
	if (!--gr->members)
		gen_give(&g->groups, k->group);
	gen_give(&g->tasks, t);
}
