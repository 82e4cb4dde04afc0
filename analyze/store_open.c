/* Opening a store to write to: made when it is new, refused when it is not ours. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "analyze/analyze.h"
#include "analyze/store.h"
#include "analyze/store_migrate.h"
#include "schemas/embed.h"

int store_transaction(struct store *s, int (*work)(struct store *s, void *arg, struct mmr_err *e), void *arg,
		      struct mmr_err *e)
{
	int rc = sql_exec(&s->sql, "BEGIN IMMEDIATE", e);
	if (rc)
		return rc;
	rc = work(s, arg, e);
	if (!rc)
		rc = sql_exec(&s->sql, "COMMIT", e);
	/* A full disk may have rolled back by itself. */
	if (rc && !sqlite3_get_autocommit(s->sql.db))
		sql_exec(&s->sql, "ROLLBACK", NULL);
	return rc;
}

static int make_tables(struct store *s, void *arg, struct mmr_err *e)
{
	(void)arg;
	int64_t tables = 0;
	/* Another writer may have been first. */
	int rc = sql_int(&s->sql, "SELECT count(*) FROM sqlite_schema", &tables, e);
	if (rc || tables)
		return rc;
	return sql_exec(&s->sql, results_sql, e);
}

#define VIEWS_TEXT                                                                                                     \
	"SELECT group_concat(sql, ';') FROM (SELECT sql FROM sqlite_schema WHERE type = 'view' ORDER BY name)"

/* The views as a database of this program would hold them; NULL when there is no memory. */
static char *wanted_views(void)
{
	struct sql m = { 0 };
	sqlite3_stmt *st = NULL;
	char *text = NULL;
	if (sqlite3_open_v2(":memory:", &m.db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_MEMORY, NULL) == SQLITE_OK &&
	    sqlite3_exec(m.db, views_sql, NULL, NULL, NULL) == SQLITE_OK &&
	    sqlite3_prepare_v2(m.db, VIEWS_TEXT, -1, &st, NULL) == SQLITE_OK && sqlite3_step(st) == SQLITE_ROW)
		text = strdup((const char *)sqlite3_column_text(st, 0));
	sqlite3_finalize(st);
	sqlite3_close(m.db);
	return text;
}

static int drop_views(struct store *s, struct mmr_err *e)
{
	for (;;) {
		sqlite3_stmt *st;
		int rc = sql_prepare(&s->sql,
				     "SELECT 'DROP VIEW \"' || replace(name, '\"', '\"\"') || '\"' FROM sqlite_schema "
				     "WHERE type = 'view'",
				     &st, e);
		if (rc)
			return rc;
		int step = sqlite3_step(st);
		char *drop = step == SQLITE_ROW ? strdup((const char *)sqlite3_column_text(st, 0)) : NULL;
		if (step != SQLITE_ROW && step != SQLITE_DONE)
			rc = sql_error(&s->sql, e);
		sqlite3_finalize(st);
		if (!rc && drop)
			rc = sql_exec(&s->sql, drop, e);
		bool more = drop;
		free(drop);
		if (rc || !more)
			return rc;
	}
}

/* What an older program made gets the tables and columns that it lacks. The views are no data: it gets ours. */
static int renew(struct store *s, void *wanted, struct mmr_err *e)
{
	sqlite3_stmt *st;
	int rc = store_migrate(&s->sql, e);
	if (!rc)
		rc = sql_prepare(&s->sql, VIEWS_TEXT, &st, e);
	if (rc)
		return rc;
	if (sqlite3_step(st) != SQLITE_ROW)
		rc = sql_error(&s->sql, e);
	const char *have = rc ? NULL : (const char *)sqlite3_column_text(st, 0);
	bool same = have && !strcmp(have, wanted);
	sqlite3_finalize(st);
	if (rc || same)
		return rc;
	rc = drop_views(s, e);
	return rc ? rc : sql_exec(&s->sql, views_sql, e);
}

static int prepare_store(struct store *s, bool fresh, struct mmr_err *e)
{
	char *views = wanted_views();
	if (!views)
		return mmr_err_sys(e, -ENOMEM, "%s", s->sql.path);
	/* application_id goes into the file itself, before there is a WAL: store_probe() reads it there. */
	int rc = fresh ? store_transaction(s, make_tables, NULL, e) : 0;
	if (!rc)
		rc = store_transaction(s, renew, views, e);
	if (!rc)
		rc = sql_exec(&s->sql,
			      "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA foreign_keys = ON", e);
	free(views);
	return rc;
}

static int store_close(struct result_sink *sink, struct mmr_err *e)
{
	struct store *s = (struct store *)sink;
	for (int i = 0; i < ST_NR; i++)
		sqlite3_finalize(s->st[i]);
	int rc = sqlite3_close(s->sql.db) == SQLITE_OK ? 0 : sql_error(&s->sql, e);
	if (!rc)
		s->sql.db = NULL;
	sql_close(&s->sql);
	free(s);
	return rc;
}

int results_open(const char *path, struct result_sink **sink, struct mmr_err *e)
{
	enum store_kind kind = STORE_EMPTY;
	int rc = store_probe(path, &kind, e);
	bool absent = rc == -ENOENT;
	if (rc && !absent)
		return rc;
	struct store *s = calloc(1, sizeof(*s));
	if (!s)
		return mmr_err_sys(e, -ENOMEM, "%s", path);
	rc = sql_open(&s->sql, path, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, NULL, e);
	if (rc) {
		free(s);
		return rc;
	}
	rc = prepare_store(s, absent || kind == STORE_EMPTY, e);
	if (rc) {
		sql_close(&s->sql);
		free(s);
		/* What we made and could not fill goes away again, unless somebody else filled it. */
		if (absent && (store_probe(path, &kind, NULL) || kind == STORE_EMPTY))
			unlink(path);
		return rc;
	}
	s->sink =
		(struct result_sink){ store_set_machine, store_set_workload, store_set_calibration, store_set_topology,
				      store_resume,      store_run_there,    store_run_begin,       store_run_end,
				      store_reference,   store_close };
	*sink = &s->sink;
	return 0;
}
