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

struct sweep_progress {
	unsigned todo[LIST_MAX]
		     [LIST_MAX]; /* runs that are left, by thread count and speed, the one under way included */
	unsigned runs, ended; /* of this command */
	double known[LIST_MAX][LIST_MAX], last; /* seconds that a run takes; 0: not known */
	double first; /* when the first one began */
	double begun; /* the run under way; CLOCK_MONOTONIC in seconds */
	unsigned threads, speed; /* its indices */
	double recorded_s[LIST_MAX]; /* what a run takes at each speed; 0: not paced */
};

void progress_begin(struct sweep_progress *p, unsigned threads, unsigned speed);
/* @part of the run under way is done. */
void progress_show(const struct sweep_progress *p, struct mmr_ctx *ctx, double part);
void progress_end(struct sweep_progress *p);

/* Seconds until the end of the sweep, when @part of the run under way is done; 0: nobody knows. */
double progress_left(const struct sweep_progress *p, double part, double now);

#endif
