/*
 * view_table.h - making tables: row by row, for views that are computed from
 * others; and what of one is shown. Internal to analyze. az_free() frees one; a
 * cell's text is its own.
 */
#ifndef MMR_AZ_VIEW_TABLE_H
#define MMR_AZ_VIEW_TABLE_H

#include "analyze/view.h"

/* No rows yet; @columns (ends with name NULL) is not copied and must outlive it. NULL: no memory. */
struct az_table *az_table_new(const struct az_column *columns);

/* One more row, its cells NULL; false: no memory, and the table is as it was. */
bool az_table_row(struct az_table *t);

/* Cells of the last row, by the column's name, which must exist. A double that is not finite stays NULL. */
void az_table_int(struct az_table *t, const char *column, int64_t v);
void az_table_real(struct az_table *t, const char *column, double v);
bool az_table_text(struct az_table *t, const char *column, const char *v);
/* From another table's cell. */
bool az_table_copy(struct az_table *t, const char *column, const struct az_cell *from);

/* Is column @col in a printed table of these rows? */
bool az_table_shows(const struct az_table *t, unsigned col);

#endif
