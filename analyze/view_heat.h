/* view_heat.h - rows of v_timeline as a heat map in characters. Internal to analyze. */
#ifndef MMR_AZ_VIEW_HEAT_H
#define MMR_AZ_VIEW_HEAT_H

#include "analyze/view.h"

/* @t: rows of the view "timeline" in its default order. */
void view_heat(const struct az_table *t, FILE *f);

#endif
