/*
 * record_session.h - the LTTng session that a capture goes to, and the provider
 * that fills it.
 *
 * None of these functions is interrupted by SIGINT, SIGTERM or SIGHUP: a
 * conversation with the session daemon is not cut in half.
 */
#ifndef MMR_RECORD_SESSION_H
#define MMR_RECORD_SESSION_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "schemas/error.h"
#include "schemas/ust/provider.h"

/* Whose events a session takes: those of mmreplay_tp.h, or of replay_tp.h. */
enum rec_provider {
	REC_PROVIDER_LIFE, /* an event that finds no room is lost: the machine under study does not wait */
	REC_PROVIDER_REPLAY, /* it waits for room, for a while: a replay can */
};

/* Bytes that all buffers of a session can hold: what may still go to disk when we stop. */
size_t rec_session_buffers(void);

/*
 * Create session @name that writes below the absolute path @dir, enable the
 * events of @what for the process @app alone, and start it. On error nothing is left of it.
 */
int rec_session_start(const char *name, const char *dir, pid_t app, enum rec_provider what, struct mmr_err *e);

/*
 * Stop @name, wait until everything is on disk, destroy it. *@discarded is the
 * number of events that found no room in the buffers. 0 or -errno.
 */
int rec_session_stop(const char *name, uint64_t *discarded, struct mmr_err *e);

/*
 * Load the provider, which registers us with the session daemon, and wait until
 * the session records @what. It stays loaded: LTTng's libraries cannot be unloaded.
 */
int rec_provider_load(enum rec_provider what, const struct mmr_ust **ust, struct mmr_err *e);

#endif
