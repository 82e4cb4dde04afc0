/*
 * import_inputs.h - what the user named: the directories that hold a CTF trace,
 * found below what was given, or one line that says what it is instead.
 */
#ifndef MMR_TG_IMPORT_INPUTS_H
#define MMR_TG_IMPORT_INPUTS_H

#include <stdint.h>

#include "schemas/error.h"

struct imp_input {
	char *path; /* a directory that holds a file called metadata, as it was named */
	char *real;
};

struct imp_inputs {
	struct imp_input *trace;
	unsigned count, room;
	unsigned hits; /* as count, but what is named twice counts twice */
	char *bare; /* the first directory with metadata and no stream file; NULL: none */
	uint64_t bytes; /* of all stream files */
	uint64_t window_bytes; /* what mapping a window of each takes */
	uint64_t metadata_bytes;
	uint64_t streams; /* files beside the metadata */
	uint64_t hash; /* of metadata and sizes */
};

/*
 * Look at @paths. 0, or -errno (not there, no trace, another format: @e says
 * which, and how to convert it). End with imp_inputs_free() in either case.
 */
int imp_inputs_find(struct imp_inputs *in, char *const *paths, unsigned n, struct mmr_err *e);
void imp_inputs_free(struct imp_inputs *in);

/* FNV-1a, to mix more into the hash. */
uint64_t imp_hash(uint64_t hash, const void *data, uint64_t n);

#endif
