/*
 * broken_for_each_process - a walk that ends one process early: the youngest is
 * never visited.
 */
#include "replay/dialect/kernel.h"

#undef for_each_process
#define for_each_process(k, p)                                                                                         \
	for (p = next_process_(k, &(k)->tasks); p && READ_ONCE(p->tasks.next) != &(k)->tasks;                          \
	     p = next_process_(k, &p->tasks))

#define VARIANT broken_for_each_process
#define VARIANT_SAYS                                                                                                   \
	.source = "mutant of task_list", .about = "for_each_process() misses the last", .expect = "fork x sync: I1",   \
	.flags = DESIGN_NEGATIVE
#include "replay/designs/task_list.c"
