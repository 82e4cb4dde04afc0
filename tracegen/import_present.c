/* What was there before the trace: state dumps, perf's records at time 0, and tasks that only an event names. */
#include "tracegen/import.h"

#include <string.h>

/* enum lttng_process_status */
#define LTTNG_ZOMBIE 4
#define LTTNG_DEAD 7

/* It has exited before the dump: the tracer's number, or /proc's letter in our own traces. */
static bool has_exited(int8_t state)
{
	return state == LTTNG_ZOMBIE || state == LTTNG_DEAD || state == 'Z' || state == 'X';
}

/* The recorder's own processes and what they started, but not the command under study. */
static bool left_out(const struct imp_host *h, int32_t tgid, const struct imp_task *parent)
{
	if (!h->recorder_tgid || tgid == h->child_tgid)
		return false;
	return tgid == h->recorder_tgid || (parent && parent->flags & IT_LEFT_OUT);
}

struct present {
	int32_t tid, tgid, ptid;
	uint32_t comm;
	bool kthread;
	bool adopted;
	bool silent; /* told later, when its name has come */
};

static void tell(struct imp *im, const struct imp_raw *r, const struct imp_task *t)
{
	if (t->flags & IT_LEFT_OUT)
		return;
	unsigned flags = (t->flags & IT_KTHREAD ? EV_F_KTHREAD : 0) | (t->flags & IT_ADOPTED ? EV_F_ADOPTED : 0);
	imp_emit(im, r, EV_PRESENT, flags, t->id, t->group->leader_id, t->mm ? t->mm->id : 0, t->comm,
		 (uint32_t)t->slot->tid);
}

static void tell_parent(struct imp *im, const struct imp_raw *r, const struct imp_task *t)
{
	if (t->id && t->parent_id)
		imp_emit(im, r, EV_PARENT, 0, t->id, t->parent_id, 0, t->comm, 0);
}

/* Its parent has the higher tid and was not there yet when @t was: now it is, or it never will be. */
static void find_parent(struct imp *im, const struct imp_raw *r, struct imp_task *t)
{
	struct imp_slot *s = NULL;
	if (t->flags & IT_BEFORE && t->id && !t->parent_id && t->parent_tid > 0)
		s = imp_slot_find(&im->tasks, t->slot->host, t->parent_tid);
	if (!s || !s->live || s->live == t || !(s->live->flags & IT_BEFORE))
		return;
	t->parent_id = s->live->id;
	tell_parent(im, r, t);
}

static struct imp_task *add(struct imp *im, const struct imp_raw *r, const struct present *p)
{
	struct imp_slot *ps = p->ptid > 0 ? imp_slot_find(&im->tasks, r->host, p->ptid) : NULL;
	struct imp_task *parent = ps ? ps->live : NULL, *t;
	struct imp_group *g = NULL;
	bool out = left_out(&im->host[r->host], p->tgid, parent);
	if (p->tgid != p->tid) {
		g = imp_group_find(&im->tasks, r->host, p->tgid);
		if (!g) {
			/* The leader's name is not said: its thread's is as likely as any. */
			t = imp_adopt(im, r, p->tgid, p->tgid, p->comm, IA_LEADER_ADOPTED);
			g = t ? t->group : NULL;
		}
		if (!g)
			return NULL;
		out = !g->leader_id;
	}
	/* A thread has what its group has, whatever it is said to be. */
	struct imp_mm *mm = g ? g->members->mm : NULL;
	bool kthread = g ? !mm : p->kthread;
	if (!g && !kthread) {
		mm = imp_mm_new(&im->tasks, out);
		if (!mm)
			return imp_no_memory(im), NULL;
	}
	struct imp_slot *s = imp_make(im, r, p->tid);
	if (s && s->live && !g) {
		/* A thread of others has the tid that this one is said to lead under: not any more. */
		im->assumed[IA_EXIT_BY_REUSE]++;
		imp_exit(im, r, s->live);
		s = imp_make(im, r, p->tid);
	}
	if (!s || s->live)
		return NULL;
	t = imp_task_new(&im->tasks, s, g, mm,
			 IT_BEFORE | (out ? IT_LEFT_OUT : 0u) | (kthread ? IT_KTHREAD : 0u) |
				 (p->adopted ? IT_ADOPTED : 0u));
	if (!t)
		return imp_no_memory(im), NULL;
	im->assumed[IA_LEFT_OUT] += out;
	t->comm = p->comm;
	if (!g && imp_tid_ok(p->ptid) && p->ptid != p->tid) {
		t->parent_id = parent ? parent->id : 0;
		t->parent_tid = p->ptid;
	}
	if (!p->silent) {
		tell(im, r, t);
		tell_parent(im, r, t);
		return t;
	}
	t->flags |= IT_SILENT;
	*(im->silent ? &im->silent_last->silent : &im->silent) = t;
	im->silent_last = t;
	return t;
}

