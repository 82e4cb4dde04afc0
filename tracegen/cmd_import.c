/* `mmreplay import TRACE... -o FILE.mmw`, parts of a workload, and import on the fly for the other parts. */
#include <argp.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tracegen/import_child.h"
#include "tracegen/import_inputs.h"
#include "tracegen/scratch.h"
#include "tracegen/subset.h"
#include "tracegen/tracegen.h"

struct import_args {
	char **trace;
	unsigned traces;
	const char *out;
	struct imp_limits limits;
	struct sub_options part;
};

enum { OPT_MAX_EVENTS = 256, OPT_STALL, OPT_MEMORY, OPT_SYMBOLS, OPT_FROM, OPT_TO, OPT_TREE, OPT_ANONYMISE };

static bool wants_part(const struct import_args *a)
{
	const struct sub_options *o = &a->part;
	return o->from.from != SUB_UNSET || o->to.from != SUB_UNSET || o->roots || o->anonymise;
}

static uint64_t number(struct argp_state *state, const char *option, const char *arg, uint64_t max)
{
	char *end;
	errno = 0;
	unsigned long long v = strtoull(arg, &end, 10);
	if (errno || *end || end == arg || arg[0] == '-' || !v || v > max)
		argp_error(state, "--%s is a number from 1 to %" PRIu64 ", not '%s'", option, max, arg);
	return v;
}

static void when(struct argp_state *state, const char *option, const char *arg, struct sub_when *w)
{
	struct mmr_err e;
	if (sub_when_parse(arg, w, &e))
		argp_error(state, "--%s %s", option, e.text);
}

