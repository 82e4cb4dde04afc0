/*
 * sweep_run.h - one run of a sweep: its row in the store, the engine, its
 * figures in the store.
 *
 * Begun and ended by the thread of the sweep; what is between may be done by any,
 * and touches nothing but the run itself and what all runs only read.
 */
#ifndef REPLAY_SWEEP_RUN_H
#define REPLAY_SWEEP_RUN_H

#include "replay/sweep.h"

/* One run that is asked for; repeat 0 is the warm-up, which nobody stores. */
struct setting {
	const struct design_ops *design;
	const struct design_choice *choice;
	unsigned threads, speed; /* indices into the options' lists */
	unsigned repeat_no;
};

struct sweep_run {
	struct job *job;
	struct setting setting;
	unsigned place; /* among those that run side by side */
	struct result_config rc;
	struct run_config nc;
	int64_t id;
	struct run_figures r;
	struct mmr_err e;
	bool ran; /* there are figures, and no error */
	uint64_t done; /* events, for the progress; atomic */
};

/* What the store calls it. */
struct result_config setting_describe(const struct job *j, const struct setting *s);

/* Once, unrecorded: the first repeat shall find memory and caches as the later ones do. An exit status. */
int setting_warm_up(struct job *j, const struct setting *s);

/* Makes its row. @alone: nothing runs beside it, and it shows its progress itself. An exit status. */
int sweep_run_begin(struct sweep_run *run, bool alone);
/* Any thread's part. */
void sweep_run_perform(struct sweep_run *run);
/* How far it is, for its job's progress. */
void sweep_run_progress(struct sweep_run *run);
/* Stores its figures, or that it failed. An exit status. */
int sweep_run_end(struct sweep_run *run);

#endif
