/*
 * task_list_unlock_wait_exec - task_list_unlock_wait that waits in exec, too
 * (KERNEL_FACTS.md D6): exec holds task_lock and waits for pgd_lock, the walker
 * holds pgd_lock and waits for that task_lock (I7).
 */
#include "replay/dialect/kernel.h"

#define VARIANT task_list_unlock_wait_exec
#define VARIANT_SAYS                                                                                                   \
	.source = "mutant of D6", .about = "task_list_unlock_wait, exec waits as fork does",                           \
	.expect = "exec x sync: I7, deadlock", .flags = DESIGN_NEGATIVE | DESIGN_LOCK_WORDS
#define VARIANT_HOOKS .init_late_exec = init_late_fork
#include "replay/designs/task_list_unlock_wait.c"
