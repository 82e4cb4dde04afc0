/*
 * crew.h - runs side by side: each on a thread of its own, as many at once as
 * --jobs allows. For simulated ones, which are one thread's work and get nothing
 * from each other.
 *
 * All functions are the sweep's thread's; only the engine runs on the others.
 */
#ifndef REPLAY_CREW_H
#define REPLAY_CREW_H

#include "replay/sweep_run.h"

struct crew;

/* For @n runs at once. NULL: no memory. */
struct crew *crew_make(unsigned n);
/* All its runs have ended. */
void crew_free(struct crew *c);

/*
 * Waits until fewer than that many are under way, ending those that are over, and
 * begins @s. An exit status: of those that ended, or @s could not begin.
 */
int crew_run(struct crew *c, struct job *j, const struct setting *s);
/* Waits for all of them; @stop: they are told not to go on. An exit status. */
int crew_wait(struct crew *c, struct job *j, bool stop);
/* Some run under way needs the plan of the thread count number @threads. */
bool crew_needs(const struct crew *c, unsigned threads);

#endif
