/*
 * calibration.h - what was measured of this machine (`mmreplay calibrate`), as
 * topologies use it. A struct calibration is plain data; who made it owns it.
 */
#ifndef REPLAY_CALIBRATION_H
#define REPLAY_CALIBRATION_H

#include "replay/topology.h"

struct calibrated {
	bool measured;
	uint64_t ps, low_ps, high_ps; /* median and quartiles of the runs; of what is not measured 0 */
	unsigned runs;
	char why[64]; /* how it was measured; or why not */
};

struct calibration {
	struct calibrated cost[COST_NR];
	struct calibrated timestamp; /* reading the clock; no part of a topology */
	/* Of the first CPU that we may use, in 64-byte lines; 0: the system does not say. */
	uint32_t l1_lines, l2_lines;
	uint64_t llc_lines;
};

#endif
