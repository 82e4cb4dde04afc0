/*
 * sweep.h - what one `mmreplay replay` does: its input, and every combination
 * of the settings asked for. One thread, but for the engines (crew.h);
 * cmd_replay.c makes the job and ends it.
 */
#ifndef REPLAY_SWEEP_H
#define REPLAY_SWEEP_H

#include <limits.h>

#include "replay/native/native.h"
#include "replay/options.h"
#include "replay/reference.h"
#include "replay/sweep_progress.h"
#include "schemas/command.h"

struct job {
	struct mmr_ctx *ctx;
	struct options o;
	struct mmw_reader *file;
	struct workload w;
	struct native_clock clock;
	struct surround surround;
	struct result_sink *sink;
	char imported[PATH_MAX]; /* a trace's temporary .mmw, "" when there is none */
	char topology[TOPOLOGY_TEXT + 16]; /* as the store names it, "" for a real machine */
	struct plan plan[LIST_MAX]; /* by thread count; those that are not needed now are empty */
	struct reference reference;
	struct sweep_progress progress;
	struct crew *crew; /* NULL: one run after another */
	bool resumed;
	unsigned there; /* runs that were there before */
	/* --trace */
	struct mmr_trace *trace;
	const struct mmr_ust_replay *emit; /* NULL: this replay is not traced */
	struct mmr_err trace_error; /* why it had to end early */
	volatile sig_atomic_t halt; /* what stops a traced run, or several at once: trace, signal, another run */
	bool violation, lost;
	bool told; /* why the sweep ends */
};

/* CLOCK_MONOTONIC in nanoseconds. */
uint64_t sweep_now(void);

/* Returns an exit status, having said what is wrong; violations are noted in @j. */
int sweep(struct job *j);

#endif
