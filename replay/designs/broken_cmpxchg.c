/*
 * broken_cmpxchg - a load, a comparison and a store, with room for others in
 * between.
 */
#include "replay/dialect/kernel.h"

#undef cmpxchg
#define cmpxchg(p, old, new)                                                                                           \
	({                                                                                                             \
		__typeof__(READ_ONCE(*(p))) seen_ = READ_ONCE(*(p));                                                   \
		if (seen_ == (old))                                                                                    \
			WRITE_ONCE(*(p), (new));                                                                       \
		seen_;                                                                                                 \
	})

#define VARIANT broken_cmpxchg
#define VARIANT_SAYS                                                                                                   \
	.source = "mutant of task_list_ipi", .about = "cmpxchg() is not atomic", .expect = "CPA x fork: I5",           \
	.flags = DESIGN_NEGATIVE
#include "replay/designs/task_list_ipi.c"
