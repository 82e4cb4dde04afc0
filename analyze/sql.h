/*
 * sql.h - the little that stands between analyze and SQLite: opening, errors
 * in one line, running statements. Internal to analyze.
 *
 * struct sql belongs to one thread.
 */
#ifndef MMR_AZ_SQL_H
#define MMR_AZ_SQL_H

#include <sqlite3.h>
#include <stdbool.h>
#include <stdint.h>

#include "schemas/error.h"

#define STORE_APPLICATION_ID 0x4d4d5250u /* results.sql says the same */
#define STORE_VERSION 4u
#define STORE_BUSY_MS 10000

struct sql {
	sqlite3 *db;
	char *path; /* as the user named it, for messages */
	int64_t returned; /* first column of what the last sql_run() RETURNED */
};

enum store_kind {
	STORE_EMPTY, /* no bytes at all */
	STORE_OURS,
};

/*
 * What @path is, from the first bytes of the file and without SQLite, which
 * would create files beside it: *@kind, or -ENOENT, -EISDIR, -EACCES...,
 * -EPROTO (not a store of ours), -ENOTSUP (a store of a version that is yet to come).
 * What the header says of the version may be older than the log beside the file.
 */
int store_probe(const char *path, enum store_kind *kind, struct mmr_err *e);

/*
 * Open @path with @flags (SQLITE_OPEN_...); @query is appended to the URI
 * ("immutable=1") or NULL. On failure nothing is left open.
 */
int sql_open(struct sql *s, const char *path, int flags, const char *query, struct mmr_err *e);
void sql_close(struct sql *s);

/* "PATH: what SQLite says", and the errno that fits. */
int sql_error(struct sql *s, struct mmr_err *e);

/* Run statements without result. */
int sql_exec(struct sql *s, const char *text, struct mmr_err *e);
/* The first column of the first row, 0 when there is none. */
int sql_int(struct sql *s, const char *text, int64_t *value, struct mmr_err *e);
int sql_prepare(struct sql *s, const char *text, sqlite3_stmt **st, struct mmr_err *e);
/*
 * Bind by @types, a letter each: i int64_t, o int64_t of which a negative one is
 * NULL, d double, s const char * (made safe: no control characters get into a
 * store; NULL is ""); then run a statement that returns one row at most and make it ready for the next time.
 */
int sql_run(struct sql *s, sqlite3_stmt *st, struct mmr_err *e, const char *types, ...);

#endif
