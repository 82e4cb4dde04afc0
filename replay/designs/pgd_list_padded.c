/*
 * pgd_list_padded - pgd_list with the list head on a line of its own
 * (KERNEL_FACTS.md D0c, Waiman Long's idea): a walk or an insertion no longer
 * takes the line away from those who spin on the lock. Waiters and list head
 * still bounce.
 */
#include "replay/dialect/kernel.h"

#define VARIANT pgd_list_padded
#define VARIANT_SAYS                                                                                                   \
	.source = "Waiman Long, 2015 (D0c)", .about = "pgd_list, pgd_lock on a cache line of its own",                 \
	.expect = "as pgd_list", .flags = DESIGN_REMOVES
#define VARIANT_LINE ____cacheline_aligned
#include "replay/designs/pgd_list.c"
