/* view_db.h - a store that is open for reading, for the files that read it. Internal to analyze. */
#ifndef MMR_AZ_VIEW_DB_H
#define MMR_AZ_VIEW_DB_H

#include "analyze/sql.h"
#include "analyze/view.h"

struct az_db {
	struct sql sql;
	unsigned version; /* of the store; an older one is made to look like one of today */
	int64_t left_out; /* runs, by az_recent() */
};

/* az_sql() with the parameters ?1 to ?@n of @sql bound. */
int az_sql_bound(struct az_db *db, const char *sql, const struct az_cell *bound, int n, struct az_table **out,
		 struct mmr_err *e);

/* A table and what it owns beside its cells. */
struct table {
	struct az_table t; /* first: callers hold a pointer to it */
	struct az_column *columns; /* of az_sql(), with the names in them; NULL for a view's */
	size_t room; /* cells */
};

/* One value, one row, all rows (without a line's end; @indent begins each further line), as JSON. */
void az_json_cell(FILE *f, const struct az_cell *c);
void az_json_row(FILE *f, const struct az_table *t, unsigned row);
void az_json_rows(FILE *f, const struct az_table *t, const char *indent);

#endif
