/* `mmreplay report`: the newest session with its verdict, or any view. */
#include <errno.h>
#include <string.h>

#include "analyze/analyze.h"
#include "analyze/output.h"
#include "analyze/report.h"
#include "analyze/session.h"
#include "analyze/view_db.h"

#define OPT_DESCHEDULED 256

struct report_args {
	const char *db;
	const struct az_view *view;
	int64_t session; /* session.h; SESSION_DEFAULT: the newest */
	enum output output;
	bool descheduled; /* include them */
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct report_args *a = state->input;
	switch (key) {
	case 'd':
		a->db = arg;
		return 0;
	case 'f':
		a->output = output_parse(arg, true, state);
		return 0;
	case 's':
		a->session = session_parse(arg, state);
		return 0;
	case OPT_DESCHEDULED:
		if (strcmp(arg, "include") != 0 && strcmp(arg, "exclude") != 0)
			argp_error(state, "--descheduled is include or exclude, not '%s'", arg);
		a->descheduled = arg[0] == 'i';
		return 0;
	case 'v':
		a->view = az_view_by_name(arg);
		if (!a->view)
			argp_error(state, "no view called '%s'; `mmreplay list views` names them", arg);
		return 0;
	case ARGP_KEY_ARG:
		argp_error(state, "unexpected '%s'; the store is given as --db FILE", arg);
		return 0;
	case ARGP_KEY_END:
		if (a->session == SESSION_ALL && !a->view)
			argp_error(state, "a report is of one session; --session all goes with --view");
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static int newest(struct az_db *db, int64_t *session, struct mmr_err *e)
{
	return sql_int(&db->sql, "SELECT MAX(session) FROM run", session, e);
}

static int print_view(struct az_db *db, const struct report_args *a, struct mmr_err *e)
{
	struct az_filter f[] = { { "session", { .kind = AZ_INT, .i = a->session } }, { 0 } };
	struct view_report r;
	const bool known = has_column(a->view, "session");
	if (a->session && !known)
		return mmr_err(e, -EINVAL, "the view %s has no sessions", a->view->name);
	bool all = a->session == SESSION_ALL || (!a->session && (a->view->whole || !known));
	int rc = !all && !a->session ? newest(db, &f[0].value.i, e) : 0;
	if (!rc && !all)
		rc = az_focus(db, f[0].value.i, e);
	if (!rc)
		rc = view_read(db, a->view, all ? NULL : f, &r, e);
	if (rc)
		return rc;
	if (a->output == OUTPUT_CSV)
		az_print_csv(r.part[0].t, stdout);
	else if (a->output == OUTPUT_JSON)
		view_json(&r, stdout);
	else if (a->output == OUTPUT_HTML)
		rc = view_html(db, &r, all ? 0 : f[0].value.i, stdout, e);
	else
		view_print(&r, stdout);
	view_free(&r);
	return rc;
}

static int print_report(struct az_db *db, const struct report_args *a, struct mmr_err *e)
{
	int64_t session = a->session;
	struct az_table *sessions;
	int rc = session ? 0 : newest(db, &session, e);
	if (!rc)
		rc = az_focus(db, session, e);
	if (!rc)
		rc = az_read(db, az_view_by_name("sessions"), NULL, &sessions, e);
	if (rc)
		return rc;
	if (!sessions->nrows) {
		az_free(sessions);
		return a->session ? mmr_err(e, -ENOENT, "%s: no session %lld; `--view sessions` lists them", a->db,
					    (long long)a->session)
				  : mmr_err(e, -ENOENT, "%s: no run is in this store yet", a->db);
	}
	struct report r;
	struct verdict v = { 0 };
	rc = report_read(db, sessions, 0, &r, e);
	if (!rc && verdict_reach(&r, &v))
		rc = mmr_err_sys(e, -ENOMEM, "%s", a->db);
	if (!rc && a->output == OUTPUT_CSV)
		az_print_csv(r.summary, stdout);
	else if (!rc && a->output == OUTPUT_JSON)
		report_json(&r, &v, stdout);
	else if (!rc && a->output == OUTPUT_HTML)
		rc = report_html(db, &r, &v, stdout, e);
	else if (!rc)
		report_print(&r, &v, stdout);
	verdict_free(&v);
	report_free(&r);
	az_free(sessions);
	return rc;
}

int cmd_report(struct mmr_ctx *ctx, int argc, char **argv)
{
	static const struct argp_option options[] = {
		{ "db", 'd', "FILE", 0, "the results store (default mmreplay.db)", 0 },
		{ "session", 's', "N|all", 0, "the runs of that replay command instead of the newest; of a view, all",
		  0 },
		{ "descheduled", OPT_DESCHEDULED, "HOW", 0,
		  "holds with the holder off its CPU: exclude (set apart), or include in the means and totals of holds",
		  0 },
		{ "view", 'v', "NAME", 0, "print a view as it is; `mmreplay list views` names them", 0 },
		{ "format", 'f', "FORMAT", 0,
		  "table, csv, json or html (a page of its own, with charts: > report.html)", 0 },
		{ 0 },
	};
	struct argp argp = {
		options,
		parse,
		NULL,
		"Shows what replays found: the designs side by side for each number of threads, and a verdict."
		"\vCSV and JSON hold raw values; units are in the names (_ns, _per_s, _percent).",
		NULL,
		NULL,
		NULL
	};
	struct report_args a = { .db = "mmreplay.db" };
	argp_parse(&argp, argc, argv, 0, NULL, &a);

	struct mmr_err e = { 0 };
	struct az_db *db;
	if (az_open(a.db, &db, &e))
		return cmd_fail(ctx, MMR_BAD_INPUT, "%s", e.text);
	az_interruptible(db, ctx->stop);
	/* One transaction: all that is read belongs together even while a replay writes. */
	int rc = sql_exec(&db->sql, "BEGIN", &e);
	if (!rc && a.descheduled)
		rc = az_include_descheduled(db, &e);
	if (!rc)
		rc = a.view ? print_view(db, &a, &e) : print_report(db, &a, &e);
	az_close(db);
	if (*ctx->stop)
		return cmd_stopped(ctx);
	if (rc)
		return cmd_fail(ctx, rc == -ENOMEM ? MMR_FAILED : MMR_BAD_INPUT, "%s", e.text);
	return cmd_done(ctx, MMR_OK);
}
