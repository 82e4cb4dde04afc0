/*
 * switch_gen_noipi - switch_gen whose additions interrupt nobody
 * (KERNEL_FACTS.md D8): a CPU that does not switch stays behind.
 */
#include "replay/dialect/kernel.h"

#define on_each_cpu(k, fn, arg) ((void)(fn), (void)(arg))

#define VARIANT switch_gen_noipi
#define VARIANT_SAYS                                                                                                   \
	.source = "mutant of D8", .about = "switch_gen, running CPUs are not told of an addition",                     \
	.expect = "running CPU x sync: I1a", .flags = DESIGN_NEGATIVE
#include "replay/designs/switch_gen.c"
