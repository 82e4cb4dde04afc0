/* The events of a task's life after its birth, and who does what with each kind of event. */
#include "tracegen/import.h"

#include <stdio.h>

#include "tracegen/import_order.h"

/* free follows death within RCU's delay; the free of one that died before the trace comes no later than this. */
#define FREE_DELAY_NS 5000000000ull

static struct imp_slot *find(struct imp *im, const struct imp_raw *r, int32_t tid)
{
	return imp_slot_find(&im->tasks, r->host, tid);
}

/* ---- exit ---- */

void imp_exit(struct imp *im, const struct imp_raw *r, struct imp_task *t)
{
	if (t->flags & IT_SILENT)
		imp_tell_silent(im);
	uint32_t id = t->id, leader = t->group->leader_id, mm = t->mm ? t->mm->id : 0, comm = t->comm;
	bool out = t->flags & IT_LEFT_OUT;
	bool last = imp_task_die(&im->tasks, t, imp_declares(im, r->host, IK_FREE));
	if (out)
		im->assumed[IA_LEFT_OUT]++;
	else
		imp_emit(im, r, EV_EXIT, last ? EV_F_LAST : 0, id, leader, mm, comm, 0);
}

void imp_exit_others(struct imp *im, const struct imp_raw *r, struct imp_task *t, enum imp_assumed why)
{
	for (struct imp_task *m = t->group->members, *next; m; m = next) {
		next = m->next;
		if (m == t)
			continue;
		im->assumed[why]++;
		imp_exit(im, r, m);
	}
}

static void do_exit(struct imp *im, const struct imp_raw *r)
{
	struct imp_task *t = imp_live(im, r, r->tid);
	if (imp_tid_ok(r->tid) && !im->host[r->host].dumped && imp_declares(im, r->host, IK_DUMP_TASK)) {
		struct imp_slot *s = imp_make(im, r, r->tid);
		if (s)
			s->bits |= IS_SHOWN;
	}
	if (t)
		imp_exit(im, r, t);
	else
		im->unresolved[IU_EXIT]++;
}

static struct imp_task *to_free(struct imp *im, const struct imp_raw *r)
{
	struct imp_slot *s = find(im, r, r->tid);
	return s ? imp_task_to_free(&im->tasks, s) : NULL;
}

static void do_free(struct imp *im, const struct imp_raw *r)
{
	struct imp_slot *s = find(im, r, r->tid);
	struct imp_task *t = to_free(im, r);
	if (s && !t && s->live) {
		/* A generation older than the trace, unless its exit event was never to be had. */
		bool old = s->live->flags & IT_BEFORE || !imp_declares(im, r->host, IK_EXIT);
		if (!old && (uint64_t)r->ns - (uint64_t)im->origin < FREE_DELAY_NS) {
			im->unresolved[IU_FREE]++;
			return;
		}
		im->assumed[IA_EXIT_BY_FREE]++;
		imp_exit(im, r, s->live);
		t = to_free(im, r);
	}
	/* A leader is not freed before its threads have gone. */
	while (t && t->group) {
		im->assumed[IA_EXIT_BY_FREE]++;
		imp_exit(im, r, t->group->members);
		t = to_free(im, r);
	}
	if (!t) {
		im->unresolved[IU_FREE]++;
		return;
	}
	struct imp_slot *at = t->slot, *p = t->parent_id ? find(im, r, t->parent_tid) : NULL;
	bool parent_lives = p && p->live && p->live->id == t->parent_id;
	if (!(t->flags & IT_LEFT_OUT))
		imp_emit(im, r, EV_FREE, 0, t->id, parent_lives ? t->parent_id : 0, 0, t->comm, 0);
	else if (!(t->flags & IT_BEFORE))
		im->assumed[IA_LEFT_OUT]++;
	imp_task_forget(&im->tasks, t);
	imp_slot_tidy(&im->tasks, at);
}

/* ---- exec, names ---- */

