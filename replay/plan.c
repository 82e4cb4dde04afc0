/*
 * plan.c - which worker does what, event by event.
 */
#include "replay/plan.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "replay/plan_maker.h"

static int bad(struct mmr_err *e, uint64_t i, const struct mmw_event *ev, const char *why)
{
	const char *name = ev_name(ev->type);
	return mmr_err(e, -EBADMSG, "event %llu (%s of task %u): %s", (unsigned long long)i, name ? name : "?",
		       ev->task, why);
}

/* ---- handles ---- */

/* One cache line of pointers is 8; a row is several, so that prefetching stays on one side, too. */
#define HANDLE_ROW 64

static uint32_t new_handle(struct maker *m, uint32_t worker)
{
	if (m->handle_next[worker] % HANDLE_ROW == 0) {
		/* Handle 0 is nobody's: the first row stays free, so that all start where cache lines do. */
		if (!m->p->handles)
			m->p->handles = HANDLE_ROW;
		m->handle_next[worker] = m->p->handles;
		m->p->handles += HANDLE_ROW;
	}
	return m->handle_next[worker]++;
}

/* ---- which worker ---- */

static uint32_t choose_worker(struct maker *m, const struct mmw_event *ev)
{
	if (m->p->partition == PARTITION_CPU)
		return ev->cpu % m->p->workers;
	return ev->task ? m->task[ev->task].worker : spread_event(&m->spread, ev);
}

/* ---- streams ---- */

void *maker_grown(void *array, uint32_t *room, uint32_t need, size_t size)
{
	if (array && need <= *room)
		return array;
	uint32_t next = *room ? *room * 2 : 64;
	if (next < need)
		next = need;
	void *bigger = realloc(array, (size_t)next * size);
	if (bigger)
		*room = next;
	return bigger;
}

static int append(struct maker *m, uint32_t worker, const struct rop *op, struct place *at)
{
	struct stream *s = &m->p->streams[worker];
	const struct mmw_event *ev = &m->w->events[op->event];
	/* Three arrays with room for as many. */
	uint32_t room = m->ops_room[worker], same = room;
	struct rop *ops = maker_grown(s->ops, &m->ops_room[worker], s->n + 1, sizeof(*s->ops));
	if (!ops)
		return -ENOMEM;
	s->ops = ops;
	uint64_t *when = maker_grown(s->when, &room, s->n + 1, sizeof(*s->when));
	if (!when)
		return -ENOMEM;
	s->when = when;
	uint16_t *whose = maker_grown(s->whose, &same, s->n + 1, sizeof(*s->whose));
	if (!whose)
		return -ENOMEM;
	s->whose = whose;
	when[s->n] = ev->time_ns - m->w->events[0].time_ns;
	whose[s->n] = comms_slot(&m->w->comms, ev);
	ops[s->n++] = *op;
	spread_count(&m->spread, worker);
	*at = (struct place){ worker, s->n };
	return 0;
}

/* ---- events ---- */

static const char *check_actor(const struct maker *m, const struct mmw_event *ev)
{
	const struct workload *w = m->w;
	if (ev->task > w->tasks)
		return "the task's id is out of range";
	switch (ev->type) {
	case EV_PRESENT:
		if (!ev->task || m->task[ev->task].life != UNBORN)
			return "the task is not new";
		/* One that has exited leads those of its threads that still live. */
		if (!ev->arg || ev->arg > w->tasks || (ev->arg != ev->task && m->task[ev->arg].life == UNBORN))
			return "its group leader was never there";
		return NULL;
	case EV_FORK:
	case EV_VFORK:
	case EV_THREAD:
		/* The idle task, which has no id, forks kernel threads. */
		if (m->task[ev->task].life != LIVE && (ev->task || ev->type != EV_FORK))
			return "the parent does not live";
		if (!ev->arg || ev->arg > w->tasks || m->task[ev->arg].life != UNBORN)
			return "the child is not new";
		return NULL;
	case EV_EXEC:
	case EV_EXIT:
		return ev->task && m->task[ev->task].life == LIVE ? NULL : "the task does not live";
	case EV_FREE:
		return ev->task && m->task[ev->task].life == DEAD ? NULL : "the task has not exited";
	case EV_VMALLOC:
	case EV_VFREE:
		return ev->arg && ev->arg <= w->areas ? NULL : "the area is out of range";
	default:
		return NULL;
	}
}

