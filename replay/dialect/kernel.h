/*
 * kernel.h - the words of the dialect in which designs are written.
 *
 * <engine.h> is found in the folder of the engine being compiled for; it gives
 * every word its meaning there. A design includes this file through pgd.h and
 * knows nothing else.
 *
 *   READ_ONCE WRITE_ONCE smp_load_acquire smp_store_release   one access, no tearing
 *   xchg cmpxchg fetch_add fetch_or fetch_and                 full barriers, as on x86
 *   smp_mb smp_wmb smp_rmb barrier
 *   smp_cond_load_acquire(p, cond)   spin until cond, in which VAL is *p; returns VAL. For locks.
 *   wait_for(p, cond)                the same, asleep
 *   spinlock_t: spin_lock spin_unlock spin_unlock_wait        kind set by --lock
 *   rwlock_t: read_lock read_unlock write_lock write_unlock   queued rwlock, as for tasklist_lock
 *   rcu_read_lock rcu_read_unlock call_rcu                    preemptible RCU; no waiting inside
 *   copy_entries copy_present_entries clear_page              n single loads and stores of entries
 *   kmem_alloc kmem_free                                      type-stable pools
 *   on_each_cpu(k, fn, arg)          fn(k, arg) on every CPU, this one included, by interrupt; returns when
 *                                    all have run it. Not inside an RCU read section, interrupts on.
 *   stop_machine(k, fn, arg)         fn(k, arg) once, while no CPU runs or holds a spinlock
 *   local_irq_disable local_irq_enable                        no on_each_cpu() function meanwhile; do not nest
 *   observe_begin observe_end        the loads in between see one moment, where the engine can do that
 *   this_cpu cpu_work kernel_violation
 *
 * Waiting belongs to these words: a design holds no spin loop of its own. All
 * state lies in struct kernel, which is made anew for each run; no globals.
 */
#ifndef DIALECT_KERNEL_H
#define DIALECT_KERNEL_H

#include "replay/dialect/types.h"

/* The engine's words: eng_* on plain pointers, locks, RCU, memory. */
#include <engine.h>

#include "replay/dialect/list.h"
#include "replay/dialect/objects.h"

#endif
