/*
 * check_table.h - what `mmreplay check` prints on stdout.
 */
#ifndef REPLAY_CHECK_TABLE_H
#define REPLAY_CHECK_TABLE_H

#include "replay/check/cell.h"

/* One line per cell; before the first, and whenever @c begins another design, a head. */
void check_table_head(void);
void check_table_cell(const struct cell *c);

/* Designs down, scenarios across: a letter for each. @cell: all of them, in the order in which they ran. */
void check_table_matrix(const struct cell *cell, unsigned n);

/* An array of objects: DESIGN.md, section 12. */
void check_json_begin(void);
void check_json_cell(const struct cell *c, bool first);
void check_json_end(void);

#endif
