/*
 * replay_tp.h - what `replay --trace` emits: the replay's own operations and
 * locks, for babeltrace2, Trace Compass or anything else that reads CTF.
 *
 * `time` is CLOCK_MONOTONIC in ns when it happened; the CTF time is when it was
 * written. An operation's begin is written at once, its locks after its end, so
 * that no lock is held meanwhile, then its end. So the `time` of one worker's
 * events never goes back, and they lie between its op_begin and its op_end.
 * (Locks taken between two operations come before the next op_begin.) Workers
 * are the threads of the run, from 0; task and mm are the workload's ids, event
 * is the ordinal of its event there.
 */
#undef LTTNG_UST_TRACEPOINT_PROVIDER
#define LTTNG_UST_TRACEPOINT_PROVIDER mmreplay_replay

#undef LTTNG_UST_TRACEPOINT_INCLUDE
#define LTTNG_UST_TRACEPOINT_INCLUDE "schemas/ust/replay_tp.h"

#if !defined(MMREPLAY_REPLAY_TP_H) || defined(LTTNG_UST_TRACEPOINT_HEADER_MULTI_READ)
#define MMREPLAY_REPLAY_TP_H

#include <lttng/tracepoint.h>
#include <stdint.h>

#include "schemas/event.h"

LTTNG_UST_TRACEPOINT_ENUM(mmreplay_replay, op,
	LTTNG_UST_TP_ENUM_VALUES(
		lttng_ust_field_enum_value("none", EV_NONE)
		lttng_ust_field_enum_value("present", EV_PRESENT)
		lttng_ust_field_enum_value("fork", EV_FORK)
		lttng_ust_field_enum_value("vfork", EV_VFORK)
		lttng_ust_field_enum_value("thread", EV_THREAD)
		lttng_ust_field_enum_value("exec", EV_EXEC)
		lttng_ust_field_enum_value("exit", EV_EXIT)
		lttng_ust_field_enum_value("free", EV_FREE)
		lttng_ust_field_enum_value("switch", EV_SWITCH)
		lttng_ust_field_enum_value("vmalloc", EV_VMALLOC)
		lttng_ust_field_enum_value("vfree", EV_VFREE)
		lttng_ust_field_enum_value("purge", EV_PURGE)
		lttng_ust_field_enum_value("hot_add", EV_HOT_ADD)
		lttng_ust_field_enum_value("hot_remove", EV_HOT_REMOVE)
		lttng_ust_field_enum_value("sync", EV_SYNC)
		lttng_ust_field_enum_value("online", EV_ONLINE)
		lttng_ust_field_enum_value("offline", EV_OFFLINE)
		lttng_ust_field_enum_value("fault", EV_FAULT)
		lttng_ust_field_enum_value("pin_all", EV_PIN_ALL)
		lttng_ust_field_enum_value("unpin_all", EV_UNPIN_ALL)
		lttng_ust_field_enum_value("lost", EV_LOST)
		lttng_ust_field_enum_value("parent", EV_PARENT)))

LTTNG_UST_TRACEPOINT_ENUM(mmreplay_replay, mode,
	LTTNG_UST_TP_ENUM_VALUES(
		lttng_ust_field_enum_value("exclusive", 0)
		lttng_ust_field_enum_value("read", 1)
		lttng_ust_field_enum_value("write", 2)))

/* Around each run of the sweep. `run` is its id in the results store. */
LTTNG_UST_TRACEPOINT_EVENT(mmreplay_replay, run_begin,
	LTTNG_UST_TP_ARGS(uint64_t, time, int64_t, run, const char *, workload, const char *, design, const char *, lock_kind,
			  uint32_t, workers, uint32_t, repeat_no),
	LTTNG_UST_TP_FIELDS(
		lttng_ust_field_integer(uint64_t, time, time)
		lttng_ust_field_integer(int64_t, run, run)
		lttng_ust_field_string(workload, workload)
		lttng_ust_field_string(design, design)
		lttng_ust_field_string(lock_kind, lock_kind)
		lttng_ust_field_integer(uint32_t, workers, workers)
		lttng_ust_field_integer(uint32_t, repeat_no, repeat_no)))
