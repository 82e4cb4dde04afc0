/* `mmreplay info RESULTS.db`: what a store holds, in a few lines. */
#include <errno.h>
#include <inttypes.h>

#include "analyze/analyze.h"
#include "analyze/view_db.h"
#include "schemas/safe.h"

/* What `info` asks of a store; the JSON keys are those of the columns. */
static const struct {
	const char *key, *title, *sql;
} parts[] = {
	{ "runs", "runs",
	  "SELECT (SELECT count(DISTINCT session) FROM run) AS sessions, COUNT(*) AS runs, "
	  "COALESCE(SUM(status = 'done'), 0) AS done, COALESCE(SUM(status = 'running'), 0) AS running, "
	  "COALESCE(SUM(status = 'interrupted'), 0) AS interrupted, COALESCE(SUM(status = 'failed'), 0) AS failed, "
	  "COALESCE(SUM(verdict = 'violation'), 0) AS violations FROM run" },
	{ "workloads", "workloads",
	  "SELECT w.path AS workload, w.source, w.host, w.duration_ns, w.cpus, w.tasks, w.mms, w.lost, w.unresolved, "
	  "(SELECT COUNT(*) FROM run r WHERE r.workload_id = w.id) AS runs FROM workload w ORDER BY w.id" },
	{ "designs", "designs",
	  "SELECT design, COUNT(*) AS runs, SUM(status = 'done') AS done, SUM(verdict = 'pass') AS pass, "
	  "SUM(verdict = 'violation') AS violations, group_concat(DISTINCT lock) AS lock_kinds FROM run "
	  "GROUP BY design ORDER BY MIN(id)" },
	{ "sessions", "sessions",
	  "SELECT session, started_at, workload, designs, lock_kinds, threads, runs, done, violations FROM v_sessions "
	  "ORDER BY session" },
	{ "machines", "machines",
	  "SELECT host, kernel, cpu_model, cpus, memory_bytes, clock_read_ns FROM machine ORDER BY id" },
};

static void print_part(unsigned i, const struct az_table *t, bool json)
{
	if (!json) {
		printf("%s%s\n", i ? "\n" : "", parts[i].title);
		az_print_table(t, stdout);
		return;
	}
	printf("%s\n  \"%s\": ", i ? "," : "", parts[i].key);
	/* One row of figures is an object, the rest are lists. */
	if (i == 0)
		az_json_row(stdout, t, 0);
	else
		az_json_rows(stdout, t, "  ");
}

int results_info(struct mmr_ctx *ctx, const char *path, bool json)
{
	struct mmr_err e = { 0 };
	struct az_db *db;
	if (az_open(path, &db, &e))
		return cmd_fail(ctx, MMR_BAD_INPUT, "%s", e.text);
	az_interruptible(db, ctx->stop);
	int rc = sql_exec(&db->sql, "BEGIN", &e);
	if (!rc && json)
		fputs("{", stdout);
	else if (!rc)
		printf("%s: results store, version %u\n\n", path, STORE_VERSION);
	for (unsigned i = 0; !rc && i < sizeof(parts) / sizeof(parts[0]); i++) {
		struct az_table *t;
		rc = az_sql(db, parts[i].sql, &t, &e);
		if (rc)
			break;
		print_part(i, t, json);
		az_free(t);
	}
	az_close(db);
	if (*ctx->stop)
		return cmd_stopped(ctx);
	if (rc)
		return cmd_fail(ctx, MMR_BAD_INPUT, "%s", e.text);
	if (json)
		fputs("\n}\n", stdout);
	return cmd_done(ctx, MMR_OK);
}
