#include "replay/engines.h"

#include <string.h>

#include "replay/native/native.h"
#include "replay/sim/sim.h"

/*
 * Nine: trimming by a fifth takes one repeat from each end and leaves seven, so that one that was disturbed costs
 * nothing, and a change of 5 % shows through a scatter of 3 % (analyze/stats.h); with three it needs one below 1 %
 * (seen here, ten replays of a 6 % slower lock against ten without: found in ten of ten, with three in two).
 */
static const struct engine engines[] = {
	{ "native", "real threads on this machine's CPUs", native_run, 9, false },
	{ "sim", "imagined CPUs in virtual time, over a model of cache lines and locks", sim_run, 1, true },
};

#define COUNT(a) (sizeof(a) / sizeof(*(a)))

const struct engine *engine_at(unsigned i)
{
	return i < COUNT(engines) ? &engines[i] : NULL;
}

const struct engine *engine_find(const char *name)
{
	for (unsigned i = 0; i < COUNT(engines); i++)
		if (!strcmp(engines[i].name, name))
			return &engines[i];
	return NULL;
}

bool engine_has_lock(const char *engine, const char *lock)
{
	unsigned n;
	const struct design_ops *const *d = design_all(&n);
	for (unsigned i = 0; i < n; i++)
		if (!strcmp(d[i]->engine, engine) && !strcmp(d[i]->lock, lock))
			return true;
	return false;
}
