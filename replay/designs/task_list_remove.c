/*
 * task_list_remove - task_list with the removal of entries that v4.1 had
 * (KERNEL_FACTS.md K21): a late copy has read the entry, a walk clears it
 * everywhere, the table is freed, and the copy stores what it has read (I2).
 * Why "additions only" is a condition of the lockless series.
 */
#include "replay/dialect/kernel.h"

static void sync_global_pgds_removed(struct kernel *k, u32 slot);

#define VARIANT task_list_remove
#define VARIANT_SAYS                                                                                                   \
	.source = "K21", .about = "task_list, hot-remove clears entries", .expect = "remove x fork: I2 (K21)",         \
	.flags = DESIGN_NEGATIVE | DESIGN_REMOVES
#define VARIANT_HOOKS .sync_removed = sync_global_pgds_removed
#include "replay/designs/task_list.c"

static void sync_global_pgds_removed(struct kernel *k, u32 slot)
{
	walk(k, slot, clear_slot);
}
