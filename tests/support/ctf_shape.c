#include "tests/support/ctf_shape.h"

#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CLONE_VM 0x100u
#define CLONE_VFORK 0x4000u
#define CPUS_MAX 1024
#define EPOCH 1600000000000000000ll

const char *const shape_name[SHAPE_KINDS] = { "lttng-2.5", "lttng-2.8", "lttng-2.10", "lttng-2.13", "perf", "ust" };

struct shape {
	struct ctfw *w;
	enum shape_kind kind;
	unsigned options, cpus;
	unsigned stream[CPUS_MAX];
	int current[CPUS_MAX];
	uint64_t late[CPUS_MAX], out[CPUS_MAX]; /* UST: by stream, the latest clock value */
	unsigned fork, newtask, exec, exit, free, rename, swtch, vmalloc, vfree, purge;
	unsigned dump_start, dump_task, dump_end;
	unsigned perf_fork, perf_comm, perf_exit;
	unsigned clone, vfork, execve, exit_one, exit_group, ret, ret_vfork, ret_execve;
	unsigned noise, capture, lost;
};

static bool is_lttng(const struct shape *s)
{
	return s->kind <= SHAPE_LTTNG_2_13;
}

/* ---- what is declared ---- */

static void declare_calls(struct shape *s)
{
	struct ctfw *w = s->w;
	if (s->kind == SHAPE_LTTNG_2_5) {
		s->clone = ctfw_event(w, "sys_clone", "clone_flags:u64 newsp:u64 parent_tid:u64 child_tid:u64");
		s->vfork = ctfw_event(w, "sys_unknown", "id:u32 args:u64");
		s->execve = ctfw_event(w, "sys_execve", "filename:s argv:u64 envp:u64");
		s->exit_one = ctfw_event(w, "sys_exit", "error_code:i32");
		s->exit_group = ctfw_event(w, "sys_exit_group", "error_code:i32");
		s->ret = s->ret_vfork = s->ret_execve = ctfw_event(w, "exit_syscall", "ret:i64");
		return;
	}
	s->clone = ctfw_event(w, "syscall_entry_clone",
			      s->kind == SHAPE_LTTNG_2_13 ? "flags:u64 newsp:u64 parent_tid:u64 child_tid:u64"
							  : "clone_flags:u64 newsp:u64 parent_tid:u64 child_tid:u64");
	s->vfork = ctfw_event(w, "syscall_entry_vfork", "");
	s->ret = ctfw_event(w, "syscall_exit_clone", "ret:i64 newsp:u64 parent_tid:u64 child_tid:u64");
	s->ret_vfork = ctfw_event(w, "syscall_exit_vfork", "ret:i64");
}

static void declare_lttng(struct shape *s)
{
	struct ctfw *w = s->w;
	bool old = s->kind == SHAPE_LTTNG_2_5;
	s->swtch = ctfw_event(
		w, "sched_switch",
		"prev_comm:c16 prev_tid:i32 prev_prio:i32 prev_state:i64 next_comm:c16 next_tid:i32 next_prio:i32");
	s->noise = ctfw_event(w, "sched_wakeup", "comm:c16 tid:i32 prio:i32 success:i32 target_cpu:i32");
	s->fork = ctfw_event(
		w, "sched_process_fork",
		old ? "parent_comm:c16 parent_tid:i32 parent_pid:i32 child_comm:c16 child_tid:i32 child_pid:i32"
		    : "parent_comm:c16 parent_tid:i32 parent_pid:i32 parent_ns_inum:u32 child_comm:c16 "
		      "child_tid:i32 vtids:q32 child_pid:i32 child_ns_inum:u32");
	if (!old) {
		s->exec = ctfw_event(w, "sched_process_exec", "filename:s tid:i32 old_tid:i32");
		s->exit = ctfw_event(w, "sched_process_exit", "comm:c16 tid:i32 prio:i32");
	}
	if (!(s->options & SHAPE_NO_FREE))
		s->free = ctfw_event(w, "sched_process_free", "comm:c16 tid:i32 prio:i32");
	s->dump_start = ctfw_event(w, "lttng_statedump_start", "");
	s->dump_task = ctfw_event(w, "lttng_statedump_process_state",
				  s->kind == SHAPE_LTTNG_2_13 ? "tid:i32 pid:i32 ppid:i32 name:c16 type:i32 mode:i32 "
								"submode:i32 status:i32 cpu:u32 file_table_address:u64"
							      : "tid:i32 vtid:i32 pid:i32 vpid:i32 ppid:i32 vppid:i32 "
								"name:c16 type:i32 mode:i32 submode:i32 status:i32 "
								"ns_level:i32 ns_inum:u32");
	s->dump_end = ctfw_event(w, "lttng_statedump_end", "");
	if (!(s->options & SHAPE_NO_FLAGS) || old)
		declare_calls(s);
}

