/*
 * info.h - what `mmreplay info` says about a workload: collected once, then
 * printed as a table or as JSON. Used by one thread.
 */
#ifndef MMR_INFO_H
#define MMR_INFO_H

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>

#include "schemas/mmw.h"

/* What tasks of one name did. */
struct info_command {
	const char *name; /* as recorded, not safe to show; belongs to the reader */
	uint64_t forks; /* with vforks; by the name the parent had */
	uint64_t threads, execs; /* threads it made; times it was started */
};

struct info {
	const char *path; /* what the user named */
	bool imported; /* that is a trace, imported to another file */
	const struct mmw_reader *r;
	const struct mmw_header *h;
	uint64_t streams; /* of the trace, 0 when the workload does not say */
	struct info_command *commands; /* most forks first, then most threads; who made neither is left out */
	uint32_t ncommands;
};

/*
 * Read all events of @r, and so check them. -EINTR: *@stop was set; -EBADMSG:
 * damaged. On success info_free() releases; @r has to outlive it.
 */
int info_collect(struct info *info, const char *path, const struct mmw_reader *r, volatile sig_atomic_t *stop,
		 struct mmr_err *e);
void info_free(struct info *info);

/* A rate per second over the whole duration, 0 when that is 0. */
double info_rate(const struct info *info, uint64_t count);

void info_print_table(const struct info *info);
void info_print_json(const struct info *info);

#endif
