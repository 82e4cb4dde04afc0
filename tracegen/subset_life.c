/* Births, lives and deaths: the books of who there is, and what of it is told. */
#include <errno.h>

#include "tracegen/subset_parts.h"

/* An event by one who is not in the books: an outsider's, with a tree; else the history is not possible. */
static int stranger(struct sub *s, const struct mmw_event *ev, const char *why)
{
	return s->o->roots ? sub_left_out(s, SC_OTHERS) : sub_wrong(s, ev, why);
}

static struct sub_task *living(const struct sub *s, uint32_t task)
{
	struct sub_task *t = sub_find(s, task);
	return t && !t->exited ? t : NULL;
}

/* ---- mms ---- */

static int get_mm(struct sub *s, uint32_t mm)
{
	if (!mm)
		return 0;
	struct sub_mm *m = idmap_find(&s->mms, mm);
	if (!m)
		m = idmap_add(&s->mms, mm);
	if (!m)
		return sub_no_memory(s);
	m->users++;
	return 0;
}

static uint32_t new_mm(struct sub *s, uint32_t mm)
{
	struct sub_mm *m = mm ? idmap_find(&s->mms, mm) : NULL;
	if (!m)
		return 0;
	if (!m->new) {
		m->new = ++s->mm_ids;
		if (++s->live_mms > s->peak_mms)
			s->peak_mms = s->live_mms;
	}
	return m->new;
}

static void put_mm(struct sub *s, uint32_t mm)
{
	struct sub_mm *m = mm ? idmap_find(&s->mms, mm) : NULL;
	if (!m || --m->users)
		return;
	s->live_mms -= m->new != 0;
	idmap_drop(&s->mms, m);
}

/* ---- births ---- */

static void told(struct sub *s, struct sub_task *t)
{
	t->new = ++s->task_ids;
	if (++s->live_tasks > s->peak_tasks)
		s->peak_tasks = s->live_tasks;
}

static uint32_t shown_tid(const struct sub *s, const struct sub_task *t)
{
	return s->o->anonymise ? 0 : t->tid;
}

int sub_tell_present(struct sub *s, struct sub_task *t, uint64_t time_ns, uint16_t cpu)
{
	told(s, t);
	return sub_emit(s,
			(struct mmw_event){ .time_ns = time_ns,
					    .type = EV_PRESENT,
					    .flags = (t->kthread ? EV_F_KTHREAD : 0) | (t->adopted ? EV_F_ADOPTED : 0),
					    .task = t->new,
					    .arg = sub_new_of(s, t->leader),
					    .mm = new_mm(s, t->mm),
					    .comm = sub_name(s, t->comm, t->kthread),
					    .aux = shown_tid(s, t),
					    .cpu = cpu });
}

/* Into the books. NULL: no memory, s->e is set. */
static struct sub_task *add(struct sub *s, uint32_t task, uint32_t leader, uint32_t mm, const struct mmw_event *ev)
{
	struct sub_task *t = idmap_add(&s->tasks, task);
	if (!t) {
		sub_no_memory(s);
		return NULL;
	}
	t->tid = ev->aux;
	t->comm = ev->comm;
	t->mm = mm;
	t->kthread = !mm;
	t->leader = leader;
	((struct sub_task *)idmap_find(&s->tasks, leader))->members++;
	return get_mm(s, mm) ? NULL : t;
}

int sub_present(struct sub *s, const struct mmw_event *ev)
{
	bool own = ev->arg == ev->task;
	if (!ev->task || sub_find(s, ev->task))
		return sub_wrong(s, ev, "the task is not new");
	if (s->o->roots && !(own ? sub_tree_present(s, ev->task) : sub_find(s, ev->arg) != NULL))
		return sub_left_out(s, SC_OTHERS);
	/* Whoever leads them now. */
	struct sub_task *leader = own ? NULL : sub_find(s, ev->arg);
	if (leader)
		leader = sub_find(s, leader->leader);
	if (!own && (!leader || !leader->members))
		return sub_wrong(s, ev, "its group leader was never there");
	struct sub_task *t = add(s, ev->task, own ? ev->task : leader->e.id, own ? ev->mm : leader->mm, ev);
	if (!t)
		return s->e->code;
	t->adopted = ev->flags & EV_F_ADOPTED;
	return s->begun ? sub_tell_present(s, t, ev->time_ns, ev->cpu) : 0;
}