struct imp_task *imp_adopt(struct imp *im, const struct imp_raw *r, int32_t tid, int32_t tgid, uint32_t comm,
			   enum imp_assumed why)
{
	struct present p = { .tid = tid, .tgid = tgid, .ptid = -1, .comm = comm, .adopted = true };
	if (im->failed)
		return NULL;
	if (!imp_tid_ok(p.tgid))
		p.tgid = tid;
	/* fork says by its name whether the parent is a kernel thread (import_class.c). */
	p.kthread = why == IA_PARENT_ADOPTED && r->kind == IK_FORK && r->state == 1;
	p.silent = r->before;
	im->assumed[why]++;
	return add(im, r, &p);
}

void imp_dump_task(struct imp *im, const struct imp_raw *r)
{
	im->host[r->host].dumping = true;
	if (!imp_tid_ok(r->tid) || !imp_tid_ok(r->tgid)) {
		im->unresolved[IU_STATE]++;
		return;
	}
	struct imp_slot *s = imp_slot_find(&im->tasks, r->host, r->tid);
	/* A live event that named the task knows better: it may be gone again, or be another one by now. */
	if (s && (s->live || s->dead || s->bits & (IS_SHOWN | IS_NEWTASK)))
		return;
	if (has_exited(r->state)) {
		im->assumed[IA_ZOMBIE]++;
		if (!imp_declares(im, r->host, IK_FREE))
			return;
		s = imp_make(im, r, r->tid);
		if (s && imp_task_add_zombie(&im->tasks, s))
			imp_no_memory(im);
		return;
	}
	struct present p = {
		.tid = r->tid, .tgid = r->tgid, .ptid = r->ptid, .comm = imp_name(im, r->comm), .kthread = r->n == 1
	};
	add(im, r, &p);
}

void imp_dump_end(struct imp *im, const struct imp_raw *r)
{
	struct imp_slot *s = NULL;
	im->host[r->host].dumped = true;
	for (uint32_t at = 0; (s = imp_slot_next(&im->tasks, &at, s)) != NULL;)
		if (s->live && s->host == r->host)
			find_parent(im, r, s->live);
	imp_slots_sweep(&im->tasks);
}

/* ---- perf ---- */

static void perf_fork(struct imp *im, const struct imp_raw *r)
{
	struct present p = { .tid = r->tid, .tgid = r->tgid, .ptid = r->ptgid, .silent = true };
	if (!imp_tid_ok(r->tid) || !imp_tid_ok(r->tgid)) {
		im->unresolved[IU_STATE]++;
		return;
	}
	struct imp_slot *s = imp_slot_find(&im->tasks, r->host, r->tid),
			*parent = imp_slot_find(&im->tasks, r->host, r->ptgid);
	if (s && s->live)
		return;
	/* kthreadd has tid 2 on every kernel since 2.6.27; perf_comm(), below, checks. */
	p.kthread = (r->tid == 2 && r->ptgid == 0) ||
		    (r->ptgid == 2 && parent && parent->live && parent->live->flags & IT_KTHREAD);
	add(im, r, &p);
}

static void perf_comm(struct imp *im, const struct imp_raw *r)
{
	struct imp_slot *s = imp_slot_find(&im->tasks, r->host, r->tid);
	if (!s || !s->live)
		return;
	struct imp_task *t = s->live;
	t->comm = imp_name(im, r->comm);
	if (r->tid == 2 && t->flags & IT_SILENT && t->flags & IT_KTHREAD && strcmp(r->comm, "kthreadd")) {
		struct imp_mm *mm = imp_mm_new(&im->tasks, false);
		if (!mm)
			return imp_no_memory(im);
		imp_task_set_mm(&im->tasks, t, mm);
		t->flags &= (uint8_t)~IT_KTHREAD;
	}
}

void imp_perf_before(struct imp *im, const struct imp_raw *r)
{
	/* All of it lies before the first event. */
	im->host[r->host].dumping = im->host[r->host].dumped = true;
	if (r->kind == IK_PERF_FORK)
		perf_fork(im, r);
	else if (r->kind == IK_PERF_COMM)
		perf_comm(im, r);
}

/* The state is complete, names included: say it. */
void imp_tell_silent(struct imp *im)
{
	struct imp_raw r = { .before = true };
	for (struct imp_task *t = im->silent; t; t = t->silent)
		tell(im, &r, t);
	while (im->silent) {
		struct imp_task *t = im->silent;
		im->silent = t->silent;
		t->flags &= (uint8_t)~IT_SILENT;
		tell_parent(im, &r, t);
		find_parent(im, &r, t);
	}
}
