/*
 * sample_full.h - a run that has everything a run can have: rows in every table
 * of a store, none of them like another.
 */
#ifndef MMR_TESTS_SAMPLE_FULL_H
#define MMR_TESTS_SAMPLE_FULL_H

#include "schemas/hist.h"
#include "schemas/result.h"

/* Values from 1 to 100000, each a ninth above the last; the caller frees. */
struct hist *sample_hist(void);

/* Begin and end such a run of @config, with @h wherever there is a histogram. 0 or -errno, as the sink's. */
int sample_full_run(struct result_sink *sink, const struct result_config *config, const struct hist *h, int64_t *id,
		    struct mmr_err *e);

#endif
