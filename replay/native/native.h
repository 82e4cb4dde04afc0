/*
 * native.h - the native engine: one run of a plan under one design, on real
 * threads.
 *
 * native_run() is called by one thread at a time; it makes a world, starts the
 * workers, waits for them, holds the result against the invariants, and takes
 * everything down again.
 */
#ifndef NATIVE_NATIVE_H
#define NATIVE_NATIVE_H

#include <signal.h>

#include "replay/design.h"
#include "replay/plan.h"
#include "schemas/result.h"

struct geometry;

enum measure { MEASURE_OFF, MEASURE_SAMPLED, MEASURE_FULL };

/* --delay LOCK=NS */
struct lock_delay {
	char lock[32];
	uint64_t ns;
};

/* What the time stamp counter is worth here; measured once per process. */
struct native_clock {
	double ghz;
	uint64_t mult; /* ns = (cycles * mult) >> 32 */
	uint64_t read_ps; /* one reading, in picoseconds */
};

/* Takes about 50 ms. -ENOTSUP when the counter does not advance; that its rate is constant is taken for granted. */
int native_clock_measure(struct native_clock *c, struct mmr_err *e);

struct native_config {
	const struct workload *workload;
	const struct plan *plan;
	const struct design_ops *design;
	const struct geometry *geometry;
	const struct native_clock *clock;
	bool oversubscribed;
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
	/* Called about ten times a second with the operations done so far; may be NULL. */
	void (*progress)(void *arg, uint64_t done);
	void *progress_arg;
};

struct native_result {
	struct result_run run; /* points into what follows; valid until native_result_free() */
	struct result_lock *locks;
	struct result_op *ops;
	struct result_violation *violations;
	struct hist *hists;
	char (*texts)[160];
	unsigned nhists;
};

/*
 * 0 and *@r, to be freed, also when the run was interrupted or found
 * violations; -errno when it could not be made.
 */
int native_run(const struct native_config *c, struct native_result *r, struct mmr_err *e);
void native_result_free(struct native_result *r);

/* CPUs that this process may run on, and the @i-th of them. */
unsigned native_cpus(void);

#endif
