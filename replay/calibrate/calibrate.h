/*
 * calibrate.h - measuring what things cost on this machine: what the files of
 * this folder share.
 *
 * One thread, the calibrator, measures; it is pinned to one CPU and starts
 * others, pinned to theirs, where two are needed. Nothing else of the process
 * should run meanwhile. Every figure is made of CALIBRATE_RUNS runs; what
 * stands for them is their median, what surrounds it their quartiles. All is
 * done CALIBRATE_PASSES times, because clocks and neighbours change in the
 * meantime: the pass in the middle stands, with the outermost quartiles.
 */
#ifndef REPLAY_CALIBRATE_H
#define REPLAY_CALIBRATE_H

#include <pthread.h>
#include <signal.h>

#include "replay/calibrate/cpus.h"
#include "replay/calibration.h"
#include "replay/native/cpu.h"
#include "replay/native/native.h"

#define CALIBRATE_RUNS 21
#define CALIBRATE_PASSES 3

struct calibrating {
	const struct native_clock *clock;
	const volatile sig_atomic_t *stop; /* may be NULL */
	const struct cpus *cpus;
	struct calibration *out;
	struct transfers *transfers;
};

static inline bool calibrate_told_to_stop(const struct calibrating *c)
{
	return c->stop && *c->stop;
}

/* Another thread of ours that does not run for so long: its CPU is somebody else's. @since: TSC. */
#define CALIBRATE_PATIENCE_NS 1e9
static inline bool calibrate_lost_patience(const struct calibrating *c, uint64_t since)
{
	return calibrate_told_to_stop(c) || (double)(eng_clock() - since) > CALIBRATE_PATIENCE_NS * c->clock->ghz;
}

/* ---- samples.c ---- */

/* Sorts @ps, @n > 0 of them. Median and quartiles, none below 0; @how is what `why` will say. */
void samples_sum_up(double *ps, unsigned n, struct calibrated *to, const char *how);
/* The same without what @base took at its median. */
void samples_sum_up_beyond(double *ps, unsigned n, const struct calibrated *base, struct calibrated *to,
			   const char *how);
/* What @pass says together; what one of them could not measure is not measured. Sorts @pass. */
void calibrated_middle(struct calibrated pass[CALIBRATE_PASSES], struct calibrated *to);
void calibrated_impossible(struct calibrated *to, const char *why);

/* One run: how long one of the things took, in picoseconds. */
typedef double (*one_run)(const struct calibrating *c, void *arg);
/* CALIBRATE_RUNS of them into @ps, after one that is not counted. False: told to stop. */
bool samples_take(const struct calibrating *c, one_run run, void *arg, double ps[CALIBRATE_RUNS]);

/* TSC cycles to ps, for @times of a thing. */
static inline double cycles_each(const struct calibrating *c, uint64_t cycles, double times)
{
	return (double)cycles * 1000 / c->clock->ghz / times;
}

/* ---- threads ---- */

/* Pin this thread to @cpu. -errno. */
int calibrate_pin(unsigned cpu);
/* Start @body pinned to @cpu; -errno when it cannot run there. */
int calibrate_start(pthread_t *thread, unsigned cpu, void *(*body)(void *arg), void *arg);
/* The allowed CPU to measure together with the calibrator's: the nearest other core's if there is one. -1: none. */
int calibrate_partner(const struct cpus *c);

/* ---- what is measured; each fills its costs in c->out, or says there why not ---- */

/* core.c: step, atomic, fence, clear, copy, rcu, timestamp: one CPU by itself. */
void calibrate_core(const struct calibrating *c);
/* caches.c: l2, llc, memory, range_*; and what the last-level cache has for us. */
void calibrate_caches(const struct calibrating *c);
/* transfer.c: smt, cluster, socket, remote; and the pairs in c->transfers. */
void calibrate_transfers(const struct calibrating *c);
/* system.c: ipi, futex, wake, wakeup, grace. */
void calibrate_system(const struct calibrating *c);
/* events.c: event and step, by what the others have found out. */
void calibrate_events(const struct calibrating *c);

/* ---- calibrate.c ---- */

/*
 * All of it, within this thread's affinity. *@out and *@cpus are filled;
 * @transfers is to be freed with transfers_free(). @progress may be NULL.
 * -EINTR when told to stop, -errno when nothing could be measured at all.
 */
struct calibrate_request {
	const struct native_clock *clock;
	const volatile sig_atomic_t *stop; /* may be NULL */
	void (*progress)(void *arg, unsigned done, unsigned of);
	void *progress_arg;
};
int calibrate(const struct calibrate_request *r, struct calibration *out, struct cpus *cpus,
	      struct transfers *transfers, struct mmr_err *e);

/* Costs, then extras, by one number; and what `--topology` calls each. */
#define CALIBRATED_NR (COST_NR + EXTRA_NR)
const struct calibrated *calibrated_at(const struct calibration *c, unsigned i);
const char *calibrated_name(unsigned i);

#endif
