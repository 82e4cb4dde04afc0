/*
 * linear.h (check) - of all orders in which an execution's steps may be told,
 * the one with the fewest changes of CPU.
 *
 * Pure functions of the trace; any thread.
 */
#ifndef CHECK_LINEAR_H
#define CHECK_LINEAR_H

#include "replay/check/check.h"

/* An order of visible steps; what did not have to happen is left out. */
struct linear {
	unsigned switches; /* changes of CPU; the store buffers' drains cost none */
	unsigned steps; /* visible ones, drains included */
	u8 *thread; /* [steps], malloc'd: a check_config.schedule */
};

/*
 * When the last step is a STEP_VIOLATION, only what happens before it is kept;
 * otherwise all of it. Gives up when more than @max_switches are needed.
 * 0; -ERANGE: given up; -ENOMEM.
 */
int linear_make(struct linear *l, const struct check_trace *t, unsigned max_switches);
void linear_free(struct linear *l);

/* Is @a to be told rather than @b? */
bool linear_better(const struct linear *a, const struct linear *b);

#endif
