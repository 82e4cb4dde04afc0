/*
 * engines.h - what `mmreplay replay` can run a plan on, and which lock kinds
 * each was built with.
 */
#ifndef REPLAY_ENGINES_H
#define REPLAY_ENGINES_H

#include "replay/run.h"

struct engine {
	const char *name, *about;
	/*
	 * 0 and *@r, to be freed, also when the run was interrupted or found
	 * violations; -errno when it could not be made, -EINVAL when it was asked
	 * for what cannot be. Called by one thread at a time.
	 */
	int (*run)(const struct run_config *c, struct run_figures *r, struct mmr_err *e);
	unsigned repeats; /* so many runs of each setting unless it is said otherwise */
	bool simulated; /* on CPUs of a struct topology: as many as that has, and the seed decides everything */
};

/* NULL when unknown. */
const struct engine *engine_find(const char *name);

/* Number @i, NULL past the end. */
const struct engine *engine_at(unsigned i);

/* Some design was compiled for @engine with the lock kind @lock. */
bool engine_has_lock(const char *engine, const char *lock);

#endif
