/*
 * topology_presets.h - machines that have been measured and written about, for
 * topology.c. All is constant.
 */
#ifndef REPLAY_TOPOLOGY_PRESETS_H
#define REPLAY_TOPOLOGY_PRESETS_H

#include "replay/topology.h"

struct preset_cost {
	enum cost cost;
	double ns;
	enum cost_origin origin;
	const char *source;
};

struct topology_preset {
	const char *name, *about;
	unsigned sockets, clusters, cores, smt;
	uint32_t l1_lines, l2_lines;
	uint64_t llc_lines;
	struct preset_cost cost[10]; /* the rest is assumed; ends at ns 0 */
};

/* The @i-th, or NULL past the end. */
const struct topology_preset *topology_preset(unsigned i);

#endif
