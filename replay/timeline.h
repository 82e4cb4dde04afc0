/*
 * timeline.h - what locks did over a run, by interval, for any engine.
 *
 * How long a run will be is not known, so there is room for so many intervals,
 * and when they are used up two become one and each is twice as long: memory is
 * fixed, and from half of them to all are in use in the end.
 *
 * Nothing is noted where locks are taken. Their counters go up all the time;
 * between two operations, once an interval is over, what they have gained since
 * the last time is that interval's. So counts are exact in sum, and lie where
 * their operation began, as closely as somebody looks.
 *
 * Intervals of a run with several writers are evened out before they are added
 * up (timeline_stretch). A struct timeline has one writer; others read it once that one has stopped.
 */
#ifndef REPLAY_TIMELINE_H
#define REPLAY_TIMELINE_H

#include <stdbool.h>
#include <stdint.h>

#define TIMELINE_INTERVALS 128u
#define TIMELINE_NS 100000u /* of one to begin with: 12.8 ms of the native engine fit without folding */

/* Of one lock and mode. Waits and holds are those of the timed acquisitions, in ns. */
struct timeline_cell {
	uint64_t acquisitions, contentions, timed, wait, hold;
};

struct timeline {
	uint64_t length; /* of an interval, in the engine's unit of time */
	uint64_t until; /* when the one under way ends */
	uint32_t at; /* its number */
	uint32_t rows; /* locks x modes */
	struct timeline_cell *was; /* [rows]: all of it up to the last interval that is over */
	struct timeline_cell *cell; /* [rows][TIMELINE_INTERVALS] */
};

/* Intervals of @length to begin with. -ENOMEM; the memory is there, not just promised. */
int timeline_make(struct timeline *t, uint32_t rows, uint64_t length);
void timeline_free(struct timeline *t);

static inline bool timeline_is_over(const struct timeline *t, uint64_t now)
{
	return __builtin_expect(now >= t->until, 0);
}

/* Row @row's counters are at @is now: what they have gained is the current interval's. */
void timeline_book(struct timeline *t, uint32_t row, const struct timeline_cell *is);

/* All rows are booked: the interval that @now lies in is the current one. */
void timeline_go_on(struct timeline *t, uint64_t now);

/* Row @row on top of @sum, [TIMELINE_INTERVALS]. */
void timeline_sum(const struct timeline *t, uint32_t row, struct timeline_cell *sum);

/*
 * @cells of @length_ns each, in order, into @rows; empty ones have none. Nothing
 * lies beyond @end_ns, where the last one ends. Returns how many. Both arrays have
 * TIMELINE_INTERVALS.
 */
struct result_interval;
unsigned timeline_rows(const struct timeline_cell *cells, uint64_t length_ns, uint64_t end_ns,
		       struct result_interval *rows);

/* Intervals of twice the length until they are as long as @length, which they can become. */
void timeline_stretch(struct timeline *t, uint64_t length);

#endif
