#include "tracegen/import_child.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "tracegen/import_explain.h"

#define POLL_MS 50
/* What babeltrace2's parser makes of a byte of metadata. */
#define METADATA_FACTOR 256u

/* Stack, and what the allocator reserves for a thread. */
#define THREAD_BYTES (160ull << 20)

#ifdef __SANITIZE_ADDRESS__
#define SANITIZED 1
#else
#define SANITIZED 0
#endif

struct child {
	pid_t pid;
	int err; /* what it writes to its standard error */
	struct imp_shared *sh;
	char head[4096], tail[1024]; /* the first and the last of it */
	size_t head_len, tail_len;
	/* Progress, and when there was some last. */
	uint64_t events, steps, faults;
	struct timespec moved;
};

/* ---- in the child ---- */

static uint64_t address_space(void)
{
	unsigned long long pages = 0;
	FILE *f = fopen("/proc/self/statm", "re");
	if (!f)
		return 0;
	if (fscanf(f, "%llu", &pages) != 1)
		pages = 0;
	fclose(f);
	return pages * (uint64_t)sysconf(_SC_PAGESIZE);
}

static void confine(const struct imp_inputs *in, const struct imp_limits *limits)
{
	struct rlimit none = { 0, 0 };
	setrlimit(RLIMIT_CORE, &none);
	uint64_t now = address_space();
	/* The sanitizer's shadow alone takes terabytes; the parent watches the memory really used (log_path shows reports). */
	if (SANITIZED || !now)
		return;
	rlim_t size = now + limits->memory + in->window_bytes +
		      IMP_FEEDS_MAX * (THREAD_BYTES + METADATA_FACTOR * in->metadata_bytes);
	struct rlimit as;
	if (!getrlimit(RLIMIT_AS, &as) && size < as.rlim_max)
		setrlimit(RLIMIT_AS, &(struct rlimit){ size, size });
}

static _Noreturn void child_main(const struct imp_inputs *in, const struct imp_limits *limits, struct mmw_writer *w,
				 uint32_t stand_in, pid_t parent, int err, struct imp_shared *sh)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(1);
	/* ^C reaches both: the parent decides. */
	signal(SIGINT, SIG_IGN);
	signal(SIGHUP, SIG_IGN);
	signal(SIGTERM, SIG_DFL);
	signal(SIGPIPE, SIG_IGN);
	dup2(err, STDERR_FILENO);
	confine(in, limits);
	/* An event takes a bit at least, and in files of some size a byte. */
	uint64_t cap = in->bytes < 1u << 20 ? 8 * in->bytes : in->bytes;
	if (limits->max_events)
		cap = limits->max_events;
	int ret = imp_read(in, w, limits->symbols, cap, stand_in, sh);
	sh->finishing = 1;
	if (!ret)
		ret = mmw_finish(w, &sh->error);
	sh->ret = ret;
	sh->done = 1;
	_exit(0);
}

/* ---- in the parent ---- */

static void keep(struct child *c, const char *text, size_t n)
{
	const size_t room = sizeof(c->tail) - 1, first = sizeof(c->head) - 1 - c->head_len;
	memcpy(c->head + c->head_len, text, n < first ? n : first);
	c->head_len += n < first ? n : first;
	if (n > room) {
		text += n - room;
		n = room;
	}
	if (c->tail_len + n > room) {
		size_t drop = c->tail_len + n - room;
		memmove(c->tail, c->tail + drop, c->tail_len - drop);
		c->tail_len -= drop;
	}
	memcpy(c->tail + c->tail_len, text, n);
	c->tail_len += n;
	c->tail[c->tail_len] = '\0';
}

/* Major faults: a child that waits for a disk does make progress. And its own memory, in bytes. */
static uint64_t major_faults(pid_t pid)
{
	char path[64], line[512], *p;
	unsigned long long n = 0;
	snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
	FILE *f = fopen(path, "re");
	if (!f)
		return 0;
	if (fgets(line, sizeof(line), f) && (p = strrchr(line, ')')))
		sscanf(p + 1, " %*c %*d %*d %*d %*d %*d %*u %*u %*u %llu", &n);
	fclose(f);
	return n;
}