static void tree(struct argp_state *state, const char *arg, struct sub_options *o)
{
	struct mmr_err e;
	if (o->roots == SUB_ROOTS_MAX)
		argp_error(state, "--tree: at most %u of them", SUB_ROOTS_MAX);
	else if (sub_root_parse(arg, &o->root[o->roots++], &e))
		argp_error(state, "--tree %s", e.text);
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
	case OPT_SYMBOLS:
		a->limits.symbols = arg;
		return 0;
	case OPT_FROM:
		when(state, "from", arg, &a->part.from);
		return 0;
	case OPT_TO:
		when(state, "to", arg, &a->part.to);
		return 0;
	case OPT_TREE:
		tree(state, arg, &a->part);
		return 0;
	case OPT_ANONYMISE:
		a->part.anonymise = true;
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
	/* It is read only if a call chain wants names: said now, not then. */
	if (!ret && limits->symbols && access(limits->symbols, R_OK))
		ret = mmr_err_sys(e, -errno, "%s", limits->symbols);
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

static void say_imported(struct mmr_ctx *ctx, const char *out, const struct imp_result *result)
{
	cmd_note(ctx, "%s: %" PRIu64 " trace events read, %" PRIu64 " workload events written", out, result->events,
		 result->added);
	if (!result->added)
		cmd_note(ctx, "none of them is of a kind that import knows: `mmreplay list sources` names the tracers");
	if (result->unresolved)
		cmd_note(ctx, "%" PRIu64 " could not be resolved: `mmreplay info %s` says which", result->unresolved,
			 out);
}

static void say_lost(struct mmr_ctx *ctx, uint64_t lost)
{
	cmd_note(ctx, "the tracer lost at least %" PRIu64 " events: the workload is incomplete", lost);
}

/* ---- a part ---- */

static void show_part_progress(void *ctx, uint64_t events, uint64_t all)
{
	cmd_progress(ctx, "choosing", events, all);
}

static void say_left_out(struct mmr_ctx *ctx, const struct sub_result *result)
{
	static const struct {
		enum sub_count count;
		const char *what;
	} kinds[] = {
		{ SC_BEFORE, "before" },
		{ SC_AFTER, "after" },
		{ SC_OTHERS, "of other tasks" },
		{ SC_NO_TASK, "of no task" },
		{ SC_EARLIER_AREA, "vfree of earlier areas" },
		{ SC_EARLIER_TASK, "free of tasks that had exited before" },
	};
	char text[400] = "";
	for (unsigned i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		size_t n = strlen(text);
		if (result->count[kinds[i].count])
			snprintf(text + n, sizeof(text) - n, "%s%" PRIu64 " %s", n ? ", " : "",
				 result->count[kinds[i].count], kinds[i].what);
	}
	if (*text)
		cmd_note(ctx, "left out: %s", text);
}

/* A pid that was used again names several processes. */
static void say_generations(struct mmr_ctx *ctx, const struct sub_options *o, const struct sub_result *result)
{
	for (unsigned i = 0; i < o->roots; i++) {
		const struct sub_found *f = &result->found[i];
		char list[64] = "";
		if (f->processes < 2)
			continue;
		for (unsigned n = 0; n < f->processes && n < sizeof(f->first) / sizeof(f->first[0]); n++)
			snprintf(list + strlen(list), sizeof(list) - strlen(list), "%s%u", n ? ", " : "", f->first[n]);
		cmd_note(ctx, "pid %u was %u processes, one after another (task %s%s): --tree task:N names one",
			 o->root[i].number, f->processes, list,
			 f->processes > sizeof(f->first) / sizeof(f->first[0]) ? "..." : "");
	}
}

/* The part of the workload @r that the user wants. */
static int choose(struct mmr_ctx *ctx, const struct import_args *a, const struct mmw_reader *r)
{
	struct sub_options part = a->part;
	struct sub_result result;
	struct mmr_err e = { 0 };
	part.input = a->trace[0];
	int ret = sub_run(r, a->out, &part, ctx->stop, show_part_progress, ctx, &result, &e);
	cmd_progress_end(ctx);
	if (ret == -EINTR && *ctx->stop)
		return cmd_stopped(ctx);
	if (ret)
		return cmd_fail(ctx, result.bad_input ? MMR_BAD_INPUT : MMR_FAILED, "%s", e.text);
	cmd_note(ctx, "%s: %" PRIu64 " events of %" PRIu64 ", %" PRIu64 " tasks were there at its beginning", a->out,
		 result.written, mmw_header(r)->events, result.count[SC_PRESENT]);
	say_left_out(ctx, &result);
	say_generations(ctx, &a->part, &result);
	if (result.contention_left_out)
		cmd_note(ctx, "left out, too: how the kernel waited for its locks, which is of the whole");
	if (result.contention_none)
		cmd_note(ctx, "no wait of the kernel for its locks is known to have begun in it");
	if (result.contention_slice_ns)
		cmd_note(ctx,
			 "how the kernel waited for its locks is known to %.3g s: at both ends up to half as much too "
			 "many or too few",
			 (double)result.contention_slice_ns / 1e9);
	if (result.lost)
		say_lost(ctx, result.lost);
	return result.lost ? MMR_INCOMPLETE : MMR_OK;
}

/* From a trace: all of it first, to a file of its own. */
static int part_of_trace(struct mmr_ctx *ctx, const struct import_args *a)
{
	struct scratch tmp;
	struct mmw_reader *r;
	struct imp_result result;
	struct mmr_err e = { 0 };
	if (scratch_open(&tmp, "whole.mmw", &e))
		return cmd_fail(ctx, MMR_FAILED, "%s", e.text);
	int status = import(ctx, a->trace, a->traces, tmp.file, &a->limits, &result, &e);
	if (status == MMR_OK || status == MMR_INCOMPLETE) {
		if (mmw_open(tmp.file, &r, &e)) {
			status = cmd_fail(ctx, MMR_FAILED, "%s", e.text);
		} else {
			status = choose(ctx, a, r);
			mmw_close(r);
		}
	} else if (status < 128) {
		cmd_fail(ctx, status, "%s", e.text);
	}
	scratch_close(&tmp);
	return status;
}

static int part(struct mmr_ctx *ctx, const struct import_args *a)
{
	struct mmw_reader *r;
	struct mmr_err e = { 0 };
	struct stat st;
	if (stat(a->trace[0], &st) || !S_ISREG(st.st_mode))
		return part_of_trace(ctx, a);
	int ret = mmw_open(a->trace[0], &r, &e);
	if (ret == -EPROTO)
		return part_of_trace(ctx, a); /* which says what it is instead */
	if (ret)
		return cmd_fail(ctx, MMR_BAD_INPUT, "%s", e.text);
	int status = a->traces > 1 ? cmd_fail(ctx, MMR_BAD_INPUT, "%s: one workload at a time", a->trace[1])
				   : choose(ctx, a, r);
	mmw_close(r);
	return status;
}

int cmd_import(struct mmr_ctx *ctx, int argc, char **argv)
{
	static const struct argp_option options[] = {
		{ "output", 'o', "FILE", 0, "The workload file to write (.mmw)", 0 },
		{ "from", OPT_FROM, "T", 0,
		  "Only what happens from T on: 12.5, 300ms (us, ns, min, h) after the start, "
		  "\"2026-01-31 12:00:05\" (UTC, or with +01:00), @SECONDS since 1970",
		  0 },
		{ "to", OPT_TO, "T", 0, "Only what happens before T", 0 },
		{ "tree", OPT_TREE, "PID", 0,
		  "Only process PID of the trace and all that descend from it; task:N for a task of the workload. "
		  "May be given several times",
		  0 },
		{ "anonymise", OPT_ANONYMISE, NULL, 0,
		  "Replace command names (by comm-001, comm-002...), leave out pids, host, command, paths and date",
		  0 },
		{ "anonymize", OPT_ANONYMISE, NULL, OPTION_ALIAS | OPTION_HIDDEN, NULL, 0 },
		{ "symbols", OPT_SYMBOLS, "FILE", 0,
		  "Names for the callers of contended locks: a copy of the captured machine's /proc/kallsyms, or its "
		  "System.map (default: those in the capture, or this machine's when it is the same)",
		  0 },
		{ "max-events", OPT_MAX_EVENTS, "N", 0,
		  "Give up on a trace with more events (default: what its files can hold)", 0 },
		{ "stall", OPT_STALL, "SEC", 0, "Give up after so long without progress (default 20)", 0 },
		{ "memory", OPT_MEMORY, "MIB", 0, "Give up when the reader needs more (default 512)", 0 },
		{ 0 },
	};
	static const struct argp argp = {
		options,
		parse,
		"TRACE... | FILE.mmw",
		"Compiles traces into a workload that `mmreplay replay` can run, or takes a part of one.\v"
		"TRACE is a directory with a CTF 1.8 trace, or one above several, which are merged in "
		"time order: of LTTng's kernel tracer, of `perf data convert --to-ctf DIR --all`, or of "
		"`mmreplay record`. What cannot be resolved is counted: `mmreplay info FILE` shows it. "
		"With --from, --to, --tree or --anonymise the input may be a workload file, too. What lives when "
		"a part begins is there from its start; what only others did is left out, and counted. "
		"Exit status 3 says that the tracer lost events.",
		NULL,
		NULL,
		NULL
	};
	struct import_args a = { .limits = IMP_LIMITS_DEFAULT };
	struct imp_result result;
	struct mmr_err e = { 0 };
	argp_parse(&argp, argc, argv, 0, NULL, &a);

	if (wants_part(&a))
		return cmd_done(ctx, part(ctx, &a));
	int status = import(ctx, a.trace, a.traces, a.out, &a.limits, &result, &e);
	if (status != MMR_OK && status != MMR_INCOMPLETE)
		return status > 128 ? status : cmd_fail(ctx, status, "%s", e.text);
	say_imported(ctx, a.out, &result);
	if (result.lost)
		say_lost(ctx, result.lost);
	return cmd_done(ctx, status);
}
