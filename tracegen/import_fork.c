/*
 * Births: a fork event says who and whose, the clone flags (of a newtask event, or
 * of the system call) say whether it is a thread, a vfork or a process of its own.
 */
#include <sched.h>

#include "tracegen/import.h"

struct imp_slot *imp_make(struct imp *im, const struct imp_raw *r, int32_t tid)
{
	struct imp_slot *s = imp_slot_make(&im->tasks, r->host, tid);
	if (!s)
		imp_no_memory(im);
	return s;
}

struct child {
	int32_t tid, tgid; /* tgid -1: unknown */
	uint32_t comm, flags;
	bool flags_known;
};

static bool is_thread(struct imp *im, const struct child *c, const struct imp_task *parent)
{
	if (!parent)
		return false;
	if (c->tgid >= 0)
		return c->tgid != c->tid;
	if (c->flags_known)
		return c->flags & CLONE_THREAD;
	if (parent->mm)
		im->assumed[IA_FORK_GROUP]++;
	return false;
}

/* The command under study is a child of the recorder: for the workload it was there before. */
static void study(struct imp *im, const struct imp_raw *r, struct imp_slot *s, const struct child *c)
{
	struct imp_mm *mm = imp_mm_new(&im->tasks, false);
	struct imp_task *t = mm ? imp_task_new(&im->tasks, s, NULL, mm, IT_BEFORE) : NULL;
	if (!t)
		return imp_no_memory(im);
	t->comm = c->comm;
	imp_emit(im, r, EV_PRESENT, 0, t->id, t->id, mm->id, t->comm, (uint32_t)c->tid);
}

static void new_task(struct imp *im, const struct imp_raw *r, struct imp_slot *s, struct imp_task *parent,
		     const struct child *c)
{
	bool out = parent && parent->flags & IT_LEFT_OUT;
	if (out && c->tid == im->host[r->host].child_tgid)
		return study(im, r, s, c);
	bool thread = is_thread(im, c, parent);
	bool kthread = !parent || !parent->mm;
	struct imp_group *group = NULL;
	struct imp_mm *mm = NULL;
	enum ev_type type = EV_FORK;
	unsigned flags = kthread && !thread ? EV_F_KTHREAD : 0;

	if (thread) {
		type = EV_THREAD;
		group = parent->group;
		mm = parent->mm;
	} else if (!kthread && c->flags_known && c->flags & CLONE_VM) {
		type = EV_VFORK;
		flags = c->flags & CLONE_VFORK ? EV_F_WAIT : 0;
		mm = parent->mm;
	} else if (!kthread) {
		if (!c->flags_known && c->tgid >= 0)
			im->assumed[IA_FORK_FLAGS]++;
		mm = imp_mm_new(&im->tasks, out);
		if (!mm)
			return imp_no_memory(im);
	}
	struct imp_task *t =
		imp_task_new(&im->tasks, s, group, mm, (out ? IT_LEFT_OUT : 0u) | (kthread ? IT_KTHREAD : 0u));
	if (!t)
		return imp_no_memory(im);
	t->comm = c->comm;
	if (parent && !thread) {
		bool sibling = c->flags_known && c->flags & CLONE_PARENT;
		t->parent_id = sibling ? parent->parent_id : parent->id;
		t->parent_tid = sibling ? parent->parent_tid : parent->slot->tid;
	}
	if (out)
		im->assumed[IA_LEFT_OUT]++;
	else
		imp_emit(im, r, type, flags, parent ? parent->id : 0, t->id, mm ? mm->id : 0, t->comm,
			 (uint32_t)c->tid);
}

