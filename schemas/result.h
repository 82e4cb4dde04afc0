/*
 * result.h - what one replay run yields: the plain structures that replay
 * fills and analyze stores. The column names are those of results.sql.
 *
 * All times are in nanoseconds. Strings are owned by the caller and need to
 * live only for the call they are passed to.
 */
#ifndef MMR_RESULT_H
#define MMR_RESULT_H

#include <stdbool.h>
#include <stdint.h>

#include "schemas/error.h"
#include "schemas/event.h"
#include "schemas/hist.h"

struct result_machine {
	const char *host, *kernel, *cpu_model;
	unsigned cpus;
	uint64_t memory_bytes;
	double tsc_ghz;
	uint64_t clock_read_ns_x1000; /* what one timestamp costs, in picoseconds */
};

/* How fast the machine was between the runs of a setting: a short run of the floor. */
struct result_reference {
	const char *design; /* the floor's name */
	unsigned repeat_no; /* after which */
	uint64_t events, wall_ns;
};

/* How the kernel itself waited for its locks while it was captured: mmw.h says what a row is. */
struct result_contention {
	const char *caller, *within; /* functions */
	const char *type; /* "spinlock", "rwlock:W"...; "" of the sum of what waited least */
	uint64_t contentions, wait_total_ns, wait_min_ns, wait_max_ns;
};

struct result_workload {
	const char *path;
	const char *source; /* "perf", "lttng-kernel", "mmreplay-ust", "generate" ... */
	const char *source_hash; /* identifies the content: two imports of one trace are one workload */
	const char *host, *kernel, *profile;
	uint64_t duration_ns; /* recorded */
	unsigned cpus; /* recorded */
	uint64_t tasks, mms, peak_mms, lost, unresolved;
	uint64_t count[EV_MAX]; /* as recorded, without injections */
	const struct result_contention *contention; /* none: not captured, or the kernel did not wait */
	unsigned ncontentions;
};

struct result_config {
	const char *subject, *design, *engine, *lock, *era, *geometry;
	unsigned threads;
	const char *partition, *order_mode, *pace;
	double speed;
	unsigned copies;
	const char *measure, *surround, *inject, *delay;
	unsigned sample_every; /* 1 for full, 0 for off */
	unsigned repeat_no;
	uint64_t seed;
	bool oversubscribed;
	const char *topology; /* of the sim engine: the text of its struct result_topology; "" for a real machine */
	bool floor; /* no design: what the harness alone costs */
	const char *version, *command;
};

/* What a simulated machine costs. */
struct result_cost {
	const char *name; /* "cluster", "atomic" ... */
	uint64_t ps; /* picoseconds */
	const char *origin; /* "measured", "published" or "assumed" */
	const char *source; /* where the figure comes from, or why it was assumed */
};

struct result_topology {
	const char *text; /* tells it from every other one: name, shape, and each cost that is not the preset's */
	const struct result_cost *cost;
	unsigned ncosts;
};

enum result_status { RUN_RUNNING, RUN_DONE, RUN_INTERRUPTED, RUN_FAILED };
enum result_verdict { VERDICT_UNCHECKED, VERDICT_PASS, VERDICT_VIOLATION };

/* What one lock did in a part of the run; of the timed acquisitions, the last three. */
struct result_interval {
	unsigned seq; /* its place in the run */
	uint64_t begin_ns, length_ns; /* since the run's begin */
	uint64_t acquisitions, contentions;
	uint64_t timed, wait_ns, hold_ns;
};

