/*
 * sweep_progress.h - how far a sweep is, and how long it will still take.
 *
 * What a run takes is known from those that have ended: of the same threads and
 * speed if there are any, else of the last one that ended. Paced ones take what
 * was recorded.
 */
#ifndef REPLAY_SWEEP_PROGRESS_H
#define REPLAY_SWEEP_PROGRESS_H

#include "replay/options.h"

struct mmr_ctx;

/* A run, in one of the places for those that run side by side. */
struct under_way {
	bool here;
	unsigned threads, speed; /* indices */
	double begun; /* CLOCK_MONOTONIC in seconds */
	double part; /* of it that is done */
};

struct sweep_progress {
	unsigned todo[LIST_MAX][LIST_MAX]; /* runs that are left, by thread count and speed, those under way included */
	unsigned runs, ended; /* of this command */
	double known[LIST_MAX][LIST_MAX], last; /* seconds that a run takes; 0: not known */
	double first; /* when the first one began */
	struct under_way now[JOBS_MAX];
	unsigned places; /* of these, that are used */
	double recorded_s[LIST_MAX]; /* what a run takes at each speed; 0: not paced */
};

/* A run begins at @place, and ends there. */
void progress_begin(struct sweep_progress *p, unsigned place, unsigned threads, unsigned speed);
void progress_end(struct sweep_progress *p, unsigned place);

void progress_show(const struct sweep_progress *p, struct mmr_ctx *ctx);

/* Seconds until the end of the sweep; 0: nobody knows. */
double progress_left(const struct sweep_progress *p, double now);

#endif
