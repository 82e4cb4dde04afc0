/*
 * transfer.h - what it takes a cache line from one CPU to another, pair by pair.
 */
#ifndef CALIBRATE_TRANSFER_H
#define CALIBRATE_TRANSFER_H

#include "replay/calibrate/calibrate.h"

/* So many pairs of one distance are measured; of more, evenly chosen ones. */
#define PAIRS_EACH 124u

struct transfer {
	unsigned a, b; /* places in struct cpus, a < b */
	enum distance distance;
	struct calibrated one_way;
};

struct transfers {
	unsigned n, there; /* measured; pairs that there are */
	struct transfer *pair; /* ordered by a, then b */
};

/* Which pairs are to be measured; freed with transfers_free(). -ENOMEM. */
int transfers_choose(const struct cpus *c, struct transfers *t);
void transfers_free(struct transfers *t);

/* A figure for each distance from its pairs: all their medians' median and quartiles. */
void transfers_sum_up(const struct cpus *c, const struct transfers *t, struct calibration *out);

#endif
