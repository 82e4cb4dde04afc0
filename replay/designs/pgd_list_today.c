/*
 * pgd_list_today - what x86-64 runs now (KERNEL_FACTS.md A.7, v5.10 and later):
 * list and lock for the direct map, and every top-level entry of the vmalloc
 * range present from boot, so that vmalloc has nothing to bring anywhere.
 *
 * Hot-remove keeps the top-level entry and the table behind it (af2cf278ef4f).
 */
#include "replay/dialect/kernel.h"

static void preallocate_vmalloc(struct kernel *k);

#define VARIANT pgd_list_today
#define VARIANT_SAYS                                                                                                   \
	.source = "v5.10 to now (A.7, D16)",                                                                           \
	.about = "pgd_list for the direct map; vmalloc entries present from boot",                                     \
	.expect = "holds; excluded on 32 bit", .flags = DESIGN_REMOVES | DESIGN_64BIT
#define VARIANT_HOOKS .world_init = preallocate_vmalloc, .sync_removed = NULL
#include "replay/designs/pgd_list.c"

static void preallocate_vmalloc(struct kernel *k)
{
	world_init(k);
	for (u32 s = k->geo->vmalloc_first; s <= k->geo->vmalloc_last; s++)
		install_table(k, s);
}
