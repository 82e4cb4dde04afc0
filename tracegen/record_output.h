/* record_output.h - the directory that a trace is written to. */
#ifndef MMR_RECORD_OUTPUT_H
#define MMR_RECORD_OUTPUT_H

#include <limits.h>
#include <stdbool.h>

#include "schemas/error.h"

struct rec_output {
	char path[PATH_MAX]; /* absolute; "" before it is made */
	char shown[PATH_MAX]; /* as the user wrote it */
	bool made; /* by us */
};

/* -EEXIST or -ENOTDIR, with @e, when @dir (NULL: the default, always fine) is there and not an empty directory. */
int rec_output_check(const char *dir, struct mmr_err *e);

/* Make @dir, or mmreplay-YYYYMMDD-HHMMSS in the current directory when it is NULL. 0 or -errno. */
int rec_output_make(struct rec_output *o, const char *dir, struct mmr_err *e);

/* Remove what was recorded, and the directory if we made it. */
void rec_output_remove(struct rec_output *o);

#endif