int sub_birth(struct sub *s, const struct mmw_event *ev)
{
	struct sub_task *p = living(s, ev->task), *t;
	bool idle = !ev->task && ev->type == EV_FORK;
	/* A child of one outside: of the tree's roots, or nobody's business. */
	bool root = !p && s->o->roots && ev->type != EV_THREAD && sub_tree_root(s, ev);
	if (!p && !root && (s->o->roots || !idle))
		return stranger(s, ev, "the parent does not live");
	if (!ev->arg || sub_find(s, ev->arg))
		return sub_wrong(s, ev, "the child is not new");
	uint32_t mm = ev->type == EV_FORK || !p ? ev->mm : p->mm;
	if (ev->type == EV_FORK && mm && idmap_find(&s->mms, mm))
		return sub_wrong(s, ev, "the child's mm is not new");
	t = add(s, ev->arg, ev->type == EV_THREAD ? p->leader : ev->arg, mm, ev);
	if (!t)
		return s->e->code;
	if (p && ev->type != EV_THREAD)
		t->parent = ev->task;
	if (!s->begun)
		return 0;
	if (root) {
		s->result->count[SC_ROOT]++;
		t->adopted = true;
		return sub_tell_present(s, t, ev->time_ns, ev->cpu);
	}
	struct mmw_event out = *ev;
	told(s, t);
	out.task = p ? p->new : 0;
	out.arg = t->new;
	out.mm = new_mm(s, mm);
	out.comm = sub_name(s, ev->comm, t->kthread);
	out.aux = shown_tid(s, t);
	if (ev->type == EV_FORK)
		out.flags = (uint8_t)((ev->flags & ~EV_F_KTHREAD) | (t->kthread ? EV_F_KTHREAD : 0));
	return sub_emit(s, out);
}

/* ---- life and death ---- */

/* A leader whose group has gone, and of whom nothing will be heard. */
static void tidy(struct sub *s, struct sub_task *t)
{
	if (t->exited && !t->members && !s->frees)
		idmap_drop(&s->tasks, t);
}

int sub_exec(struct sub *s, const struct mmw_event *ev)
{
	struct sub_task *t = living(s, ev->task), *leader;
	if (!t)
		return stranger(s, ev, "the task does not live");
	if (!ev->mm || idmap_find(&s->mms, ev->mm))
		return sub_wrong(s, ev, "its mm is not new");
	leader = sub_find(s, t->leader);
	if (leader->members != 1)
		return sub_wrong(s, ev, "others of its group live");
	struct mmw_event out = *ev;
	out.arg = leader == t ? 0 : leader->new;
	out.flags = (uint8_t)((ev->flags & ~EV_F_LEADER) | (out.arg ? EV_F_LEADER : 0));
	if (leader != t) {
		leader->members = 0;
		tidy(s, leader);
		t->leader = t->e.id;
		t->members = 1;
	}
	if (get_mm(s, ev->mm))
		return s->e->code;
	out.mm = s->begun ? new_mm(s, ev->mm) : 0;
	put_mm(s, t->mm);
	t->mm = ev->mm;
	t->comm = ev->comm;
	t->kthread = false;
	if (!s->begun)
		return 0;
	out.task = t->new;
	out.comm = sub_name(s, t->comm, false);
	return sub_emit(s, out);
}

int sub_exits(struct sub *s, const struct mmw_event *ev)
{
	struct sub_task *t = living(s, ev->task);
	if (!t)
		return stranger(s, ev, "the task does not live");
	struct sub_task *leader = sub_find(s, t->leader);
	struct mmw_event out = *ev;
	bool last = !--leader->members;
	out.task = t->new;
	out.arg = leader->new;
	out.mm = s->begun ? new_mm(s, t->mm) : 0;
	out.flags = (uint8_t)((ev->flags & ~EV_F_LAST) | (last ? EV_F_LAST : 0));
	t->comm = ev->comm;
	t->exited = true;
	s->live_tasks -= t->new != 0;
	put_mm(s, t->mm);
	if (s->begun)
		out.comm = sub_name(s, t->comm, t->kthread);
	if (leader != t)
		tidy(s, leader);
	tidy(s, t);
	return sub_emit(s, out);
}

int sub_frees(struct sub *s, const struct mmw_event *ev)
{
	struct sub_task *t = sub_find(s, ev->task);
	if (!t)
		return stranger(s, ev, "the task has not exited");
	if (!t->exited || t->members)
		return sub_wrong(s, ev, t->exited ? "the leader of some that live" : "the task has not exited");
	struct mmw_event out = *ev;
	out.task = t->new;
	out.arg = sub_new_of(s, ev->arg);
	if (!out.task)
		sub_left_out(s, SC_EARLIER_TASK);
	else
		out.comm = sub_name(s, ev->comm, t->kthread);
	idmap_drop(&s->tasks, t);
	return out.task ? sub_emit(s, out) : 0;
}

int sub_parent(struct sub *s, const struct mmw_event *ev)
{
	struct sub_task *t = living(s, ev->task), *p = living(s, ev->arg);
	if (t)
		t->parent = ev->arg;
	if (!s->begun)
		return 0;
	if (!t || !p)
		return sub_left_out(s, SC_OTHERS);
	struct mmw_event out = *ev;
	out.task = t->new;
	out.arg = p->new;
	out.comm = sub_name(s, ev->comm, t->kthread);
	return sub_emit(s, out);
}
