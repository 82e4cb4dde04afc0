#include "replay/comms.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct tally {
	uint64_t events;
	uint32_t string;
};

/* Most events first; of equals, the one that came first. */
static int by_events(const void *a, const void *b)
{
	const struct tally *x = a, *y = b;
	if (x->events != y->events)
		return x->events > y->events ? -1 : 1;
	return x->string < y->string ? -1 : 1;
}

int comms_make(struct comms *c, const struct mmw_reader *r, const struct mmw_event *events, uint64_t n)
{
	const uint32_t strings = mmw_header(r)->strings;
	struct tally *t = calloc(strings + 1ull, sizeof(*t));
	*c = (struct comms){ .strings = strings + 1, .slot = calloc(strings + 1ull, sizeof(*c->slot)) };
	c->name = calloc(strings < COMMS_NAMED ? strings + 1 : COMMS_NAMED, sizeof(*c->name));
	if (!t || !c->slot || !c->name) {
		free(t);
		comms_free(c);
		return -ENOMEM;
	}
	for (uint32_t s = 0; s <= strings; s++)
		t[s].string = s;
	for (uint64_t i = 0; i < n; i++)
		if (events[i].comm <= strings)
			t[events[i].comm].events++;
	/* The empty name is none. */
	t[0].events = 0;
	qsort(t, strings + 1ull, sizeof(*t), by_events);
	for (uint32_t s = 0; s <= strings && t[s].events; s++) {
		c->slot[t[s].string] = COMM_OTHERS;
		if (c->named == COMMS_NAMED)
			continue;
		snprintf(c->name[c->named], sizeof(*c->name), "%s", mmw_comm(r, t[s].string));
		c->slot[t[s].string] = (uint16_t)(COMM_FIRST + c->named++);
	}
	free(t);
	return 0;
}

void comms_free(struct comms *c)
{
	free(c->name);
	free(c->slot);
	*c = (struct comms){ 0 };
}

uint16_t comms_slot(const struct comms *c, const struct mmw_event *ev)
{
	if (ev->flags & EV_F_INJECTED)
		return COMM_INJECTED;
	return ev->comm < c->strings ? c->slot[ev->comm] : COMM_UNKNOWN;
}

const char *comms_name(const struct comms *c, unsigned slot)
{
	static const char *const fixed[] = { "(unknown)", "(others)", "(injected)" };
	return slot < COMM_FIRST ? fixed[slot] : c->name[slot - COMM_FIRST];
}