static uint64_t own_memory(pid_t pid)
{
	char path[64];
	unsigned long long resident = 0, shared = 0;
	snprintf(path, sizeof(path), "/proc/%d/statm", (int)pid);
	FILE *f = fopen(path, "re");
	if (!f)
		return 0;
	if (fscanf(f, "%*u %llu %llu", &resident, &shared) != 2 || shared > resident)
		resident = shared = 0;
	fclose(f);
	return (resident - shared) * (uint64_t)sysconf(_SC_PAGESIZE);
}

static bool stalled(struct child *c, unsigned limit_s)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	uint64_t events = imp_events_read(c->sh), steps = c->sh->steps, faults = major_faults(c->pid);
	if (events != c->events || steps != c->steps || faults != c->faults || c->sh->finishing) {
		c->events = events;
		c->steps = steps;
		c->faults = faults;
		c->moved = now;
		return false;
	}
	return now.tv_sec - c->moved.tv_sec > (time_t)limit_s;
}

static const char *trace_path(const struct imp_inputs *in, const struct imp_shared *sh)
{
	uint32_t i = sh->trace[sh->fatal < IMP_FEEDS_MAX ? sh->fatal : 0];
	return in->trace[i < in->count ? i : 0].path;
}

/* Watch until the child's end of the pipe closes. 0, or why it has to be killed, with @e filled. */
static int watch(struct child *c, const struct imp_inputs *in, const struct imp_limits *limits,
		 const volatile sig_atomic_t *stop, void (*progress)(void *ctx, uint64_t events), void *ctx,
		 struct mmr_err *e)
{
	const struct imp_shared *sh = c->sh;
	clock_gettime(CLOCK_MONOTONIC, &c->moved);
	for (;;) {
		char buf[4096];
		struct pollfd p = { .fd = c->err, .events = POLLIN };
		int n = poll(&p, 1, POLL_MS);
		if (*stop)
			return mmr_err(e, -EINTR, "interrupted");
		if (n > 0) {
			ssize_t got = read(c->err, buf, sizeof(buf));
			if (got <= 0)
				return 0;
			keep(c, buf, (size_t)got);
		}
		if (progress)
			progress(ctx, imp_events_read(sh));
		if (stalled(c, limits->stall_s))
			return mmr_err(e, -EINVAL,
				       "%s: makes no progress: %u s at event %" PRIu64
				       " without another; not a valid trace",
				       trace_path(in, sh), limits->stall_s, imp_events_read(sh));
		if (own_memory(c->pid) > limits->memory * (SANITIZED ? 4 : 1))
			return mmr_err(e, -EINVAL,
				       "%s: takes more than %" PRIu64 " MiB of memory at event %" PRIu64
				       ": not a valid trace",
				       trace_path(in, sh), limits->memory >> 20, imp_events_read(sh));
	}
}

/* What babeltrace2 could not read, and where: its log knows more than its causes. */
static int explain_failure(const struct child *c, const struct imp_inputs *in, struct mmr_err *e)
{
	char reason[400];
	if (!c->sh->babeltrace2 || !imp_explain(c->head, reason, sizeof(reason)))
		return c->sh->ret;
	uint64_t events = imp_events_read(c->sh);
	if (events)
		return mmr_err(e, c->sh->ret, "%s: after %" PRIu64 " events: %s", trace_path(in, c->sh), events,
			       reason);
	return mmr_err(e, c->sh->ret, "%s: %s", trace_path(in, c->sh), reason);
}

