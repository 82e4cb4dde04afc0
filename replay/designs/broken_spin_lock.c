/*
 * broken_spin_lock - a spinlock that keeps nobody out. Still the full barrier
 * that its atomic is.
 */
#include "replay/dialect/kernel.h"

#undef spin_lock
#undef spin_unlock
#define spin_lock(l) ((void)(l), smp_mb())
#define spin_unlock(l) ((void)(l))

#define VARIANT broken_spin_lock
#define VARIANT_SAYS                                                                                                   \
	.source = "mutant of pgd_list", .about = "spin_lock() excludes nobody", .expect = "fork x sync: I1a",          \
	.flags = DESIGN_NEGATIVE
#include "replay/designs/pgd_list.c"