LTTNG_UST_TRACEPOINT_EVENT(mmreplay_replay, run_end,
	LTTNG_UST_TP_ARGS(uint64_t, time, int64_t, run, uint64_t, events),
	LTTNG_UST_TP_FIELDS(
		lttng_ust_field_integer(uint64_t, time, time)
		lttng_ust_field_integer(int64_t, run, run)
		lttng_ust_field_integer(uint64_t, events, events))) /* operations done */

LTTNG_UST_TRACEPOINT_EVENT(mmreplay_replay, op_begin,
	LTTNG_UST_TP_ARGS(uint64_t, time, uint16_t, worker, uint8_t, op_, uint32_t, task, uint32_t, mm, uint32_t, event),
	LTTNG_UST_TP_FIELDS(
		lttng_ust_field_integer(uint64_t, time, time)
		lttng_ust_field_integer(uint16_t, worker, worker)
		lttng_ust_field_enum(mmreplay_replay, op, uint8_t, op, op_)
		lttng_ust_field_integer(uint32_t, task, task)
		lttng_ust_field_integer(uint32_t, mm, mm)
		lttng_ust_field_integer(uint32_t, event, event)))
LTTNG_UST_TRACEPOINT_EVENT(mmreplay_replay, op_end,
	LTTNG_UST_TP_ARGS(uint64_t, time, uint16_t, worker, uint8_t, op_, uint32_t, task, uint32_t, mm, uint32_t, event,
			  uint64_t, took_ns),
	LTTNG_UST_TP_FIELDS(
		lttng_ust_field_integer(uint64_t, time, time)
		lttng_ust_field_integer(uint16_t, worker, worker)
		lttng_ust_field_enum(mmreplay_replay, op, uint8_t, op, op_)
		lttng_ust_field_integer(uint32_t, task, task)
		lttng_ust_field_integer(uint32_t, mm, mm)
		lttng_ust_field_integer(uint32_t, event, event)
		/* With the switch to its task; without the writing of op_begin, which lies between the two times. */
		lttng_ust_field_integer(uint64_t, took_ns, took_ns)))

/* `time`: when the lock was had. waited_ns: 0 when the first attempt succeeded. */
LTTNG_UST_TRACEPOINT_EVENT(mmreplay_replay, lock_acquired,
	LTTNG_UST_TP_ARGS(uint64_t, time, uint16_t, worker, const char *, lock, uint8_t, mode_, uint64_t, waited_ns),
	LTTNG_UST_TP_FIELDS(
		lttng_ust_field_integer(uint64_t, time, time)
		lttng_ust_field_integer(uint16_t, worker, worker)
		lttng_ust_field_string(lock, lock)
		lttng_ust_field_enum(mmreplay_replay, mode, uint8_t, mode, mode_)
		lttng_ust_field_integer(uint64_t, waited_ns, waited_ns)))
/* `time`: right after it was given back. */
LTTNG_UST_TRACEPOINT_EVENT(mmreplay_replay, lock_released,
	LTTNG_UST_TP_ARGS(uint64_t, time, uint16_t, worker, const char *, lock, uint8_t, mode_, uint64_t, held_ns),
	LTTNG_UST_TP_FIELDS(
		lttng_ust_field_integer(uint64_t, time, time)
		lttng_ust_field_integer(uint16_t, worker, worker)
		lttng_ust_field_string(lock, lock)
		lttng_ust_field_enum(mmreplay_replay, mode, uint8_t, mode, mode_)
		lttng_ust_field_integer(uint64_t, held_ns, held_ns)))

#endif

#include <lttng/tracepoint-event.h>
