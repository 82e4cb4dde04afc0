#include "tests/support/sample_many.h"

#include <errno.h>
#include <sqlite3.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define MANY_ROWS 64 /* of a table, for each run */

struct many {
	sqlite3 *db;
	int64_t first, last, session; /* the runs that are copied */
};

static int fail(struct many *m, const char *path, struct mmr_err *e)
{
	return mmr_err(e, -EIO, "%s: %s", path, sqlite3_errmsg(m->db));
}

static char *text_of(sqlite3 *db, char *query)
{
	sqlite3_stmt *st = NULL;
	char *text = NULL;
	if (query && sqlite3_prepare_v2(db, query, -1, &st, NULL) == SQLITE_OK && sqlite3_step(st) == SQLITE_ROW &&
	    sqlite3_column_text(st, 0))
		text = strdup((const char *)sqlite3_column_text(st, 0));
	sqlite3_finalize(st);
	sqlite3_free(query);
	return text;
}

static int64_t int_of(sqlite3 *db, char *query)
{
	char *text = text_of(db, query);
	int64_t v = text ? strtoll(text, NULL, 10) : 0;
	free(text);
	return v;
}

/* "INSERT INTO t SELECT run_id + ?1, ... FROM t WHERE run_id BETWEEN first AND last", whatever columns t has. */
static sqlite3_stmt *copy(struct many *m, const char *table, const char *id)
{
	char *columns =
		text_of(m->db, sqlite3_mprintf("SELECT group_concat(CASE WHEN name IN (%Q, 'setting', 'series') "
					       "THEN name || ' + ?1' WHEN name = 'session' THEN 'session + ?2' "
					       "ELSE '\"' || name || '\"' END) FROM pragma_table_info(%Q)",
					       id, table));
	char *sql = columns ? sqlite3_mprintf("INSERT INTO %w SELECT %s FROM %w WHERE %w BETWEEN %lld AND %lld", table,
					      columns, table, id, (long long)m->first, (long long)m->last)
			    : NULL;
	sqlite3_stmt *st = NULL;
	if (sql)
		sqlite3_prepare_v2(m->db, sql, -1, &st, NULL);
	sqlite3_free(sql);
	free(columns);
	return st;
}

/* Copies @from to @to of all rows that the runs have in @table. */
static int copies(struct many *m, const char *table, const char *id, int64_t from, int64_t to)
{
	sqlite3_stmt *st = copy(m, table, id);
	int step = st ? SQLITE_DONE : SQLITE_ERROR;
	for (int64_t i = from; step == SQLITE_DONE && i <= to; i++) {
		sqlite3_bind_int64(st, 1, i * (m->last - m->first + 1));
		sqlite3_bind_int64(st, 2, i);
		step = sqlite3_step(st);
		sqlite3_reset(st);
	}
	sqlite3_finalize(st);
	return step == SQLITE_DONE ? 0 : -EIO;
}

static int copy_all(struct many *m, unsigned runs, unsigned whole)
{
	int64_t each = m->last - m->first + 1, n = (runs - 1) / each, full = (whole + each - 1) / each;
	int rc = copies(m, "run", "id", 1, n);
	sqlite3_stmt *st = NULL;
	if (!rc && sqlite3_prepare_v2(m->db,
				      "SELECT t.name FROM sqlite_schema t JOIN pragma_table_info(t.name) c "
				      "WHERE t.type = 'table' AND c.name = 'run_id' ORDER BY t.name",
				      -1, &st, NULL) != SQLITE_OK)
		rc = -EIO;
	while (!rc && sqlite3_step(st) == SQLITE_ROW) {
		const char *table = (const char *)sqlite3_column_text(st, 0);
		int64_t rows =
			int_of(m->db, sqlite3_mprintf("SELECT COUNT(*) FROM %w WHERE run_id BETWEEN %lld AND %lld",
						      table, (long long)m->first, (long long)m->last));
		bool many = rows > MANY_ROWS * each && n > full;
		rc = copies(m, table, "run_id", many ? n - full + 1 : 1, n);
	}
	sqlite3_finalize(st);
	return rc;
}

int sample_many(const char *path, unsigned runs, unsigned whole, struct mmr_err *e)
{
	struct many m = { 0 };
	int rc = sqlite3_open_v2(path, &m.db, SQLITE_OPEN_READWRITE, NULL) == SQLITE_OK ? 0 : fail(&m, path, e);
	if (!rc && sqlite3_exec(m.db, "PRAGMA synchronous = OFF; BEGIN IMMEDIATE", NULL, NULL, NULL) != SQLITE_OK)
		rc = fail(&m, path, e);
	if (!rc) {
		m.session = int_of(m.db, sqlite3_mprintf("SELECT MAX(session) FROM run"));
		m.first = int_of(m.db,
				 sqlite3_mprintf("SELECT MIN(id) FROM run WHERE session = %lld", (long long)m.session));
		m.last = int_of(m.db, sqlite3_mprintf("SELECT MAX(id) FROM run"));
		if (!m.first)
			rc = mmr_err(e, -ENOENT, "%s: no run to copy", path);
	}
	if (!rc && (copy_all(&m, runs, whole) || sqlite3_exec(m.db, "COMMIT", NULL, NULL, NULL) != SQLITE_OK))
		rc = fail(&m, path, e);
	sqlite3_close(m.db);
	return rc;
}
