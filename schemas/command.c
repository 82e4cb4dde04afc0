#include "schemas/command.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "schemas/safe.h"

/* The verb being run, for the messages' prefix, and the state of the progress line. */
static struct {
	const char *verb;
	bool line_open;
	struct timespec first, last;
} ui;

void cmd_begin(const char *verb)
{
	ui.verb = verb;
}

static void say(struct mmr_ctx *ctx, const char *fmt, va_list ap)
{
	char raw[1024], text[1024];
	cmd_progress_end(ctx);
	fflush(stdout);
	vsnprintf(raw, sizeof(raw), fmt, ap);
	safe_copy(text, sizeof(text), raw);
	fprintf(stderr, "mmreplay%s%s: %s\n", ui.verb ? " " : "", ui.verb ? ui.verb : "", text);
}

int cmd_fail(struct mmr_ctx *ctx, int status, const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	say(ctx, fmt, ap);
	va_end(ap);
	return status;
}

void cmd_note(struct mmr_ctx *ctx, const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	say(ctx, fmt, ap);
	va_end(ap);
}

int cmd_stopped(struct mmr_ctx *ctx)
{
	cmd_progress_end(ctx);
	return 128 + (int)*ctx->stop;
}

static double seconds(struct timespec a, struct timespec b)
{
	return (double)(b.tv_sec - a.tv_sec) + (double)(b.tv_nsec - a.tv_nsec) / 1e9;
}

void cmd_progress(struct mmr_ctx *ctx, const char *label, uint64_t done, uint64_t total)
{
	if (!ctx->progress)
		return;
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	if (!ui.line_open)
		ui.first = ui.last = now;
	else if (seconds(ui.last, now) < 0.1)
		return;
	ui.line_open = true;
	ui.last = now;
	double spent = seconds(ui.first, now), rate = spent > 0 ? (double)done / spent : 0;
	fprintf(stderr, "\r\033[K%s", label);
	if (total)
		fprintf(stderr, "  %.0f %%", 100.0 * (double)done / (double)total);
	else
		fprintf(stderr, "  %.2f M", (double)done / 1e6);
	if (rate > 0 && spent > 0.5) {
		fprintf(stderr, rate >= 1e5 ? "  %.2f M/s" : "  %.0f/s", rate >= 1e5 ? rate / 1e6 : rate);
		if (total > done)
			fprintf(stderr, "  %.0f s left", (double)(total - done) / rate);
	}
	fflush(stderr);
}

void cmd_progress_left(struct mmr_ctx *ctx, const char *label, double part, double left_s)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	if (!ctx->progress || (ui.line_open && seconds(ui.last, now) < 0.1))
		return;
	ui.line_open = true;
	ui.last = now;
	fprintf(stderr, "\r\033[K%s", label);
	unsigned long left = left_s < 1e9 ? (unsigned long)(left_s + 0.5) : 0;
	if (left_s > 0 && left >= 3600)
		fprintf(stderr, "  %.0f %%  %lu:%02lu:%02lu left", 100 * part, left / 3600, left / 60 % 60, left % 60);
	else if (left_s > 0)
		fprintf(stderr, "  %.0f %%  %lu:%02lu left", 100 * part, left / 60, left % 60);
	fflush(stderr);
}

void cmd_progress_end(struct mmr_ctx *ctx)
{
	if (!ctx->progress || !ui.line_open)
		return;
	fputs("\r\033[K", stderr);
	fflush(stderr);
	ui.line_open = false;
}

int cmd_done(struct mmr_ctx *ctx, int status)
{
	cmd_progress_end(ctx);
	if (fflush(stdout) || ferror(stdout))
		return cmd_fail(ctx, MMR_FAILED, "standard output: %s", strerror(errno));
	return status;
}
