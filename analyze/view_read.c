/* Reading views and single statements into tables; finding and sorting in them. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analyze/view_db.h"
#include "analyze/view_table.h"

static bool take_cell(sqlite3_stmt *st, int i, struct az_cell *c)
{
	switch (sqlite3_column_type(st, i)) {
	case SQLITE_INTEGER:
		c->kind = AZ_INT;
		c->i = sqlite3_column_int64(st, i);
		c->r = (double)c->i;
		return true;
	case SQLITE_FLOAT:
		c->kind = AZ_REAL;
		c->r = sqlite3_column_double(st, i);
		return true;
	case SQLITE_NULL:
		c->kind = AZ_NULL;
		return true;
	default: {
		const unsigned char *text = sqlite3_column_text(st, i);
		c->kind = AZ_STR;
		c->s = strdup(text ? (const char *)text : "");
		return c->s;
	}
	}
}

/* All rows that @st still has; @t has its columns. */
static int take_rows(struct az_db *db, sqlite3_stmt *st, struct az_table *t, struct mmr_err *e)
{
	int step;
	while ((step = sqlite3_step(st)) == SQLITE_ROW) {
		if (!az_table_row(t))
			return mmr_err_sys(e, -ENOMEM, "%s", db->sql.path);
		for (unsigned i = 0; i < t->ncolumns; i++)
			if (!take_cell(st, (int)i, &t->cells[(size_t)(t->nrows - 1) * t->ncolumns + i]))
				return mmr_err_sys(e, -ENOMEM, "%s", db->sql.path);
	}
	return step == SQLITE_DONE ? 0 : sql_error(&db->sql, e);
}

static void bind_cell(sqlite3_stmt *st, int i, const struct az_cell *c)
{
	switch (c->kind) {
	case AZ_INT:
		sqlite3_bind_int64(st, i, c->i);
		break;
	case AZ_REAL:
		sqlite3_bind_double(st, i, c->r);
		break;
	case AZ_STR:
		sqlite3_bind_text(st, i, c->s, -1, SQLITE_TRANSIENT);
		break;
	case AZ_NULL:
		break;
	}
}

/* SELECT a, b FROM view WHERE c IS ?1 ORDER BY ...: names come from the tables of the program only. */
static char *view_text(const struct az_view *v, const struct az_filter *filters, struct mmr_err *e)
{
	char *text = NULL;
	size_t size;
	FILE *f = open_memstream(&text, &size);
	if (!f) {
		mmr_err_sys(e, -ENOMEM, "%s", v->name);
		return NULL;
	}
	for (const struct az_column *c = v->columns; c->name; c++)
		fprintf(f, "%s \"%s\"", c == v->columns ? "SELECT" : ",", c->name);
	fprintf(f, " FROM %s", v->sql_view);
	bool known = true;
	for (int i = 0; filters && filters[i].column; i++) {
		const struct az_column *c = v->columns;
		while (c->name && strcmp(c->name, filters[i].column) != 0)
			c++;
		if (!c->name) {
			mmr_err(e, -EINVAL, "view %s has no column %s", v->name, filters[i].column);
			known = false;
			break;
		}
		fprintf(f, " %s \"%s\" IS ?%d", i ? "AND" : "WHERE", c->name, i + 1);
	}
	if (v->order_by)
		fprintf(f, " ORDER BY %s", v->order_by);
	if (fclose(f) || !known) {
		if (known)
			mmr_err_sys(e, -ENOMEM, "%s", v->name);
		free(text);
		return NULL;
	}
	return text;
}

int az_read(struct az_db *db, const struct az_view *v, const struct az_filter *filters, struct az_table **out,
	    struct mmr_err *e)
{
	struct mmr_err local = { 0 };
	e = e ? e : &local;
	if (v->read)
		return v->read(db, filters, out, e);
	char *text = view_text(v, filters, e);
	if (!text)
		return e->code;
	sqlite3_stmt *st = NULL;
	int rc = sql_prepare(&db->sql, text, &st, e);
	free(text);
	if (rc)
		return rc;
	for (int i = 0; filters && filters[i].column; i++)
		bind_cell(st, i + 1, &filters[i].value);
	struct az_table *t = az_table_new(v->columns);
	rc = t ? take_rows(db, st, t, e) : mmr_err_sys(e, -ENOMEM, "%s", db->sql.path);
	sqlite3_finalize(st);
	if (rc)
		az_free(t);
	else
		*out = t;
	return rc;
}