#define PERF_CTX                                                                                                       \
	"perf_ip:u64 perf_tid:i32 perf_pid:i32 perf_id:u64 perf_period:u64 common_type:u32 common_flags:u32 "          \
	"common_preempt_count:u32 common_pid:i32 "

static void declare_perf(struct shape *s)
{
	struct ctfw *w = s->w;
	s->exec = ctfw_event(w, "sched:sched_process_exec", PERF_CTX "filename:s pid:i32 old_pid:i32");
	s->fork = ctfw_event(w, "sched:sched_process_fork",
			     PERF_CTX "parent_comm:s parent_pid:i32 child_comm:s child_pid:i32");
	s->noise = ctfw_event(w, "sched:sched_process_wait", PERF_CTX "comm:s pid:i32 prio:i32");
	s->exit = ctfw_event(w, "sched:sched_process_exit", PERF_CTX "comm:s pid:i32 prio:i32 group_dead:u32");
	if (!(s->options & SHAPE_NO_FREE))
		s->free = ctfw_event(w, "sched:sched_process_free", PERF_CTX "comm:s pid:i32 prio:i32");
	if (!(s->options & SHAPE_NO_FLAGS))
		s->newtask =
			ctfw_event(w, "task:task_newtask", PERF_CTX "pid:i32 comm:s clone_flags:u64 oom_score_adj:i32");
	s->rename = ctfw_event(w, "task:task_rename", PERF_CTX "pid:i32 oldcomm:s newcomm:s oom_score_adj:i32");
	s->swtch = ctfw_event(
		w, "sched:sched_switch",
		PERF_CTX
		"prev_comm:s prev_pid:i32 prev_prio:i32 prev_state:i64 next_comm:s next_pid:i32 next_prio:i32");
	s->vmalloc = ctfw_event(w, "vmalloc:alloc_vmap_area",
				PERF_CTX "addr:u64 size:u64 _align:u64 vstart:u64 vend:u64 failed:i32");
	s->vfree = ctfw_event(w, "vmalloc:free_vmap_area_noflush", PERF_CTX "va_start:u64 nr_lazy:u64 nr_lazy_max:u64");
	s->purge = ctfw_event(w, "vmalloc:purge_vmap_area_lazy", PERF_CTX "start:u64 end:u64 npurged:u32");
	s->perf_fork = ctfw_event(w, "perf_fork", "pid:u32 ppid:u32 tid:u32 ptid:u32 time:u64");
	s->perf_comm = ctfw_event(w, "perf_comm", "pid:u32 tid:u32 comm:s");
	s->perf_exit = ctfw_event(w, "perf_exit", "pid:u32 ppid:u32 tid:u32 ptid:u32 time:u64");
}

