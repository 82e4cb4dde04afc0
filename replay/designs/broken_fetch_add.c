/*
 * broken_fetch_add - a load and a store: of two that count at once, one is lost.
 */
#include "replay/dialect/kernel.h"

#undef fetch_add
#define fetch_add(p, v)                                                                                                \
	({                                                                                                             \
		__typeof__(READ_ONCE(*(p))) seen_ = READ_ONCE(*(p));                                                   \
		WRITE_ONCE(*(p), seen_ + (v));                                                                         \
		seen_;                                                                                                 \
	})

#define VARIANT broken_fetch_add
#define VARIANT_SAYS                                                                                                   \
	.source = "mutant of pgd_list", .about = "fetch_add() is not atomic", .expect = "two exits x sync: I6",        \
	.flags = DESIGN_NEGATIVE
#include "replay/designs/pgd_list.c"
