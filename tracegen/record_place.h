/*
 * record_place.h - where a private session daemon lives, so that it neither
 * meets another one nor leaves anything behind.
 *
 * LTTng's places are fixed: /var/run/lttng for root, $LTTNG_HOME/.lttng for
 * others, and /dev/shm. As root we cover the first and the last with empty file
 * systems in a mount namespace of our own, which vanish with the last process
 * in it; as somebody else LTTNG_HOME becomes a new directory.
 */
#ifndef MMR_RECORD_PLACE_H
#define MMR_RECORD_PLACE_H

#include "schemas/error.h"

enum rec_place_kind {
	REC_PLACE_USUAL, /* LTTng's own places: the user's daemon, or no right to anything better */
	REC_PLACE_OVERLAY, /* private mounts */
	REC_PLACE_HOME, /* a new LTTNG_HOME */
};

struct rec_place {
	enum rec_place_kind kind;
	int under; /* OVERLAY: the run directory below the private mount, held with a shared flock */
	char home[64]; /* HOME: the directory to remove */
};

/*
 * Make the private place and move this process (and what it will fork) into it;
 * it must have one thread. @paths, ended by NULL, will be written to or opened by
 * name from then on: no private mount may hide them. Absolute, but for "".
 * 0 or -errno.
 */
int rec_place_enter(struct rec_place *p, const char *const *paths, struct mmr_err *e);

/* Remove what enter made, once the daemon is gone. Called by the last process of ours in it. */
void rec_place_leave(struct rec_place *p);

/* Remove the directory @path and everything in it; other file systems mounted in it are left alone. */
void rec_remove_tree(const char *path);

#endif