static void declare_ust(struct shape *s)
{
	struct ctfw *w = s->w;
	s->capture =
		ctfw_event(w, "mmreplay:capture",
			   "time:u64 host:s kernel:s command:s cpus:u32 recorder_tgid:i32 child_tgid:i32 epoch_ns:i64");
	s->fork =
		ctfw_event(w, "mmreplay:fork",
			   "time:u64 cpu:u32 parent_tid:i32 parent_tgid:i32 parent_comm:s child_tid:i32 child_comm:s");
	s->newtask =
		ctfw_event(w, "mmreplay:newtask", "time:u64 cpu:u32 parent_tid:i32 tid:i32 comm:s clone_flags:u64");
	s->exec = ctfw_event(w, "mmreplay:exec", "time:u64 cpu:u32 tid:i32 old_tid:i32 filename:s");
	s->exit = ctfw_event(w, "mmreplay:exit", "time:u64 cpu:u32 tid:i32 comm:s group_dead:i8");
	s->free = ctfw_event(w, "mmreplay:free", "time:u64 cpu:u32 tid:i32 comm:s");
	s->vmalloc = ctfw_event(w, "mmreplay:vmalloc", "time:u64 cpu:u32 tid:i32 addr:u64 size:u64 failed:i32");
	s->vfree = ctfw_event(w, "mmreplay:vfree", "time:u64 cpu:u32 tid:i32 addr:u64");
	s->purge = ctfw_event(w, "mmreplay:purge", "time:u64 cpu:u32 tid:i32 start:u64 end:u64 npurged:u32");
	s->lost = ctfw_event(w, "mmreplay:lost", "time:u64 cpu:u32 count:u64");
	s->dump_task =
		ctfw_event(w, "mmreplay:statedump_process", "time:u64 tid:i32 tgid:i32 ppid:i32 kthread:u8 comm:s");
	s->dump_end = ctfw_event(w, "mmreplay:statedump_end", "time:u64 tasks:u32");
	s->noise = ctfw_event(w, "mmreplay:capture_end", "time:u64 events:u64 lost:u64");
}

struct shape *shape_open(const char *dir, enum shape_kind kind, unsigned options, unsigned cpus, const char *host)
{
	static const char *const version[] = { "2; tracer_minor = 5", "2; tracer_minor = 8", "2; tracer_minor = 10",
					       "2; tracer_minor = 13" };
	char env[512];
	struct shape *s = calloc(1, sizeof(*s));
	if (!s || cpus > CPUS_MAX)
		err(1, "shape");
	s->kind = kind;
	s->options = options;
	s->cpus = cpus;
	host = host ? host : "box";
	char uuid[16] = "mmreplay-shape-";
	uuid[15] = (char)kind;
	uuid[14] = host ? host[0] : 'b';
	struct ctfw_options o = {
		.uuid = uuid,
		.header = options & SHAPE_LARGE ? CTFW_LARGE : CTFW_COMPACT,
		.big_endian = options & SHAPE_BIG_ENDIAN,
		.underscore = true,
		.instance_id = kind != SHAPE_LTTNG_2_5,
		.sequence = kind != SHAPE_LTTNG_2_5,
		.packetized = options & SHAPE_PACKETIZED,
		.cpu_in_event = options & SHAPE_CPU_IN_EVENT,
		.file_prefix = "channel0_",
		.clock = "monotonic",
		.clock_offset = EPOCH,
		.absolute = true,
		.env = env,
	};
	if (kind == SHAPE_PERF) {
		snprintf(env, sizeof(env),
			 "host = \"%s\"; sysname = \"Linux\"; release = \"6.1.0\"; version = \"6.1\"; domain = "
			 "\"kernel\"; "
			 "tracer_name = \"perf\";",
			 host);
		o.header = CTFW_PLAIN;
		o.underscore = o.instance_id = o.sequence = o.absolute = false;
		o.file_prefix = "perf_stream_";
		o.clock = "perf_clock";
	} else {
		snprintf(env, sizeof(env),
			 "hostname = \"%s\"; domain = \"%s\"; sysname = \"Linux\"; kernel_release = \"4.15.0\"; "
			 "tracer_name = \"%s\"; tracer_major = %s; tracer_patchlevel = 1;",
			 host, kind == SHAPE_UST ? "ust" : "kernel", kind == SHAPE_UST ? "lttng-ust" : "lttng-modules",
			 version[kind == SHAPE_UST ? SHAPE_LTTNG_2_13 : kind]);
	}
	s->w = ctfw_open(dir, &o);
	if (is_lttng(s))
		declare_lttng(s);
	else if (kind == SHAPE_PERF)
		declare_perf(s);
	else
		declare_ust(s);
	for (unsigned i = 0; i < cpus; i++)
		s->stream[i] = ctfw_stream(s->w, i);
	return s;
}

