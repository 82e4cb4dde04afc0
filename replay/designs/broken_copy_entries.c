/*
 * broken_copy_entries - a copy that begins one entry late.
 */
#include "replay/dialect/kernel.h"

#define copy_entries(dst, src, n) (copy_entries)((dst) + 1, (src) + 1, (n)-1)

#define VARIANT broken_copy_entries
#define VARIANT_SAYS                                                                                                   \
	.source = "mutant of pgd_list", .about = "copy_entries() misses the first entry",                              \
	.expect = "fork x sync: I1b", .flags = DESIGN_NEGATIVE
#include "replay/designs/pgd_list.c"
