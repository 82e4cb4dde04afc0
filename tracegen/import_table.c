#include "tracegen/import_table.h"

#include <string.h>

/* A field that the event must have (one of several for the same member is enough), and one that it may. */
#define R(to, name)                                                                                                    \
	{                                                                                                              \
		IM_##to, name, false                                                                                   \
	}
#define O(to, name)                                                                                                    \
	{                                                                                                              \
		IM_##to, name, true                                                                                    \
	}
#define NO_FIELD                                                                                                       \
	{                                                                                                              \
		IM_END, NULL, false                                                                                    \
	}

/* perf puts these before a tracepoint's own fields: in whose context it happened. */
#define PERF_CTX O(CUR, "perf_tid"), O(CUR, "common_pid"), O(PTGID, "perf_pid")
/* LTTng does so only where a context was asked for (in the event's or stream's context). */
#define LTTNG_CTX O(CUR, "tid")
#define UST_CTX R(TIME, "time"), R(CPU, "cpu")

/*
 * A system call under the names that LTTng has given it: syscall_entry_X from
 * 2.6 on, sys_X before, and both with compat_ for 32-bit programs.
 */
#define SYSCALL(call, kind, ...)                                                                                       \
	{ "syscall_entry_" call, IMP_LTTNG, kind, { __VA_ARGS__ LTTNG_CTX } },                                         \
		{ "compat_syscall_entry_" call, IMP_LTTNG, kind, { __VA_ARGS__ LTTNG_CTX } },                          \
		{ "sys_" call, IMP_LTTNG, kind, { __VA_ARGS__ LTTNG_CTX } },                                           \
	{                                                                                                              \
		"compat_sys_" call, IMP_LTTNG, kind,                                                                   \
		{                                                                                                      \
			__VA_ARGS__ LTTNG_CTX                                                                          \
		}                                                                                                      \
	}
#define RETURN(call)                                                                                                   \
	{ "syscall_exit_" call, IMP_LTTNG, IK_SYS_RETURN, { R(N, "ret"), LTTNG_CTX } },                                \
	{                                                                                                              \
		"compat_syscall_exit_" call, IMP_LTTNG, IK_SYS_RETURN,                                                 \
		{                                                                                                      \
			R(N, "ret"), LTTNG_CTX                                                                         \
		}                                                                                                      \
	}

