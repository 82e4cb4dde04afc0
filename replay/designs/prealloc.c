/*
 * prealloc - every top-level entry is there from boot, with an empty table
 * behind it (KERNEL_FACTS.md D16): nothing is ever added, so creation copies
 * without a lock and nobody walks. It costs one page per slot, which only 64
 * bit can afford.
 */
#include "replay/dialect/pgd.h"
#include "replay/dialect/walk.h"

static void world_init(struct kernel *k)
{
	for (u32 s = k->geo->kernel_boundary; s < k->geo->nslots; s++)
		install_table(k, s);
}

static const struct pgd_hooks hooks = {
	.world_init = world_init,
	.pgd_alloc = copy_kernel_part,
	.sync = no_walk,
	.broadcast = no_walk,
};

PGD_DESIGN(prealloc, hooks, .source = "v5.9 and v5.10, of all ranges (D16)",
	   .about = "every top-level entry present from boot: nothing to bring anywhere",
	   .expect = "holds; excluded on 32 bit; pin_all (K15) finds no directories", .flags = DESIGN_64BIT);
