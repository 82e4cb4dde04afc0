/*
 * Opening a store to read: whoever may write beside it, and wherever it lies.
 *
 * SQLite's read-only mode would leave a -shm and a -wal file beside a store that
 * nobody else has open. So where we may write, the store is opened for writing
 * and every way to write is closed (query_only, authorizer): the last one out
 * then tidies up. Where we may not write, read-only; and where not even those
 * side files can be made, as a file that does not change.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "analyze/store_migrate.h"
#include "analyze/view_db.h"
#include "schemas/embed.h"

/* What a statement may do once the store is open: read. */
static int only_read(void *arg, int action, const char *a, const char *b, const char *c, const char *d)
{
	(void)arg, (void)c, (void)d;
	switch (action) {
	case SQLITE_SELECT:
	case SQLITE_READ:
	case SQLITE_RECURSIVE:
	case SQLITE_TRANSACTION:
		return SQLITE_OK;
	case SQLITE_FUNCTION:
		return b && !sqlite3_stricmp(b, "load_extension") ? SQLITE_DENY : SQLITE_OK;
	case SQLITE_PRAGMA:
		/* Those that look and do not set. */
		return a && !b && strcmp(a, "data_version") == 0 ? SQLITE_OK : SQLITE_DENY;
	default:
		return SQLITE_DENY;
	}
}

/* The views of this program, whatever the store brings: TEMP ones are found first. */
static int make_views(struct az_db *db, struct mmr_err *e)
{
	static const char from[] = "\nCREATE VIEW ", to[] = "\nCREATE TEMP VIEW ";
	size_t n = 0;
	for (const char *p = views_sql; (p = strstr(p, from)); p++)
		n++;
	char *text = malloc(strlen(views_sql) + n * (sizeof(to) - sizeof(from)) + 1), *out = text;
	if (!text)
		return mmr_err_sys(e, -ENOMEM, "%s", db->sql.path);
	const char *at = views_sql, *next;
	while ((next = strstr(at, from))) {
		memcpy(out, at, (size_t)(next - at));
		out = stpcpy(out + (next - at), to);
		at = next + sizeof(from) - 1;
	}
	strcpy(out, at);
	int rc = sql_exec(&db->sql, text, e);
	free(text);
	return rc;
}

static int try_open(struct az_db *db, const char *path, int flags, const char *query, struct mmr_err *e)
{
	int rc = sql_open(&db->sql, path, flags, query, e);
	if (rc)
		return rc;
	int64_t n;
	rc = sql_int(&db->sql, "SELECT count(*) FROM main.sqlite_schema", &n, e);
	if (!rc)
		rc = store_version(&db->sql, &db->version, e);
	if (!rc)
		rc = store_overlay(&db->sql, db->version, e);
	if (!rc)
		rc = make_views(db, e);
	if (!rc)
		rc = sql_exec(&db->sql, "PRAGMA query_only = ON", e);
	if (rc)
		sql_close(&db->sql);
	return rc;
}

/* Has a writer left, or is it writing, what is not in the file itself yet? */
static bool has_log(const char *path)
{
	char *wal;
	struct stat st;
	if (asprintf(&wal, "%s-wal", path) < 0)
		return true;
	bool yes = stat(wal, &st) == 0 && st.st_size > 0;
	free(wal);
	return yes;
}

static int open_somehow(struct az_db *db, const char *path, struct mmr_err *e)
{
	int rc = try_open(db, path, SQLITE_OPEN_READWRITE, NULL, e);
	/* Only where writing is the difficulty does another way help. */
	if (rc != -EACCES && rc != -EPERM && rc != -EROFS && rc != -EIO && rc != -ENOENT)
		return rc;
	rc = try_open(db, path, SQLITE_OPEN_READONLY, NULL, e);
	if (!rc || rc == -EBUSY || rc == -ENOMEM)
		return rc;
	if (has_log(path))
		return mmr_err(e, rc,
			       "%s: changes still in %s-wal cannot be read from here; copy both files to a "
			       "folder that can be written",
			       path, path);
	return try_open(db, path, SQLITE_OPEN_READONLY, "immutable=1", e);
}

int az_open(const char *path, struct az_db **out, struct mmr_err *e)
{
	enum store_kind kind = STORE_OURS;
	int rc = store_probe(path, &kind, e);
	if (rc)
		return rc;
	if (kind == STORE_EMPTY)
		return mmr_err(e, -EPROTO, "%s: no results store: the file is empty", path);
	struct az_db *db = calloc(1, sizeof(*db));
	if (!db)
		return mmr_err_sys(e, -ENOMEM, "%s", path);
	rc = open_somehow(db, path, e);
	if (rc) {
		free(db);
		return rc;
	}
	sqlite3_set_authorizer(db->sql.db, only_read, NULL);
	*out = db;
	return 0;
}

/* Put @text, a SELECT, in the place of the TEMP view @name. */
static int replace_view(struct az_db *db, const char *name, const char *text, struct mmr_err *e)
{
	char sql[320];
	snprintf(sql, sizeof(sql),
		 "PRAGMA query_only = OFF; DROP VIEW temp.%s; CREATE TEMP VIEW %s AS %s; PRAGMA query_only = ON", name,
		 name, text);
	sqlite3_set_authorizer(db->sql.db, NULL, NULL);
	int rc = sql_exec(&db->sql, sql, e);
	sqlite3_set_authorizer(db->sql.db, only_read, NULL);
	return rc;
}

static int focus(struct az_db *db, const char *op, int64_t session, struct mmr_err *e)
{
	char text[128];
	snprintf(text, sizeof(text), "SELECT * FROM i_any_run WHERE session %s %lld", op, (long long)session);
	return replace_view(db, "i_run", text, e);
}

int az_include_descheduled(struct az_db *db, struct mmr_err *e)
{
	return replace_view(db, "i_lock_stat", "SELECT * FROM i_lock_stat_all", e);
}

int az_focus(struct az_db *db, int64_t session, struct mmr_err *e)
{
	return focus(db, "=", session, e);
}

int az_recent(struct az_db *db, unsigned runs, struct mmr_err *e)
{
	char text[256];
	int64_t first = 0;
	/* The session of the first run that is too many is left out with all its runs, unless it is the newest. */
	snprintf(text, sizeof(text),
		 "SELECT MIN(session + 1, (SELECT MAX(session) FROM run)) FROM run ORDER BY session DESC LIMIT 1 "
		 "OFFSET %u",
		 runs);
	int rc = sql_int(&db->sql, text, &first, e);
	if (rc || !first)
		return rc;
	snprintf(text, sizeof(text), "SELECT COUNT(*) FROM run WHERE session < %lld", (long long)first);
	rc = sql_int(&db->sql, text, &db->left_out, e);
	return rc || !db->left_out ? rc : focus(db, ">=", first, e);
}

int64_t az_left_out(const struct az_db *db)
{
	return db->left_out;
}

void az_close(struct az_db *db)
{
	if (!db)
		return;
	sql_close(&db->sql);
	free(db);
}

static int stopped(void *stop)
{
	return *(volatile sig_atomic_t *)stop != 0;
}

void az_interruptible(struct az_db *db, volatile sig_atomic_t *stop)
{
	sqlite3_progress_handler(db->sql.db, 10000, stop ? stopped : NULL, (void *)stop);
}

uint64_t az_change_counter(struct az_db *db)
{
	int64_t n = 0;
	sql_int(&db->sql, "PRAGMA data_version", &n, NULL);
	return (uint64_t)n;
}
