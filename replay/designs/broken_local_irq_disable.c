/*
 * broken_local_irq_disable - an interrupt comes between the look at the
 * generation and the load of the directory, and puts the old one right.
 */
#include "replay/dialect/kernel.h"

#undef local_irq_disable
#undef local_irq_enable
#define local_irq_disable() barrier()
#define local_irq_enable() barrier()

#define VARIANT broken_local_irq_disable
#define VARIANT_SAYS                                                                                                   \
	.source = "mutant of switch_gen", .about = "local_irq_disable() holds up no interrupt",                        \
	.expect = "fork x sync: I1a", .flags = DESIGN_NEGATIVE
#include "replay/designs/switch_gen.c"
