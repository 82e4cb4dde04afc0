/*
 * broken_for_each_process_thread - a walk that visits the first thread of each
 * process alone. The design is the one that visits all threads, its bugs
 * repaired.
 */
#include "replay/dialect/kernel.h"

#undef for_each_process_thread
#define for_each_process_thread(k, p, t)                                                                               \
	for_each_process (k, p)                                                                                        \
		for (t = next_thread_(k, p->signal, &p->signal->thread_head); t; t = NULL)
#define fixed(k, n) true

#define VARIANT broken_for_each_process_thread
#define VARIANT_SAYS                                                                                                   \
	.source = "mutant of task_list_v2", .about = "for_each_process_thread() visits leaders only",                  \
	.expect = "leader exit x sync: I1", .flags = DESIGN_NEGATIVE
#include "replay/designs/task_list_v2.c"
