/*
 * From version to version. A step adds columns, at the end of their tables; the
 * tables and indexes that a store lacks are those of results.sql.
 */
#include "analyze/store_migrate.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "schemas/embed.h"

/* What takes a store from version i to the next: in the file, or for readers only. */
static const struct {
	const char *write, *read;
} steps[STORE_VERSION] = {
	[1] = { "ALTER TABLE run ADD COLUMN topology TEXT NOT NULL DEFAULT '';"
		"ALTER TABLE replay_error ADD COLUMN drift_count INTEGER;"
		"ALTER TABLE replay_error ADD COLUMN drift_p50_ns INTEGER;"
		"ALTER TABLE replay_error ADD COLUMN drift_p99_ns INTEGER;"
		"ALTER TABLE replay_error ADD COLUMN drift_max_ns INTEGER;"
		"ALTER TABLE replay_error ADD COLUMN constraints_dropped INTEGER NOT NULL DEFAULT 0;"
		"ALTER TABLE lock_stat ADD COLUMN hold_clock_ns INTEGER NOT NULL DEFAULT 0",
		"CREATE TEMP VIEW run AS SELECT *, '' AS topology FROM main.run;"
		"CREATE TEMP VIEW replay_error AS SELECT *, NULL AS drift_count, NULL AS drift_p50_ns,"
		" NULL AS drift_p99_ns, NULL AS drift_max_ns, 0 AS constraints_dropped,"
		" NULL AS paced_ns FROM main.replay_error;"
		"CREATE TEMP VIEW lock_stat AS SELECT *, 0 AS hold_clock_ns FROM main.lock_stat" },
	/* And tables: timeline, comm_stat, slow_op, kernel_contention. */
	[2] = { "ALTER TABLE replay_error ADD COLUMN paced_ns INTEGER",
		"CREATE TEMP VIEW IF NOT EXISTS replay_error AS SELECT *, NULL AS paced_ns FROM main.replay_error" },
	/* A table: reference_run. */
	[3] = { "", "" },
};

int store_version(struct sql *s, unsigned *version, struct mmr_err *e)
{
	int64_t v = 0;
	int rc = sql_int(s, "PRAGMA main.user_version", &v, e);
	if (!rc && (v < 1 || v > STORE_VERSION))
		return mmr_err(e, -ENOTSUP, "%s: a results store of version %lld; this program knows version 1 to %u",
			       s->path, (long long)v, STORE_VERSION);
	*version = (unsigned)v;
	return rc;
}

/* Run results.sql's statement for each table and index that @s lacks, with @make for "CREATE". */
static int add_missing(struct sql *s, sqlite3_stmt *all, bool indexes, const char *make, struct mmr_err *e)
{
	int step;
	while ((step = sqlite3_step(all)) == SQLITE_ROW) {
		const char *name = (const char *)sqlite3_column_text(all, 0);
		const char *text = (const char *)sqlite3_column_text(all, 1);
		if (!indexes && sqlite3_column_int(all, 2))
			continue;
		char *query = sqlite3_mprintf("SELECT count(*) FROM main.sqlite_schema WHERE name = %Q", name);
		char *sql = sqlite3_mprintf("%s%s", make, text + strlen("CREATE"));
		int64_t there = 0;
		int rc = query && sql ? sql_int(s, query, &there, e) : mmr_err_sys(e, -ENOMEM, "%s", s->path);
		if (!rc && !there)
			rc = sql_exec(s, sql, e);
		sqlite3_free(query);
		sqlite3_free(sql);
		if (rc)
			return rc;
	}
	return step == SQLITE_DONE ? 0 : mmr_err_sys(e, -ENOMEM, "%s", s->path);
}

static int complete(struct sql *s, bool indexes, const char *make, struct mmr_err *e)
{
	struct sql m = { 0 };
	sqlite3_stmt *all = NULL;
	int rc = -ENOMEM;
	if (sqlite3_open_v2(":memory:", &m.db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_MEMORY, NULL) == SQLITE_OK &&
	    sqlite3_exec(m.db, results_sql, NULL, NULL, NULL) == SQLITE_OK &&
	    sqlite3_prepare_v2(m.db,
			       "SELECT name, sql, type = 'index' FROM sqlite_schema WHERE type IN ('table', 'index') "
			       "AND sql IS NOT NULL ORDER BY rowid",
			       -1, &all, NULL) == SQLITE_OK)
		rc = add_missing(s, all, indexes, make, e);
	else
		mmr_err_sys(e, rc, "%s", s->path);
	sqlite3_finalize(all);
	sqlite3_close(m.db);
	return rc;
}

int store_migrate(struct sql *s, struct mmr_err *e)
{
	unsigned version;
	int rc = store_version(s, &version, e);
	if (rc)
		return rc;
	for (unsigned v = version; !rc && v < STORE_VERSION; v++)
		rc = sql_exec(s, steps[v].write, e);
	if (!rc)
		rc = complete(s, true, "CREATE", e);
	if (rc || version == STORE_VERSION)
		return rc;
	char text[64];
	snprintf(text, sizeof(text), "PRAGMA user_version = %u", STORE_VERSION);
	return sql_exec(s, text, e);
}

int store_overlay(struct sql *s, unsigned version, struct mmr_err *e)
{
	int rc = 0;
	for (unsigned v = version; !rc && v < STORE_VERSION; v++)
		rc = sql_exec(s, steps[v].read, e);
	return rc ? rc : complete(s, false, "CREATE TEMP", e);
}