/* clang-format off */
static const struct imp_map map[] = {
	/* ---- LTTng, kernel: tid is the kernel's pid, pid the group's ---- */
	{ "sched_process_fork", IMP_LTTNG, IK_FORK,
	  { R(PTID, "parent_tid"), O(PTGID, "parent_pid"), O(PCOMM, "parent_comm"),
	    R(TID, "child_tid"), O(TGID, "child_pid"), O(COMM, "child_comm") } },
	{ "sched_process_exec", IMP_LTTNG, IK_EXEC,
	  { R(TID, "tid"), O(OLD, "old_tid"), O(PATH, "filename") } },
	{ "sched_process_exit", IMP_LTTNG, IK_EXIT, { R(TID, "tid") } },
	{ "sched_process_free", IMP_LTTNG, IK_FREE, { R(TID, "tid") } },
	{ "sched_switch", IMP_LTTNG, IK_SWITCH, { R(OLD, "prev_tid"), R(TID, "next_tid") } },
	{ "lttng_statedump_start", IMP_LTTNG, IK_DUMP_START, { NO_FIELD } },
	{ "lttng_statedump_process_state", IMP_LTTNG, IK_DUMP_TASK,
	  { R(TID, "tid"), R(TGID, "pid"), O(PTID, "ppid"), O(COMM, "name"),
	    O(N, "type"), O(STATE, "status") } },
	{ "lttng_statedump_end", IMP_LTTNG, IK_DUMP_END, { NO_FIELD } },

	SYSCALL("clone", IK_SYS_CLONE, O(U, "clone_flags"), O(U, "flags"),),
	SYSCALL("clone3", IK_SYS_CLONE3, ),
	SYSCALL("fork", IK_SYS_FORK, ),
	SYSCALL("vfork", IK_SYS_VFORK, ),
	SYSCALL("execve", IK_SYS_EXEC, O(PATH, "filename"),),
	SYSCALL("execveat", IK_SYS_EXEC, O(PATH, "filename"),),
	SYSCALL("exit", IK_SYS_EXIT, ),
	SYSCALL("exit_group", IK_SYS_EXIT_GROUP, ),
	{ "syscall_entry_unknown", IMP_LTTNG, IK_SYS_UNKNOWN, { R(N, "id"), LTTNG_CTX } },
	{ "sys_unknown", IMP_LTTNG, IK_SYS_UNKNOWN, { R(N, "id"), LTTNG_CTX } },
	RETURN("clone"), RETURN("clone3"), RETURN("fork"), RETURN("vfork"), RETURN("execve"), RETURN("execveat"),
	{ "syscall_exit_unknown", IMP_LTTNG, IK_SYS_RETURN, { R(N, "ret"), LTTNG_CTX } },
	{ "exit_syscall", IMP_LTTNG, IK_SYS_RETURN, { R(N, "ret"), LTTNG_CTX } },

	/* ---- perf data convert --to-ctf --all: every pid of a tracepoint is a tid ---- */
	{ "sched:sched_process_fork", IMP_PERF, IK_FORK,
	  { R(PTID, "parent_pid"), O(PTGID, "perf_pid"), O(PCOMM, "parent_comm"),
	    R(TID, "child_pid"), O(COMM, "child_comm") } },
	{ "task:task_newtask", IMP_PERF, IK_NEWTASK,
	  { R(TID, "pid"), O(COMM, "comm"), R(U, "clone_flags"), PERF_CTX } },
	{ "sched:sched_process_exec", IMP_PERF, IK_EXEC,
	  { R(TID, "pid"), O(OLD, "old_pid"), O(PATH, "filename") } },
	{ "sched:sched_process_exit", IMP_PERF, IK_EXIT, { R(TID, "pid"), O(STATE, "group_dead") } },
	{ "sched:sched_process_free", IMP_PERF, IK_FREE, { R(TID, "pid") } },
	{ "sched:sched_switch", IMP_PERF, IK_SWITCH, { R(OLD, "prev_pid"), R(TID, "next_pid") } },
	{ "task:task_rename", IMP_PERF, IK_RENAME, { R(TID, "pid"), R(COMM, "newcomm") } },
	{ "perf_fork", IMP_PERF, IK_PERF_FORK,
	  { R(TID, "tid"), R(TGID, "pid"), O(PTID, "ptid"), O(PTGID, "ppid") } },
	{ "perf_comm", IMP_PERF, IK_PERF_COMM, { R(TID, "tid"), O(TGID, "pid"), R(COMM, "comm") } },
	{ "perf_exit", IMP_PERF, IK_PERF_EXIT, { R(TID, "tid"), O(TGID, "pid") } },
	{ "vmalloc:alloc_vmap_area", IMP_PERF, IK_VMALLOC,
	  { R(U, "addr"), R(N, "size"), O(STATE, "failed"), PERF_CTX } },
	{ "vmalloc:free_vmap_area_noflush", IMP_PERF, IK_VFREE, { R(U, "va_start"), PERF_CTX } },
	{ "lock:contention_begin", IMP_PERF, IK_CONTENTION_BEGIN,
	  { R(U, "lock_addr"), O(N, "flags"), O(CHAIN, "perf_callchain"), PERF_CTX } },
	{ "lock:contention_end", IMP_PERF, IK_CONTENTION_END, { R(U, "lock_addr"), PERF_CTX } },
	{ "perf_mmap", IMP_PERF, IK_PERF_MMAP, { R(U, "start"), R(KERNEL_MAP, "filename") } },
	{ "vmalloc:purge_vmap_area_lazy", IMP_PERF, IK_PURGE, { R(N, "npurged"), PERF_CTX } },

	/* ---- mmreplay record (schemas/ust/mmreplay_tp.h) ---- */
	{ "mmreplay:capture", IMP_UST, IK_CAPTURE,
	  { R(TIME, "time"), O(HOST, "host"), O(KERNEL, "kernel"),
	    O(COMMAND, "command"), R(PTGID, "recorder_tgid"), R(TGID, "child_tgid") } },
	{ "mmreplay:fork", IMP_UST, IK_FORK,
	  { UST_CTX, R(PTID, "parent_tid"), O(PTGID, "parent_tgid"), O(PCOMM, "parent_comm"),
	    R(TID, "child_tid"), O(COMM, "child_comm") } },
	{ "mmreplay:newtask", IMP_UST, IK_NEWTASK,
	  { UST_CTX, R(CUR, "parent_tid"), R(TID, "tid"), O(COMM, "comm"), R(U, "clone_flags") } },
	{ "mmreplay:exec", IMP_UST, IK_EXEC,
	  { UST_CTX, R(TID, "tid"), R(OLD, "old_tid"), O(PATH, "filename") } },
	{ "mmreplay:exit", IMP_UST, IK_EXIT, { UST_CTX, R(TID, "tid"), O(STATE, "group_dead") } },
	{ "mmreplay:free", IMP_UST, IK_FREE, { UST_CTX, R(TID, "tid") } },
	{ "mmreplay:vmalloc", IMP_UST, IK_VMALLOC,
	  { UST_CTX, R(CUR, "tid"), R(U, "addr"), R(N, "size"), O(STATE, "failed") } },
	{ "mmreplay:vfree", IMP_UST, IK_VFREE, { UST_CTX, R(CUR, "tid"), R(U, "addr") } },
	{ "mmreplay:purge", IMP_UST, IK_PURGE, { UST_CTX, R(CUR, "tid"), R(N, "npurged") } },
	{ "mmreplay:contention_begin", IMP_UST, IK_CONTENTION_BEGIN,
	  { UST_CTX, R(CUR, "tid"), R(U, "lock"), R(N, "flags"), R(CHAIN, "chain") } },
	{ "mmreplay:contention_end", IMP_UST, IK_CONTENTION_END, { UST_CTX, R(CUR, "tid"), R(U, "lock") } },
	{ "mmreplay:symbol", IMP_UST, IK_SYMBOL, { R(TIME, "time"), R(U, "addr"), R(N, "size"), R(SYMBOL, "name") } },
	{ "mmreplay:lost", IMP_UST, IK_LOST, { UST_CTX, R(N, "count") } },
	{ "mmreplay:statedump_process", IMP_UST, IK_DUMP_TASK,
	  { R(TIME, "time"), R(TID, "tid"), R(TGID, "tgid"), O(PTID, "ppid"),
	    O(N, "kthread"), O(STATE, "state"), O(COMM, "comm") } },
	{ "mmreplay:statedump_end", IMP_UST, IK_DUMP_END, { R(TIME, "time") } },
};
/* clang-format on */

#define ROWS (sizeof(map) / sizeof(map[0]))

/* Called once per event class: a linear search will do. */
const struct imp_map *imp_map_find(const char *name)
{
	for (unsigned i = 0; i < ROWS; i++)
		if (!strcmp(map[i].event, name))
			return &map[i];
	return NULL;
}

const struct imp_map *imp_map_row(unsigned i)
{
	return i < ROWS ? &map[i] : NULL;
}
