#include "analyze/sql.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "schemas/safe.h"

static uint32_t be32(const unsigned char *p)
{
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

int store_probe(const char *path, enum store_kind *kind, struct mmr_err *e)
{
	/* O_NONBLOCK: a FIFO must not hang us; it is refused below. */
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0)
		return mmr_err_sys(e, -errno, "%s", path);
	struct stat st;
	unsigned char head[100];
	int rc = 0;
	ssize_t n = 0;
	if (fstat(fd, &st) || (S_ISREG(st.st_mode) && (n = read(fd, head, sizeof(head))) < 0))
		rc = mmr_err_sys(e, -errno, "%s", path);
	close(fd);
	if (rc)
		return rc;
	if (S_ISDIR(st.st_mode))
		return mmr_err_sys(e, -EISDIR, "%s", path);
	if (S_ISREG(st.st_mode) && n == 0) {
		*kind = STORE_EMPTY;
		return 0;
	}
	/* The bytes are SQLite's documented header: magic, user_version at 60, application_id at 68. */
	if (n < (ssize_t)sizeof(head) || memcmp(head, "SQLite format 3", 16) != 0)
		return mmr_err(e, -EPROTO, "%s: no results store: not an SQLite database", path);
	if (be32(head + 68) != STORE_APPLICATION_ID)
		return mmr_err(e, -EPROTO, "%s: no results store: a database of another application", path);
	if (be32(head + 60) < 1 || be32(head + 60) > STORE_VERSION)
		return mmr_err(e, -ENOTSUP, "%s: a results store of version %u; this program knows version 1 to %u",
			       path, be32(head + 60), STORE_VERSION);
	*kind = STORE_OURS;
	return 0;
}

/* file:PATH?QUERY with what means something in a URI escaped. */
static char *uri(const char *path, const char *query)
{
	char *out = malloc(3 * strlen(path) + strlen(query) + 16);
	if (!out)
		return NULL;
	/* A relative path is as good as any: SQLite takes what follows "file:" as it is. */
	char *p = out + sprintf(out, "file:%s", path[0] == '/' ? "" : "./");
	for (; *path; path++)
		p += strchr("%?#", *path) ? sprintf(p, "%%%02x", (unsigned char)*path) : sprintf(p, "%c", *path);
	if (query[0])
		sprintf(p, "?%s", query);
	return out;
}

static int sql_errno(struct sql *s)
{
	switch (sqlite3_errcode(s->db)) {
	case SQLITE_FULL:
		return -ENOSPC;
	case SQLITE_READONLY:
		return -EROFS;
	case SQLITE_NOTADB:
		return -EPROTO;
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
		return -EBUSY;
	case SQLITE_PERM:
	case SQLITE_AUTH:
		return -EACCES;
	case SQLITE_CORRUPT:
		return -EBADMSG;
	case SQLITE_NOMEM:
		return -ENOMEM;
	case SQLITE_INTERRUPT:
		return -EINTR;
	case SQLITE_ERROR:
		return -EINVAL;
	case SQLITE_CANTOPEN: {
		int n = sqlite3_system_errno(s->db);
		return n > 0 ? -n : -EIO;
	}
	default:
		return -EIO;
	}
}

int sql_error(struct sql *s, struct mmr_err *e)
{
	int code = sql_errno(s);
	if (code == -EACCES && sqlite3_errcode(s->db) == SQLITE_AUTH)
		return mmr_err(e, code, "%s: only a statement that reads may run here (%s)", s->path,
			       sqlite3_errmsg(s->db));
	/* For these two SQLite's own words do not say what the system said. */
	int primary = sqlite3_errcode(s->db) & 0xff, sys = sqlite3_system_errno(s->db);
	if ((primary == SQLITE_CANTOPEN || primary == SQLITE_IOERR) && sys > 0)
		return mmr_err_sys(e, code, "%s: %s", s->path, sqlite3_errmsg(s->db));
	return mmr_err(e, code, "%s: %s", s->path, sqlite3_errmsg(s->db));
}

int sql_open(struct sql *s, const char *path, int flags, const char *query, struct mmr_err *e)
{
	char *name = uri(path, query ? query : "");
	s->path = strdup(path);
	s->db = NULL;
	int rc = !name || !s->path ? mmr_err_sys(e, -ENOMEM, "%s", path) : 0;
	if (!rc && sqlite3_open_v2(name, &s->db, flags | SQLITE_OPEN_URI | SQLITE_OPEN_NOMUTEX, NULL) != SQLITE_OK)
		rc = s->db ? sql_error(s, e) : mmr_err_sys(e, -ENOMEM, "%s", path);
	free(name);
	if (rc) {
		sql_close(s);
		return rc;
	}
	sqlite3_extended_result_codes(s->db, 0);
	sqlite3_busy_timeout(s->db, STORE_BUSY_MS);
	/* A store may come from anywhere: its schema gets no power over us. */
	sqlite3_db_config(s->db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
	sqlite3_db_config(s->db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
	return 0;
}

void sql_close(struct sql *s)
{
	sqlite3_close(s->db);
	free(s->path);
	s->db = NULL;
	s->path = NULL;
}

int sql_exec(struct sql *s, const char *text, struct mmr_err *e)
{
	return sqlite3_exec(s->db, text, NULL, NULL, NULL) == SQLITE_OK ? 0 : sql_error(s, e);
}

int sql_prepare(struct sql *s, const char *text, sqlite3_stmt **st, struct mmr_err *e)
{
	return sqlite3_prepare_v2(s->db, text, -1, st, NULL) == SQLITE_OK ? 0 : sql_error(s, e);
}

int sql_int(struct sql *s, const char *text, int64_t *value, struct mmr_err *e)
{
	sqlite3_stmt *st;
	int rc = sql_prepare(s, text, &st, e);
	if (rc)
		return rc;
	int step = sqlite3_step(st);
	*value = step == SQLITE_ROW ? sqlite3_column_int64(st, 0) : 0;
	if (step != SQLITE_ROW && step != SQLITE_DONE)
		rc = sql_error(s, e);
	sqlite3_finalize(st);
	return rc;
}

static void bind_safe(sqlite3_stmt *st, int i, const char *text)
{
	size_t size = strlen(text) + 1;
	char *clean = malloc(size);
	if (!clean) {
		sqlite3_bind_null(st, i); /* the NOT NULL constraint reports it */
		return;
	}
	safe_copy(clean, size, text);
	sqlite3_bind_text(st, i, clean, -1, free);
}

int sql_run(struct sql *s, sqlite3_stmt *st, struct mmr_err *e, const char *types, ...)
{
	va_list ap;
	va_start(ap, types);
	for (int i = 1; *types; types++, i++) {
		switch (*types) {
		case 'i':
			sqlite3_bind_int64(st, i, va_arg(ap, int64_t));
			break;
		case 'd':
			sqlite3_bind_double(st, i, va_arg(ap, double));
			break;
		case 's': {
			const char *text = va_arg(ap, const char *);
			bind_safe(st, i, text ? text : "");
			break;
		}
		case 'o': {
			int64_t v = va_arg(ap, int64_t);
			v < 0 ? sqlite3_bind_null(st, i) : sqlite3_bind_int64(st, i, v);
			break;
		}
		}
	}
	va_end(ap);
	int step = sqlite3_step(st), rc = 0;
	if (step == SQLITE_ROW)
		s->returned = sqlite3_column_int64(st, 0);
	else if (step != SQLITE_DONE)
		rc = sql_error(s, e);
	sqlite3_reset(st);
	return rc;
}
