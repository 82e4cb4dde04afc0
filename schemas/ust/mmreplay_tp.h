/*
 * mmreplay_tp.h - the project's LTTng-UST provider: what `record` emits and
 * `import` reads.
 *
 * Event for event what the kernel's tracepoints say, so that counts compare
 * one to one, plus a dump of the tasks that were there at the start. `time` is
 * CLOCK_MONOTONIC in ns at the source and `cpu` the CPU it happened on: the
 * CTF time and CPU are only the recorder's. Import orders by `time`; the
 * events of one source CPU are emitted in order by one thread.
 *
 * Linking the provider starts LTTng's threads, so it is a shared object that
 * only record and replay --trace (whose events are replay_tp.h's) load, through the table in provider.h.
 */
#undef LTTNG_UST_TRACEPOINT_PROVIDER
#define LTTNG_UST_TRACEPOINT_PROVIDER mmreplay

#undef LTTNG_UST_TRACEPOINT_INCLUDE
#define LTTNG_UST_TRACEPOINT_INCLUDE "schemas/ust/mmreplay_tp.h"

#if !defined(MMREPLAY_TP_H) || defined(LTTNG_UST_TRACEPOINT_HEADER_MULTI_READ)
#define MMREPLAY_TP_H

#include <lttng/tracepoint.h>
#include <stdint.h>

/* Once, first: where and how the capture was made. */
LTTNG_UST_TRACEPOINT_EVENT(mmreplay, capture,
	LTTNG_UST_TP_ARGS(uint64_t, time, const char *, host, const char *, kernel, const char *, command, uint32_t, cpus,
			  int32_t, recorder_tgid, int32_t, child_tgid, int64_t, epoch_ns),
	LTTNG_UST_TP_FIELDS(
		lttng_ust_field_integer(uint64_t, time, time)
		lttng_ust_field_string(host, host)
		lttng_ust_field_string(kernel, kernel)
		lttng_ust_field_string(command, command)
		lttng_ust_field_integer(uint32_t, cpus, cpus)
		lttng_ust_field_integer(int32_t, recorder_tgid, recorder_tgid) /* it and its helpers are left out by import */
		lttng_ust_field_integer(int32_t, child_tgid, child_tgid)       /* the command under study, 0: the whole system */
		lttng_ust_field_integer(int64_t, epoch_ns, epoch_ns)))	       /* CLOCK_REALTIME at `time` */

/* sched:sched_process_fork, in the parent. parent_tgid comes from the sample's header. */
LTTNG_UST_TRACEPOINT_EVENT(mmreplay, fork,
	LTTNG_UST_TP_ARGS(uint64_t, time, uint32_t, cpu, int32_t, parent_tid, int32_t, parent_tgid, const char *, parent_comm,
			  int32_t, child_tid, const char *, child_comm),
	LTTNG_UST_TP_FIELDS(
		lttng_ust_field_integer(uint64_t, time, time)
		lttng_ust_field_integer(uint32_t, cpu, cpu)
		lttng_ust_field_integer(int32_t, parent_tid, parent_tid)
		lttng_ust_field_integer(int32_t, parent_tgid, parent_tgid)
		lttng_ust_field_string(parent_comm, parent_comm)
		lttng_ust_field_integer(int32_t, child_tid, child_tid)
		lttng_ust_field_string(child_comm, child_comm)))

/* task:task_newtask, in the parent, 1 to 2 us before the fork event. */
LTTNG_UST_TRACEPOINT_EVENT(mmreplay, newtask,
	LTTNG_UST_TP_ARGS(uint64_t, time, uint32_t, cpu, int32_t, parent_tid, int32_t, tid, const char *, comm, uint64_t,
			  clone_flags),
	LTTNG_UST_TP_FIELDS(
		lttng_ust_field_integer(uint64_t, time, time)
		lttng_ust_field_integer(uint32_t, cpu, cpu)
		lttng_ust_field_integer(int32_t, parent_tid, parent_tid)
		lttng_ust_field_integer(int32_t, tid, tid)
		lttng_ust_field_string(comm, comm)
		lttng_ust_field_integer_hex(uint64_t, clone_flags, clone_flags)))

