/* `mmreplay calibrate`: what things cost on this machine, measured, shown and stored. */
#include <argp.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "replay/calibrate/keep.h"
#include "replay/calibrate/show.h"
#include "replay/replay.h"

struct calibrate_args {
	const char *db;
	bool json;
};

enum { OPT_DB = 256, OPT_FORMAT };

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct calibrate_args *a = state->input;
	switch (key) {
	case OPT_DB:
		a->db = arg;
		return 0;
	case OPT_FORMAT:
		if (strcmp(arg, "table") && strcmp(arg, "json"))
			argp_error(state, "--format is table or json, not '%s'", arg);
		a->json = !strcmp(arg, "json");
		return 0;
	case ARGP_KEY_ARG:
		argp_error(state, "no arguments are taken, '%s' is one", arg);
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static int status_of(const struct mmr_err *e)
{
	return e->code == -EIO || e->code == -ENOSPC || e->code == -ENOMEM ? MMR_FAILED : MMR_BAD_INPUT;
}

static int run(struct mmr_ctx *ctx, const struct calibrate_args *a, struct calibration_session *s)
{
	struct mmr_err e = { 0 };
	struct result_sink *sink;
	/* First, so that nobody waits for figures that cannot be kept. */
	if (ctx->services->results_open(a->db, &sink, &e))
		return cmd_fail(ctx, status_of(&e), "%s", e.text);
	int status = MMR_OK;
	if (calibration_measure(ctx, s, &e))
		status = *ctx->stop ? cmd_stopped(ctx) : cmd_fail(ctx, MMR_FAILED, "%s", e.text);
	else if (calibration_put(sink, s, &e))
		status = cmd_fail(ctx, MMR_FAILED, "%s", e.text);
	if (sink->close(sink, &e) && !status)
		status = cmd_fail(ctx, MMR_FAILED, "%s", e.text);
	if (status)
		return status;
	a->json ? show_json(s) : show_table(s);
	cmd_note(ctx, "stored in %s; `--engine sim` with that store counts with it", a->db);
	return MMR_OK;
}

int cmd_calibrate(struct mmr_ctx *ctx, int argc, char **argv)
{
	static const struct argp_option options[] = {
		{ "db", OPT_DB, "FILE", 0, "results store, made if it is not there (mmreplay.db)", 0 },
		{ "format", OPT_FORMAT, "FORMAT", 0, "table or json", 0 },
		{ 0 },
	};
	static const struct argp argp = {
		options,
		parse,
		"",
		"Measures what things cost on this machine: accesses and where the line is, locked instructions, "
		"page copies, interrupts, wake-ups. Simulated machines (`replay --engine sim`) are made of that."
		"\vPinned, 3 passes of 21 runs of each, a few seconds; the machine should have nothing else to do. "
		"Figures "
		"are medians with quartiles. What cannot be measured here is said, with what is assumed instead.",
		NULL,
		NULL,
		NULL,
	};
	struct calibrate_args a = { .db = "mmreplay.db" };
	argp_parse(&argp, argc, argv, 0, NULL, &a);
	struct calibration_session *s = calloc(1, sizeof(*s));
	if (!s)
		return cmd_fail(ctx, MMR_FAILED, "no memory");
	int status = run(ctx, &a, s);
	calibration_session_free(s);
	free(s);
	return cmd_done(ctx, status);
}
