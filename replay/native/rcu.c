/*
 * rcu.c (native) - RCU is liburcu's mb flavour: read sections may be
 * preempted and a held spinlock is none. Only walks over tasks read, so it is
 * right that the reader pays its barriers: the membarrier flavours instead
 * interrupt every CPU at each grace period, far more often than anything walks.
 *
 * Deferred work waits on its CPU's list. The worker, between two operations,
 * waits for one grace period for a whole batch and then runs it, so the time it
 * takes is known and no other thread takes part.
 */
#include <urcu/urcu-mb.h>

#include "replay/native/rcu.h"

/* ThreadSanitizer does not know RCU: tell it that what readers did is over when a grace period is. */
#ifdef __SANITIZE_THREAD__
#include <sanitizer/tsan_interface.h>
static char grace_period;
#define tell_section_ended() __tsan_release(&grace_period)
#define tell_grace_period_ended() __tsan_acquire(&grace_period)
#else
#define tell_section_ended() ((void)0)
#define tell_grace_period_ended() ((void)0)
#endif

void eng_rcu_read_lock(void)
{
	urcu_mb_read_lock();
}

void eng_rcu_read_unlock(void)
{
	tell_section_ended();
	urcu_mb_read_unlock();
}

void eng_rcu_register(void)
{
	urcu_mb_register_thread();
}

void eng_rcu_unregister(void)
{
	urcu_mb_unregister_thread();
}

void eng_rcu_wait(void)
{
	urcu_mb_synchronize_rcu();
	tell_grace_period_ended();
}
