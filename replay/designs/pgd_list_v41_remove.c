/*
 * pgd_list_v41_remove - hot-remove as plain v4.1 did it (KERNEL_FACTS.md H.2):
 * the table is freed first, and the entries that name it are cleared after
 * that. A CPU that walks in between walks freed memory (I2).
 */
#include "replay/dialect/kernel.h"

#define VARIANT pgd_list_v41_remove
#define VARIANT_SAYS                                                                                                   \
	.source = "v4.1", .about = "pgd_list, hot-remove frees the table before it clears the entries",                \
	.expect = "remove: I2", .flags = DESIGN_NEGATIVE | DESIGN_REMOVES
#define VARIANT_HOOKS .mistakes = MISTAKE_FREE_FIRST
#include "replay/designs/pgd_list.c"