/* Who calls exec, made the leader of its group; *@old_leader: whom it followed. NULL: nobody known. */
static struct imp_task *exec_task(struct imp *im, const struct imp_raw *r, uint32_t *old_leader)
{
	int32_t tid = r->tid;
	bool thread = r->old > 0 && r->old != tid;
	struct imp_task *t = imp_live(im, r, thread ? r->old : tid);
	if (!t) {
		/* A thread nobody saw, in a group that is known; or the last one of it, by a tracer that says no old tid. */
		struct imp_group *g = imp_group_find(&im->tasks, r->host, tid);
		if (!g)
			return NULL;
		im->assumed[IA_EXEC_BY_UNSEEN]++;
		t = thread && g->leader == imp_live(im, r, tid) ? g->leader : g->members;
	}
	/* Where the event does not say so (execve, no old tid), it goes on under the leader's tid just the same. */
	struct imp_task *leader = t->group->leader;
	if (leader && leader != t && t->slot->tid == tid)
		tid = leader->slot->tid;
	imp_exit_others(im, r, t, IA_EXIT_BY_EXEC);
	if (leader == t && t->slot->tid == tid)
		return t;
	struct imp_slot *to = imp_make(im, r, tid);
	if (to && to->live && to->live != t) {
		im->assumed[IA_EXIT_BY_REUSE]++;
		imp_exit(im, r, to->live);
		to = imp_make(im, r, tid);
	}
	if (!to)
		return NULL;
	if (to->bits & IS_RENAMED) {
		t->comm = to->renamed;
		to->bits &= (uint8_t)~IS_RENAMED;
	}
	*old_leader = imp_task_lead(&im->tasks, t, to);
	return t;
}

void imp_exec(struct imp *im, const struct imp_raw *r, uint32_t comm)
{
	uint32_t old_leader = 0;
	struct imp_task *t = exec_task(im, r, &old_leader);
	if (!t) {
		im->unresolved[IU_EXEC] += !im->failed;
		return;
	}
	/* The kernel sets the name before it says exec: where renames are shown, it is there already. */
	if (comm && !imp_declares(im, r->host, IK_RENAME) && !imp_declares(im, r->host, IK_PERF_COMM))
		t->comm = comm;
	struct imp_mm *mm = imp_mm_new(&im->tasks, t->flags & IT_LEFT_OUT);
	if (!mm)
		return imp_no_memory(im);
	imp_task_set_mm(&im->tasks, t, mm);
	t->flags &= (uint8_t)~IT_KTHREAD;
	t->slot->bits &= (uint8_t) ~(IS_SYSEXEC | IS_SYSFLAGS);
	if (t->flags & IT_LEFT_OUT)
		im->assumed[IA_LEFT_OUT]++;
	else
		imp_emit(im, r, EV_EXEC, old_leader ? EV_F_LEADER : 0, t->id, old_leader, mm->id, t->comm, 0);
}

static void do_rename(struct imp *im, const struct imp_raw *r)
{
	struct imp_slot *s = find(im, r, r->tid);
	if (!s)
		return;
	if (s->live) {
		s->live->comm = imp_name(im, r->comm);
	} else if (imp_group_find(&im->tasks, r->host, r->tid)) {
		s->bits |= IS_RENAMED;
		s->renamed = imp_name(im, r->comm);
	}
}

/* ---- switch ---- */

static uint32_t id_on_cpu(struct imp *im, const struct imp_raw *r, int32_t tid)
{
	if (tid <= 0)
		return 0;
	struct imp_slot *s = find(im, r, tid);
	if (s && s->live)
		return s->live->id;
	if (s && s->dead)
		return s->dead_last->id;
	im->assumed[IA_SWITCH_UNSEEN]++;
	return 0;
}

static void do_switch(struct imp *im, const struct imp_raw *r)
{
	struct imp_cpu *cpu = imp_cpu(im, r->host, r->cpu);
	if (!cpu)
		return;
	cpu->cur = r->tid;
	cpu->has_sys_flags = false;
	uint32_t prev = id_on_cpu(im, r, r->old), next = id_on_cpu(im, r, r->tid);
	imp_emit(im, r, EV_SWITCH, 0, next, prev, 0, 0, 0);
}

/* ---- perf's own records ---- */

static void do_perf(struct imp *im, const struct imp_raw *r)
{
	struct imp_slot *s;
	if (r->before)
		return imp_perf_before(im, r);
	switch (r->kind) {
	case IK_PERF_COMM:
		if (!imp_declares(im, r->host, IK_RENAME))
			do_rename(im, r);
		return;
	case IK_PERF_EXIT:
		if (!imp_declares(im, r->host, IK_EXIT))
			do_exit(im, r);
		return;
	default:
		break;
	}
	if (!imp_declares(im, r->host, IK_FORK) && !imp_declares(im, r->host, IK_NEWTASK))
		return imp_fork(im, r);
	/* Says thread or process where the clone flags are missing. */
	s = imp_tid_ok(r->tid) ? imp_make(im, r, r->tid) : NULL;
	if (s && !s->live) {
		s->bits |= IS_TGID;
		s->new_tgid = r->tgid;
	}
}

