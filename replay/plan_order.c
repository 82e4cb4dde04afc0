/*
 * plan_order.c - what an event waits for.
 *
 * resource (DESIGN.md, section 6): the same task's previous event, its own
 * creation, the exec or exit of the vfork child that its task sleeps for, at an
 * exec the exits of the group's other threads, after a child was freed that
 * child's exit (the parent has reaped it), at a vfree its vmalloc, and
 * additions, removals and conversions one another.
 *
 * total: the event before it in the workload, which implies all that.
 *
 * task: the same task's previous event, its own creation, and at an exec the
 * exits of the group's other threads: designs rest on a group's having one mm.
 *
 * free: of those, what the model cannot do without. Two CPUs may act for one
 * task at once (fork reads what a task has, and nothing else changes it), but
 * not while it gets another mm or goes away: its creation and its execs come
 * before what follows them, its execs and its exit after what comes before.
 *
 * What an order leaves out is counted, as far as what it keeps does not imply it.
 */
#include <errno.h>
#include <stdlib.h>

#include "replay/plan_maker.h"

/* ---- one dependence ---- */

/* @worker's next event comes after @at as things are. */
static bool implied(const struct maker *m, const uint32_t *known, uint32_t worker, struct place at)
{
	return !at.position || at.worker == worker || m->met[at.worker] >= at.position ||
	       known[(size_t)worker * m->p->workers + at.worker] >= at.position;
}

/* Make the event that @worker appends next wait for @at, unless that is implied already. */
static int depend(struct maker *m, uint32_t worker, struct place at, uint16_t *waits)
{
	if (implied(m, m->known, worker, at))
		return 0;
	size_t cell = (size_t)worker * m->p->workers + at.worker;
	struct stream *s = &m->p->streams[worker];
	struct wait *waiting = maker_grown(s->waits, &m->waits_room[worker], s->nwaits + 1, sizeof(*s->waits));
	if (!waiting)
		return -ENOMEM;
	s->waits = waiting;
	waiting[s->nwaits++] = (struct wait){ at.worker, at.position };
	m->known[cell] = at.position;
	if (m->missed && m->missed[cell] < at.position)
		m->missed[cell] = at.position;
	m->p->constraints++;
	if (++*waits == UINT16_MAX)
		return -E2BIG;
	return 0;
}

/* The same if the order is @keeps or a stricter one, else a dependence less. */
static int depend_in(struct maker *m, enum order keeps, uint32_t worker, struct place at, uint16_t *waits)
{
	if (m->p->order <= keeps)
		return depend(m, worker, at, waits);
	if (!implied(m, m->missed, worker, at)) {
		m->missed[(size_t)worker * m->p->workers + at.worker] = at.position;
		m->p->dropped++;
	}
	return 0;
}

/* ---- places that one event waits for ---- */

static int chain(struct maker *m, uint32_t *head, struct place at)
{
	struct extra *extra = maker_grown(m->extra, &m->extra_room, m->nextra + 2, sizeof(*m->extra));
	if (!extra)
		return -ENOMEM;
	m->extra = extra;
	if (!m->nextra)
		m->nextra = 1; /* 0 ends a list */
	extra[m->nextra] = (struct extra){ at, *head };
	*head = m->nextra++;
	return 0;
}

static int add_extra(struct maker *m, uint32_t task, struct place at)
{
	return task && m->task[task].life == LIVE ? chain(m, &m->task[task].extra, at) : 0;
}

/* ---- before ---- */

/* Whose outcome depends on the one before: slots come and go, directories are converted there and back. */
static bool changes_machine(uint8_t type)
{
	return type == EV_HOT_ADD || type == EV_HOT_REMOVE || type == EV_PIN_ALL || type == EV_UNPIN_ALL;
}

/* What a task does to itself: nothing else of it may go on meanwhile. */
static bool is_fence(uint8_t type)
{
	return type == EV_EXEC || type == EV_EXIT;
}