static void fork_task(struct imp *im, const struct imp_raw *r, int32_t ptid, int32_t ptgid, struct child *c)
{
	if (!imp_tid_ok(c->tid) || ptid < 0 || ptid > IMP_TID_MAX || ptid == c->tid) {
		im->unresolved[IU_FORK]++;
		return;
	}
	/* tid 0 is the idle task: its children are kernel threads. */
	struct imp_task *parent = ptid ? imp_live(im, r, ptid) : NULL;
	/* A child begins with its parent's name. */
	if (ptid && !parent)
		parent = imp_adopt(im, r, ptid, ptgid, c->comm, IA_PARENT_ADOPTED);
	struct imp_slot *s = imp_make(im, r, c->tid);
	if (!s || im->failed)
		return;
	if (s->bits & IS_NEWTASK && (s->new_parent < 0 || s->new_parent == ptid)) {
		c->flags = s->new_flags;
		c->flags_known = true;
	}
	if (s->bits & IS_TGID && c->tgid < 0)
		c->tgid = s->new_tgid;
	s->bits &= (uint8_t) ~(IS_NEWTASK | IS_TGID | IS_SYSFLAGS | IS_SYSEXEC | IS_RENAMED);
	if (!c->flags_known && parent && parent->mm)
		c->flags_known = imp_flags_of_call(im, r, ptid, &c->flags);
	if (s->live) {
		im->assumed[IA_EXIT_BY_REUSE]++;
		imp_exit(im, r, s->live);
		s = imp_make(im, r, c->tid);
		if (!s || im->failed)
			return;
	}
	if (!im->host[r->host].dumped && imp_declares(im, r->host, IK_DUMP_TASK))
		s->bits |= IS_SHOWN;
	new_task(im, r, s, parent, c);
}

void imp_fork(struct imp *im, const struct imp_raw *r)
{
	struct child c = { .tid = r->tid, .tgid = r->tgid, .comm = imp_name(im, r->comm) };
	fork_task(im, r, r->ptid, r->ptgid, &c);
}

/* newtask comes 1 to 2 us before fork, in the parent; without fork events it stands for them. */
void imp_newtask(struct imp *im, const struct imp_raw *r)
{
	if (!imp_tid_ok(r->tid)) {
		im->unresolved[IU_FORK]++;
		return;
	}
	if (!imp_declares(im, r->host, IK_FORK)) {
		struct child c = { .tid = r->tid,
				   .tgid = -1,
				   .comm = imp_name(im, r->comm),
				   .flags = (uint32_t)r->u,
				   .flags_known = true };
		fork_task(im, r, r->cur, r->ptgid, &c);
		return;
	}
	struct imp_slot *s = imp_make(im, r, r->tid);
	if (s && s->live) {
		/* Its exit event is missing: nobody else can have the tid. */
		im->assumed[IA_EXIT_BY_REUSE]++;
		imp_exit(im, r, s->live);
		s = imp_make(im, r, r->tid);
	}
	if (!s)
		return;
	s->bits |= IS_NEWTASK;
	s->new_flags = (uint32_t)r->u;
	s->new_comm = imp_name(im, r->comm);
	s->new_parent = r->cur;
}

struct imp_task *imp_live(struct imp *im, const struct imp_raw *r, int32_t tid)
{
	struct imp_slot *s = imp_slot_find(&im->tasks, r->host, tid);
	if (!s)
		return NULL;
	/* A newtask whose fork event was lost: a new generation, whoever was here before. */
	if (s->bits & IS_NEWTASK && !s->live && s->new_parent > 0) {
		struct child c = { .tid = tid, .tgid = -1, .comm = s->new_comm };
		struct imp_slot *p = imp_slot_find(&im->tasks, r->host, s->new_parent);
		im->assumed[IA_FORK_FROM_NEWTASK]++;
		/* No recursion through parents that are only announced themselves. */
		if (p && p->bits & IS_NEWTASK && !p->live)
			p->bits &= (uint8_t)~IS_NEWTASK;
		fork_task(im, r, s->new_parent, -1, &c);
		s = imp_slot_find(&im->tasks, r->host, tid);
	}
	return s ? s->live : NULL;
}