struct ctfw *shape_writer(struct shape *s)
{
	return s->w;
}

void shape_close(struct shape *s)
{
	ctfw_close(s->w);
	free(s);
}

/* ---- what happens ---- */

/* The recorder emits an event of @cpu later than it happened, and never before its last on that stream. */
static uint64_t emitted(struct shape *s, unsigned cpu, uint64_t ns)
{
	ns += s->late[cpu];
	if (ns < s->out[cpu])
		ns = s->out[cpu];
	return s->out[cpu] = ns;
}

void shape_late(struct shape *s, unsigned cpu, uint64_t late)
{
	s->late[cpu] = late;
}

/* perf's header fields; tracepoints happen in the context of @w. */
#define CTX(who) 0xffffffff81000000ull, (who).tid, (who).tgid, (uint64_t)1, (uint64_t)1, 1, 0, 0, (who).tid
#define UST(cpu, ns) emitted(s, cpu, ns), (uint64_t)(ns), (int)(cpu)

/* System calls are of whoever a switch put on the CPU. */
static void be_on(struct shape *s, unsigned cpu, uint64_t ns, struct who w)
{
	if (s->options & SHAPE_NO_SWITCH || s->current[cpu] == w.tid)
		return;
	s->current[cpu] = w.tid;
	ctfw_put(s->w, s->stream[cpu], s->swtch, ns, "swapper", 0, 20, (uint64_t)0, w.comm, w.tid, 20);
}

void shape_present(struct shape *s, uint64_t ns, struct who w, int ppid, bool kthread)
{
	unsigned st = s->stream[0];
	if (s->kind == SHAPE_PERF) {
		ctfw_put(s->w, st, s->perf_fork, 0, w.tgid, ppid, w.tid, ppid, (uint64_t)0);
		ctfw_put(s->w, st, s->perf_comm, 0, w.tgid, w.tid, w.comm);
	} else if (s->kind == SHAPE_UST) {
		ctfw_put(s->w, st, s->dump_task, emitted(s, 0, ns), ns, w.tid, w.tgid, ppid, kthread, w.comm);
	} else if (s->kind == SHAPE_LTTNG_2_13) {
		ctfw_put(s->w, st, s->dump_task, ns, w.tid, w.tgid, ppid, w.comm, kthread, 0, 0, 5, 0, (uint64_t)0);
	} else {
		ctfw_put(s->w, st, s->dump_task, ns, w.tid, w.tid, w.tgid, w.tgid, ppid, ppid, w.comm, kthread, 0, 0, 5,
			 0, 1);
	}
}

void shape_present_end(struct shape *s, uint64_t ns)
{
	if (is_lttng(s))
		ctfw_put(s->w, s->stream[0], s->dump_end, ns);
	else if (s->kind == SHAPE_UST)
		ctfw_put(s->w, s->stream[0], s->dump_end, emitted(s, 0, ns), ns, 0);
}

static void lttng_fork(struct shape *s, unsigned cpu, uint64_t ns, struct who p, int tid, int tgid, uint32_t flags)
{
	unsigned st = s->stream[cpu];
	bool calls = !(s->options & SHAPE_NO_FLAGS), vfork = calls && flags & CLONE_VFORK;
	int32_t vtid = tid;
	if (calls)
		be_on(s, cpu, ns, p);
	if (vfork && s->kind == SHAPE_LTTNG_2_5)
		ctfw_put(s->w, st, s->vfork, ns, 58, (uint64_t)0);
	else if (vfork)
		ctfw_put(s->w, st, s->vfork, ns);
	else if (calls)
		ctfw_put(s->w, st, s->clone, ns, (uint64_t)flags, (uint64_t)0, (uint64_t)0, (uint64_t)0);
	if (s->kind == SHAPE_LTTNG_2_5)
		ctfw_put(s->w, st, s->fork, ns, p.comm, p.tid, p.tgid, p.comm, tid, tgid);
	else
		ctfw_put(s->w, st, s->fork, ns, p.comm, p.tid, p.tgid, 1, p.comm, tid, 1, &vtid, tgid, 1);
	if (s->kind == SHAPE_LTTNG_2_5 || (calls && vfork))
		ctfw_put(s->w, st, s->ret_vfork, ns, (uint64_t)tid);
	else if (calls)
		ctfw_put(s->w, st, s->ret, ns, (uint64_t)tid, (uint64_t)0, (uint64_t)0, (uint64_t)0);
}

