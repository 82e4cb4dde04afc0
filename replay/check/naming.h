/*
 * naming.h (check) - an execution's addresses and values by the names that a
 * kernel developer would use.
 *
 * A struct naming borrows the trace and the history; both outlive it. Text is
 * cut to fit and free of control characters (designs come from outside, too).
 */
#ifndef CHECK_NAMING_H
#define CHECK_NAMING_H

#include "replay/check/check.h"

struct history;

struct naming {
	struct kernel *k;
	const struct check_step *step;
	unsigned nsteps;
	const struct history *h;
};

void naming_make(struct naming *n, const struct check_trace *t, const struct history *h);

/* The object that step @i touched, as it was called then: "mm 20", "pgd of mm 20, slot 4"; "" when it is none. */
void name_object(const struct naming *n, unsigned i, char *buf, size_t size);

/* The top-level slot that step @i touched, in whatever directory; -1: none. */
int name_slot(const struct naming *n, unsigned i);

/* What step @i did, in one phrase: "t->mm = mm 20 (task 20)". */
void name_step(const struct naming *n, unsigned i, char *buf, size_t size);

/* A source expression without what the dialect's words add to it. */
void name_expression(const char *spelled, char *buf, size_t size);

#endif
