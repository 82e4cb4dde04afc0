/* `mmreplay record`: from the options to the summary; the capture itself is record_capture.c. */
#include <argp.h>
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "schemas/command.h"
#include "tracegen/record.h"
#include "tracegen/record_daemon.h"
#include "tracegen/record_output.h"
#include "tracegen/record_session.h"
#include "tracegen/tracegen.h"

/* Room for what is not in the buffers: metadata, indices, blocks half used. */
#define DISK_MARGIN (4ull << 20)
#define DISK_BUFFERS_MAX (64ull << 20)

struct record {
	struct mmr_ctx *ctx;
	const char *dir;
	double seconds;
	char **command; /* NULL: none */
	char line[4096]; /* the command, joined */
	struct rec_output out;
	struct rec_formats formats;
	struct rec_rings rings;
	struct rec_child child;
	struct rec_names names;
	bool contention;
	struct rec_daemon daemon;
	struct rec_capture capture;
	uint64_t discarded;
	char session[64];
};

enum { OPT_CONTENTION = 256 };

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct record *r = state->input;
	char *end;
	switch (key) {
	case 'o':
		if (!*arg)
			argp_error(state, "-o takes a directory");
		r->dir = arg;
		return 0;
	case 'd':
		errno = 0;
		r->seconds = strtod(arg, &end);
		if (end == arg || *end || errno || !isfinite(r->seconds) || r->seconds < 0.001 || r->seconds > 1e9)
			argp_error(state, "--duration takes seconds, at least 0.001, not '%s'", arg);
		return 0;
	case OPT_CONTENTION:
		r->contention = true;
		return 0;
	case ARGP_KEY_ARGS:
		r->command = state->argv + state->next;
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static void join(char *line, size_t size, char **argv)
{
	*line = '\0';
	for (size_t at = 0; argv && *argv && at < size; argv++)
		at += (size_t)snprintf(line + at, size - at, "%s%s", at ? " " : "", *argv);
}

/* The tracepoints, opened but not on. */
static int open_tracepoints(struct record *r, struct mmr_err *e)
{
	int events = rec_tracefs_open(e);
	if (events == -EACCES || events == -EPERM)
		return rec_no_right(events == -EPERM ? REC_TRACEFS_ABSENT : REC_TRACEFS_DENIED, false, e);
	if (events < 0)
		return events;
	int err = rec_formats_load(&r->formats, events, r->contention, e);
	close(events);
	if (err)
		return err == -EACCES ? rec_no_right(REC_TRACEFS_DENIED, false, e) : err;
	char *online = rec_cpus_online();
	if (!online)
		return mmr_err_sys(e, -errno, "/sys/devices/system/cpu/online");
	err = rec_rings_open(&r->rings, &r->formats, online, e);
	free(online);
	if (err == -EACCES || err == -EPERM)
		return rec_no_right(REC_TRACEFS_READ, true, e);
	return err;
}

/* Process ids in samples are those of the machine; /proc shows those of our container. */
static int check_namespace(struct mmr_err *e)
{
	char link[64];
	ssize_t n = readlink("/proc/self/ns/pid", link, sizeof(link) - 1);
	/* The kernel's PROC_PID_INIT_INO. */
	if (n > 0 && (link[n] = '\0', strcmp(link, "pid:[4026531836]")))
		return mmr_err(e, -EXDEV, "this is a container with process ids of its own: run it on the host");
	return 0;
}

/* What LTTng writes at the end, at most. */
static uint64_t disk_reserve(void)
{
	uint64_t buffers = rec_session_buffers();
	return (buffers < DISK_BUFFERS_MAX ? buffers : DISK_BUFFERS_MAX) + DISK_MARGIN;
}

static void tick(void *arg, uint64_t events)
{
	struct record *r = arg;
	if (!r->command)
		cmd_progress(r->ctx, "recording; ^C ends it", events, 0);
}

/* Everything that can fail for want of a right or of room, before anything is started. */
static int prepare(struct record *r, struct mmr_err *e)
{
	struct rlimit files;
	/* First, so that it inherits nothing of ours: no descriptor, no limit, no priority. */
	int err = r->command ? rec_child_hold(&r->child, r->command, e) : 0;
	if (err)
		return err;
	/* A descriptor per tracepoint and CPU. */
	if (!getrlimit(RLIMIT_NOFILE, &files)) {
		files.rlim_cur = files.rlim_max;
		setrlimit(RLIMIT_NOFILE, &files);
	}
	err = open_tracepoints(r, e);
	if (!err && r->contention)
		err = rec_names_load(&r->names, e);
	if (!err)
		err = rec_output_make(&r->out, r->dir, e);
	if (!err)
		err = rec_output_reserve(&r->out, disk_reserve() + DISK_MARGIN, e);
	snprintf(r->session, sizeof(r->session), "mmreplay-%d-%lld", (int)getpid(), (long long)time(NULL));
	return err;
}

static int session(struct record *r, struct mmr_err *e)
{
	/* With every CPU busy forking, the reader and LTTng's writer must not stand at the end of the queue. */
	setpriority(PRIO_PROCESS, 0, -10);
	int err = rec_daemon_start(&r->daemon, r->session, (const char *const[]){ r->out.path, NULL }, r->ctx->stop, e);
	if (err)
		return err;
	const struct mmr_ust *ust = NULL;
	err = rec_session_start(r->session, r->out.path, getpid(), REC_PROVIDER_LIFE, e);
	if (err) {
		rec_daemon_stop(&r->daemon, true);
		return err;
	}
	err = *r->ctx->stop ? -EINTR : rec_provider_load(REC_PROVIDER_LIFE, &ust, e);
	if (err) {
		struct mmr_err ignored;
		rec_session_stop(r->session, &r->discarded, &ignored);
		rec_daemon_stop(&r->daemon, true);
		return err;
	}
	r->capture = (struct rec_capture){
		.ust = ust,
		.rings = &r->rings,
		.child = &r->child,
		.died = r->daemon.status,
		.dir = r->out.path,
		.reserve = DISK_MARGIN,
		.command = r->line,
		.names = &r->names,
		.duration = (uint64_t)(r->seconds * 1e9),
		.stop = r->ctx->stop,
		.tick = tick,
		.arg = r,
	};
	err = rec_capture(&r->capture, e);
	rec_output_release(&r->out);
	struct mmr_err late;
	int ended = rec_session_stop(r->session, &r->discarded, &late);
	if (ended && !err) {
		*e = late;
		err = ended;
	}
	if (rec_daemon_stop(&r->daemon, !ended) == -EBUSY)
		cmd_note(r->ctx, "the session daemon keeps running: others use it");
	return err;
}

/* "fork 12, exec 3": the kinds that @count is not 0 for, or all that this kernel has. */
static const char *kinds(char *text, size_t size, const struct rec_formats *f, const uint64_t *count, bool all)
{
	*text = '\0';
	for (size_t k = 0, at = 0; k < REC_NR && at < size; k++)
		if (count[k] || (all && f->kind[k].present))
			at += (size_t)snprintf(text + at, size - at, "%s%s %llu", at ? ", " : "",
					       rec_tracepoints[k].emitted, (unsigned long long)count[k]);
	return text;
}

/* @word as a shell takes it back; "" when it does not fit. */
static const char *quoted(char *out, size_t size, const char *word)
{
	size_t at = 0;
	if (*word != '-' &&
	    word[strspn(word, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_./+-,:")] == '\0')
		return word;
	/* A name that looks like an option is none behind "./". */
	at += (size_t)snprintf(out, size, "'%s", *word == '-' ? "./" : "");
	for (; *word && at + 6 < size; word++)
		at += (size_t)snprintf(out + at, size - at, *word == '\'' ? "'\\''" : "%c", *word);
	snprintf(out + at, size - at, "'");
	return out;
}

static void summary(struct record *r)
{
	const struct rec_capture *c = &r->capture;
	unsigned long long lost = c->lost + r->discarded;
	char text[256], line[1000];
	cmd_note(r->ctx, "%.2f s on %u CPUs, %u tasks at the start: %llu events, %llu lost",
		 (double)(c->off - c->on) / 1e9, r->rings.n - c->cpus_came, c->tasks, (unsigned long long)c->events,
		 lost);
	cmd_note(r->ctx, "%s", kinds(text, sizeof(text), &r->formats, c->count, true));
	if (c->lost)
		cmd_note(r->ctx, "lost before they reached us: %s",
			 kinds(text, sizeof(text), &r->formats, r->rings.missing, false));
	if (r->discarded)
		cmd_note(r->ctx, "lost in LTTng's buffers: %llu", (unsigned long long)r->discarded);
	if (r->formats.missing)
		cmd_note(r->ctx, "this kernel lacks %u of the vmalloc tracepoints", r->formats.missing);
	if (r->contention && !r->names.symbols.n)
		cmd_note(r->ctx, "who waited for locks has no names: /proc/kallsyms hides its addresses");
	if (c->cpus_came || c->cpus_went)
		cmd_note(r->ctx, "%u CPUs came up, whose first tenth of a second is missing, and %u went down",
			 c->cpus_came, c->cpus_went);
	if (c->child_left)
		cmd_note(r->ctx, "%s (pid %d) did not end and still runs", r->command[0], (int)r->child.pid);
	cmd_note(r->ctx, "next: mmreplay replay %s", quoted(line, sizeof(line), r->out.shown));
}

/* The end of a capture that did not go well. */
static int failure(struct record *r, int err, const struct mmr_err *e)
{
	bool usage =
		r->child.not_executed || (!*r->out.path && (err == -ENOENT || err == -ENOTDIR || err == -ENAMETOOLONG));
	bool keep = r->capture.events && !r->child.not_executed;
	char shown[sizeof(r->out.shown)];
	memcpy(shown, r->out.shown, sizeof(shown));
	if (!keep)
		rec_output_remove(&r->out);
	if (err == -EINTR)
		return cmd_stopped(r->ctx);
	cmd_fail(r->ctx, 0, "%s", e->text);
	if (keep)
		cmd_note(r->ctx, "what was recorded until then is in %s", shown);
	return usage ? MMR_BAD_INPUT : MMR_FAILED;
}

static int success(struct record *r)
{
	summary(r);
	if (!r->capture.ended_child && rec_child_exit(&r->child))
		return rec_child_exit(&r->child);
	return r->capture.lost || r->discarded ? MMR_INCOMPLETE : MMR_OK;
}

int cmd_record(struct mmr_ctx *ctx, int argc, char **argv)
{
	static const struct argp_option options[] = {
		{ "output", 'o', "DIR", 0, "write the trace there (default: mmreplay-DATE-TIME here)", 0 },
		{ "duration", 'd', "SEC", 0, "stop after SEC seconds; a CMD that still runs then is ended", 0 },
		{ "contention", OPT_CONTENTION, NULL, 0,
		  "record, too, how the kernel waits for its locks, by whom (lock:contention_begin with call chains)",
		  0 },
		{ 0 },
	};
	static const struct argp argp = {
		options,
		parse,
		"[-- CMD [ARG...]]",
		"Records process life on the whole machine: fork, exec, exit, free, vmalloc.\v"
		"Until CMD has ended, SEC seconds are over, or ^C. Needs root or CAP_PERFMON and "
		"read access to tracefs. The trace is CTF, for `mmreplay import` and `mmreplay "
		"replay`. CMD's exit status is passed on when it is not 0; 3 says that events "
		"were lost.",
		NULL,
		NULL,
		NULL
	};
	struct mmr_err e = { 0 };
	struct record r = { .ctx = ctx, .rings = { .epoll = -1 } };
	argp_parse(&argp, argc, argv, ARGP_IN_ORDER, NULL, &r);
	join(r.line, sizeof(r.line), r.command);
	if (r.command && rec_child_findable(r.command[0], &e))
		return cmd_fail(ctx, MMR_BAD_INPUT, "%s", e.text);
	if (check_namespace(&e))
		return cmd_fail(ctx, MMR_FAILED, "%s", e.text);
	int err = rec_output_check(r.dir, &e);
	if (err)
		return cmd_fail(ctx, MMR_BAD_INPUT, "%s", e.text);
	err = prepare(&r, &e);
	if (!err && *ctx->stop)
		err = -EINTR;
	if (!err)
		err = session(&r, &e);
	int status = err ? failure(&r, err, &e) : success(&r);
	rec_child_close(&r.child);
	rec_rings_close(&r.rings);
	rec_formats_free(&r.formats);
	rec_names_free(&r.names);
	return cmd_done(ctx, status);
}
