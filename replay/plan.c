/*
 * plan.c - order `resource`: which worker does what, after what.
 *
 * What an event waits for (DESIGN.md, section 6): the same task's previous
 * event, its own creation, the exec or exit of the vfork child that its task
 * sleeps for, at an exec the exits of the group's other threads, after a child
 * was freed that child's exit (the parent has reaped it), at a vfree its
 * vmalloc, and additions, removals and conversions one another.
 */
#include "replay/plan.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* A place in a worker's stream; position 0 is "nowhere". */
struct place {
	uint32_t worker, position;
};

struct extra {
	struct place at;
	uint32_t next;
};

enum life { UNBORN, LIVE, DEAD };

struct ptask {
	struct place last;
	uint32_t worker;
	uint32_t handle;
	uint32_t leader;
	uint32_t members; /* head of the list of its group's dead threads; of a leader */
	uint32_t next_member;
	uint32_t vfork_parent; /* who sleeps until this one's exec or exit */
	uint32_t extra; /* head of what its next event waits for besides */
	uint8_t life;
	bool set_up; /* there before the run */
};

struct maker {
	const struct workload *w;
	struct plan *p;
	struct ptask *task;
	struct place *area;
	struct extra *extra;
	uint32_t nextra, extra_room;
	uint32_t *known; /* [worker][other]: positions that its waits so far imply */
	uint64_t *load;
	uint32_t *ops_room, *waits_room;
	uint32_t *handle_next; /* per worker: the rest of its row of HANDLE_ROW handles */
	struct place machine; /* the last event that changes_machine() */
	uint32_t round;
};

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

static uint32_t least_loaded(const struct maker *m)
{
	uint32_t best = 0;
	for (uint32_t i = 1; i < m->p->workers; i++)
		if (m->load[i] < m->load[best])
			best = i;
	return best;
}

/* A new task stays with its parent unless that worker is clearly ahead of another. */
static uint32_t place_child(const struct maker *m, uint32_t parent_worker)
{
	uint32_t least = least_loaded(m);
	return m->load[parent_worker] > m->load[least] + 1024 + m->load[least] / 256 ? least : parent_worker;
}

static uint32_t choose_worker(struct maker *m, const struct mmw_event *ev)
{
	if (m->p->partition == PARTITION_CPU || !ev->task)
		return ev->cpu % m->p->workers;
	return m->task[ev->task].worker;
}

/* ---- streams ---- */

/* @array with room for @need elements: the same or a bigger one, NULL when there is no memory. */
static void *grown(void *array, uint32_t *room, uint32_t need, size_t size)
{
	if (array && need <= *room)
		return array;
	uint32_t next = *room ? *room * 2 : 1024;
	if (next < need)
		next = need;
	void *bigger = realloc(array, (size_t)next * size);
	if (bigger)
		*room = next;
	return bigger;
}

/* Make the event that @worker appends next wait for @at, unless that is implied already. */
static int depend(struct maker *m, uint32_t worker, struct place at, uint16_t *waits)
{
	if (!at.position || at.worker == worker)
		return 0;
	uint32_t *known = &m->known[worker * m->p->workers + at.worker];
	if (*known >= at.position)
		return 0;
	struct stream *s = &m->p->streams[worker];
	struct wait *waiting = grown(s->waits, &m->waits_room[worker], s->nwaits + 1, sizeof(*s->waits));
	if (!waiting)
		return -ENOMEM;
	s->waits = waiting;
	waiting[s->nwaits++] = (struct wait){ at.worker, at.position };
	*known = at.position;
	m->p->constraints++;
	if (++*waits == UINT16_MAX)
		return -E2BIG;
	return 0;
}

static int append(struct maker *m, uint32_t worker, const struct rop *op, struct place *at)
{
	struct stream *s = &m->p->streams[worker];
	uint32_t room = m->ops_room[worker];
	struct rop *ops = grown(s->ops, &m->ops_room[worker], s->n + 1, sizeof(*s->ops));
	if (!ops)
		return -ENOMEM;
	s->ops = ops;
	uint64_t *when = grown(s->when, &room, s->n + 1, sizeof(*s->when));
	if (!when)
		return -ENOMEM;
	s->when = when;
	when[s->n] = m->w->events[op->event].time_ns - m->w->events[0].time_ns;
	ops[s->n++] = *op;
	m->load[worker]++;
	*at = (struct place){ worker, s->n };
	return 0;
}