/* One lock, one mode ("read", "write" or "exclusive"), kernel lock_stat's columns. */
struct result_lock {
	const char *lock, *mode;
	uint64_t acquisitions,
		contentions; /* exact; a run with measure off has locks only where --delay looks at them */
	uint64_t acq_bounces, con_bounces;
	/*
	 * Of the timed acquisitions only (all in full, 1 in sample_every in
	 * sampled): a total over all of them is total / count * acquisitions.
	 * wait holds an entry for each timed acquisition that had to wait.
	 */
	uint64_t timed;
	const struct hist *wait, *hold;
	/* Timed holds during which the holder was off its CPU; they are not in hold. */
	uint64_t descheduled, descheduled_ns;
	/* Of the holds in hold, the time not spent inside another timed hold. */
	uint64_t outermost_ns;
	/* Of the holds in hold, what reading the clock inside them took. */
	uint64_t clock_ns;
	/*
	 * Those with any acquisition, in order; together they hold all of the
	 * above. An operation's are where it began.
	 */
	const struct result_interval *timeline;
	unsigned nintervals;
};

/* One operation (an event type's name, or "context_switch", "sync" ...). */
struct result_op {
	const char *op;
	uint64_t count; /* all of them */
	const struct hist *latency; /* of the timed ones */
};

/*
 * Cache-line conflicts (mtrace's rule): accesses by one CPU to a line that
 * another has written since it last looked; they depend on no cost. Sim only.
 */
struct result_conflict {
	const char *op; /* as in result_op */
	const char *line; /* "pgd_lock", "task_struct: mm, alloc_lock"...: what lies on it */
	uint64_t count;
	uint64_t stall_ns; /* what these accesses cost by the topology */
};

/* Who waited for whom: operations of type @waiter for a lock that one of type @holder held when it was let go. */
struct result_blocker {
	const char *lock, *mode; /* as in result_lock; the waiter's mode */
	const char *waiter, *holder; /* as in result_op; "replay": between two events */
	uint64_t count, wait_ns; /* of the timed waits */
};

/*
 * Operations of one type by tasks of one name: the workload's, or "(unknown)",
 * "(others)", "(injected)". The name may come twice: then these are to be added.
 */
struct result_comm {
	const char *comm, *op; /* op: an event type's name; "replay": between two events */
	uint64_t count; /* all of them */
	/* Of the timed ones: waits for locks, and outermost holds without the waits in them. */
	uint64_t timed, wait_ns, hold_ns;
	/* Timed waits of anybody for a lock that one of these had when it was let go. */
	uint64_t caused, caused_ns;
};

/* One of the slowest of the timed operations. */
struct result_slow {
	const char *op;
	uint64_t latency_ns, begin_ns; /* paced: both from its recorded time; since the run's begin */
	uint64_t late_ns; /* of the latency, how late it began; 0 when not paced */
	unsigned worker;
	uint64_t event; /* ordinal in the workload */
	uint64_t task; /* 0: none */
	const char *comm;
	uint64_t wait_ns; /* of the latency, what it waited for locks */
	/* Its longest wait: for what, and who held that when it was let go. NULL: it waited for none. */
	const char *lock, *mode;
	uint64_t longest_ns;
	const char *holder, *holder_comm;
};

struct result_violation {
	const char *invariant; /* "I1b" ... */
	const char *detail; /* one line */
	uint64_t event; /* ordinal in the workload, UINT64_MAX when it is not known */
	uint64_t task, mm;
	int64_t slot; /* -1: none */
	uint64_t count;
};

struct result_run {
	enum result_status status;
	enum result_verdict verdict;
	uint64_t events; /* replayed, injections included */
	uint64_t wall_ns; /* without the oracle's stops */
	uint64_t state_digest;
	uint64_t pairs_compared; /* (PGD, slot) pairs held against the reference after a change */
	uint64_t peak_mms;
	uint64_t op_count[EV_MAX];

	const struct result_lock *locks;
	unsigned nlocks;
	const struct result_op *ops;
	unsigned nops;
	const struct result_violation *violations;
	unsigned nviolations;
	const struct result_blocker *blockers;
	unsigned nblockers;
	const struct result_comm *comms;
	unsigned ncomms;
	const struct result_slow *slow; /* the slowest first */
	unsigned nslow;
	const struct result_conflict *conflicts;
	unsigned nconflicts;

