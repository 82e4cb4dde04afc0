/* import_source.h - where a trace comes from, as its environment says. */
#ifndef MMR_TG_IMPORT_SOURCE_H
#define MMR_TG_IMPORT_SOURCE_H

#include <babeltrace2/babeltrace.h>

#include "tracegen/import.h"
#include "tracegen/import_class.h"
#include "tracegen/import_inputs.h"

struct imp_source {
	/* Different values of several traces, separated by ", ". */
	char tracer[256], version[128], host[512], kernel[512], clock[256];
	bool epoch; /* times count from 1970 */
	bool boot; /* times count from a start that only the tracer knows */
	char boot_host[256]; /* of the first such trace */
	int16_t *host_of; /* by trace; -1: not looked at yet */
};

int imp_source_init(struct imp_source *s, unsigned traces);
void imp_source_free(struct imp_source *s);

/*
 * Take in @trace, which @stream is of: its host, what events it can have. Returns
 * the host's number, or -errno with im->e filled: too many hosts, or clocks or
 * tracers that cannot be brought together.
 */
int imp_source_add(struct imp_source *s, struct imp *im, const bt_stream *stream, unsigned trace, const char *path);

/* Everything is read: the texts of group SOURCE. */
void imp_source_write(const struct imp_source *s, const struct imp *im, const struct imp_inputs *in, uint32_t streams,
		      const struct imp_capture *capture);

#endif
