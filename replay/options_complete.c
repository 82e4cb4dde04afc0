/* options_complete.c - what was not asked for, and what does not go together. */
#include <argp.h>
#include <string.h>

#include "replay/options.h"

#define RECORDED_REPEATS 3
#define SIM_THREADS 64 /* up to which the machine that is as large as need be is swept */

static void design_list(struct options *o, struct argp_state *state, const char *arg)
{
	struct mmr_err e = { 0 };
	if (design_choose(arg, o->engine->name, o->designs, LIST_MAX, &o->ndesigns, &e))
		argp_error(state, "--design: %s", e.text);
}

/* Once the engine is known, whichever option came first. */
static void check_locks(const struct options *o, struct argp_state *state)
{
	for (unsigned i = 0; i < o->nlocks; i++)
		if (!engine_has_lock(o->engine->name, o->locks[i]))
			argp_error(state,
				   "--lock: the engine %s has no lock called '%s'; `mmreplay list locks` names them",
				   o->engine->name, o->locks[i]);
}

static void check_combinations(const struct options *o, struct argp_state *state)
{
	struct mmr_err e = { 0 };
	for (unsigned d = 0; d < o->ndesigns; d++) {
		const struct design_ops *ops = o->designs[d].ops;
		if (choice_fits(o->era, o->geometry, ops, &e))
			argp_error(state, "%s", e.text);
		for (unsigned l = 0; l < o->nlocks; l++)
			if (!design_find(ops->name, o->engine->name, o->locks[l]))
				argp_error(state, "--design: %s was not built for the engine %s and the lock %s",
					   ops->name, o->engine->name, o->locks[l]);
	}
}

/* 1, 2, 4, ... and all @cpus. */
static void default_threads(struct options *o, unsigned cpus)
{
	for (unsigned n = 1; n < cpus; n *= 2)
		o->threads[o->nthreads++] = n;
	o->threads[o->nthreads++] = cpus;
}

unsigned options_most_threads(const struct options *o)
{
	unsigned most = 1;
	for (unsigned i = 0; i < o->nthreads; i++)
		most = o->threads[i] > most ? o->threads[i] : most;
	return most;
}

/* The machine to simulate, as far as it can be told before this one's calibration is at hand. */
static void imagine(struct options *o, struct argp_state *state)
{
	struct mmr_err e = { 0 };
	/* `auto` is as large as need be. */
	if (!o->nthreads && (!o->topology_spec || !strncmp(o->topology_spec, "auto", 4)))
		default_threads(o, SIM_THREADS);
	if (topology_parse(o->topology_spec, options_most_threads(o), NULL, &o->topology, &e))
		argp_error(state, "%s", e.text);
}

void options_complete(struct options *o, struct argp_state *state)
{
	if (!o->input)
		argp_error(state, "what to replay? a FILE.mmw or a trace directory");
	design_list(o, state, o->design_arg);
	if (!o->geometry)
		o->geometry = geometry_find(o->era->geometry);
	if (!o->nlocks)
		o->locks[o->nlocks++] = o->era->lock;
	if (!o->repeat)
		o->repeat =
			o->recorded && o->engine->repeats > RECORDED_REPEATS ? RECORDED_REPEATS : o->engine->repeats;
	check_locks(o, state);
	check_combinations(o, state);
	if (o->nspeeds && !o->recorded)
		argp_error(state, "--speed: only with --pace recorded");
	if (!o->nspeeds)
		o->speeds[o->nspeeds++] = o->recorded;
	if (o->engine->simulated)
		imagine(o, state);
	else if (o->topology_spec || o->exact)
		argp_error(state, "--%s: the engine %s runs on this machine as it is", o->exact ? "exact" : "topology",
			   o->engine->name);
	if (o->trace && o->engine->simulated)
		argp_error(state, "--trace: only real threads are traced, not those of the engine %s", o->engine->name);
	if (o->jobs > 1 && !o->engine->simulated)
		argp_error(state, "--jobs: the engine %s takes this machine's CPUs itself, for one run at a time",
			   o->engine->name);
	if (!o->jobs)
		o->jobs = !o->engine->simulated ? 1 : native_cpus() < JOBS_MAX ? native_cpus() : JOBS_MAX;
	if (!o->nthreads)
		default_threads(o, o->engine->simulated ? topology_cpus(&o->topology) : native_cpus());
}
