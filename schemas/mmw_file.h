/*
 * mmw_file.h - a file that appears whole under its name, or not at all.
 *
 * A regular file is written without a name (O_TMPFILE), or under a temporary
 * one where the file system cannot do that, in the target's folder, and takes
 * its place when committed: a process that is killed leaves nothing. A
 * character device (/dev/null) is written directly. Used by one thread.
 */
#ifndef MMR_MMW_FILE_H
#define MMR_MMW_FILE_H

#include <stdbool.h>
#include <stdint.h>

#include "schemas/error.h"

struct mmw_file {
	int fd;
	char *path; /* as given, for messages */
	char *target; /* with symbolic links resolved; NULL for a device */
	char *temp; /* name to rename from; NULL while the file has none */
};

/* Create. On success @f must end in mmw_file_commit() or mmw_file_discard(). */
int mmw_file_create(struct mmw_file *f, const char *path, struct mmr_err *e);

/* Sync, give it its name, close. Discards on failure. */
int mmw_file_commit(struct mmw_file *f, struct mmr_err *e);
void mmw_file_discard(struct mmw_file *f);

#endif
