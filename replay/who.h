/*
 * who.h - figures by operation and command name, and the slowest operations,
 * as they are kept while a run lasts, for any engine. Times are in the engine's
 * unit. One writer each; others read them once it has stopped.
 */
#ifndef REPLAY_WHO_H
#define REPLAY_WHO_H

#include <stdint.h>

#include "schemas/event.h"

struct run_config;
struct run_figures;
struct result_slow;

/* What a CPU is doing, in one word that a lock can keep: type of the operation, and whose it is (comms.h). */
static inline uint32_t doing(unsigned op, unsigned slot)
{
	return op | slot << 8;
}

static inline unsigned doing_op(uint32_t d)
{
	return d % EV_MAX;
}

static inline unsigned doing_slot(uint32_t d)
{
	return d >> 8;
}

/* Of the operations of one type by tasks of one name: as in struct result_comm. */
struct who {
	uint64_t timed, wait, hold;
	uint64_t caused, caused_by; /* waits for what it held: how many, how long */
};

static inline void who_add(struct who *to, const struct who *from)
{
	to->timed += from->timed;
	to->wait += from->wait;
	to->hold += from->hold;
	to->caused += from->caused;
	to->caused_by += from->caused_by;
}

/* A wait within an operation, and the one that let it wait. */
struct who_wait {
	uint64_t took;
	uint32_t holder; /* as doing() */
	uint8_t lock; /* number of its counters */
};

#define SLOW_KEPT 32u

struct slow {
	uint64_t latency, begin, late, wait; /* late: paced, from its recorded time to its begin */
	struct who_wait longest; /* took 0: none */
	uint32_t event, worker;
	uint8_t op;
	uint16_t slot;
};

struct slowest {
	uint64_t floor; /* what is not slower than this is none of them */
	uint32_t n;
	struct slow kept[SLOW_KEPT];
};

/* An operation that took longer than s->floor. */
void slowest_add(struct slowest *s, const struct slow *op);
/* The slowest first. */
void slowest_sort(struct slowest *s);

/*
 * Rows by name from @who, [slots][EV_MAX], in time of which @per_ns make a
 * nanosecond. @done: of stream i so many are done. -ENOMEM.
 */
int who_collect(struct run_figures *f, const struct run_config *c, const struct who *who, const uint32_t *done,
		double per_ns);

/* @s as a row; lock and mode, which only the engine can name, are NULL yet. */
struct result_slow slow_row(const struct run_config *c, const struct slow *s, double per_ns);

#endif
