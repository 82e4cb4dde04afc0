/*
 * columns.h (check) - an execution as a kernel developer reads it: one column
 * per CPU, one line per step, time running down.
 *
 * Steps that no other CPU can notice are folded; a store is shown where it is
 * made, and again where it reaches memory when others came in between.
 */
#ifndef CHECK_COLUMNS_H
#define CHECK_COLUMNS_H

#include <stdio.h>

#include "replay/check/check.h"

struct history;

/* @width: characters in a line, at least 80. 0; -ENOMEM. */
int columns_print(FILE *f, const struct check_trace *t, const struct history *h, unsigned width);

/* Which steps columns_print() shows one by one; shown[t->nsteps]. For tests. */
void columns_choose(const struct check_trace *t, const struct history *h, bool *shown, bool *late);

#endif
