/*
 * worker.h (native) - one worker thread, and what the workers of a run share.
 */
#ifndef NATIVE_WORKER_H
#define NATIVE_WORKER_H

#include "replay/native/native.h"
#include "replay/native/world.h"

/* Written by one worker, read by those that wait for it; a line of its own. */
struct progress {
	u32 done;
} ____per_cpu_aligned;

struct meeting {
	u32 arrived ____cacheline_aligned;
	u32 released ____cacheline_aligned;
};

struct run {
	const struct run_config *c;
	struct eng_world *w;
	struct progress *progress;
	struct meeting start, check;
	u32 stop ____cacheline_aligned; /* somebody was told to stop: nobody waits for anybody any more */
	u32 hung; /* nothing went on: the run was given up, I7 */
	bool finishing; /* the workers have ended, the oracle has its last look */
	u64 pairs, digest; /* of the oracle's stops; of its last look */
	u64 oracle_cycles;
};

struct worker {
	struct run *run;
	u32 index;
	int pin; /* CPU to run on, -1: any */
	pthread_t thread;
	const struct stream *stream;
	struct ncpu *cpu;
	struct hist *latency; /* [EV_MAX] */
	/* results */
	u64 begin, end; /* TSC */
	u64 done, switches;
	u32 position; /* how far it came in its stream, meetings included */
	u64 waited, stall_cycles, rcu_cycles;
	u64 accesses; /* slots touched after somebody had added them */
	u32 waiting; /* for another worker, between two events */
	u64 peak_mms;
	u64 stop_event; /* where the oracle looks, in the workload */
} ____per_cpu_aligned;

/* The thread's body; @arg is a struct worker. */
void *worker_main(void *arg);

/* Another one's, once all have ended: the oracle's last look, as worker 0. */
void *worker_finish(void *arg);

/* The signal by which watch.c gets a thread out of an operation that does not end. */
void worker_way_out(int sig);

/*
 * Join workers 0..n-1 (watch.c). When nothing goes on for c->patience_ms, or for
 * a second after the run was told to stop, the threads are got out of whatever
 * they are in, and the run is marked: I7, unless it was told to stop.
 */
void watch_join(struct run *r, struct worker *workers, unsigned n);

/* Set up one task that was there before the trace; in the thread that acts as CPU 0. */
void worker_present(struct eng_world *w, const struct rop *op);

#endif
