/*
 * hist.h - log-linear histogram of nanoseconds, for the hot path.
 *
 * 64 linear steps per power of two: a value lies within 1/64 of its bucket's
 * lower bound. Covers 0 ns to 2^42 ns (73 minutes); longer values land in the
 * last bucket and still count exactly in total, min and max.
 *
 * A histogram has one writer; readers look at it once the writer has stopped.
 */
#ifndef MMR_HIST_H
#define MMR_HIST_H

#include <stdint.h>

#define HIST_SUB_BITS 6
#define HIST_SUB (1u << HIST_SUB_BITS)
#define HIST_MAX_BITS 42
#define HIST_BUCKETS ((HIST_MAX_BITS - HIST_SUB_BITS + 1) * HIST_SUB)

struct hist {
	uint64_t count;
	uint64_t total;
	uint64_t min; /* UINT64_MAX while empty */
	uint64_t max;
	uint64_t bucket[HIST_BUCKETS];
};

void hist_init(struct hist *h);
/* Add @from to @to. */
void hist_merge(struct hist *to, const struct hist *from);
/*
 * The value below which the fraction @q (0..1) of the values lies, taken as
 * the middle of its bucket, within the true min and max; 0 when empty.
 */
uint64_t hist_quantile(const struct hist *h, double q);
/* Lowest value of bucket @i, and its width. */
uint64_t hist_lower(unsigned i);
uint64_t hist_width(unsigned i);

static inline unsigned hist_index(uint64_t v)
{
	if (v < HIST_SUB)
		return (unsigned)v;
	unsigned top = 63u - (unsigned)__builtin_clzll(v);
	if (top >= HIST_MAX_BITS)
		return HIST_BUCKETS - 1;
	unsigned shift = top - HIST_SUB_BITS;
	return (shift + 1) * HIST_SUB + (unsigned)((v >> shift) & (HIST_SUB - 1));
}

static inline void hist_add(struct hist *h, uint64_t v)
{
	h->count++;
	h->total += v;
	if (v < h->min)
		h->min = v;
	if (v > h->max)
		h->max = v;
	h->bucket[hist_index(v)]++;
}

#endif
