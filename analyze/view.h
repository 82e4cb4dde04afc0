/*
 * view.h - reading the store: named views, their columns, their rows.
 *
 * One table (view_list.c) says for each view which SQL view it reads and what
 * each column is called, means, and is measured in. The text report, CSV, JSON
 * and the browser all take their columns from it; none of them computes.
 *
 * A struct az_db is opened read-only and used by one thread. A struct az_table
 * belongs to its caller and stays valid after az_close().
 */
#ifndef MMR_AZ_VIEW_H
#define MMR_AZ_VIEW_H

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "schemas/error.h"

enum az_unit {
	AZ_TEXT, /* left-aligned */
	AZ_COUNT, /* a whole number */
	AZ_NS, /* nanoseconds; shown scaled (ns, us, ms, s), exported exactly */
	AZ_RATE, /* per second; shown with k, M, G */
	AZ_PERCENT, /* 12.3 stands for 12.3 % */
	AZ_RATIO, /* 1.23 stands for 1.23x */
	AZ_BYTES,
};

/* What is a key for filters, or detail, is exported and left out of tables. */
enum az_hidden {
	AZ_SHOWN = false,
	AZ_HIDDEN = true,
	AZ_VARIES, /* a printed table has it when its rows differ in it */
};

struct az_column {
	const char *name; /* the SQL view's column; also the JSON key and CSV header: holds its unit (wait_total_ns) */
	const char *title; /* short header for tables, "pgd wait" */
	const char *about; /* one line for help */
	enum az_unit unit;
	bool descending; /* the way a first press of the sort key sorts */
	enum az_hidden hidden;
};

struct az_db;
struct az_filter;
struct az_table;

struct az_view {
	const char *name; /* `report --view NAME` */
	const char *sql_view; /* "v_locks"; of a computed one, what it is computed from */
	const char *title, *about;
	const struct az_column *columns; /* ends with name NULL */
	const char *order_by; /* default order, SQL; NULL: as the view yields them */
	/* Of a computed one, that SQL has no words for: as az_read(), which calls it. Else NULL. */
	int (*read)(struct az_db *db, const struct az_filter *filters, struct az_table **t, struct mmr_err *e);
	const char *also[3]; /* names of views that belong beside it */
	bool whole; /* of all sessions unless one is asked for */
	void (*print)(const struct az_table *t, FILE *f); /* for people; NULL: as az_print_table() */
};

enum az_kind { AZ_NULL, AZ_INT, AZ_REAL, AZ_STR };

struct az_cell {
	enum az_kind kind;
	int64_t i;
	double r;
	char *s;
};

struct az_table {
	const struct az_column *columns; /* ends with name NULL */
	unsigned ncolumns, nrows;
	struct az_cell *cells; /* row by row */
};

/* A condition column = value; ends with column NULL. The value is bound, never pasted into SQL. */
struct az_filter {
	const char *column;
	struct az_cell value;
};

/*
 * Open a store for reading. -ENOENT, -EPROTO (no store of ours: wrong
 * application_id), -ENOTSUP (a version yet to come), -EIO. The views, and
 * what an older store lacks, are TEMP ones: the file itself is never changed.
 */
int az_open(const char *path, struct az_db **db, struct mmr_err *e);
void az_close(struct az_db *db);

/*
 * From now on a reading stops soon after *@stop is not 0 and fails with -EINTR.
 * @stop must outlive @db; NULL ends it.
 */
void az_interruptible(struct az_db *db, volatile sig_atomic_t *stop);

/*
 * From now on the views see the runs of @session alone (and what a prediction
 * is held against, wherever that is): a large store costs no more than a small one.
 */
int az_focus(struct az_db *db, int64_t session, struct mmr_err *e);

/*
 * The same with the newest sessions that hold @runs runs together, one at
 * least, and those that are yet to come. az_left_out() is then how many runs
 * are in none of them, 0 when the store is no larger.
 */
int az_recent(struct az_db *db, unsigned runs, struct mmr_err *e);
int64_t az_left_out(const struct az_db *db);

/* From now on the views' means and totals of holds have those during which the holder was off its CPU. */
int az_include_descheduled(struct az_db *db, struct mmr_err *e);

/* Changes whenever another process has committed to the store: reload then. */
uint64_t az_change_counter(struct az_db *db);

const struct az_view *az_views(void); /* ends with name NULL */
const struct az_view *az_view_by_name(const char *name);

/* All rows of @v that meet @filters (may be NULL), newest default order. */
int az_read(struct az_db *db, const struct az_view *v, const struct az_filter *filters, struct az_table **t,
	    struct mmr_err *e);

/* Any single read-only SELECT; columns get the unit that their name's ending says. Frees with az_free. */
int az_sql(struct az_db *db, const char *sql, struct az_table **t, struct mmr_err *e);

void az_free(struct az_table *t);

const struct az_cell *az_cell(const struct az_table *t, unsigned row, unsigned col);
int az_find_column(const struct az_table *t, const char *name); /* -1 when there is none */

/* Orders by one column; NULLs last either way; stable. */
void az_sort(struct az_table *t, unsigned col, bool descending);

/* @c as people read it ("1.24 us", "3.1 M/s", "-" for NULL), control characters made safe. Returns the length. */
int az_format(const struct az_column *col, const struct az_cell *c, char *buf, unsigned size);

/* Whole tables as text (aligned, headers), CSV (RFC 4180) or JSON (array of objects, raw numbers). CSV lines end in LF alone. */
void az_print_table(const struct az_table *t, FILE *f);
void az_print_csv(const struct az_table *t, FILE *f);
void az_print_json(const struct az_table *t, FILE *f);

#endif