	/* Replay error: order constraints between workers. */
	uint64_t constraints, constraints_waited;
	uint64_t constraints_dropped; /* what order `resource` would keep besides */
	uint64_t stall_ns, rcu_ns; /* summed over the workers */
	uint64_t oracle_ns;
	uint64_t paced_ns; /* recorded, from the first event to the last; with drift */
	/*
	 * Where the workers' time went, summed over them: each nanosecond is in
	 * exactly one of these. 0 throughout: the engine did not look.
	 * In the wait for a lock; within an outermost hold of one; in operations
	 * besides; in work of --surround; in the wait for another worker, or for
	 * a recorded time; for a grace period; in the replay itself.
	 */
	struct result_time {
		uint64_t wait_ns, hold_ns, work_ns, surround_ns, stall_ns, idle_ns, rcu_ns, harness_ns;
	} time;
	/* How late operations began, against recorded time / speed; NULL: not paced. */
	const struct hist *drift;
	/* How quiet the machine was meanwhile; cpu_ns 0: not known, or it does not matter (sim). */
	struct result_hygiene {
		uint64_t cpu_ns; /* elapsed time x CPUs */
		/* Of it: other processes and the kernel; the hypervisor. In clock ticks, which are coarse: of a short run
		   the first may be less than nothing, and only then is the sum of many runs right. */
		int64_t other_ns;
		uint64_t steal_ns;
		double load; /* the load average at the end */
		char governor[32]; /* of CPU 0; "" where frequencies are not ours to see */
		bool smt; /* two threads share a core */
	} hygiene;
	const char *failure; /* why status is RUN_FAILED; else NULL */
};

/*
 * What `mmreplay calibrate` found out about one cost of this machine, in
 * picoseconds. What it could not measure has `measured` false, its assumed
 * value in ps, low_ps and high_ps, and in `why` what kept it from being measured.
 */
struct result_calibration {
	const char *name; /* as in --topology: "step", "cluster"...; "pair 0-1": a line from CPU 0 to CPU 1 */
	uint64_t ps, low_ps, high_ps; /* median, quartiles */
	unsigned runs; /* that these are of */
	bool measured;
	const char *why; /* how it was measured; or why not */
};

/*
 * A results store being written. One thread uses it. Every call returns 0 or
 * -errno. A run that was begun and never ended stays in the store, marked
 * `running`; what is begun and ended is there as a whole.
 */
struct result_sink {
	int (*set_machine)(struct result_sink *s, const struct result_machine *m, struct mmr_err *e);
	int (*set_workload)(struct result_sink *s, const struct result_workload *w, struct mmr_err *e);
	/* After set_machine: the latest calibration of that machine; earlier ones stay in the store. */
	int (*set_calibration)(struct result_sink *s, const struct result_calibration *rows, unsigned n,
			       struct mmr_err *e);
	/* Before the first run that names it. A text that is known gets these costs. */
	int (*set_topology)(struct result_sink *s, const struct result_topology *t, struct mmr_err *e);
	/*
	 * Before the first run: go on with the latest session whose runs have
	 * all in common with @c but design, lock, threads, partition, speed and
	 * repeat. *@found: there is one.
	 */
	int (*resume)(struct result_sink *s, const struct result_config *c, bool *found, struct mmr_err *e);
	/* *@there: a run of this session is done that has those, too; what it found. */
	int (*run_there)(struct result_sink *s, const struct result_config *c, bool *there,
			 enum result_verdict *verdict, struct mmr_err *e);
	/* *@run_id names the run in run_end. */
	int (*run_begin)(struct result_sink *s, const struct result_config *c, int64_t *run_id, struct mmr_err *e);
	int (*run_end)(struct result_sink *s, int64_t run_id, const struct result_run *r, struct mmr_err *e);
	/* A reference run in the setting of run @run_id; one that is there for that repeat is replaced. */
	int (*reference)(struct result_sink *s, int64_t run_id, const struct result_reference *r, struct mmr_err *e);
	int (*close)(struct result_sink *s, struct mmr_err *e);
};

#endif
