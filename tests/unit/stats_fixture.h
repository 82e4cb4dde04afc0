/*
 * stats_fixture.h - a store's figures against values computed by hand: nearly
 * equal, and runs whose histograms hold known values.
 */
#ifndef MMR_TEST_STATS_FIXTURE_H
#define MMR_TEST_STATS_FIXTURE_H

#include "schemas/hist.h"
#include "tests/unit/store_fixture.h"

#define near(got, want) assert_true(fabs((got) - (double)(want)) <= 1e-6 * fabs((double)(want)) + 1e-12)

/* A histogram of the @n values @v; the caller frees. */
static inline struct hist *hist_of(const uint64_t *v, unsigned n)
{
	struct hist *h = malloc(sizeof(*h));
	assert_non_null(h);
	hist_init(h);
	for (unsigned i = 0; i < n; i++)
		hist_add(h, v[i]);
	return h;
}

/* pgd_lock after that many @acquisitions, of which those in @hold were timed. */
static inline struct result_lock lock_of(const char *mode, uint64_t acquisitions, struct hist *hold)
{
	return (struct result_lock){
		.lock = "pgd_lock", .mode = mode, .acquisitions = acquisitions, .timed = hold->count, .hold = hold
	};
}

#endif
