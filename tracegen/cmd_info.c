/* `mmreplay info`: what a workload, a trace or a results store holds. What it is, its content says, not its name. */
#include <argp.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tracegen/info.h"
#include "tracegen/scratch.h"
#include "tracegen/tracegen.h"

struct args {
	const char *path;
	uint32_t intervals;
	bool json;
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct args *a = state->input;
	char *end;
	switch (key) {
	case 'f':
		if (strcmp(arg, "table") && strcmp(arg, "json"))
			argp_error(state, "--format is table or json, not '%s'", arg);
		a->json = !strcmp(arg, "json");
		return 0;
	case 'i':
		a->intervals = (uint32_t)strtoul(arg, &end, 10);
		if (!a->intervals || *end || *arg == '-' || strtoul(arg, NULL, 10) > INFO_INTERVALS_MAX)
			argp_error(state, "--intervals is a number from 1 to %d, not '%s'", INFO_INTERVALS_MAX, arg);
		return 0;
	case ARGP_KEY_ARG:
		if (a->path)
			argp_error(state, "one file at a time");
		a->path = arg;
		return 0;
	case ARGP_KEY_END:
		if (!a->path)
			argp_error(state, "about what? a FILE.mmw, a trace or a RESULTS.db");
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

/* Describe the workload @file, which the user called @path; @status is what it ends with when all is well. */
static int workload(struct mmr_ctx *ctx, const struct args *a, const char *file, int status)
{
	struct mmr_err e = { 0 };
	struct mmw_reader *r;
	struct info info;
	if (mmw_open(file, &r, &e))
		return cmd_fail(ctx, MMR_BAD_INPUT, "%s", e.text);
	int ret = info_collect(&info, a->path, r, a->intervals, ctx->stop, &e);
	if (ret) {
		mmw_close(r);
		if (ret == -EINTR)
			return cmd_stopped(ctx);
		return cmd_fail(ctx, ret == -EBADMSG ? MMR_BAD_INPUT : MMR_FAILED, "%s", e.text);
	}
	info.imported = strcmp(file, a->path) != 0;
	if (a->json)
		info_print_json(&info);
	else
		info_print_table(&info);
	info_free(&info);
	mmw_close(r);
	return cmd_done(ctx, status);
}

/* Import to a temporary file and describe that. */
static int trace(struct mmr_ctx *ctx, const struct args *a)
{
	struct mmr_err e = { 0 };
	struct scratch tmp;
	char *inputs[] = { (char *)a->path };
	if (!ctx->services->import)
		return cmd_fail(ctx, MMR_BAD_INPUT, "%s: neither a workload file (.mmw) nor a results store", a->path);
	if (scratch_open(&tmp, "trace.mmw", &e))
		return cmd_fail(ctx, MMR_FAILED, "%s", e.text);
	int status = ctx->services->import(ctx, inputs, 1, tmp.file, &e);
	if (status == MMR_OK || status == MMR_INCOMPLETE)
		status = workload(ctx, a, tmp.file, status);
	else if (*ctx->stop)
		status = cmd_stopped(ctx);
	else
		cmd_fail(ctx, status, "%s", e.text);
	scratch_close(&tmp);
	return status;
}

enum kind { WORKLOAD, STORE, OTHER };

static enum kind look(const char *path)
{
	static const char sqlite[16] = "SQLite format 3";
	char head[16] = "";
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	ssize_t n = fd < 0 ? -1 : read(fd, head, sizeof(head));
	if (fd >= 0)
		close(fd);
	if (n >= 6 && !memcmp(head, MMW_MAGIC, 6))
		return WORKLOAD;
	return n == sizeof(head) && !memcmp(head, sqlite, sizeof(head)) ? STORE : OTHER;
}

int cmd_info(struct mmr_ctx *ctx, int argc, char **argv)
{
	static const struct argp_option options[] = {
		{ "format", 'f', "FORMAT", 0, "table (as people read it) or json", 0 },
		{ "intervals", 'i', "N", 0, "As many stretches of time for the rates over time (default 20)", 0 },
		{ 0 },
	};
	static const struct argp argp = {
		options,
		parse,
		"FILE.mmw | TRACE | RESULTS.db",
		"Says what a workload, a trace or a results store holds: where it comes from, how\n"
		"many events of which kind, who forked, rates, live tasks and mms over time,\n"
		"lifetimes, what was lost or could not be resolved.\v"
		"A TRACE is a directory with a CTF trace; it is imported to a temporary file first.",
		NULL,
		NULL,
		NULL
	};
	struct args a = { .intervals = INFO_INTERVALS };
	struct stat st;
	argp_parse(&argp, argc, argv, 0, NULL, &a);
	if (stat(a.path, &st))
		return cmd_fail(ctx, MMR_BAD_INPUT, "%s: %s", a.path, strerror(errno));
	if (S_ISREG(st.st_mode) && access(a.path, R_OK))
		return cmd_fail(ctx, MMR_BAD_INPUT, "%s: %s", a.path, strerror(errno));
	if (!S_ISREG(st.st_mode) && !S_ISDIR(st.st_mode))
		return cmd_fail(ctx, MMR_BAD_INPUT, "%s: neither a file nor a directory", a.path);
	if (S_ISREG(st.st_mode) && !st.st_size)
		return cmd_fail(ctx, MMR_BAD_INPUT, "%s: empty", a.path);
	switch (S_ISDIR(st.st_mode) ? OTHER : look(a.path)) {
	case WORKLOAD:
		return workload(ctx, &a, a.path, MMR_OK);
	case STORE:
		if (!ctx->services->results_info)
			return cmd_fail(ctx, MMR_BAD_INPUT, "%s: a SQLite file, not a workload or trace", a.path);
		return ctx->services->results_info(ctx, a.path, a.json);
	default:
		return trace(ctx, &a);
	}
}
