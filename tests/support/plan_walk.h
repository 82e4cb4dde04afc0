/*
 * plan_walk.h - what a plan promises, for the tests of plans.
 */
#ifndef TESTS_PLAN_WALK_H
#define TESTS_PLAN_WALK_H

#include "replay/plan.h"

/* Where the operation for event @event is; false: in no stream. */
bool plan_find(const struct plan *p, uint32_t event, uint32_t *worker, uint32_t *at);

/*
 * Is the operation for event @earlier certainly done when that for @later
 * starts? Follows streams and waits to the end. Both have to be in the plan.
 */
bool plan_ordered(const struct plan *p, uint32_t earlier, uint32_t later);

/* Carry it out in lock step; the operations that could be done before nothing went on. Checkpoints are none. */
uint64_t plan_carry_out(const struct plan *p);

#endif
