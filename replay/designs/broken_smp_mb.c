/*
 * broken_smp_mb - a full barrier that only the compiler sees.
 *
 * One such file stands for each word of the dialect that a run on x86 can tell
 * from a wrong one: some scenario of `mmreplay check` must catch it, or the
 * engine would not see that word. Not here, because nothing on x86 depends on
 * them: READ_ONCE, WRITE_ONCE, acquire, release, smp_wmb and smp_rmb, which
 * order what the machine orders anyway; spin_unlock_wait, whose callers stand
 * between two full barriers already; fetch_or and fetch_and, which keep a CPU
 * mask that may err on one side; xchg, which no design uses.
 */
#include "replay/dialect/kernel.h"

#undef smp_mb
#define smp_mb() barrier()

#define VARIANT broken_smp_mb
#define VARIANT_SAYS                                                                                                   \
	.source = "mutant of task_list", .about = "smp_mb() is no barrier", .expect = "fork x sync: I1a",              \
	.flags = DESIGN_NEGATIVE
#include "replay/designs/task_list.c"
