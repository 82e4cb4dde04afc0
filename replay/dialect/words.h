/*
 * words.h - shared access in the kernel's spelling, over the engine's eng_*
 * words; included by each engine.h once those are defined.
 */
#ifndef DIALECT_WORDS_H
#define DIALECT_WORDS_H

#define READ_ONCE(x) eng_load(&(x).shared_field_)
#define WRITE_ONCE(x, v) eng_store(&(x).shared_field_, (v))
#define smp_load_acquire(p) eng_load_acquire(&(p)->shared_field_)
#define smp_store_release(p, v) eng_store_release(&(p)->shared_field_, (v))

/* Full barriers on both sides; return the old value. */
#define xchg(p, v) eng_xchg(&(p)->shared_field_, (v))
#define cmpxchg(p, old, new) eng_cmpxchg(&(p)->shared_field_, (old), (new))
#define fetch_add(p, v) eng_fetch_add(&(p)->shared_field_, (v))
#define fetch_or(p, v) eng_fetch_or(&(p)->shared_field_, (v))
#define fetch_and(p, v) eng_fetch_and(&(p)->shared_field_, (v))

/* Spin, or sleep, until @cond, in which VAL is what @p points to; the value. */
#define smp_cond_load_acquire(p, cond) eng_cond_load(&(p)->shared_field_, (cond))
#define wait_for(p, cond) ((void)eng_cond_sleep(&(p)->shared_field_, (cond)))

/* From here on only the words above reach a shared field. */
#pragma GCC poison shared_field_

#endif
