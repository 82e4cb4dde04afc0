/*
 * options.h - what `mmreplay replay` was asked to do, checked.
 */
#ifndef REPLAY_OPTIONS_H
#define REPLAY_OPTIONS_H

#include "replay/choice.h"
#include "replay/engines.h"
#include "replay/era.h"
#include "replay/native/native.h"
#include "replay/plan.h"
#include "replay/topology.h"

#define LIST_MAX 32
#define THREADS_MAX 4096
#define COPIES_MAX 4096
#define JOBS_MAX 256

struct options {
	const char *input, *db, *design_arg;
	const char *trace; /* directory for a trace of the replay itself, NULL: none */
	const struct engine *engine;
	struct design_choice designs[LIST_MAX];
	const char *locks[LIST_MAX];
	unsigned ndesigns, nlocks;
	unsigned threads[LIST_MAX], nthreads;
	const char *topology_spec; /* NULL: none was given */
	struct topology topology; /* of a simulated machine */
	bool exact;
	bool resume;
	bool reference; /* short runs of the floor in between, where they make sense (reference.h) */
	const struct era *era;
	const struct geometry *geometry;
	const char *measure_name;
	bool recorded; /* the pace */
	double speeds[LIST_MAX]; /* of recorded time; one of 0: as fast as possible */
	unsigned nspeeds;
	uint64_t surround_bound_ns; /* 0: only the modelled work */
	char surround_text[32];
	enum measure measure;
	unsigned sample_every;
	enum partition partition;
	enum order order;
	unsigned copies;
	unsigned repeat;
	unsigned jobs; /* runs at once */
	uint64_t seed;
	struct injection inject[LIST_MAX];
	unsigned ninject;
	struct lock_delay delay[LIST_MAX];
	unsigned ndelay;
	char inject_text[512], delay_text[512];
	char text[4096]; /* where the lists' words lie */
};

/*
 * Parse and check the command line. Ends the program as argp does, status 2,
 * on a word that cannot be right; unknown names are told with what there is.
 */
void options_parse(struct options *o, int argc, char **argv);

/* Part of that, once all words are read: defaults that depend on others, and what does not go together. */
struct argp_state;
void options_complete(struct options *o, struct argp_state *state);

/* The largest of the thread counts. */
unsigned options_most_threads(const struct options *o);

#endif
