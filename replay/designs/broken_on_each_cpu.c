/*
 * broken_on_each_cpu - a call that runs here and nowhere else.
 */
#include "replay/dialect/kernel.h"

#undef on_each_cpu
#define on_each_cpu(k, fn, arg) (fn)(k, arg)

#define VARIANT broken_on_each_cpu
#define VARIANT_SAYS                                                                                                   \
	.source = "mutant of task_list_ipi", .about = "on_each_cpu() runs on this CPU alone",                          \
	.expect = "lazy mm x sync: I1a", .flags = DESIGN_NEGATIVE
#include "replay/designs/task_list_ipi.c"