void shape_fork(struct shape *s, unsigned cpu, uint64_t ns, struct who p, int tid, int tgid, uint32_t flags)
{
	unsigned st = s->stream[cpu];
	if (is_lttng(s)) {
		lttng_fork(s, cpu, ns, p, tid, tgid, flags);
	} else if (s->kind == SHAPE_PERF) {
		/* perf's own records carry no CPU: they all go to the first stream. */
		if (cpu == 0)
			ctfw_put(s->w, st, s->perf_fork, ns, tgid, p.tgid, tid, p.tid, ns);
		if (!(s->options & SHAPE_NO_FLAGS))
			ctfw_put(s->w, st, s->newtask, ns, CTX(p), tid, p.comm, (uint64_t)flags, 0);
		ctfw_put(s->w, st, s->fork, ns, CTX(p), p.comm, p.tid, p.comm, tid);
	} else {
		if (!(s->options & SHAPE_NO_FLAGS))
			ctfw_put(s->w, st, s->newtask, UST(cpu, ns), p.tid, tid, p.comm, (uint64_t)flags);
		ctfw_put(s->w, st, s->fork, UST(cpu, ns), p.tid, p.tgid, p.comm, tid, p.comm);
	}
}

static const char *base(const char *file)
{
	const char *slash = strrchr(file, '/');
	return slash ? slash + 1 : file;
}

void shape_exec(struct shape *s, unsigned cpu, uint64_t ns, int tid, int old, const char *file)
{
	unsigned st = s->stream[cpu];
	struct who w = { tid, tid, base(file) };
	if (s->kind == SHAPE_LTTNG_2_5) {
		be_on(s, cpu, ns, w);
		ctfw_put(s->w, st, s->execve, ns, file, (uint64_t)0, (uint64_t)0);
		ctfw_put(s->w, st, s->ret, ns, (uint64_t)0);
	} else if (is_lttng(s)) {
		ctfw_put(s->w, st, s->exec, ns, file, tid, old);
	} else if (s->kind == SHAPE_PERF) {
		ctfw_put(s->w, st, s->rename, ns, CTX(w), tid, "before", base(file), 0);
		ctfw_put(s->w, st, s->exec, ns, CTX(w), file, tid, old);
	} else {
		ctfw_put(s->w, st, s->exec, UST(cpu, ns), tid, old, file);
	}
}

void shape_exit(struct shape *s, unsigned cpu, uint64_t ns, struct who w, bool last)
{
	unsigned st = s->stream[cpu];
	if (s->kind == SHAPE_LTTNG_2_5) {
		be_on(s, cpu, ns, w);
		ctfw_put(s->w, st, last ? s->exit_group : s->exit_one, ns, 0);
	} else if (is_lttng(s)) {
		ctfw_put(s->w, st, s->exit, ns, w.comm, w.tid, 20);
	} else if (s->kind == SHAPE_PERF) {
		ctfw_put(s->w, st, s->exit, ns, CTX(w), w.comm, w.tid, 120, last);
		if (cpu == 0)
			ctfw_put(s->w, st, s->perf_exit, ns, w.tgid, 1, w.tid, 1, ns);
	} else {
		ctfw_put(s->w, st, s->exit, UST(cpu, ns), w.tid, w.comm, last);
	}
}

