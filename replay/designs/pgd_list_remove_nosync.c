/*
 * pgd_list_remove_nosync - hot-remove clears the reference and nothing else
 * (KERNEL_FACTS.md K20, Andy Lutomirski 2016): every other directory goes on
 * naming the freed table (I2), and when the slot is used again, the old one.
 */
#include "replay/dialect/kernel.h"

static void forget(struct kernel *k, u32 slot)
{
	(void)k;
	(void)slot;
}

#define VARIANT pgd_list_remove_nosync
#define VARIANT_SAYS                                                                                                   \
	.source = "K20", .about = "pgd_list, hot-remove clears the entry in the reference alone",                      \
	.expect = "remove: I5 or I2 (K20)", .flags = DESIGN_NEGATIVE | DESIGN_REMOVES
#define VARIANT_HOOKS .sync_removed = forget
#include "replay/designs/pgd_list.c"