static int add_extra(struct maker *m, uint32_t task, struct place at)
{
	if (!task || m->task[task].life != LIVE)
		return 0;
	struct extra *extra = grown(m->extra, &m->extra_room, m->nextra + 2, sizeof(*m->extra));
	if (!extra)
		return -ENOMEM;
	m->extra = extra;
	if (!m->nextra)
		m->nextra = 1; /* 0 ends a list */
	extra[m->nextra] = (struct extra){ at, m->task[task].extra };
	m->task[task].extra = m->nextra++;
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

static int born(struct maker *m, const struct mmw_event *ev, struct place at)
{
	struct ptask *child = &m->task[ev->arg], *parent = &m->task[ev->task];
	child->life = LIVE;
	child->last = at;
	child->leader = ev->type == EV_THREAD ? parent->leader : ev->arg;
	child->worker = place_child(m, parent->worker);
	if (ev->type == EV_VFORK && ev->flags & EV_F_WAIT)
		child->vfork_parent = ev->task;
	return 0;
}

/* Whose outcome depends on the one before: slots come and go, directories are converted there and back. */
static bool changes_machine(uint8_t type)
{
	return type == EV_HOT_ADD || type == EV_HOT_REMOVE || type == EV_PIN_ALL || type == EV_UNPIN_ALL;
}

/* The dependences of one event besides its task's own order. */
static int waits_of(struct maker *m, const struct mmw_event *ev, uint32_t worker, uint16_t *waits)
{
	int ret = 0;
	struct ptask *t = &m->task[ev->task];
	if (ev->task) {
		ret = depend(m, worker, t->last, waits);
		for (uint32_t x = t->extra; x && m->extra && !ret; x = m->extra[x].next)
			ret = depend(m, worker, m->extra[x].at, waits);
		t->extra = 0;
	}
	if (ev->type == EV_EXEC) {
		struct ptask *leader = &m->task[t->leader];
		for (uint32_t x = leader->members; x && !ret; x = m->task[x].next_member)
			ret = depend(m, worker, m->task[x].last, waits);
		leader->members = 0;
	}
	if (ev->type == EV_VFREE && !ret)
		ret = depend(m, worker, m->area[ev->arg], waits);
	if (changes_machine(ev->type) && !ret)
		ret = depend(m, worker, m->machine, waits);
	return ret;
}

/* What later events have to know of this one, which lies at @at. */
static int after(struct maker *m, const struct mmw_event *ev, struct place at)
{
	struct ptask *t = &m->task[ev->task];
	int ret = 0;
	if (ev->task)
		t->last = at;
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

static int checkpoint(struct maker *m, uint64_t i)
{
	const struct rop op = { .op = OP_CHECKPOINT, .event = (uint32_t)i };
	struct place at;
	for (uint32_t worker = 0; worker < m->p->workers; worker++)
		if (append(m, worker, &op, &at))
			return -ENOMEM;
	/* All have met: everything before is known to everybody. */
	for (uint32_t a = 0; a < m->p->workers; a++)
		for (uint32_t b = 0; b < m->p->workers; b++)
			m->known[a * m->p->workers + b] = m->p->streams[b].n;
	m->p->checkpoints++;
	return 0;
}

static int present(struct maker *m, const struct mmw_event *ev, uint64_t i, uint32_t *room)
{
	struct plan *p = m->p;
	struct rop *list = grown(p->present, room, p->npresent + 1, sizeof(*p->present));
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
	t->worker = m->round++ % p->workers;
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
	int ret = waits_of(m, ev, worker, &op.waits);
	if (!ret)
		ret = append(m, worker, &op, &at);
	if (!ret)
		ret = after(m, ev, at);
	if (ret == -E2BIG)
		return bad(e, i, ev, "it depends on more than 65534 others");
	m->p->streams[worker].count[ev->type]++;
	m->p->events++;
	return ret;
}

int plan_make(const struct workload *w, unsigned workers, enum partition partition, struct plan *p, struct mmr_err *e)
{
	*p = (struct plan){ .workers = workers, .partition = partition };
	if (partition == PARTITION_AUTO)
		p->partition = workers == w->cpus ? PARTITION_CPU : PARTITION_TASK;
	struct maker m = { .w = w, .p = p };
	uint32_t present_room = 0;
	int ret = -ENOMEM;
	p->streams = calloc(workers, sizeof(*p->streams));
	m.task = calloc(w->tasks + 1ull, sizeof(*m.task));
	m.area = calloc(w->areas + 1ull, sizeof(*m.area));
	m.known = calloc((size_t)workers * workers, sizeof(*m.known));
	m.load = calloc(workers, sizeof(*m.load));
	m.handle_next = calloc(workers, sizeof(*m.handle_next));
	m.ops_room = calloc(workers, sizeof(*m.ops_room));
	m.waits_room = calloc(workers, sizeof(*m.waits_room));
	if (p->streams && m.task && m.area && m.known && m.load && m.handle_next && m.ops_room && m.waits_room)
		ret = 0;
	for (uint64_t i = 0; i < w->n && !ret; i++)
		ret = one_event(&m, i, &present_room, e);
	if (ret == -ENOMEM)
		mmr_err(e, ret, "no memory to order %llu events for %u workers", (unsigned long long)w->n, workers);
	free(m.task);
	free(m.area);
	free(m.extra);
	free(m.known);
	free(m.load);
	free(m.handle_next);
	free(m.ops_room);
	free(m.waits_room);
	if (ret)
		plan_free(p);
	return ret;
}

void plan_free(struct plan *p)
{
	for (unsigned i = 0; p->streams && i < p->workers; i++) {
		free(p->streams[i].ops);
		free(p->streams[i].waits);
		free(p->streams[i].when);
	}
	free(p->streams);
	free(p->present);
	memset(p, 0, sizeof(*p));
}

static const char *const partitions[] = { "auto", "cpu", "task" };

const char *partition_name(enum partition p)
{
	return partitions[p];
}

int partition_parse(const char *name, enum partition *p)
{
	for (unsigned i = 0; i < sizeof(partitions) / sizeof(*partitions); i++)
		if (!strcmp(name, partitions[i])) {
			*p = (enum partition)i;
			return 0;
		}
	return -EINVAL;
}
