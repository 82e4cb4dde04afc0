/*
 * System calls: LTTng's fork event has no clone flags, so those of the call that
 * the parent is in are used; and where a trace shows no exec or exit events, the
 * calls stand in for them.
 */
#include <sched.h>

#include "tracegen/import.h"

/* Old lttng-modules knew no name for some calls; these numbers are x86-64's. */
#define NR_FORK 57
#define NR_VFORK 58

static int32_t current_task(struct imp *im, const struct imp_raw *r)
{
	if (r->cur >= 0)
		return r->cur;
	struct imp_host *h = &im->host[r->host];
	return r->cpu < h->cpus ? h->cpu[r->cpu].cur : -1;
}

/* A clone-like call begins; @known: with these flags. */
static void enter_clone(struct imp *im, const struct imp_raw *r, bool known, uint32_t flags)
{
	int32_t tid = current_task(im, r);
	if (imp_tid_ok(tid)) {
		struct imp_slot *s = known ? imp_make(im, r, tid) : imp_slot_find(&im->tasks, r->host, tid);
		if (!s)
			return;
		s->bits = known ? s->bits | IS_SYSFLAGS : s->bits & (uint8_t)~IS_SYSFLAGS;
		s->sys_flags = flags;
		return;
	}
	struct imp_cpu *cpu = imp_cpu(im, r->host, r->cpu);
	if (!cpu)
		return;
	cpu->has_sys_flags = known;
	cpu->sys_flags = flags;
}

bool imp_flags_of_call(struct imp *im, const struct imp_raw *r, int32_t ptid, uint32_t *flags)
{
	struct imp_slot *s = imp_slot_find(&im->tasks, r->host, ptid);
	if (s && s->bits & IS_SYSFLAGS) {
		s->bits &= (uint8_t)~IS_SYSFLAGS;
		*flags = s->sys_flags;
		return true;
	}
	struct imp_host *h = &im->host[r->host];
	if (r->cpu >= h->cpus || !h->cpu[r->cpu].has_sys_flags)
		return false;
	h->cpu[r->cpu].has_sys_flags = false;
	*flags = h->cpu[r->cpu].sys_flags;
	im->assumed[IA_FLAGS_BY_CPU]++;
	return true;
}

static bool stands_in(const struct imp *im, const struct imp_raw *r, enum imp_kind kind)
{
	return im->host[r->host].stand_in & 1u << kind;
}

static void do_exec(struct imp *im, const struct imp_raw *r, int32_t tid, uint32_t comm)
{
	struct imp_raw exec = *r;
	exec.kind = IK_EXEC;
	exec.tid = exec.old = tid;
	im->assumed[IA_EXEC_BY_CALL]++;
	imp_exec(im, &exec, comm);
}

static void enter_exec(struct imp *im, const struct imp_raw *r)
{
	int32_t tid = current_task(im, r);
	if (!stands_in(im, r, IK_EXEC))
		return;
	if (!imp_tid_ok(tid)) {
		im->unresolved[IU_EXEC]++;
		return;
	}
	/* Whether it succeeds is known when it returns, if that is shown. */
	if (!imp_declares(im, r->host, IK_SYS_RETURN))
		return do_exec(im, r, tid, imp_name(im, r->comm));
	struct imp_slot *s = imp_make(im, r, tid);
	if (!s)
		return;
	s->bits |= IS_SYSEXEC;
	s->sys_comm = imp_name(im, r->comm);
}

static void leave_call(struct imp *im, const struct imp_raw *r)
{
	int32_t tid = current_task(im, r);
	if (tid < 0) {
		if (r->cpu < im->host[r->host].cpus)
			im->host[r->host].cpu[r->cpu].has_sys_flags = false;
		return;
	}
	struct imp_slot *s = imp_slot_find(&im->tasks, r->host, tid);
	if (!s || !(s->bits & (IS_SYSFLAGS | IS_SYSEXEC)))
		return;
	bool exec = s->bits & IS_SYSEXEC && r->n == 0;
	uint32_t comm = s->sys_comm;
	s->bits &= (uint8_t) ~(IS_SYSFLAGS | IS_SYSEXEC);
	if (exec)
		do_exec(im, r, tid, comm);
	else
		imp_slot_tidy(&im->tasks, s);
}

static void enter_exit(struct imp *im, const struct imp_raw *r, bool group)
{
	int32_t tid = current_task(im, r);
	if (!stands_in(im, r, IK_EXIT))
		return;
	struct imp_task *t = imp_tid_ok(tid) ? imp_live(im, r, tid) : NULL;
	if (!t) {
		im->unresolved[IU_EXIT]++;
		return;
	}
	if (group)
		imp_exit_others(im, r, t, IA_EXIT_BY_CALL);
	im->assumed[IA_EXIT_BY_CALL]++;
	imp_exit(im, r, t);
}

void imp_syscall(struct imp *im, const struct imp_raw *r)
{
	switch ((enum imp_kind)r->kind) {
	case IK_SYS_CLONE:
		return enter_clone(im, r, true, (uint32_t)r->u);
	case IK_SYS_CLONE3:
		return enter_clone(im, r, false, 0);
	case IK_SYS_FORK:
		return enter_clone(im, r, true, 0);
	case IK_SYS_VFORK:
		return enter_clone(im, r, true, CLONE_VM | CLONE_VFORK);
	case IK_SYS_UNKNOWN:
		if (r->n == NR_FORK)
			enter_clone(im, r, true, 0);
		else if (r->n == NR_VFORK)
			enter_clone(im, r, true, CLONE_VM | CLONE_VFORK);
		return;
	case IK_SYS_EXEC:
		return enter_exec(im, r);
	case IK_SYS_EXIT:
		return enter_exit(im, r, false);
	case IK_SYS_EXIT_GROUP:
		return enter_exit(im, r, true);
	case IK_SYS_RETURN:
		return leave_call(im, r);
	default:
		return;
	}
}
