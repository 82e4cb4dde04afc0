/*
 * calibration.h - what was measured of this machine (`mmreplay calibrate`), as
 * topologies use it. A struct calibration is plain data; who made it owns it.
 */
#ifndef REPLAY_CALIBRATION_H
#define REPLAY_CALIBRATION_H

#include "replay/topology.h"

struct mmr_ctx;

struct calibrated {
	bool measured;
	uint64_t ps, low_ps, high_ps; /* median and quartiles of the runs; 0 where it was not measured */
	unsigned runs;
	char why[64]; /* how it was measured; or why not */
};

/*
 * Measured and stored beside the costs, but no part of a topology:
 *
 *   timestamp   reading the clock
 */
#define CALIBRATION_EXTRAS(E) E(timestamp)

enum extra {
#define EXTRA_ENUM(name) EXTRA_##name,
	CALIBRATION_EXTRAS(EXTRA_ENUM)
#undef EXTRA_ENUM
		EXTRA_NR
};

struct calibration {
	struct calibrated cost[COST_NR], extra[EXTRA_NR];
	/* Of the first CPU that we may use, in 64-byte lines; 0: the system does not say. */
	uint32_t l1_lines, l2_lines;
	uint64_t llc_lines; /* no more than we find our lines in: on a shared host others have most of it */
};

const char *extra_name(enum extra x);

/*
 * The latest calibration of this machine in the store @db. When there is none
 * the machine is calibrated, which takes seconds and is told on stderr, and the
 * store, made if it is not there, has it from then on. Errors of the store;
 * -EINTR when told to stop.
 */
int calibration_get(struct mmr_ctx *ctx, const char *db, struct calibration *out, struct mmr_err *e);

#endif
