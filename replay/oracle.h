/*
 * oracle.h - is the state right? The invariants of KERNEL_FACTS.md C.4 that can
 * be seen while everything stands still, and a digest of that state.
 *
 * Written in the dialect's terms, so every engine can use it. Both functions
 * look at all live objects; nothing else may run meanwhile. Broken invariants
 * are reported with kernel_violation().
 */
#ifndef REPLAY_ORACLE_H
#define REPLAY_ORACLE_H

#include "replay/dialect/kernel.h"
#include "replay/design.h"

/*
 * I1b, I2, I3, I4, I5, I6. Returns how many (page directory, slot) pairs were
 * held against the reference, of slots in use that are not as they were at
 * boot; 0: nothing was checked. Takes no memory.
 */
u64 oracle_check(struct kernel *k, const struct design_ops *d);

/*
 * An order-independent hash over live tasks, their mms, the slots in use, and
 * the kernel view of each mm that can be loaded: what a fault or the design's
 * next switch repairs counts as repaired. Equal for all correct designs.
 */
u64 oracle_digest(struct kernel *k, const struct design_ops *d);

#endif
