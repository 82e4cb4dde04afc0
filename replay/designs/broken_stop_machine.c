/*
 * broken_stop_machine - the machine goes on while it should stand still.
 */
#include "replay/dialect/kernel.h"

#undef stop_machine
#define stop_machine(k, fn, arg) (fn)(k, arg)

#define VARIANT broken_stop_machine
#define VARIANT_SAYS                                                                                                   \
	.source = "mutant of pgd_list", .about = "stop_machine() stops nobody", .expect = "pin_all x fork: I5",        \
	.flags = DESIGN_NEGATIVE
#include "replay/designs/pgd_list.c"
