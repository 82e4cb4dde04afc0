/*
 * scratch.h - a temporary file for what is only a step on the way, in a folder
 * of its own below $TMPDIR or /tmp.
 */
#ifndef MMR_TG_SCRATCH_H
#define MMR_TG_SCRATCH_H

#include "schemas/error.h"

struct scratch {
	char *dir;
	char *file; /* where the file may be made; it is not there yet */
};

/* 0 or -errno. On success scratch_close() ends it. */
int scratch_open(struct scratch *s, const char *name, struct mmr_err *e);
/* The file, if it was made, and the folder. */
void scratch_close(struct scratch *s);

#endif
