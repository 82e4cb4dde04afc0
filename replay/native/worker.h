/*
 * worker.h (native) - one worker thread, and what the workers of a run share.
 */
#ifndef NATIVE_WORKER_H
#define NATIVE_WORKER_H

#include "replay/native/native.h"
#include "replay/native/world.h"
#include "replay/timeline.h"

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
	/* Pace; what surround costs, by operation. In TSC cycles. */
	u64 zero; /* when recorded time begins; written while all meet */
	u64 spin_cycles;
	double cycles_per_ns; /* of recorded time; 0: as soon as it can */
	bool surrounded;
	u64 surround[EV_MAX];
};

/*
 * Where a worker's time went, in TSC cycles. What is done to each operation is
 * known of the timed ones only, by type; the rest is known of all.
 */
struct worker_time {
	u64 stall, idle, rcu, surround, meet; /* meet: the oracle's stops included */
	u64 harness, gaps; /* between two operations that were both timed; so often */
	u64 mark, mark_apart; /* when the first of them ended, 0: none has; what had been spent apart until then */
	u64 timed[EV_MAX], op[EV_MAX]; /* so many; with their switches, waits and holds */
	u64 wait[EV_MAX], hold[EV_MAX]; /* exclusive: a wait within a hold is a wait */
	u64 wait_reads[EV_MAX], hold_reads[EV_MAX], reads[EV_MAX]; /* clock readings in them; in op in all */
} ____per_cpu_aligned;

enum waiting { WAITING_NOT, WAITING_WORKER, WAITING_TIME };

struct worker {
	struct run *run;
	u32 index;
	int pin; /* CPU to run on, -1: any */
	pthread_t thread;
	const struct stream *stream;
	struct ncpu *cpu;
	struct hist *latency; /* [EV_MAX] */
	struct hist *drift;
	struct worker_time *time;
	struct timeline timeline; /* in ns since the run's `zero`; none when nothing is measured */
	struct slowest slowest;
	/* results */
	u64 begin, end; /* TSC */
	u64 done, switches;
	u32 position; /* how far it came in its stream, meetings included */
	u64 waited;
	u64 accesses; /* slots touched after somebody had added them */
	u32 waiting; /* enum waiting: between two events */
	u64 peak_mms;
	u64 stop_event; /* where the oracle looks, in the workload */
} ____per_cpu_aligned;

/* ---- wait.c: between two events; false, or 0: the run was stopped ---- */

/* Somebody was told to stop; everybody is, from now on. */
bool wait_told_to_stop(struct run *r);

/* Until @n other workers are where they have to be. */
bool wait_order(struct worker *me, const struct wait *w, u32 n);

/* Everybody arrives; the first worker does @work; everybody goes on. */
bool wait_meet(struct worker *me, struct meeting *m, u32 round, void (*work)(struct worker *me));

/* Until @when_ns of recorded time. Returns when that was, as the clock counts. */
u64 wait_time(struct worker *me, u64 when_ns);

/* Work for @cycles, as the kernel would that is not modelled. */
void wait_surround(struct worker *me, u64 cycles);

/* The thread's body; @arg is a struct worker. */
void *worker_main(void *arg);

/* Another one's, once all have ended: the oracle's last look, as worker 0. */
void *worker_finish(void *arg);

/* Operations of each type that the worker did, added to @count: of a run that was stopped, as far as it came. */
void worker_count_ops(const struct worker *k, u64 *count);

/* Where the workers' time went, from the first one's @begin to the last one's @end (time.c). */
struct result_time;
void time_collect(const struct run *r, const struct worker *workers, u64 begin, u64 end, struct result_time *out);

/* ---- collect.c ---- */

/* An interval of the worker's timeline is over: what its locks have counted is booked. */
void collect_interval(struct worker *me);

/* After the run, in the caller's thread as CPU 0: what the workers have noted, as figures. -ENOMEM. */
int collect_figures(struct run *r, struct worker *workers, struct run_figures *out);

/* The signal by which watch.c gets a thread out of an operation that does not end. */
void worker_way_out(int sig);

/*
 * Join workers 0..n-1 (watch.c). When nothing goes on for c->patience_ms, or for
 * a second after the run was told to stop, the threads are got out of whatever
 * they are in, and the run is marked: I7, unless it was told to stop.
 */
void watch_join(struct run *r, struct worker *workers, unsigned n);

#endif
