/* selftrace.c - a replay's own trace: directory, session daemon, session, provider. */
#include "tracegen/selftrace.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "tracegen/record_daemon.h"
#include "tracegen/record_output.h"
#include "tracegen/record_session.h"

/* Room for what is not in the buffers: metadata, indices, blocks half used. */
#define DISK_MARGIN (4ull << 20)

struct mmr_trace {
	struct mmr_ctx *ctx;
	struct rec_output out;
	struct rec_daemon daemon;
	char session[64];
	bool started;
};

int tg_trace_open(struct mmr_ctx *ctx, const char *dir, struct mmr_trace **out, struct mmr_err *e)
{
	int err = rec_output_check(dir, e);
	if (err)
		return err;
	struct mmr_trace *t = calloc(1, sizeof(*t));
	if (!t)
		return mmr_err_sys(e, -ENOMEM, "%s", dir);
	t->ctx = ctx;
	err = rec_output_make(&t->out, dir, e);
	if (!err)
		err = rec_output_reserve(&t->out, rec_session_buffers() + DISK_MARGIN, e);
	if (err) {
		rec_output_remove(&t->out);
		free(t);
		return err;
	}
	*out = t;
	return 0;
}

/* The daemon shall write in time although every CPU has a worker on it: it inherits what we have when it is made. */
static int start_daemon(struct mmr_trace *t, const char *const *all, struct mmr_err *e)
{
	errno = 0;
	int nice = getpriority(PRIO_PROCESS, 0);
	bool raised = !errno && !setpriority(PRIO_PROCESS, 0, -10);
	int err = rec_daemon_start(&t->daemon, t->session, all, t->ctx->stop, e);
	if (raised)
		setpriority(PRIO_PROCESS, 0, nice);
	return err;
}

int tg_trace_start(struct mmr_trace *t, const char *const *paths, const struct mmr_ust_replay **ust, struct mmr_err *e)
{
	const char *all[16] = { t->out.path };
	for (unsigned i = 1; *paths && i < sizeof(all) / sizeof(all[0]) - 1; i++)
		all[i] = *paths++;
	snprintf(t->session, sizeof(t->session), "mmreplay-%d-%lld", (int)getpid(), (long long)time(NULL));
	int err = start_daemon(t, all, e);
	if (err)
		return err;
	err = rec_session_start(t->session, t->out.path, getpid(), REC_PROVIDER_REPLAY, e);
	if (err) {
		rec_daemon_stop(&t->daemon, true);
		return err;
	}
	const struct mmr_ust *all_events = NULL;
	t->started = true;
	err = *t->ctx->stop ? -EINTR : rec_provider_load(REC_PROVIDER_REPLAY, &all_events, e);
	if (!err)
		*ust = all_events->replay;
	return err;
}

int tg_trace_look(struct mmr_trace *t, struct mmr_err *e)
{
	struct pollfd p = { .fd = t->daemon.status, .events = POLLIN };
	if (poll(&p, 1, 0) > 0)
		return mmr_err(e, -EPIPE, "the LTTng session daemon died");
	if (rec_output_room(t->out.path) < DISK_MARGIN)
		return mmr_err(e, -ENOSPC, "the disk of %s is full: stopped early", t->out.shown);
	return 0;
}

int tg_trace_end(struct mmr_trace *t, bool keep, uint64_t *lost, struct mmr_err *e)
{
	int err = 0;
	*lost = 0;
	rec_output_release(&t->out);
	if (t->started) {
		err = rec_session_stop(t->session, lost, e);
		if (rec_daemon_stop(&t->daemon, !err) == -EBUSY)
			cmd_note(t->ctx, "the session daemon keeps running: others use it");
	}
	if (!keep)
		rec_output_remove(&t->out);
	free(t);
	return err;
}
