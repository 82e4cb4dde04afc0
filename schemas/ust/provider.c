/* The provider's one definition, and the table of provider.h over its tracepoints. */
#define LTTNG_UST_TRACEPOINT_CREATE_PROBES
#define LTTNG_UST_TRACEPOINT_DEFINE
#include "schemas/ust/mmreplay_tp.h"

#include "schemas/ust/provider.h"

static bool enabled(void)
{
	return lttng_ust_tracepoint_enabled(mmreplay, capture) && lttng_ust_tracepoint_enabled(mmreplay, capture_end);
}

static void emit_capture(uint64_t time, const char *host, const char *kernel, const char *command, uint32_t cpus,
			 int32_t recorder_tgid, int32_t child_tgid, int64_t epoch_ns)
{
	lttng_ust_tracepoint(mmreplay, capture, time, host, kernel, command, cpus, recorder_tgid, child_tgid, epoch_ns);
}

static void emit_fork(uint64_t time, uint32_t cpu, int32_t parent_tid, int32_t parent_tgid, const char *parent_comm,
		      int32_t child_tid, const char *child_comm)
{
	lttng_ust_tracepoint(mmreplay, fork, time, cpu, parent_tid, parent_tgid, parent_comm, child_tid, child_comm);
}

static void emit_newtask(uint64_t time, uint32_t cpu, int32_t parent_tid, int32_t tid, const char *comm,
			 uint64_t clone_flags)
{
	lttng_ust_tracepoint(mmreplay, newtask, time, cpu, parent_tid, tid, comm, clone_flags);
}

static void emit_exec(uint64_t time, uint32_t cpu, int32_t tid, int32_t old_tid, const char *filename)
{
	lttng_ust_tracepoint(mmreplay, exec, time, cpu, tid, old_tid, filename);
}

static void emit_exit(uint64_t time, uint32_t cpu, int32_t tid, const char *comm, int8_t group_dead)
{
	lttng_ust_tracepoint(mmreplay, exit, time, cpu, tid, comm, group_dead);
}

static void emit_free(uint64_t time, uint32_t cpu, int32_t tid, const char *comm)
{
	lttng_ust_tracepoint(mmreplay, free, time, cpu, tid, comm);
}

static void emit_vmalloc(uint64_t time, uint32_t cpu, int32_t tid, uint64_t addr, uint64_t size, int32_t failed)
{
	lttng_ust_tracepoint(mmreplay, vmalloc, time, cpu, tid, addr, size, failed);
}

static void emit_vfree(uint64_t time, uint32_t cpu, int32_t tid, uint64_t addr)
{
	lttng_ust_tracepoint(mmreplay, vfree, time, cpu, tid, addr);
}

static void emit_purge(uint64_t time, uint32_t cpu, int32_t tid, uint64_t start, uint64_t end, uint32_t npurged)
{
	lttng_ust_tracepoint(mmreplay, purge, time, cpu, tid, start, end, npurged);
}

static void emit_contention_begin(uint64_t time, uint32_t cpu, int32_t tid, uint64_t lock, uint32_t flags,
				  const uint64_t *chain, uint32_t frames)
{
	lttng_ust_tracepoint(mmreplay, contention_begin, time, cpu, tid, lock, flags, chain, frames);
}

static void emit_contention_end(uint64_t time, uint32_t cpu, int32_t tid, uint64_t lock, int32_t ret)
{
	lttng_ust_tracepoint(mmreplay, contention_end, time, cpu, tid, lock, ret);
}

static void emit_symbol(uint64_t time, uint64_t addr, uint64_t size, const char *name)
{
	lttng_ust_tracepoint(mmreplay, symbol, time, addr, size, name);
}

static void emit_lost(uint64_t time, uint32_t cpu, uint64_t count)
{
	lttng_ust_tracepoint(mmreplay, lost, time, cpu, count);
}

static void emit_statedump_process(uint64_t time, int32_t tid, int32_t tgid, int32_t ppid, uint8_t kthread,
				   int8_t state, const char *comm)
{
	lttng_ust_tracepoint(mmreplay, statedump_process, time, tid, tgid, ppid, kthread, state, comm);
}

static void emit_statedump_end(uint64_t time, uint32_t tasks)
{
	lttng_ust_tracepoint(mmreplay, statedump_end, time, tasks);
}

static void emit_capture_end(uint64_t time, uint64_t events, uint64_t lost)
{
	lttng_ust_tracepoint(mmreplay, capture_end, time, events, lost);
}

extern const struct mmr_ust mmr_ust;
const struct mmr_ust mmr_ust = {
	.version = MMR_UST_VERSION,
	.size = sizeof(struct mmr_ust),
	.enabled = enabled,
	.capture = emit_capture,
	.fork = emit_fork,
	.newtask = emit_newtask,
	.exec = emit_exec,
	.exit = emit_exit,
	.free = emit_free,
	.vmalloc = emit_vmalloc,
	.vfree = emit_vfree,
	.purge = emit_purge,
	.contention_begin = emit_contention_begin,
	.contention_end = emit_contention_end,
	.symbol = emit_symbol,
	.lost = emit_lost,
	.statedump_process = emit_statedump_process,
	.statedump_end = emit_statedump_end,
	.capture_end = emit_capture_end,
	.replay = &mmr_ust_replay,
};
