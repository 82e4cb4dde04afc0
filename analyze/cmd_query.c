/* `mmreplay query`: one statement that reads, on a results store. */
#include <errno.h>

#include "analyze/analyze.h"
#include "analyze/output.h"

struct query_args {
	const char *db, *sql;
	enum output output;
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct query_args *a = state->input;
	switch (key) {
	case 'f':
		a->output = output_parse(arg, false, state);
		return 0;
	case ARGP_KEY_ARG:
		if (a->sql)
			argp_error(state, "one DB and one SQL; quote the statement");
		if (a->db)
			a->sql = arg;
		else
			a->db = arg;
		return 0;
	case ARGP_KEY_END:
		if (!a->sql)
			argp_error(state, "DB and SQL are needed");
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

int cmd_query(struct mmr_ctx *ctx, int argc, char **argv)
{
	static const struct argp_option options[] = {
		{ "format", 'f', "FORMAT", 0, "table, csv or json", 0 },
		{ 0 },
	};
	struct argp argp = {
		options,
		parse,
		"DB SQL",
		"Runs one SQL statement that reads on a results store."
		"\vTables are in schemas/results.sql; `mmreplay list views` names the views. All times are "
		"nanoseconds. The store is not changed.\n\n"
		"  mmreplay query mmreplay.db 'SELECT design, threads, events_per_s FROM v_summary'",
		NULL,
		NULL,
		NULL
	};
	struct query_args a = { 0 };
	argp_parse(&argp, argc, argv, 0, NULL, &a);

	struct mmr_err e = { 0 };
	struct az_db *db;
	if (az_open(a.db, &db, &e))
		return cmd_fail(ctx, MMR_BAD_INPUT, "%s", e.text);
	az_interruptible(db, ctx->stop);
	struct az_table *t;
	int rc = az_sql(db, a.sql, &t, &e), status = MMR_OK;
	if (*ctx->stop)
		status = cmd_stopped(ctx);
	else if (rc)
		status = cmd_fail(ctx, rc == -ENOMEM ? MMR_FAILED : MMR_BAD_INPUT, "%s", e.text);
	else
		output_table(a.output, t);
	if (!rc)
		az_free(t);
	az_close(db);
	return status ? status : cmd_done(ctx, MMR_OK);
}