void shape_free(struct shape *s, unsigned cpu, uint64_t ns, struct who w)
{
	static const struct who idle = { 0, 0, "swapper" };
	unsigned st = s->stream[cpu];
	if (s->options & SHAPE_NO_FREE)
		return;
	if (is_lttng(s))
		ctfw_put(s->w, st, s->free, ns, w.comm, w.tid, 20);
	else if (s->kind == SHAPE_PERF)
		ctfw_put(s->w, st, s->free, ns, CTX(idle), w.comm, w.tid, 120);
	else
		ctfw_put(s->w, st, s->free, UST(cpu, ns), w.tid, w.comm);
}

void shape_switch(struct shape *s, unsigned cpu, uint64_t ns, struct who from, struct who to)
{
	unsigned st = s->stream[cpu];
	s->current[cpu] = to.tid;
	if (is_lttng(s))
		ctfw_put(s->w, st, s->swtch, ns, from.comm, from.tid, 20, (uint64_t)1, to.comm, to.tid, 20);
	else if (s->kind == SHAPE_PERF)
		ctfw_put(s->w, st, s->swtch, ns, CTX(from), from.comm, from.tid, 120, (uint64_t)1, to.comm, to.tid,
			 120);
}

void shape_vmalloc(struct shape *s, unsigned cpu, uint64_t ns, struct who w, uint64_t addr, uint64_t size)
{
	unsigned st = s->stream[cpu];
	if (s->kind == SHAPE_PERF)
		ctfw_put(s->w, st, s->vmalloc, ns, CTX(w), addr, size, (uint64_t)1, (uint64_t)0, ~(uint64_t)0, 0);
	else if (s->kind == SHAPE_UST)
		ctfw_put(s->w, st, s->vmalloc, UST(cpu, ns), w.tid, addr, size, 0);
}

void shape_vfree(struct shape *s, unsigned cpu, uint64_t ns, struct who w, uint64_t addr)
{
	unsigned st = s->stream[cpu];
	if (s->kind == SHAPE_PERF)
		ctfw_put(s->w, st, s->vfree, ns, CTX(w), addr, (uint64_t)1, (uint64_t)2);
	else if (s->kind == SHAPE_UST)
		ctfw_put(s->w, st, s->vfree, UST(cpu, ns), w.tid, addr);
}

void shape_purge(struct shape *s, unsigned cpu, uint64_t ns, struct who w, unsigned n)
{
	unsigned st = s->stream[cpu];
	if (s->kind == SHAPE_PERF)
		ctfw_put(s->w, st, s->purge, ns, CTX(w), (uint64_t)0, (uint64_t)1, (int)n);
	else if (s->kind == SHAPE_UST)
		ctfw_put(s->w, st, s->purge, UST(cpu, ns), w.tid, (uint64_t)0, (uint64_t)1, (int)n);
}

void shape_noise(struct shape *s, unsigned cpu, uint64_t ns)
{
	static const struct who idle = { 0, 0, "swapper" };
	unsigned st = s->stream[cpu];
	if (is_lttng(s))
		ctfw_put(s->w, st, s->noise, ns, "noise", 1, 20, 1, 0);
	else if (s->kind == SHAPE_PERF)
		ctfw_put(s->w, st, s->noise, ns, CTX(idle), "noise", 0, 120);
	else
		ctfw_put(s->w, st, s->noise, emitted(s, cpu, ns), ns, (uint64_t)0, (uint64_t)0);
}

void shape_capture(struct shape *s, uint64_t ns, int recorder, int child)
{
	if (s->kind == SHAPE_UST)
		ctfw_put(s->w, s->stream[0], s->capture, emitted(s, 0, ns), ns, "box", "6.1.0", "make -j4",
			 (int)s->cpus, recorder, child, (uint64_t)EPOCH + ns);
}

void shape_lost(struct shape *s, unsigned cpu, uint64_t ns, uint64_t count)
{
	if (s->kind == SHAPE_UST)
		ctfw_put(s->w, s->stream[cpu], s->lost, UST(cpu, ns), count);
	else {
		/* The packet that says so comes after one that says there were none so far. */
		ctfw_lose_packets(s->w, s->stream[cpu], 0);
		ctfw_lose(s->w, s->stream[cpu], count);
	}
}
