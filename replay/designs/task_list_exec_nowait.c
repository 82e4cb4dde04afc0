/*
 * task_list_exec_nowait - task_list under an exec that does not wait until the
 * other threads, an old leader among them, have left the mm (KERNEL_FACTS.md
 * K16): for a while one process has two mms, and a walk visits the first that
 * it finds.
 */
#include "replay/dialect/kernel.h"

#define VARIANT task_list_exec_nowait
#define VARIANT_SAYS                                                                                                   \
	.source = "K16", .about = "task_list, exec does not wait for the other threads",                               \
	.expect = "exec with leader change x sync: I1 (K16)", .flags = DESIGN_NEGATIVE
#define VARIANT_HOOKS .mistakes = MISTAKE_EXEC_NOWAIT
#include "replay/designs/task_list.c"
