/* sample_many.h - a store as large as years of replays leave: copies of one session of the store. */
#ifndef MMR_TESTS_SAMPLE_MANY_H
#define MMR_TESTS_SAMPLE_MANY_H

#include "schemas/error.h"

/*
 * Copy the newest session of the store @path until it holds @runs runs or more.
 * Tables of many rows a run (histograms) are copied for the newest @whole runs
 * only: all of them would be gigabytes. 0 or -errno.
 */
int sample_many(const char *path, unsigned runs, unsigned whole, struct mmr_err *e);

#endif
