/* `mmreplay ui [DB] [--script FILE]`: the store in a terminal. */
#include <argp.h>
#include <locale.h>

#include "analyze/session.h"
#include "schemas/safe.h"
#include "ui/drive.h"
#include "ui/term.h"
#include "ui/ui.h"

#define DEFAULT_DB "mmreplay.db"
/* So many are there in the blink of an eye, whatever else the store holds. */
#define NEWEST 1000
#define NEWEST_TEXT "1000"
#define OPT_SESSION 256

struct ui_args {
	const char *db, *script;
	int64_t session;
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct ui_args *a = state->input;
	switch (key) {
	case 's':
		a->script = arg;
		return 0;
	case OPT_SESSION:
		a->session = session_parse(arg, state);
		return 0;
	case ARGP_KEY_ARG:
		if (a->db)
			argp_error(state, "one DB at a time");
		a->db = arg;
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static int focus(struct az_db *db, int64_t session, struct mmr_err *e)
{
	if (session == SESSION_ALL)
		return 0;
	return session ? az_focus(db, session, e) : az_recent(db, NEWEST, e);
}

int cmd_ui(struct mmr_ctx *ctx, int argc, char **argv)
{
	static const struct argp_option options[] = {
		{ "script", 's', "FILE", 0, "take keys from FILE, a line each, and no terminal; - is standard input",
		  0 },
		{ "session", OPT_SESSION, "N|all", 0,
		  "the runs of that replay command, or all, instead of the newest " NEWEST_TEXT, 0 },
		{ 0 },
	};
	static const char doc[] =
		"Browses a results store: runs, comparisons, locks. ? in it shows the keys.\v"
		"DB is " DEFAULT_DB " unless given; it is only read, and followed while a replay adds to it. "
		"Without a terminal the runs and comparisons are printed as text. "
		"NO_COLOR=1 does without colours.\n\n"
		"A script's lines are keys by name (Down, Enter, PgDn, F1, Esc, Tab, Space, x, ^U), "
		"/TEXT, ;TEXT and `type TEXT` (typed; Enter is not implied), `resize 80x24`, `tick`, `quit`, "
		"and `dump`, which prints the screen (`roles`: what its characters mean).";
	struct argp argp = { options, parse, "[DB]", doc, NULL, NULL, NULL };
	struct ui_args a = { 0 };
	argp_parse(&argp, argc, argv, 0, NULL, &a);

	struct mmr_err e = { 0 };
	struct az_db *db;
	const char *path = a.db ? a.db : DEFAULT_DB;
	char shown[512], why[160];
	safe_copy(shown, sizeof(shown), path);
	if (az_open(path, &db, &e) < 0)
		return cmd_fail(ctx, MMR_BAD_INPUT, "%s", e.text);
	az_interruptible(db, ctx->stop);
	if (focus(db, a.session, &e)) {
		az_close(db);
		return *ctx->stop ? cmd_stopped(ctx) : cmd_fail(ctx, MMR_BAD_INPUT, "%s", e.text);
	}
	setlocale(LC_CTYPE, "");
	int rc;
	if (a.script) {
		rc = drive_script(ctx, db, shown, a.script);
	} else if (term_usable(why, sizeof(why))) {
		rc = drive_terminal(ctx, db, shown);
	} else {
		if (*why)
			cmd_note(ctx, "%s: printing text instead", why);
		rc = drive_text(ctx, db, shown);
	}
	az_close(db);
	return rc;
}
