/*
 * descheduled.h (native) - was this thread taken off its CPU since a mark?
 *
 * A hold during which the holder did not run says nothing of the lock. The
 * kernel tells for free: a thread may name a restartable sequence (rseq), and
 * when it is preempted or interrupted by a signal outside of that sequence the
 * kernel clears the name. So a name is set that no instruction belongs to, and
 * a cleared one means that the thread was away. A store and a load, no system
 * call; where the C library has no rseq, nothing is ever told.
 */
#ifndef NATIVE_DESCHEDULED_H
#define NATIVE_DESCHEDULED_H

#include <sys/rseq.h>

#include "replay/dialect/types.h"

/* A sequence that nothing runs in (descheduled.c). */
extern const struct rseq_cs eng_nowhere;

static inline volatile u64 *eng_sequence(void)
{
	return (volatile u64 *)&((struct rseq *)((char *)__builtin_thread_pointer() + __rseq_offset))->rseq_cs;
}

/* From here on. */
static inline void eng_mark_running(void)
{
	if (__rseq_size)
		*eng_sequence() = (u64)(uintptr_t)&eng_nowhere;
}

static inline bool eng_was_descheduled(void)
{
	return __rseq_size && !*eng_sequence();
}

#endif
