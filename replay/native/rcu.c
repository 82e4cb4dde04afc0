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


void eng_rcu_read_lock(void)
{
	urcu_mb_read_lock();
}

void eng_rcu_read_unlock(void)
{
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
}
