/* What calibrate found out about a machine: put into the store, and read from it. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "analyze/analyze.h"
#include "analyze/store.h"
#include "analyze/store_migrate.h"
#include "schemas/safe.h"

struct rows {
	const struct result_calibration *row;
	unsigned n;
};

/* One time for all rows of a calibration. */
static int now(struct store *s, char *text, size_t size, struct mmr_err *e)
{
	sqlite3_stmt *st;
	int rc = sql_prepare(&s->sql, "SELECT strftime('%Y-%m-%dT%H:%M:%fZ', 'now')", &st, e);
	if (rc)
		return rc;
	if (sqlite3_step(st) == SQLITE_ROW)
		snprintf(text, size, "%s", (const char *)sqlite3_column_text(st, 0));
	else
		rc = sql_error(&s->sql, e);
	sqlite3_finalize(st);
	return rc;
}

static int put_rows(struct store *s, void *arg, struct mmr_err *e)
{
	const struct rows *r = arg;
	char at[32];
	int rc = now(s, at, sizeof(at), e);
	for (unsigned i = 0; !rc && i < r->n; i++) {
		const struct result_calibration *c = &r->row[i];
		rc = STORE_RUN(s, ST_CALIBRATION, e, "sisiiiiss", at, s->machine_id, c->name, store_int(c->ps),
			       store_int(c->low_ps), store_int(c->high_ps), (int64_t)c->runs,
			       c->measured ? "measured" : "assumed", c->why);
	}
	return rc;
}

int store_set_calibration(struct result_sink *sink, const struct result_calibration *rows, unsigned n,
			  struct mmr_err *e)
{
	struct store *s = (struct store *)sink;
	if (!s->machine_id)
		return mmr_err(e, -EINVAL, "%s: a calibration needs its machine first", s->sql.path);
	struct rows r = { rows, n };
	return store_transaction(s, put_rows, &r, e);
}

/* The latest, of whichever kernel it was. */
#define LATEST                                                                                                         \
	"SELECT name, ps, low_ps, high_ps, runs, origin, source FROM calibration WHERE (machine_id, measured_at) ="    \
	" (SELECT c.machine_id, c.measured_at FROM calibration c JOIN machine m ON m.id = c.machine_id"                \
	" WHERE m.host = ? AND m.cpu_model = ? AND m.cpus = ? ORDER BY c.measured_at DESC, c.machine_id LIMIT 1)"

static int read_rows(struct sql *s, sqlite3_stmt *st, int (*row)(void *arg, const struct result_calibration *c),
		     void *arg, struct mmr_err *e)
{
	int step;
	while ((step = sqlite3_step(st)) == SQLITE_ROW) {
		const struct result_calibration c = {
			.name = (const char *)sqlite3_column_text(st, 0),
			.ps = (uint64_t)sqlite3_column_int64(st, 1),
			.low_ps = (uint64_t)sqlite3_column_int64(st, 2),
			.high_ps = (uint64_t)sqlite3_column_int64(st, 3),
			.runs = (unsigned)sqlite3_column_int64(st, 4),
			.measured = !strcmp((const char *)sqlite3_column_text(st, 5), "measured"),
			.why = (const char *)sqlite3_column_text(st, 6),
		};
		int rc = row(arg, &c);
		if (rc)
			return rc;
	}
	return step == SQLITE_DONE ? 0 : sql_error(s, e);
}

int calibration_read(const char *path, const struct result_machine *m,
		     int (*row)(void *arg, const struct result_calibration *c), void *arg, struct mmr_err *e)
{
	enum store_kind kind = STORE_EMPTY;
	int rc = store_probe(path, &kind, e);
	if (rc == -ENOENT || (!rc && kind == STORE_EMPTY))
		return 0;
	if (rc)
		return rc;
	struct sql s;
	rc = sql_open(&s, path, SQLITE_OPEN_READWRITE, NULL, e);
	if (rc)
		return rc;
	sqlite3_stmt *st = NULL;
	unsigned version;
	rc = store_version(&s, &version, e);
	if (!rc)
		rc = store_overlay(&s, version, e);
	if (!rc)
		rc = sql_prepare(&s, LATEST, &st, e);
	if (!rc) {
		/* As they were stored. */
		char host[256], model[256];
		safe_copy(host, sizeof(host), m->host);
		safe_copy(model, sizeof(model), m->cpu_model);
		sqlite3_bind_text(st, 1, host, -1, SQLITE_TRANSIENT);
		sqlite3_bind_text(st, 2, model, -1, SQLITE_TRANSIENT);
		sqlite3_bind_int64(st, 3, (int64_t)m->cpus);
		rc = read_rows(&s, st, row, arg, e);
	}
	sqlite3_finalize(st);
	sql_close(&s);
	return rc;
}
