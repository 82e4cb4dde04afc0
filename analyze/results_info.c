/* `mmreplay info RESULTS.db`: what a store holds, in a few lines. */
#include <errno.h>
#include <inttypes.h>

#include "analyze/analyze.h"
#include "analyze/view_db.h"
#include "schemas/safe.h"

/* What `info` asks of a store: title and JSON key, and the question. */
static const struct {
	const char *key, *sql;
} parts[] = {
	{ "runs",
	  "SELECT (SELECT count(DISTINCT session) FROM run) AS sessions, COUNT(*) AS runs, "
	  "COALESCE(SUM(status = 'done'), 0) AS done, COALESCE(SUM(status = 'running'), 0) AS running, "
	  "COALESCE(SUM(status = 'interrupted'), 0) AS interrupted, COALESCE(SUM(status = 'failed'), 0) AS failed, "
	  "COALESCE(SUM(verdict = 'violation'), 0) AS violations FROM run" },
	{ "workloads",
	  "SELECT w.path AS workload, w.source, w.host, w.duration_ns, w.cpus, w.tasks, w.mms, w.lost, w.unresolved, "
	  "(SELECT COUNT(*) FROM run r WHERE r.workload_id = w.id) AS runs FROM workload w ORDER BY w.id" },
	{ "designs", "SELECT design, COUNT(*) AS runs, SUM(status = 'done') AS done, SUM(verdict = 'pass') AS pass, "
		     "SUM(verdict = 'violation') AS violations, group_concat(DISTINCT lock) AS lock_kinds FROM run "
		     "GROUP BY design ORDER BY MIN(id)" },
	{ "sessions",
	  "SELECT session, started_at, workload, designs, lock_kinds, threads, runs, done, violations FROM v_sessions "
	  "ORDER BY session" },
	{ "machines", "SELECT host, kernel, cpu_model, cpus, memory_bytes, clock_read_ns FROM machine ORDER BY id" },
};

#define NPARTS (sizeof(parts) / sizeof(parts[0]))

static void print_parts(const char *path, unsigned version, struct az_table *const *t, bool json)
{
	char name[4096];
	safe_copy(name, sizeof(name), path);
	if (!json)
		printf("%s: results store, version %u\n", name, version);
	for (unsigned i = 0; i < NPARTS; i++) {
		if (!json) {
			printf("\n%s\n", parts[i].key);
			az_print_table(t[i], stdout);
			continue;
		}
		printf("%s\n  \"%s\": ", i ? "," : "{", parts[i].key);
		/* One row of figures is an object, the rest are lists. */
		if (i == 0)
			az_json_row(stdout, t[i], 0);
		else
			az_json_rows(stdout, t[i], "  ");
	}
	if (json)
		fputs("\n}\n", stdout);
}

int results_info(struct mmr_ctx *ctx, const char *path, bool json)
{
	struct mmr_err e = { 0 };
	struct az_db *db;
	if (az_open(path, &db, &e))
		return cmd_fail(ctx, MMR_BAD_INPUT, "%s", e.text);
	az_interruptible(db, ctx->stop);
	struct az_table *t[NPARTS] = { NULL };
	int rc = sql_exec(&db->sql, "BEGIN", &e);
	for (unsigned i = 0; !rc && i < NPARTS; i++)
		rc = az_sql(db, parts[i].sql, &t[i], &e);
	unsigned version = db->version;
	az_close(db);
	int status = MMR_OK;
	if (*ctx->stop)
		status = cmd_stopped(ctx);
	else if (rc)
		status = cmd_fail(ctx, MMR_BAD_INPUT, "%s", e.text);
	else
		print_parts(path, version, t, json);
	for (unsigned i = 0; i < NPARTS; i++)
		az_free(t[i]);
	return status ? status : cmd_done(ctx, MMR_OK);
}
