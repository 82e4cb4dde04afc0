/*
 * comms.h - the command names that a workload's figures are kept by.
 *
 * Names come from traces. Those with most events have a slot each, the rest
 * shares one; an event without a name, and one that --inject made, have theirs.
 * Made once with the workload, constant afterwards.
 */
#ifndef REPLAY_COMMS_H
#define REPLAY_COMMS_H

#include <stdint.h>

#include "schemas/mmw.h"

#define COMMS_NAMED 256u
enum { COMM_UNKNOWN, COMM_OTHERS, COMM_INJECTED, COMM_FIRST };

/* All zero: a workload without names. */
struct comms {
	char (*name)[MMW_COMM_MAX + 1]; /* of slots COMM_FIRST and on */
	uint16_t *slot; /* by the number that events have for a name */
	uint32_t strings; /* of them */
	unsigned named;
};

/* For the @n events of @r. -ENOMEM. */
int comms_make(struct comms *c, const struct mmw_reader *r, const struct mmw_event *events, uint64_t n);
void comms_free(struct comms *c);

static inline unsigned comms_slots(const struct comms *c)
{
	return COMM_FIRST + c->named;
}

/* Whose an event is. Of a fork, the parent's name, which is the child's, too; of an exec, the new one. */
uint16_t comms_slot(const struct comms *c, const struct mmw_event *ev);

/* Lives as long as @c. */
const char *comms_name(const struct comms *c, unsigned slot);

#endif
