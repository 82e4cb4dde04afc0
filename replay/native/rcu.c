/*
 * rcu.c (native) - RCU is liburcu's memb flavour: read sections may be
 * preempted and a held spinlock is none.
 *
 * Deferred work waits on its CPU's list. The worker, between two operations,
 * waits for one grace period for a whole batch and then runs it, so the time it
 * takes is known and no other thread takes part.
 */
#include <urcu/urcu-memb.h>

#include "replay/native/rcu.h"


void eng_rcu_read_lock(void)
{
	urcu_memb_read_lock();
}

void eng_rcu_read_unlock(void)
{
	urcu_memb_read_unlock();
}

void eng_rcu_register(void)
{
	urcu_memb_register_thread();
}

void eng_rcu_unregister(void)
{
	urcu_memb_unregister_thread();
}

void eng_rcu_wait(void)
{
	urcu_memb_synchronize_rcu();
}
