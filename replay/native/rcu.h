/*
 * rcu.h (native) - liburcu behind plain functions: its headers have names of
 * the dialect's in them (struct rcu_head), so only rcu.c includes them.
 */
#ifndef NATIVE_RCU_H
#define NATIVE_RCU_H

/* A thread that reads or waits registers first. */
void eng_rcu_register(void);
void eng_rcu_unregister(void);
void eng_rcu_read_lock(void);
void eng_rcu_read_unlock(void);
/* Wait for a grace period; not inside a read section. */
void eng_rcu_wait(void);

#endif
