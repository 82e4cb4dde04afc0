/* screens.h - how one screen leads to another. The caller owns what is returned; NULL: no memory, or nothing to show. */
#ifndef MMR_UI_SCREENS_H
#define MMR_UI_SCREENS_H

#include "ui/screen.h"

extern const struct table_spec runs_spec, compare_spec, locks_spec;

/* The locks of the run in row @row of @g. */
struct screen *locks_of_run(const struct grid *g, unsigned row);
/* The locks of all designs of one setting (its number). */
struct screen *locks_of_setting(const struct az_cell *setting);
/* The designs of one setting (its number), against its baseline. */
struct screen *compare_of_setting(const struct az_cell *setting);
/* The marked rows of @g as columns. */
struct screen *side_by_side(const struct grid *g);

#endif
