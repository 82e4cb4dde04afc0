/*
 * broken_switch_mm - a directory is loaded without the design being asked.
 */
#include "replay/dialect/kernel.h"

#define VARIANT broken_switch_mm
#define VARIANT_SAYS                                                                                                   \
	.source = "mutant of switch_gen", .about = "the hook in the switch is not called",                             \
	.expect = "fork x sync: I1a", .flags = DESIGN_NEGATIVE
#define VARIANT_HOOKS .switch_mm = NULL
#include "replay/designs/switch_gen.c"