static int checkpoint(struct maker *m, uint64_t i)
{
	const struct rop op = { .op = OP_CHECKPOINT, .event = (uint32_t)i };
	struct place at;
	for (uint32_t worker = 0; worker < m->p->workers; worker++)
		if (append(m, worker, &op, &at))
			return -ENOMEM;
	/* All have met: everything before is known to everybody. */
	for (uint32_t worker = 0; worker < m->p->workers; worker++)
		m->met[worker] = m->p->streams[worker].n;
	m->p->checkpoints++;
	return 0;
}

static int present(struct maker *m, const struct mmw_event *ev, uint64_t i, uint32_t *room)
{
	struct plan *p = m->p;
	struct rop *list = maker_grown(p->present, room, p->npresent + 1, sizeof(*p->present));
	if (!list)
		return -ENOMEM;
	p->present = list;
	struct ptask *t = &m->task[ev->task];
	t->handle = new_handle(m, m->round % p->workers);
	t->set_up = true;
	/* A thread whose leader comes only with the run cannot join it beforehand: it gets a process of its own. */
	t->leader = m->task[ev->arg].set_up ? ev->arg : ev->task;
	p->tasks++;
	p->mms += t->leader == ev->task && ev->mm;
	list[p->npresent++] = (struct rop){ .op = EV_PRESENT,
					    .flags = ev->flags,
					    .task = t->handle,
					    .arg = m->task[t->leader].handle,
					    .mm = ev->mm,
					    .aux = ev->task,
					    .event = (uint32_t)i };
	t->life = LIVE;
	t->worker = spread_present(&m->spread, ev->task, m->round++);
	return 0;
}

static int one_event(struct maker *m, uint64_t i, uint32_t *present_room, struct mmr_err *e)
{
	const struct mmw_event *ev = &m->w->events[i];
	if (ev->type == EV_LOST || ev->type == EV_PARENT)
		return 0;
	if (ev->type == EV_NONE)
		return checkpoint(m, i);
	const char *why = check_actor(m, ev);
	if (why)
		return bad(e, i, ev, why);
	if (ev->type == EV_PRESENT)
		return present(m, ev, i, present_room);

	struct mmw_event by_nobody = *ev;
	if (ev->type > EV_FREE && m->task[ev->task].life != LIVE) {
		/*
		 * On the way out, after its exit, a task still frees kernel
		 * memory and is switched to; its object may be another's by then.
		 */
		by_nobody.task = 0;
		ev = &by_nobody;
	}
	uint32_t worker = choose_worker(m, ev);
	struct rop op = { .op = ev->type,
			  .flags = ev->flags,
			  .task = m->task[ev->task].handle,
			  .mm = ev->mm,
			  .aux = ev->aux,
			  .event = (uint32_t)i };
	if (ev->type == EV_FORK || ev->type == EV_VFORK || ev->type == EV_THREAD) {
		op.arg = m->task[ev->arg].handle = new_handle(m, worker);
		op.aux = ev->arg;
		m->p->tasks++;
	}
	m->p->mms += (ev->type == EV_FORK && ev->mm) || ev->type == EV_EXEC;
	const struct place last = m->task[ev->task].last;
	if (ev->task && last.position && last.worker != worker)
		op.flags |= ROP_MOVED;
	struct place at;
	int ret = order_before(m, ev, worker, &op.waits);
	if (!ret)
		ret = append(m, worker, &op, &at);
	if (!ret)
		ret = order_after(m, ev, at);
	if (ret == -E2BIG)
		return bad(e, i, ev, "it depends on more than 65534 others");
	m->p->streams[worker].count[ev->type]++;
	m->p->events++;
	return ret;
}