/* The task's own order. */
static int own_order(struct maker *m, const struct mmw_event *ev, uint32_t worker, uint16_t *waits)
{
	struct ptask *t = &m->task[ev->task];
	int ret = 0;
	if (m->p->order != ORDER_FREE || ev->type == EV_FREE)
		return depend(m, worker, t->last, waits);
	ret = depend(m, worker, t->fence, waits);
	if (is_fence(ev->type)) {
		for (uint32_t x = t->since; x && !ret; x = m->extra[x].next)
			ret = depend(m, worker, m->extra[x].at, waits);
		t->since = 0;
	}
	return ret ? ret : depend_in(m, ORDER_TASK, worker, t->last, waits);
}

int order_before(struct maker *m, const struct mmw_event *ev, uint32_t worker, uint16_t *waits)
{
	int ret = 0;
	struct ptask *t = &m->task[ev->task];
	if (m->p->order == ORDER_TOTAL)
		return depend(m, worker, m->previous, waits);
	if (ev->task) {
		ret = own_order(m, ev, worker, waits);
		for (uint32_t x = t->extra; x && m->extra && !ret; x = m->extra[x].next)
			ret = depend_in(m, ORDER_RESOURCE, worker, m->extra[x].at, waits);
		t->extra = 0;
	}
	if (ev->type == EV_EXEC) {
		struct ptask *leader = &m->task[t->leader];
		for (uint32_t x = leader->members; x && !ret; x = m->task[x].next_member)
			ret = depend(m, worker, m->task[x].last, waits);
		leader->members = 0;
	}
	if (ev->type == EV_VFREE && !ret)
		ret = depend_in(m, ORDER_RESOURCE, worker, m->area[ev->arg], waits);
	if (changes_machine(ev->type) && !ret)
		ret = depend_in(m, ORDER_RESOURCE, worker, m->machine, waits);
	return ret;
}

/* ---- after ---- */

static int born(struct maker *m, const struct mmw_event *ev, struct place at)
{
	struct ptask *child = &m->task[ev->arg], *parent = &m->task[ev->task];
	child->life = LIVE;
	child->last = child->fence = at;
	child->leader = ev->type == EV_THREAD ? parent->leader : ev->arg;
	child->worker = spread_task(&m->spread, ev->arg, parent->worker);
	if (ev->type == EV_VFORK && ev->flags & EV_F_WAIT)
		child->vfork_parent = ev->task;
	return 0;
}

static int remember(struct maker *m, const struct mmw_event *ev, struct place at)
{
	struct ptask *t = &m->task[ev->task];
	int ret = 0;
	m->previous = at;
	if (!ev->task)
		return 0;
	t->last = at;
	if (is_fence(ev->type))
		t->fence = at;
	/* One that is on the fence's worker comes in order anyway; so does the next fence if it is there, too. */
	else if (m->p->order == ORDER_FREE && ev->type != EV_FREE)
		ret = chain(m, &t->since, at);
	return ret;
}

int order_after(struct maker *m, const struct mmw_event *ev, struct place at)
{
	struct ptask *t = &m->task[ev->task];
	int ret = remember(m, ev, at);
	if (ret)
		return ret;
	switch (ev->type) {
	case EV_FORK:
	case EV_VFORK:
	case EV_THREAD:
		return born(m, ev, at);
	case EV_EXEC:
	case EV_EXIT:
		if (t->vfork_parent)
			ret = add_extra(m, t->vfork_parent, at);
		t->vfork_parent = 0;
		if (ev->type == EV_EXIT) {
			t->life = DEAD;
			t->next_member = m->task[t->leader].members;
			m->task[t->leader].members = ev->task;
		} else if (t->leader != ev->task && m->task[t->leader].life == DEAD) {
			/* It took over the leader's place; nobody else is left in the group. */
			t->leader = ev->task;
		}
		return ret;
	case EV_FREE:
		/* Freed, hence reaped: the parent goes on after the exit. */
		return ev->arg <= m->w->tasks ? add_extra(m, ev->arg, at) : 0;
	case EV_VMALLOC:
		m->area[ev->arg] = at;
		return 0;
	case EV_HOT_ADD:
	case EV_HOT_REMOVE:
	case EV_PIN_ALL:
	case EV_UNPIN_ALL:
		m->machine = at;
		return 0;
	default:
		return 0;
	}
}