/* sched:sched_process_exec. old_tid != tid: a thread that was not the leader took over. */
LTTNG_UST_TRACEPOINT_EVENT(mmreplay, exec,
	LTTNG_UST_TP_ARGS(uint64_t, time, uint32_t, cpu, int32_t, tid, int32_t, old_tid, const char *, filename),
	LTTNG_UST_TP_FIELDS(
		lttng_ust_field_integer(uint64_t, time, time)
		lttng_ust_field_integer(uint32_t, cpu, cpu)
		lttng_ust_field_integer(int32_t, tid, tid)
		lttng_ust_field_integer(int32_t, old_tid, old_tid)
		lttng_ust_field_string(filename, filename)))

/* sched:sched_process_exit; group_dead -1 where the kernel does not say (before 6.16). */
LTTNG_UST_TRACEPOINT_EVENT(mmreplay, exit,
	LTTNG_UST_TP_ARGS(uint64_t, time, uint32_t, cpu, int32_t, tid, const char *, comm, int8_t, group_dead),
	LTTNG_UST_TP_FIELDS(
		lttng_ust_field_integer(uint64_t, time, time)
		lttng_ust_field_integer(uint32_t, cpu, cpu)
		lttng_ust_field_integer(int32_t, tid, tid)
		lttng_ust_field_string(comm, comm)
		lttng_ust_field_integer(int8_t, group_dead, group_dead)))

/* sched:sched_process_free, from the RCU callback. */
LTTNG_UST_TRACEPOINT_EVENT(mmreplay, free,
	LTTNG_UST_TP_ARGS(uint64_t, time, uint32_t, cpu, int32_t, tid, const char *, comm),
	LTTNG_UST_TP_FIELDS(
		lttng_ust_field_integer(uint64_t, time, time)
		lttng_ust_field_integer(uint32_t, cpu, cpu)
		lttng_ust_field_integer(int32_t, tid, tid)
		lttng_ust_field_string(comm, comm)))

/* vmalloc:alloc_vmap_area, free_vmap_area_noflush, purge_vmap_area_lazy; tid is the current task. */
LTTNG_UST_TRACEPOINT_EVENT(mmreplay, vmalloc,
	LTTNG_UST_TP_ARGS(uint64_t, time, uint32_t, cpu, int32_t, tid, uint64_t, addr, uint64_t, size, int32_t, failed),
	LTTNG_UST_TP_FIELDS(
		lttng_ust_field_integer(uint64_t, time, time)
		lttng_ust_field_integer(uint32_t, cpu, cpu)
		lttng_ust_field_integer(int32_t, tid, tid)
		lttng_ust_field_integer_hex(uint64_t, addr, addr)
		lttng_ust_field_integer(uint64_t, size, size)
		lttng_ust_field_integer(int32_t, failed, failed)))
LTTNG_UST_TRACEPOINT_EVENT(mmreplay, vfree,
	LTTNG_UST_TP_ARGS(uint64_t, time, uint32_t, cpu, int32_t, tid, uint64_t, addr),
	LTTNG_UST_TP_FIELDS(
		lttng_ust_field_integer(uint64_t, time, time)
		lttng_ust_field_integer(uint32_t, cpu, cpu)
		lttng_ust_field_integer(int32_t, tid, tid)
		lttng_ust_field_integer_hex(uint64_t, addr, addr)))
LTTNG_UST_TRACEPOINT_EVENT(mmreplay, purge,
	LTTNG_UST_TP_ARGS(uint64_t, time, uint32_t, cpu, int32_t, tid, uint64_t, start, uint64_t, end, uint32_t, npurged),
	LTTNG_UST_TP_FIELDS(
		lttng_ust_field_integer(uint64_t, time, time)
		lttng_ust_field_integer(uint32_t, cpu, cpu)
		lttng_ust_field_integer(int32_t, tid, tid)
		lttng_ust_field_integer_hex(uint64_t, start, start)
		lttng_ust_field_integer_hex(uint64_t, end, end)
		lttng_ust_field_integer(uint32_t, npurged, npurged)))

/*
 * lock:contention_begin, with the kernel's part of the call chain, the innermost
 * frame first, and lock:contention_end: only where the recorder was asked for
 * them. tid is the current task, flags are the kernel's LCB_F_*.
 */
