#include "tracegen/record_daemon.h"

#include <errno.h>
#include <fcntl.h>
#include <lttng/lttng.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "tracegen/record_keeper.h"

/* Exported by liblttng-ctl, but in no header. */
extern int lttng_opt_quiet;

#define READY_MS 15000
#define GONE_MS 15000

/* The next word of the keeper within @ms: 0 end of file, -ETIMEDOUT, -EINTR when *@stop is set. */
static int hear(int fd, int ms, volatile sig_atomic_t *stop)
{
	for (int waited = 0; waited < ms; waited += 50) {
		struct pollfd p = { .fd = fd, .events = POLLIN };
		char word = 0;
		if (stop && *stop)
			return -EINTR;
		if (poll(&p, 1, 50) > 0)
			return read(fd, &word, 1) == 1 ? word : 0;
	}
	return -ETIMEDOUT;
}

static void forget(struct rec_daemon *d)
{
	int *fds[] = { &d->leash, &d->status, &d->log };
	for (unsigned i = 0; i < 3; i++) {
		if (*fds[i] >= 0)
			close(*fds[i]);
		*fds[i] = -1;
	}
}

void rec_daemon_last_words(const struct rec_daemon *d, char *text, size_t size)
{
	char said[4096];
	*text = '\0';
	if (d->log < 0)
		return;
	off_t end = lseek(d->log, 0, SEEK_END);
	off_t from = end > (off_t)sizeof(said) - 1 ? end - (off_t)sizeof(said) + 1 : 0;
	ssize_t n = end > 0 ? pread(d->log, said, sizeof(said) - 1, from) : 0;
	while (n > 0 && said[n - 1] == '\n')
		n--;
	if (n <= 0)
		return;
	said[n] = '\0';
	char *line = strrchr(said, '\n');
	snprintf(text, size, "%s", line ? line + 1 : said);
}

static int fork_keeper(struct rec_daemon *d, const char *session, struct mmr_err *e)
{
	int leash[2], status[2];
	if (pipe2(leash, O_CLOEXEC))
		return mmr_err_sys(e, -errno, "session daemon");
	if (pipe2(status, O_CLOEXEC)) {
		int err = -errno;
		close(leash[0]);
		close(leash[1]);
		return mmr_err_sys(e, err, "session daemon");
	}
	d->log = memfd_create("mmreplay-log", MFD_CLOEXEC);
	d->keeper = fork();
	if (!d->keeper)
		rec_keeper(&(struct rec_keeper){ .leash = leash[0],
						 .status = status[1],
						 .log = d->log,
						 .own = d->own,
						 .session = session,
						 .place = &d->place });
	int err = d->keeper < 0 ? -errno : 0;
	close(leash[0]);
	close(status[1]);
	d->leash = leash[1];
	d->status = status[0];
	if (err) {
		forget(d);
		return mmr_err_sys(e, err, "session daemon");
	}
	return 0;
}

int rec_daemon_start(struct rec_daemon *d, const char *session, const char *const *paths, volatile sig_atomic_t *stop,
		     struct mmr_err *e)
{
	memset(d, 0, sizeof(*d));
	/* What goes wrong is told by us, once. */
	lttng_opt_quiet = 1;
	d->leash = d->status = d->log = -1;
	d->own = lttng_session_daemon_alive() != 1;
	int err = d->own ? rec_place_enter(&d->place, paths, e) : 0;
	if (!err) {
		err = fork_keeper(d, session, e);
		if (err)
			rec_place_leave(&d->place);
	}
	if (err)
		return err;
	int word = hear(d->status, READY_MS, stop);
	if (word == REC_KEEPER_READY)
		return 0;
	char said[256];
	rec_daemon_last_words(d, said, sizeof(said));
	if (word == REC_KEEPER_NOT_FOUND)
		err = mmr_err(e, -ENOENT, "lttng-sessiond not found: install the package lttng-tools");
	else if (word == -EINTR)
		err = -EINTR;
	else
		err = mmr_err(e, -EIO, "lttng-sessiond does not start%s%s", *said ? ": " : "", said);
	rec_daemon_stop(d, true);
	return err;
}

int rec_daemon_stop(struct rec_daemon *d, bool destroyed)
{
	if (d->keeper <= 0)
		return 0;
	if (destroyed)
		(void)!write(d->leash, "d", 1);
	close(d->leash);
	d->leash = -1;
	int word, ended = 0, err = 0;
	do
		word = hear(d->status, GONE_MS, NULL);
	while (word == REC_KEEPER_DIED);
	if (word == REC_KEEPER_STAYS)
		err = -EBUSY;
	else if (waitpid(d->keeper, &ended, word == -ETIMEDOUT ? WNOHANG : 0) == d->keeper && WIFSIGNALED(ended))
		/* Somebody killed it: the daemon goes with it, the rest is ours. */
		rec_place_leave(&d->place);
	d->keeper = 0;
	forget(d);
	return err;
}