static int maker_make(struct maker *m)
{
	const struct workload *w = m->w;
	struct plan *p = m->p;
	size_t pairs = (size_t)p->workers * p->workers;
	/* What nothing is left out of needs no account of it. */
	bool drops = p->order > ORDER_RESOURCE;
	p->streams = calloc(p->workers, sizeof(*p->streams));
	m->task = calloc(w->tasks + 1ull, sizeof(*m->task));
	m->area = calloc(w->areas + 1ull, sizeof(*m->area));
	m->known = calloc(pairs, sizeof(*m->known));
	m->met = calloc(p->workers, sizeof(*m->met));
	m->missed = drops ? calloc(pairs, sizeof(*m->missed)) : NULL;
	m->handle_next = calloc(p->workers, sizeof(*m->handle_next));
	m->ops_room = calloc(p->workers, sizeof(*m->ops_room));
	m->waits_room = calloc(p->workers, sizeof(*m->waits_room));
	bool have = p->streams && m->task && m->area && m->known && m->met && (m->missed || !drops) && m->handle_next &&
		    m->ops_room && m->waits_room;
	return have ? spread_make(&m->spread, w, p->workers, p->partition == PARTITION_BALANCED) : -ENOMEM;
}

static void maker_free(struct maker *m)
{
	free(m->task);
	free(m->area);
	free(m->extra);
	free(m->known);
	free(m->met);
	free(m->missed);
	free(m->handle_next);
	free(m->ops_room);
	free(m->waits_room);
	spread_free(&m->spread);
}

enum partition partition_decide(const struct workload *w, unsigned workers, enum partition partition)
{
	if (partition != PARTITION_AUTO)
		return partition;
	return workers == w->cpus ? PARTITION_CPU : PARTITION_TASK;
}

int plan_make_ordered(const struct workload *w, unsigned workers, enum partition partition, enum order order,
		      struct plan *p, struct mmr_err *e)
{
	*p = (struct plan){ .workers = workers, .partition = partition_decide(w, workers, partition), .order = order };
	struct maker m = { .w = w, .p = p };
	uint32_t present_room = 0;
	int ret = maker_make(&m);
	for (uint64_t i = 0; i < w->n && !ret; i++)
		ret = one_event(&m, i, &present_room, e);
	if (ret == -ENOMEM)
		mmr_err(e, ret, "no memory to order %llu events for %u workers", (unsigned long long)w->n, workers);
	maker_free(&m);
	if (ret)
		plan_free(p);
	return ret;
}

int plan_make(const struct workload *w, unsigned workers, enum partition partition, struct plan *p, struct mmr_err *e)
{
	return plan_make_ordered(w, workers, partition, ORDER_RESOURCE, p, e);
}

uint64_t plan_recorded_ns(const struct plan *p)
{
	uint64_t last = 0;
	for (unsigned i = 0; i < p->workers; i++) {
		const struct stream *s = &p->streams[i];
		if (s->n && s->when[s->n - 1] > last)
			last = s->when[s->n - 1];
	}
	return last;
}

void plan_free(struct plan *p)
{
	for (unsigned i = 0; p->streams && i < p->workers; i++) {
		free(p->streams[i].ops);
		free(p->streams[i].waits);
		free(p->streams[i].when);
		free(p->streams[i].whose);
	}
	free(p->streams);
	free(p->present);
	memset(p, 0, sizeof(*p));
}

static const char *const partitions[] = { "auto", "cpu", "task", "balanced" };
static const char *const orders[] = { "total", "resource", "task", "free" };

/* -EINVAL: @name is none of @n. */
static int parse_name(const char *name, const char *const *names, unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		if (!strcmp(name, names[i]))
			return (int)i;
	return -EINVAL;
}

const char *partition_name(enum partition p)
{
	return partitions[p];
}

int partition_parse(const char *name, enum partition *p)
{
	int i = parse_name(name, partitions, sizeof(partitions) / sizeof(*partitions));
	if (i >= 0)
		*p = (enum partition)i;
	return i < 0 ? i : 0;
}

const char *order_name(enum order o)
{
	return orders[o];
}

int order_parse(const char *name, enum order *o)
{
	int i = parse_name(name, orders, sizeof(orders) / sizeof(*orders));
	if (i >= 0)
		*o = (enum order)i;
	return i < 0 ? i : 0;
}
