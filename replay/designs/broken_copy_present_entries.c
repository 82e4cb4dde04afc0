/*
 * broken_copy_present_entries - a copy of all entries, those that the reference
 * lacks included: it takes back what a walk has stored meanwhile.
 */
#include "replay/dialect/kernel.h"

#define copy_present_entries(dst, src, n) copy_entries(dst, src, n)

#define VARIANT broken_copy_present_entries
#define VARIANT_SAYS                                                                                                   \
	.source = "mutant of task_list", .about = "copy_present_entries() copies 0 as well",                           \
	.expect = "fork x sync: I1a", .flags = DESIGN_NEGATIVE
#include "replay/designs/task_list.c"
