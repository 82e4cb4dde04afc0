/*
 * reference.h - how fast the machine itself was meanwhile: short runs of the floor
 * (the design that has neither lists nor locks) between a sweep's runs. Whoever
 * holds two sessions against each other learns from them how far the machine moved
 * what did not change (analyze/compare.h). The store keeps them apart from runs.
 *
 * There are none where they say nothing: for a single run there is no noise, what
 * is paced does not go as fast as the machine can, what is simulated does not depend
 * on it, a trace shall hold what was asked for, and a sweep that has the floor among
 * its designs needs no second one. One thread.
 */
#ifndef REPLAY_REFERENCE_H
#define REPLAY_REFERENCE_H

#include "replay/options.h"

struct job;

/*
 * So many events from the workload's beginning. Of a storm of forks, 10000 events told
 * nothing of how far sessions were from each other (correlation 0.0 to 0.3 with what
 * designs did), 50000 something (0.3 to 0.6), 200000 most of it (0.6 to 0.8): a short
 * run measures how cold the caches were.
 */
#define REFERENCE_EVENTS 300000

/*
 * In percent of what the sweep's own runs take, at most; not in every repeat, then. A
 * sweep of a second or two may take a little longer, or there would be next to none.
 */
#define REFERENCE_SHARE 15
#define REFERENCE_FREE_NS 500000000

struct reference {
	struct plan plan[LIST_MAX]; /* by thread count; empty until it is needed */
	uint64_t spent_ns, sweep_ns; /* on it; on the runs that were asked for */
	int64_t run_id; /* in the store, of the last of these */
};

/*
 * After the runs of one repeat in one setting (the kind of lock @lock, the options'
 * thread count @threads): a reference run, if it is wanted and the time allows. Returns
 * an exit status, having said what is wrong.
 */
int reference_run(struct job *j, const char *lock, unsigned threads, unsigned repeat_no);
void reference_free(struct reference *r);

#endif
