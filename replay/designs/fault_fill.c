/*
 * fault_fill - a directory is filled once, when it is made, and never again
 * (KERNEL_FACTS.md D10, Linus Torvalds, September 2015): no lock, no list, no
 * walk; what it lacks is copied when somebody faults on it.
 *
 * Faults are handled in the vmalloc range, and where the era has a handler.
 * Nothing repairs the direct map.
 */
#include "replay/dialect/pgd.h"
#include "replay/dialect/walk.h"

static const struct pgd_hooks hooks = {
	.pgd_alloc = copy_kernel_part,
	.sync = no_walk,
	.broadcast = no_walk,
};

PGD_DESIGN(fault_fill, hooks, .source = "Linus Torvalds, 2015 (D10)",
	   .about = "copy at creation without a lock, faults do the rest",
	   .expect = "holds in the vmalloc range; direct map: I1, CPA: I5; excluded without fault handler",
	   .flags = DESIGN_NEEDS_FAULT);
