/*
 * record_daemon.h - a session daemon to record with: the user's when one runs,
 * else a private `lttng-sessiond --no-kernel`.
 *
 * A small process, the keeper, stands between us and it. It sees us die through
 * a pipe, however we die, ends the session then, and stops the private daemon.
 * The daemon dies with the keeper. So nothing is left behind, even by SIGKILL.
 */
#ifndef MMR_RECORD_DAEMON_H
#define MMR_RECORD_DAEMON_H

#include <signal.h>
#include <stdbool.h>
#include <sys/types.h>

#include "schemas/error.h"
#include "tracegen/record_place.h"

struct rec_daemon {
	pid_t keeper;
	int leash; /* ours to write: closed when we are gone */
	int status; /* ours to read; readable during the capture: the private daemon died */
	int log; /* what the private daemon said */
	bool own; /* it is private */
	struct rec_place place;
};

/*
 * Find a running session daemon or start a private one, for the session @session.
 * @paths: see rec_place_enter(); that of the trace is one. Forks: call it before there are
 * threads. Gives up when *@stop is set. 0 or -errno.
 */
int rec_daemon_start(struct rec_daemon *d, const char *session, const char *const *paths, volatile sig_atomic_t *stop,
		     struct mmr_err *e);

/* The last line of the private daemon's messages, "" when there is none. */
void rec_daemon_last_words(const struct rec_daemon *d, char *text, size_t size);

/*
 * Let go: @destroyed says that the session is gone already. Waits until the
 * private daemon is, too. Returns 0, or -EBUSY when it stays because others
 * have sessions in it.
 */
int rec_daemon_stop(struct rec_daemon *d, bool destroyed);

#endif
