/*
 * check_options.h - what `mmreplay check` was asked to do, checked.
 */
#ifndef REPLAY_CHECK_OPTIONS_H
#define REPLAY_CHECK_OPTIONS_H

#include "replay/check/scenario.h"
#include "replay/choice.h"
#include "replay/era.h"

#define CHECK_LIST_MAX 256

struct check_options {
	struct design_choice design[CHECK_LIST_MAX];
	unsigned ndesigns;
	bool all_designs, all_scenarios; /* none were named */
	const struct scenario *scenario[CHECK_LIST_MAX];
	unsigned nscenarios;
	const struct era *era; /* NULL: each scenario's own */
	const struct geometry *geometry; /* NULL: each scenario's own */
	const char *lock; /* NULL: each design's own */
	enum check_memory memory;
	const char *schedule; /* a file, or NULL */
	bool native, json, verbose;
	uint64_t rounds; /* native: of each variant */
	unsigned barriers; /* native: bit v: litmus_variant[v] */
	uint64_t limit; /* executions of a cell, then it is bounded */
	unsigned width; /* of an interleaving */
};

/* Parse and check the command line. Ends the program as argp does, status 2, on a word that cannot be right. */
void check_options_parse(struct check_options *o, int argc, char **argv);

#endif
