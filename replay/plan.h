/*
 * plan.h - a workload made ready to replay: one stream of operations per
 * worker, and what each has to wait for in the others.
 *
 * Everything that can be decided before the run is decided here, so that the
 * hot path holds no look-up but the task table and no shared counter: a worker
 * publishes how far it is, and an operation that depends on another worker's
 * names that worker and the position it must have passed. Dependences always
 * point to earlier events of the workload, so they cannot form a cycle; one
 * that an earlier wait already implies is left out.
 *
 * A plan is made once per (workload, threads, partition, injections) and is
 * constant afterwards: any number of runs may read it.
 */
#ifndef REPLAY_PLAN_H
#define REPLAY_PLAN_H

#include <stdbool.h>
#include <stdint.h>

#include "replay/comms.h"
#include "schemas/error.h"
#include "schemas/event.h"
#include "schemas/mmw.h"

/* A workload in memory. */
struct workload {
	struct mmw_event *events;
	uint64_t n;
	uint32_t tasks, mms, areas, peak_tasks, peak_mms;
	uint32_t cpus;
	uint64_t duration_ns;
	uint64_t injected; /* of the events */
	uint64_t nothing_to_remove; /* removals that were to be injected when nothing was there */
	struct comms comms;
};

/* Read all events of @r. -ENOMEM, or the reader's errors. */
int workload_load(const struct mmw_reader *r, struct workload *w, struct mmr_err *e);
void workload_free(struct workload *w);

/*
 * Bring recorded top-level slots into a geometry whose kernel part is
 * first..nslots-1, its vmalloc range vmalloc_first..vmalloc_last. Where the
 * recorded kernel had that range is random (KASLR): unless all its areas lie in
 * the geometry's, the lowest slot becomes the first one, and so on, round and
 * round. -EBADMSG names an addition or a walk of a slot that the kernel part
 * lacks.
 */
int workload_fit(struct workload *w, uint32_t first, uint32_t nslots, uint32_t vmalloc_first, uint32_t vmalloc_last,
		 struct mmr_err *e);

/*
 * --copies: @copies of the workload side by side, each with tasks, mms, areas
 * and recorded CPUs of its own (those of copy k follow those of copy k - 1) and
 * the same vmalloc slots. So that they do not march in step they begin within
 * an eighth of the recording, at most a second. What happens to the machine as
 * a whole (memory and CPUs that come and go, conversions) happens once. -E2BIG:
 * more than ids and events have room for; -ENOMEM.
 */
int workload_copy(struct workload *w, unsigned copies, struct mmr_err *e);

/* Pseudo-operation: all workers meet, the first one runs the oracle. */
#define OP_CHECKPOINT EV_MAX

/* Flag of an operation beside those of its event: its task's last one was another worker's. */
#define ROP_MOVED 0x80

struct rop {
	uint8_t op; /* enum ev_type, or OP_CHECKPOINT */
	uint8_t flags;
	uint16_t waits; /* how many of the stream's waits come before it */
	/*
	 * As in event.h, but tasks by handle: places in the run's task table,
	 * given out so that two workers do not write to one cache line of it.
	 */
	uint32_t task, arg, mm;
	uint32_t aux; /* a new task's id in the workload; else as in event.h */
	uint32_t event; /* ordinal in the workload; for messages */
};

struct wait {
	uint32_t worker;
	uint32_t position; /* so many of its operations must be done */
};

struct stream {
	struct rop *ops;
	uint64_t *when; /* recorded time of each, in ns since the workload's first event */
	uint16_t *whose; /* its command name, as a slot of the workload's comms */
	uint32_t n;
	struct wait *waits;
	uint32_t nwaits;
	uint64_t count[EV_MAX]; /* operations by type */
};

/*
 * Who gets an event: the worker of its CPU, or that of its task. A new task
 * stays with its parent's worker unless that one is clearly ahead (task), or
 * goes to the one that has the least work, where all that it will do in the
 * workload is its work (balanced). auto: by CPU when the counts are equal, else
 * by task.
 */
enum partition { PARTITION_AUTO, PARTITION_CPU, PARTITION_TASK, PARTITION_BALANCED };

/* What an event waits for, the strictest first; plan_order.c says it. */
enum order { ORDER_TOTAL, ORDER_RESOURCE, ORDER_TASK, ORDER_FREE };

struct plan {
	unsigned workers;
	enum partition partition; /* as decided */
	enum order order;
	struct stream *streams;
	struct rop *present; /* set up before the run, in order */
	uint32_t npresent;
	uint32_t handles; /* task handles run from 1 to this */
	uint32_t tasks, mms; /* so many are made, present ones included; ids of mms may come again */
	uint32_t checkpoints;
	uint64_t events; /* operations, without present, lost and checkpoints */
	uint64_t constraints; /* waits in all streams */
	uint64_t dropped; /* what order `resource` would wait for besides */
};

/*
 * Spread @w over @workers workers. -EBADMSG names the event that makes no sense
 * (an exit of a task that does not live...).
 */
int plan_make_ordered(const struct workload *w, unsigned workers, enum partition partition, enum order order,
		      struct plan *p, struct mmr_err *e);
/* The same in order `resource`. */
int plan_make(const struct workload *w, unsigned workers, enum partition partition, struct plan *p, struct mmr_err *e);
void plan_free(struct plan *p);

/* Recorded time of the last operation: so long a run at the recorded pace takes at least. */
uint64_t plan_recorded_ns(const struct plan *p);

/* What `auto` is for @w on so many workers; others are what they are. */
enum partition partition_decide(const struct workload *w, unsigned workers, enum partition partition);

/* Their names, as above; and back. -EINVAL for an unknown name. */
const char *partition_name(enum partition p);
int partition_parse(const char *name, enum partition *p);
const char *order_name(enum order o);
int order_parse(const char *name, enum order *o);

/*
 * --inject: "KIND:RATE[,max=N]", RATE per second of recorded time, KIND one of
 * hot_add, hot_remove, sync and pin (all directories pinned, and the next time
 * unpinned). -EINVAL with a reason.
 */
struct injection {
	enum ev_type type; /* EV_PIN_ALL: by turns with EV_UNPIN_ALL */
	double rate;
	uint64_t max;
};
int injection_parse(const char *spec, struct injection *out, struct mmr_err *e);

/*
 * Put the injections into the workload at regular recorded times, and after
 * each change that leaves room for it a checkpoint's mark (EV_NONE). hot_add
 * takes the free slots first..last one by one, hot_remove gives back the one
 * that was added first. When there is no slot for an addition it is not
 * injected and *@short_by says how many were not.
 */
int workload_inject(struct workload *w, const struct injection *list, unsigned n, uint32_t first, uint32_t last,
		    const uint32_t *taken, uint64_t *short_by, struct mmr_err *e);

#endif