/* ---- waits for locks ---- */

static void do_contention(struct imp *im, const struct imp_raw *r)
{
	struct imp_slot *s = r->cur > 0 ? find(im, r, r->cur) : NULL;
	if (s && s->live && s->live->flags & IT_LEFT_OUT) {
		im->assumed[IA_LEFT_OUT]++;
		return;
	}
	int ret = r->kind == IK_CONTENTION_BEGIN ? imp_wait_begin(&im->waits, r) : imp_wait_end(&im->waits, r);
	if (ret < 0)
		imp_no_memory(im);
	else
		im->unresolved[IU_CONTENTION] += (uint64_t)ret;
}

static void do_capture(struct imp *im, const struct imp_raw *r)
{
	im->host[r->host].recorder_tgid = r->ptgid > 0 ? r->ptgid : 0;
	im->host[r->host].child_tgid = r->tgid > 0 ? r->tgid : 0;
}

static void do_lost(struct imp *im, const struct imp_raw *r, const char *where, uint32_t stream)
{
	char what[64];
	snprintf(what, sizeof(what), "%s %u", where, r->cpu);
	imp_emit_lost(im, r, stream, what, r->n < 0 ? UINT64_MAX : (uint64_t)r->n);
}

/* babeltrace2 tells when the next packet begins, of a time before: no disorder of the trace's. */
void imp_discarded(struct imp *im, const struct imp_raw *r)
{
	struct imp_raw at = *r;
	int64_t floor = im->added ? im->last : im->origin;
	if (at.ns < floor)
		at.ns = floor;
	do_lost(im, &at, r->state ? "discarded packets, cpu" : "discarded events, cpu", (uint32_t)r->tid);
}

void imp_apply(struct imp *im, const struct imp_raw *r)
{
	if (im->silent && !r->before)
		imp_tell_silent(im);
	switch ((enum imp_kind)r->kind) {
	case IK_FORK:
		return imp_fork(im, r);
	case IK_NEWTASK:
		return imp_newtask(im, r);
	case IK_EXEC:
		return imp_exec(im, r, imp_name(im, r->comm));
	case IK_EXIT:
		return do_exit(im, r);
	case IK_FREE:
		return do_free(im, r);
	case IK_RENAME:
		return do_rename(im, r);
	case IK_SWITCH:
		return do_switch(im, r);
	case IK_VMALLOC:
		return imp_vmalloc(im, r);
	case IK_VFREE:
		return imp_vfree(im, r);
	case IK_PURGE:
		return imp_purge(im, r);
	case IK_DUMP_TASK:
		return imp_dump_task(im, r);
	case IK_DUMP_END:
		return imp_dump_end(im, r);
	case IK_PERF_FORK:
	case IK_PERF_COMM:
	case IK_PERF_EXIT:
		return do_perf(im, r);
	case IK_CONTENTION_BEGIN:
	case IK_CONTENTION_END:
		return do_contention(im, r);
	case IK_PERF_MMAP:
		if (r->state == 1 && !im->kernel_base)
			im->kernel_base = r->u;
		return;
	case IK_CAPTURE:
		return do_capture(im, r);
	case IK_LOST:
		return do_lost(im, r, "ring buffer, cpu", r->cpu);
	case IK_NONE:
	case IK_DUMP_START:
	case IK_SYMBOL:
	case IK_DISCARDED:
	case IK_NR:
		return;
	default:
		return imp_syscall(im, r);
	}
}

void imp_take(struct imp *im, const struct imp_raw *r, int64_t now)
{
	im->seen[r->kind]++;
	if (im->failed)
		return;
	if (!im->order)
		imp_apply(im, r);
	else if (imp_order_add(im->order, r, now))
		imp_no_memory(im);
}

void imp_settle(struct imp *im)
{
	for (unsigned i = 0; i < im->hosts; i++) {
		struct imp_host *h = &im->host[i];
		h->stand_in = im->force_stand_in;
		if (!(h->declared & 1u << IK_EXEC))
			h->stand_in |= 1u << IK_EXEC;
		if (!(h->declared & (1u << IK_EXIT | 1u << IK_PERF_EXIT)))
			h->stand_in |= 1u << IK_EXIT;
		/* Events that never come do not name anybody. */
		h->declared &= ~im->force_stand_in;
	}
}

void imp_end(struct imp *im)
{
	if (im->order)
		imp_order_flush(im->order);
	if (im->silent)
		imp_tell_silent(im);
	/* Who still waits is nobody's wait. */
	im->unresolved[IU_CONTENTION] += im->waits.open;
}