LTTNG_UST_TRACEPOINT_EVENT(mmreplay, contention_begin,
	LTTNG_UST_TP_ARGS(uint64_t, time, uint32_t, cpu, int32_t, tid, uint64_t, lock, uint32_t, flags, const uint64_t *, chain,
			  uint32_t, frames),
	LTTNG_UST_TP_FIELDS(
		lttng_ust_field_integer(uint64_t, time, time)
		lttng_ust_field_integer(uint32_t, cpu, cpu)
		lttng_ust_field_integer(int32_t, tid, tid)
		lttng_ust_field_integer_hex(uint64_t, lock, lock)
		lttng_ust_field_integer(uint32_t, flags, flags)
		lttng_ust_field_sequence_hex(uint64_t, chain, chain, uint32_t, frames)))
LTTNG_UST_TRACEPOINT_EVENT(mmreplay, contention_end,
	LTTNG_UST_TP_ARGS(uint64_t, time, uint32_t, cpu, int32_t, tid, uint64_t, lock, int32_t, ret),
	LTTNG_UST_TP_FIELDS(
		lttng_ust_field_integer(uint64_t, time, time)
		lttng_ust_field_integer(uint32_t, cpu, cpu)
		lttng_ust_field_integer(int32_t, tid, tid)
		lttng_ust_field_integer_hex(uint64_t, lock, lock)
		lttng_ust_field_integer(int32_t, ret, ret)))

/* A function that a call chain goes through, once, before the first such chain: from addr on, size bytes. */
LTTNG_UST_TRACEPOINT_EVENT(mmreplay, symbol,
	LTTNG_UST_TP_ARGS(uint64_t, time, uint64_t, addr, uint64_t, size, const char *, name),
	LTTNG_UST_TP_FIELDS(
		lttng_ust_field_integer(uint64_t, time, time)
		lttng_ust_field_integer_hex(uint64_t, addr, addr)
		lttng_ust_field_integer(uint64_t, size, size)
		lttng_ust_field_string(name, name)))

/* Samples that a ring buffer dropped; `time` is when the reader learnt of it. */
LTTNG_UST_TRACEPOINT_EVENT(mmreplay, lost,
	LTTNG_UST_TP_ARGS(uint64_t, time, uint32_t, cpu, uint64_t, count),
	LTTNG_UST_TP_FIELDS(
		lttng_ust_field_integer(uint64_t, time, time)
		lttng_ust_field_integer(uint32_t, cpu, cpu)
		lttng_ust_field_integer(uint64_t, count, count)))

/*
 * State dump, from /proc, after the tracepoints were switched on: real events
 * interleave with it. kthread: 1 for a kernel thread. state: the letter of
 * /proc/PID/stat; 'Z' and 'X' have exited before the dump, so their mm is gone
 * and only their free event is still to come. A task that a live event has
 * already shown is not contradicted by its dump entry.
 */
LTTNG_UST_TRACEPOINT_EVENT(mmreplay, statedump_process,
	LTTNG_UST_TP_ARGS(uint64_t, time, int32_t, tid, int32_t, tgid, int32_t, ppid, uint8_t, kthread, int8_t, state,
			  const char *, comm),
	LTTNG_UST_TP_FIELDS(
		lttng_ust_field_integer(uint64_t, time, time)
		lttng_ust_field_integer(int32_t, tid, tid)
		lttng_ust_field_integer(int32_t, tgid, tgid)
		lttng_ust_field_integer(int32_t, ppid, ppid)
		lttng_ust_field_integer(uint8_t, kthread, kthread)
		lttng_ust_field_integer(int8_t, state, state)
		lttng_ust_field_string(comm, comm)))
LTTNG_UST_TRACEPOINT_EVENT(mmreplay, statedump_end,
	LTTNG_UST_TP_ARGS(uint64_t, time, uint32_t, tasks),
	LTTNG_UST_TP_FIELDS(
		lttng_ust_field_integer(uint64_t, time, time)
		lttng_ust_field_integer(uint32_t, tasks, tasks)))

/* Last: what the recorder counted, so that a reader can hold the trace against it. */
LTTNG_UST_TRACEPOINT_EVENT(mmreplay, capture_end,
	LTTNG_UST_TP_ARGS(uint64_t, time, uint64_t, events, uint64_t, lost),
	LTTNG_UST_TP_FIELDS(
		lttng_ust_field_integer(uint64_t, time, time)
		lttng_ust_field_integer(uint64_t, events, events)
		lttng_ust_field_integer(uint64_t, lost, lost)))

#endif

#include <lttng/tracepoint-event.h>
