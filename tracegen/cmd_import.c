/* `mmreplay import TRACE... -o FILE.mmw`, and import on the fly for the other parts. */
#include <argp.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "tracegen/import_child.h"
#include "tracegen/import_inputs.h"
#include "tracegen/tracegen.h"

struct import_args {
	char **trace;
	unsigned traces;
	const char *out;
	struct imp_limits limits;
};

enum { OPT_MAX_EVENTS = 256, OPT_STALL, OPT_MEMORY };

static uint64_t number(struct argp_state *state, const char *option, const char *arg, uint64_t max)
{
	char *end;
	errno = 0;
	unsigned long long v = strtoull(arg, &end, 10);
	if (errno || *end || end == arg || arg[0] == '-' || !v || v > max)
		argp_error(state, "--%s is a number from 1 to %" PRIu64 ", not '%s'", option, max, arg);
	return v;
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct import_args *a = state->input;
	switch (key) {
	case 'o':
		a->out = arg;
		return 0;
	case OPT_MAX_EVENTS:
		a->limits.max_events = number(state, "max-events", arg, UINT64_MAX - 1);
		return 0;
	case OPT_STALL:
		a->limits.stall_s = (unsigned)number(state, "stall", arg, 86400);
		return 0;
	case OPT_MEMORY:
		a->limits.memory = number(state, "memory", arg, 1u << 20) << 20;
		return 0;
	case ARGP_KEY_ARGS:
		a->trace = state->argv + state->next;
		a->traces = (unsigned)(state->argc - state->next);
		return 0;
	case ARGP_KEY_NO_ARGS:
		argp_error(state, "which trace?");
		return EINVAL;
	case ARGP_KEY_END:
		if (!a->out)
			argp_error(state, "-o FILE.mmw: where to?");
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static void show_progress(void *ctx, uint64_t events)
{
	cmd_progress(ctx, "importing", events, 0);
}

/* An exit status; @e is filled on anything but MMR_OK and MMR_INCOMPLETE. */
static int import(struct mmr_ctx *ctx, char *const *inputs, unsigned n, const char *out,
		  const struct imp_limits *limits, struct imp_result *result, struct mmr_err *e)
{
	struct imp_inputs in;
	*result = (struct imp_result){ 0 };
	int status = MMR_OK, ret = imp_inputs_find(&in, inputs, n, e);
	if (ret) {
		status = MMR_BAD_INPUT;
	} else {
		ret = imp_run(&in, out, limits, ctx->stop, show_progress, ctx, result, e);
		cmd_progress_end(ctx);
		if (ret == -EINTR && *ctx->stop)
			status = cmd_stopped(ctx);
		else if (ret)
			status = result->bad_input ? MMR_BAD_INPUT : MMR_FAILED;
		else if (result->lost)
			status = MMR_INCOMPLETE;
	}
	imp_inputs_free(&in);
	return status;
}

int tg_import(struct mmr_ctx *ctx, char *const *inputs, unsigned n, const char *out, struct mmr_err *e)
{
	static const struct imp_limits limits = IMP_LIMITS_DEFAULT;
	struct imp_result result;
	return import(ctx, inputs, n, out, &limits, &result, e);
}

int cmd_import(struct mmr_ctx *ctx, int argc, char **argv)
{
	static const struct argp_option options[] = {
		{ "output", 'o', "FILE", 0, "The workload file to write (.mmw)", 0 },
		{ "max-events", OPT_MAX_EVENTS, "N", 0,
		  "Give up on a trace with more events (default: what its files can hold)", 0 },
		{ "stall", OPT_STALL, "SEC", 0, "Give up after so long without progress (default 20)", 0 },
		{ "memory", OPT_MEMORY, "MIB", 0, "Give up when the reader needs more (default 512)", 0 },
		{ 0 },
	};
	static const struct argp argp = {
		options,
		parse,
		"TRACE...",
		"Compiles traces into a workload that `mmreplay replay` can run.\v"
		"TRACE is a directory with a CTF 1.8 trace, or one above several, which are merged in "
		"time order: of LTTng's kernel tracer, of `perf data convert --to-ctf DIR --all`, or of "
		"`mmreplay record`. What cannot be resolved is counted: `mmreplay info FILE` shows it. "
		"Exit status 3 says that the tracer lost events.",
		NULL,
		NULL,
		NULL
	};
	struct import_args a = { .limits = IMP_LIMITS_DEFAULT };
	struct imp_result result;
	struct mmr_err e = { 0 };
	argp_parse(&argp, argc, argv, 0, NULL, &a);

	int status = import(ctx, a.trace, a.traces, a.out, &a.limits, &result, &e);
	if (status != MMR_OK && status != MMR_INCOMPLETE)
		return status > 128 ? status : cmd_fail(ctx, status, "%s", e.text);
	cmd_note(ctx, "%s: %" PRIu64 " trace events read, %" PRIu64 " workload events written", a.out, result.events,
		 result.added);
	if (!result.added)
		cmd_note(ctx, "none of them is of a kind that import knows: `mmreplay list sources` names the tracers");
	if (result.unresolved)
		cmd_note(ctx, "%" PRIu64 " could not be resolved: `mmreplay info %s` says which", result.unresolved,
			 a.out);
	if (result.lost)
		cmd_note(ctx, "the tracer lost at least %" PRIu64 " events: the workload is incomplete", result.lost);
	return cmd_done(ctx, status);
}
