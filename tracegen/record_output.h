/* record_output.h - the directory that a trace is written to. */
#ifndef MMR_RECORD_OUTPUT_H
#define MMR_RECORD_OUTPUT_H

#include <limits.h>
#include <stdbool.h>
#include <stdint.h>

#include "schemas/error.h"

struct rec_output {
	char path[PATH_MAX]; /* absolute; "" before it is made */
	char shown[PATH_MAX]; /* as the user wrote it */
	bool made; /* by us */
	int ballast; /* a file without a name that keeps room on the disk, -1: none */
};

/* -EEXIST or -ENOTDIR, with @e, when @dir (NULL: the default, always fine) is there and not an empty directory. */
int rec_output_check(const char *dir, struct mmr_err *e);

/* Make @dir, or mmreplay-YYYYMMDD-HHMMSS in the current directory when it is NULL. 0 or -errno. */
int rec_output_make(struct rec_output *o, const char *dir, struct mmr_err *e);

/*
 * Keep @bytes on that disk for the end: LTTng writes what is in its buffers,
 * and all of the metadata, without which nothing can be read, when it stops.
 * -ENOSPC when there is no room. The room is given back when the process ends.
 */
int rec_output_reserve(struct rec_output *o, uint64_t bytes, struct mmr_err *e);
void rec_output_release(struct rec_output *o);

/* Bytes free for us on that disk; UINT64_MAX when it does not say. */
uint64_t rec_output_room(const char *path);

/* Remove what was recorded, and the directory if we made it. */
void rec_output_remove(struct rec_output *o);

#endif
