/* The definition of replay_tp.h's tracepoints, and their part of the table. */
#define LTTNG_UST_TRACEPOINT_CREATE_PROBES
#define LTTNG_UST_TRACEPOINT_DEFINE
#include "schemas/ust/replay_tp.h"

#include "schemas/ust/provider.h"

/* The names of a new operation belong into replay_tp.h. */
_Static_assert(EV_NR == EV_PARENT + 1, "an event type without a name in replay_tp.h");

static bool enabled(void)
{
	return lttng_ust_tracepoint_enabled(mmreplay_replay, run_begin) &&
	       lttng_ust_tracepoint_enabled(mmreplay_replay, lock_released);
}

static void emit_run_begin(uint64_t time, int64_t run, const char *workload, const char *design, const char *lock_kind,
			   uint32_t workers, uint32_t repeat_no)
{
	lttng_ust_tracepoint(mmreplay_replay, run_begin, time, run, workload, design, lock_kind, workers, repeat_no);
}

static void emit_run_end(uint64_t time, int64_t run, uint64_t events)
{
	lttng_ust_tracepoint(mmreplay_replay, run_end, time, run, events);
}

static void emit_op_begin(uint64_t time, uint16_t worker, uint8_t op, uint32_t task, uint32_t mm, uint32_t event)
{
	lttng_ust_tracepoint(mmreplay_replay, op_begin, time, worker, op, task, mm, event);
}

static void emit_op_end(uint64_t time, uint16_t worker, uint8_t op, uint32_t task, uint32_t mm, uint32_t event,
			uint64_t took_ns)
{
	lttng_ust_tracepoint(mmreplay_replay, op_end, time, worker, op, task, mm, event, took_ns);
}

static void emit_lock_acquired(uint64_t time, uint16_t worker, const char *lock, uint8_t mode, uint64_t waited_ns)
{
	lttng_ust_tracepoint(mmreplay_replay, lock_acquired, time, worker, lock, mode, waited_ns);
}

static void emit_lock_released(uint64_t time, uint16_t worker, const char *lock, uint8_t mode, uint64_t held_ns)
{
	lttng_ust_tracepoint(mmreplay_replay, lock_released, time, worker, lock, mode, held_ns);
}

const struct mmr_ust_replay mmr_ust_replay = {
	.enabled = enabled,
	.run_begin = emit_run_begin,
	.run_end = emit_run_end,
	.op_begin = emit_op_begin,
	.op_end = emit_op_end,
	.lock_acquired = emit_lock_acquired,
	.lock_released = emit_lock_released,
};
