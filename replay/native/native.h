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

#include "replay/run.h"

/* What the time stamp counter is worth here; measured once per process. */
struct native_clock {
	double ghz;
	uint64_t mult; /* ns = (cycles * mult) >> 32 */
	uint64_t read_ps; /* one reading, in picoseconds */
	/* Of native_pace_measure(); 0: it was not called, and paced runs assume the worst. */
	uint64_t late_p50_ns, late_max_ns; /* how late a sleep ends */
	uint64_t spin_ns; /* so long before a deadline a worker stops sleeping */
};

/* Takes about 50 ms. -ENOTSUP when the counter does not advance; that its rate is constant is taken for granted. */
int native_clock_measure(struct native_clock *c, struct mmr_err *e);

/* How late sleeps end here, for runs that keep recorded times. Takes about 50 ms. */
void native_pace_measure(struct native_clock *c);

/*
 * 0 and *@r, to be freed, also when the run was interrupted or found
 * violations; -errno when it could not be made.
 */
int native_run(const struct run_config *c, struct run_figures *r, struct mmr_err *e);

/* CPUs that this process may run on, and the @i-th of them. */
unsigned native_cpus(void);

#endif