/* The child died by @sig: in babeltrace2, on what the trace says. */
static int explain_death(const struct child *c, const struct imp_inputs *in, const struct imp_limits *limits, int sig,
			 struct mmr_err *e)
{
	const char *name = sigabbrev_np(sig), *path = trace_path(in, c->sh);
	uint64_t bytes = 0, at = imp_events_read(c->sh);
	const char *p = strstr(c->tail, "failed to allocate ");
	if (p && sscanf(p, "failed to allocate %" SCNu64 " bytes", &bytes) == 1)
		return mmr_err(e, -EINVAL,
			       "%s: at event %" PRIu64 " it asks for %" PRIu64 " MiB of memory (the limit is %" PRIu64
			       "): not a valid trace",
			       path, at, bytes >> 20, limits->memory >> 20);
	return mmr_err(e, -EINVAL, "%s: the reader died (SIG%s) at event %" PRIu64 ": not a valid trace", path,
		       name ? name : "?", at);
}

static int start(struct child *c, const struct imp_inputs *in, const struct imp_limits *limits, struct mmw_writer *w,
		 uint32_t stand_in, struct mmr_err *e)
{
	int fd[2];
	pid_t parent = getpid();
	if (pipe2(fd, O_CLOEXEC))
		return mmr_err_sys(e, -errno, "pipe");
	c->pid = fork();
	if (c->pid < 0) {
		int err = -errno;
		close(fd[0]);
		close(fd[1]);
		return mmr_err_sys(e, err, "fork");
	}
	if (!c->pid) {
		close(fd[0]);
		child_main(in, limits, w, stand_in, parent, fd[1], c->sh);
	}
	close(fd[1]);
	c->err = fd[0];
	return 0;
}

/* One reading. The writer lives in both: the child completes it, or the parent throws it away. */
static int run_once(const struct imp_inputs *in, const char *out, const struct imp_limits *limits,
		    const volatile sig_atomic_t *stop, void (*progress)(void *ctx, uint64_t events), void *ctx,
		    uint32_t stand_in, struct imp_shared *sh, struct imp_result *result, struct mmr_err *e)
{
	struct child c = { .sh = sh };
	struct mmw_writer *w;
	int status, ret = mmw_create(out, &w, e);
	if (ret)
		return ret;
	ret = start(&c, in, limits, w, stand_in, e);
	if (ret) {
		mmw_abort(w);
		return ret;
	}
	ret = watch(&c, in, limits, stop, progress, ctx, e);
	result->bad_input = ret == -EINVAL;
	if (ret)
		kill(c.pid, SIGKILL);
	while (waitpid(c.pid, &status, 0) < 0 && errno == EINTR)
		;
	close(c.err);
	/* A child that got as far as the end has put the file in place, even if it was to be stopped just then. */
	if (sh->done && !sh->ret)
		ret = 0;
	mmw_abort(w);
	if (ret || (sh->done && !sh->ret))
		return ret;
	if (sh->done) {
		result->bad_input = sh->bad_input;
		*e = sh->error;
		return explain_failure(&c, in, e);
	}
	result->bad_input = true;
	if (WIFSIGNALED(status))
		return explain_death(&c, in, limits, WTERMSIG(status), e);
	return mmr_err(e, -EINVAL, "%s: the reader ended (status %d) at event %" PRIu64 ": not a valid trace",
		       trace_path(in, sh), WEXITSTATUS(status), imp_events_read(sh));
}

int imp_run(const struct imp_inputs *in, const char *out, const struct imp_limits *limits,
	    const volatile sig_atomic_t *stop, void (*progress)(void *ctx, uint64_t events), void *ctx,
	    struct imp_result *result, struct mmr_err *e)
{
	struct imp_shared *sh = mmap(NULL, sizeof(*sh), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	*result = (struct imp_result){ 0 };
	if (sh == MAP_FAILED)
		return mmr_err_sys(e, -errno, "shared memory");
	int ret = run_once(in, out, limits, stop, progress, ctx, 0, sh, result, e);
	if (ret == -EAGAIN) {
		uint32_t stand_in = sh->stand_in;
		memset(sh, 0, sizeof(*sh));
		ret = run_once(in, out, limits, stop, progress, ctx, stand_in, sh, result, e);
	}
	result->events = sh->read;
	result->added = sh->added;
	result->lost = sh->lost;
	result->unresolved = sh->unresolved;
	munmap(sh, sizeof(*sh));
	return ret;
}
