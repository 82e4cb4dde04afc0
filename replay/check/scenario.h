/*
 * scenario.h (check) - what is checked: small histories of one subject, with
 * the sizes, policies and lock kinds under which each makes sense.
 */
#ifndef CHECK_SCENARIO_H
#define CHECK_SCENARIO_H

#include "replay/check/check.h"

/* scenario.needs */
#define NEEDS_REMOVAL 1u /* a design that can clear entries, or keeps them */
#define NEEDS_32BIT 2u /* i386: CPA's broadcast, unshared kernel PMDs */
#define NEEDS_EAGER 4u /* the installer syncs: an era without fault handler */

struct scenario {
	const char *name; /* what --scenario takes */
	const char *about; /* "fork x sync" */
	const char *range; /* "DM", "VM": where the slot lies */
	const char *policy; /* "lazy", "eager"; "" where it does not matter */
	u32 needs;
	unsigned cpus;
	const char *label[CHECK_CPUS]; /* heads of the columns: "fork", "hot_add" */
};

#endif