static bool ends(const char *name, const char *tail)
{
	size_t n = strlen(name), t = strlen(tail);
	return n >= t && !strcmp(name + n - t, tail);
}

static enum az_unit unit_of(const char *name)
{
	static const struct {
		const char *tail;
		enum az_unit unit;
	} units[] = {
		{ "_ns", AZ_NS },       { "_per_s", AZ_RATE },     { "_percent", AZ_PERCENT },
		{ "ratio", AZ_RATIO },  { "ratio_low", AZ_RATIO }, { "ratio_high", AZ_RATIO },
		{ "_bytes", AZ_BYTES },
	};
	for (unsigned i = 0; i < sizeof(units) / sizeof(units[0]); i++)
		if (ends(name, units[i].tail))
			return units[i].unit;
	return AZ_COUNT;
}

static int name_columns(struct az_db *db, sqlite3_stmt *st, struct table *own, struct mmr_err *e)
{
	own->columns = calloc(own->t.ncolumns + 1, sizeof(*own->columns));
	if (!own->columns)
		return mmr_err_sys(e, -ENOMEM, "%s", db->sql.path);
	for (unsigned i = 0; i < own->t.ncolumns; i++) {
		const char *name = sqlite3_column_name(st, (int)i);
		struct az_column *c = &own->columns[i];
		c->name = c->title = name ? strdup(name) : NULL;
		if (!c->name)
			return mmr_err_sys(e, -ENOMEM, "%s", db->sql.path);
		c->about = "";
		c->unit = unit_of(name);
		c->descending = true;
	}
	own->t.columns = own->columns;
	return 0;
}

/* A column in which a text occurs is left-aligned. */
static void find_texts(struct table *own)
{
	for (unsigned row = 0; row < own->t.nrows; row++)
		for (unsigned i = 0; i < own->t.ncolumns; i++)
			if (az_cell(&own->t, row, i)->kind == AZ_STR) {
				own->columns[i].unit = AZ_TEXT;
				own->columns[i].descending = false;
			}
}

/* Is there nothing but blanks, comments and semicolons in @tail? */
static bool is_blank(struct az_db *db, const char *tail)
{
	while (*tail) {
		sqlite3_stmt *st = NULL;
		const char *next = NULL;
		if (sqlite3_prepare_v2(db->sql.db, tail, -1, &st, &next) != SQLITE_OK)
			return false;
		sqlite3_finalize(st);
		if (st || next <= tail)
			return !st;
		tail = next;
	}
	return true;
}

int az_sql(struct az_db *db, const char *sql, struct az_table **out, struct mmr_err *e)
{
	return az_sql_bound(db, sql, NULL, 0, out, e);
}

int az_sql_bound(struct az_db *db, const char *sql, const struct az_cell *bound, int n, struct az_table **out,
		 struct mmr_err *e)
{
	sqlite3_stmt *st = NULL;
	const char *tail = "";
	if (sqlite3_prepare_v2(db->sql.db, sql, -1, &st, &tail) != SQLITE_OK)
		return sql_error(&db->sql, e);
	if (!st)
		return mmr_err(e, -EINVAL, "%s: no SQL statement given", db->sql.path);
	for (int i = 0; i < n; i++)
		bind_cell(st, i + 1, &bound[i]);
	struct table *own = (struct table *)az_table_new(NULL);
	int rc = own ? 0 : mmr_err_sys(e, -ENOMEM, "%s", db->sql.path);
	if (!rc && !is_blank(db, tail))
		rc = mmr_err(e, -EINVAL, "%s: one statement at a time", db->sql.path);
	if (!rc && (!sqlite3_stmt_readonly(st) || sqlite3_column_count(st) == 0))
		rc = mmr_err(e, -EACCES, "%s: only statements that read", db->sql.path);
	if (!rc) {
		own->t.ncolumns = (unsigned)sqlite3_column_count(st);
		rc = name_columns(db, st, own, e);
	}
	if (!rc)
		rc = take_rows(db, st, &own->t, e);
	sqlite3_finalize(st);
	if (rc) {
		if (own)
			az_free(&own->t);
		return rc;
	}
	find_texts(own);
	*out = &own->t;
	return 0;
}

const struct az_cell *az_cell(const struct az_table *t, unsigned row, unsigned col)
{
	return &t->cells[(size_t)row * t->ncolumns + col];
}

int az_find_column(const struct az_table *t, const char *name)
{
	for (unsigned i = 0; i < t->ncolumns; i++)
		if (!strcmp(t->columns[i].name, name))
			return (int)i;
	return -1;
}
