/*
 * run.h - one run of a plan under one design: what every engine is asked, and
 * what it answers.
 */
#ifndef REPLAY_RUN_H
#define REPLAY_RUN_H

#include <signal.h>

#include "replay/design.h"
#include "replay/plan.h"
#include "schemas/result.h"

struct geometry;
struct topology;
struct native_clock;
struct mmr_ust_replay;

enum measure { MEASURE_OFF, MEASURE_SAMPLED, MEASURE_FULL };

/* --delay LOCK=NS */
struct lock_delay {
	char lock[32];
	uint64_t ns;
};

/* --surround: what the kernel does around the modelled part of an operation, in nanoseconds. */
struct surround {
	uint64_t ns[EV_MAX];
};

struct run_config {
	const struct workload *workload;
	const struct plan *plan;
	const struct design_ops *design;
	const struct geometry *geometry;
	const struct native_clock *clock; /* of the native engine */
	const struct topology *topology; /* of the sim engine */
	bool exact; /* of the sim engine: without what makes it fast (sim.h) */
	bool oversubscribed;
	/* Pace: an operation begins no earlier than its recorded time / speed after the run's begin; 0: as soon as it can. */
	double speed;
	const struct surround *surround; /* work that the designs do not model; NULL: none */
	enum measure measure;
	unsigned sample_every;
	uint64_t seed;
	const struct lock_delay *delays;
	unsigned ndelays;
	/* The era's and `:fix=`'s part of struct kernel; a design may own its sync policy (DESIGN_OWNS_SYNC). */
	uint32_t sync_policy, fixed;
	bool fault_handler;
	unsigned patience_ms; /* so long no worker may do anything before the run ends with I7; 0: 10 s */
	bool rcu_mutant; /* call_rcu() frees at once; for the tests of the oracle */
	/* May be NULL. Non-zero stops the run at the next operation of each worker. */
	const volatile sig_atomic_t *stop;
	const struct mmr_ust_replay *trace; /* of the native engine: tell what is done (schemas/ust); may be NULL */
	/* Called about ten times a second with the operations done so far; may be NULL. */
	void (*progress)(void *arg, uint64_t done);
	void *progress_arg;
};

struct run_figures {
	struct result_run run; /* points into what follows; valid until run_figures_free() */
	struct result_lock *locks;
	struct result_op *ops;
	struct result_violation *violations;
	struct result_conflict *conflicts;
	struct result_blocker *blockers;
	struct result_comm *comms;
	struct result_slow *slow;
	struct hist *hists;
	struct hist drift;
	char (*texts)[160];
	unsigned nhists;
};

/* Frees what @r points to; of a zeroed one nothing. */
void run_figures_free(struct run_figures *r);

#endif
