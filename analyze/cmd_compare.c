/* `mmreplay compare`: two sessions, designs, runs or stores held against each other. */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "analyze/analyze.h"
#include "analyze/compare.h"
#include "analyze/output.h"
#include "analyze/report.h"
#include "analyze/session.h"

#define OPT_FAIL 256

struct compare_args {
	const char *db, *side[2];
	int64_t session;
	double fail_percent; /* NAN: never */
	enum output output;
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct compare_args *a = state->input;
	char *end;
	switch (key) {
	case 'd':
		a->db = arg;
		return 0;
	case 'f':
		a->output = output_parse(arg, false, state);
		return 0;
	case 's':
		a->session = session_parse(arg, state);
		if (a->session == SESSION_ALL)
			argp_error(state, "--session is one number here");
		return 0;
	case OPT_FAIL:
		a->fail_percent = strtod(arg, &end);
		if (end == arg || *end || !(a->fail_percent >= 0 && a->fail_percent < 100))
			argp_error(state, "--fail-on-regression is a percentage from 0 to below 100, not '%s'", arg);
		return 0;
	case ARGP_KEY_ARG:
		if (state->arg_num > 1)
			argp_error(state, "A and B, and no more");
		a->side[state->arg_num] = arg;
		return 0;
	case ARGP_KEY_END:
		if (!a->side[1])
			argp_error(state, "A and B are needed: two sessions, designs, runs or stores");
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

/* The design of all runs of the side; NULL: they may be of several. */
static const char *only_design(const struct compare_side *s)
{
	if (!s->run || !s->rows->nrows)
		return s->design;
	return report_text(s->rows, 0, "design");
}

/* Are there runs on both sides? Then most of what is compared would be equal by itself. */
static bool overlap(const struct compare_side *a, const struct compare_side *b)
{
	if (!compare_same_store(a, b) || a->session != b->session)
		return false;
	if (a->run && b->run)
		return a->run == b->run;
	const char *x = only_design(a), *y = only_design(b);
	return !x || !y || !strcmp(x, y);
}

/*
 * The exit status that --fail-on-regression asks for. What cannot be judged must
 * not pass for good.
 */
static int regression(struct mmr_ctx *ctx, const struct compare *c, double limit_percent)
{
	int status = MMR_OK;
	unsigned judged = 0;
	for (unsigned i = 0; i < c->nlines; i++) {
		const struct compare_line *l = &c->line[i];
		const double percent = 100 * (exp(l->c.change) - 1);
		char setting[640];
		if (!l->primary)
			continue;
		judged += l->verdict != COMPARE_UNKNOWN;
		if (l->verdict != COMPARE_WORSE || -percent <= limit_percent)
			continue;
		compare_setting(l, setting, sizeof(setting));
		cmd_note(ctx, "regression: %s: events/s %+.1f %% (%+.1f to %+.1f)", setting, percent,
			 100 * (exp(l->c.low) - 1), 100 * (exp(l->c.high) - 1));
		status = MMR_FAILED;
	}
	if (!judged)
		return cmd_fail(ctx, MMR_BAD_INPUT,
				"--fail-on-regression: nothing can be judged: that takes two repeats "
				"of each side at least, and no broken invariant");
	return status;
}

static void print(const struct compare *c, enum output o, const struct az_table *t)
{
	if (o == OUTPUT_CSV)
		az_print_csv(t, stdout);
	else if (o == OUTPUT_JSON)
		compare_json(c, t, stdout);
	else
		compare_print(c, stdout);
}

static int compare(struct mmr_ctx *ctx, const struct compare_args *a, struct compare *c)
{
	struct mmr_err e = { 0 };
	int rc = 0;
	for (unsigned i = 0; i < 2 && !rc; i++)
		rc = compare_side_open(&c->side[i], a->side[i], a->db, a->session, &e);
	if (!rc && overlap(&c->side[0], &c->side[1]))
		rc = mmr_err(&e, -EINVAL, "A and B have runs in common");
	if (!rc)
		rc = compare_judge(c, &e);
	struct az_table *t = rc ? NULL : compare_table(c);
	if (!rc && !t)
		rc = mmr_err_sys(&e, -ENOMEM, "%s", a->db);
	if (*ctx->stop)
		return cmd_stopped(ctx);
	if (rc)
		return cmd_fail(ctx, rc == -ENOMEM ? MMR_FAILED : MMR_BAD_INPUT, "%s", e.text);
	print(c, a->output, t);
	az_free(t);
	return cmd_done(ctx, isnan(a->fail_percent) ? MMR_OK : regression(ctx, c, a->fail_percent));
}

int cmd_compare(struct mmr_ctx *ctx, int argc, char **argv)
{
	static const struct argp_option options[] = {
		{ "db", 'd', "FILE", 0, "the results store (default mmreplay.db)", 0 },
		{ "session", 's', "N", 0, "the session that designs are of, instead of the newest", 0 },
		{ "fail-on-regression", OPT_FAIL, "PCT", 0,
		  "exit status 1 when B does fewer events/s than A by more than PCT percent, beyond the noise", 0 },
		{ "format", 'f', "FORMAT", 0, "table, csv or json", 0 },
		{ 0 },
	};
	struct argp argp = {
		options,
		parse,
		"A B",
		"Holds B against A, figure by figure: median and standard deviation of both, and the change."
		"\vA and B are each a session (its number), a design (its name; of the newest session, or --session), "
		"a "
		"store (a file; its newest session, or FILE@SESSION), or a run (run:NUMBER). Where a word may mean two "
		"things: session:N, design:NAME, db:FILE, run:N.\n\n"
		"~ stands for a change within noise. One is named when its p, corrected for the number of figures, is "
		"below 0.01 and it is larger than the machine's noise. Between two replays that is what repeats "
		"scatter "
		"by, and what `null` moved by, which did not change: each replay runs it shortly in between for this "
		"(unless --no-reference). The fastest repeats must differ by as much, and where other processes took "
		"much "
		"of the CPU time nearly nothing can be told. Designs of one session are compared in pairs of repeats "
		"and "
		"need none of that: of two designs, one replay (--design a,b) tells more than two do. Behind each "
		"change: "
		"the 95 % interval and p. What A and B differ in besides is said.\n\n"
		"  mmreplay replay w.mmw --design ./old.so; mmreplay replay w.mmw --design ./new.so\n"
		"  mmreplay compare 1 2 --fail-on-regression 2",
		NULL,
		NULL,
		NULL
	};
	struct compare_args a = { .db = "mmreplay.db", .fail_percent = NAN };
	argp_parse(&argp, argc, argv, 0, NULL, &a);
	struct compare c = { 0 };
	int status = compare(ctx, &a, &c);
	compare_free(&c);
	return status;
}
