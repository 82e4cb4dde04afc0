/*
 * info.h - what `mmreplay info` says about a workload: collected in one reading,
 * then printed as a table or as JSON. Memory follows what is alive in the
 * workload, not its length. Used by one thread.
 *
 *   info_collect.c   the reading
 *   info_life.c      who is alive, and for how long
 *   info_table.c     for people: facts and counts
 *   info_time.c      for people: rates over time, lifetimes, the kernel's own contention
 *   info_json.c      for programs
 */
#ifndef MMR_INFO_H
#define MMR_INFO_H

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>

#include "schemas/hist.h"
#include "schemas/mmw.h"

#define INFO_INTERVALS 20 /* by default */
#define INFO_INTERVALS_MAX 100000

/* What tasks of one name did. */
struct info_command {
	const char *name; /* as recorded, not safe to show; belongs to the reader */
	uint64_t forks; /* with vforks; by the name the parent had */
	uint64_t threads, execs; /* threads it made; times it was started */
};

/* One of equal stretches of time. Live: at its end; most: within it. */
struct info_interval {
	uint64_t start_ns, end_ns;
	uint64_t forks, vforks, threads, execs, exits, lost; /* forks: without vforks */
	uint32_t live_tasks, most_tasks, live_mms, most_mms;
};

/* How long those lived whose birth and end are in the workload. */
struct info_lifetimes {
	struct hist us; /* in microseconds: nanoseconds would end at 73 minutes */
	uint64_t min_ns, max_ns;
	double sum_ns;
	uint64_t from_before; /* ended, and older than the workload */
	uint64_t alive; /* at its end */
};

struct info {
	const char *path; /* what the user named */
	bool imported; /* that is a trace, imported to another file */
	const struct mmw_reader *r;
	const struct mmw_header *h;
	uint64_t streams; /* of the trace, 0 when the workload does not say */
	struct info_command *commands; /* most forks first, then most threads; who made neither is left out */
	uint32_t ncommands;
	struct info_interval *interval;
	uint32_t intervals; /* 1 when it has no duration */
	struct info_lifetimes *process, *thread; /* a process lives as long as any of its threads */
	uint64_t adopted; /* present ones that no state dump has shown */
};

/*
 * Read all events of @r, and so check them; @intervals as many stretches of
 * time. -EINTR: *@stop was set; -EBADMSG: damaged; -ENOMEM. On success
 * info_free() releases; @r has to outlive it.
 */
int info_collect(struct info *info, const char *path, const struct mmw_reader *r, uint32_t intervals,
		 volatile sig_atomic_t *stop, struct mmr_err *e);
void info_free(struct info *info);

/* A rate per second over the whole duration, 0 when that is 0. */
double info_rate(const struct info *info, uint64_t count);
/* The same over one interval. */
double info_interval_rate(const struct info_interval *i, uint64_t count);
/* @part of @whole in percent, 0 of nothing. */
double info_percent(uint64_t part, uint64_t whole);
/* In ns: the value below which the fraction @q lies. */
uint64_t info_lifetime(const struct info_lifetimes *l, double q);
/* "complete", "incomplete", "none", or "unknown" where the file does not say. */
const char *info_state_dump(const struct info *info);

void info_print_table(const struct info *info);
void info_print_time(const struct info *info);
void info_print_json(const struct info *info);

/* ---- info_life.c, for info_collect.c ---- */

struct info_life;
/* NULL: no memory. */
struct info_life *info_life_new(struct info *info);
/* One event, in order. 0 or -ENOMEM. */
int info_life_event(struct info_life *l, const struct mmw_event *ev);
/* All is read: the intervals and those that live on. */
void info_life_end(struct info_life *l);
void info_life_free(struct info_life *l);

#endif
