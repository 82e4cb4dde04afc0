/*
 * subset.h - a part of a workload: a stretch of time, what descends from some
 * processes, without the names that say whose it is.
 *
 *   subset.c          one reading or two, from file to file
 *   subset_when.c     points of time and processes, as a user writes them
 *   subset_tree.c     whose events: the first reading, and who is born into it
 *   subset_events.c   event by event: kept, changed, left out
 *   subset_life.c     births, lives and deaths
 *   subset_state.c    what is there where the part begins
 *   subset_names.c    command names, kept or replaced
 *   subset_source.c   where it comes from: the information table
 *
 * The result is a workload of its own: what was there before its beginning, or
 * comes from outside the tree, becomes `present`; ids are dense again; nothing
 * refers to what was left out. Memory follows what is alive in the workload,
 * not its length. One thread.
 */
#ifndef MMR_TG_SUBSET_H
#define MMR_TG_SUBSET_H

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>

#include "schemas/error.h"
#include "schemas/mmw.h"

/* A point of time. */
struct sub_when {
	enum { SUB_UNSET, SUB_SINCE_START, SUB_SINCE_1970 } from;
	uint64_t ns;
};
/*
 * "12.5" or "12.5s", "300ms", us, ns, min, h: since the start. "@SECONDS" or
 * "2026-01-31 12:00:05.5", with Z or +01:00 (none: UTC): by the wall clock.
 * -EINVAL with a reason that does not name the option.
 */
int sub_when_parse(const char *text, struct sub_when *w, struct mmr_err *e);

/* A process by its pid in the trace, or by its number in the workload ("task:7"). */
struct sub_root {
	bool is_task;
	uint32_t number;
};
int sub_root_parse(const char *text, struct sub_root *root, struct mmr_err *e);

#define SUB_ROOTS_MAX 64

struct sub_options {
	const char *input; /* what the user calls the input, for messages; NULL: its path */
	struct sub_when from, to;
	struct sub_root root[SUB_ROOTS_MAX];
	unsigned roots; /* 0: all tasks */
	bool anonymise;
};

/* What became of events, or of what they speak of; the names are in subset_source.c. */
enum sub_count {
	SC_BEFORE, /* left out: before the beginning */
	SC_AFTER, /* left out: after the end */
	SC_OTHERS, /* left out: of tasks outside the tree */
	SC_NO_TASK, /* left out: of no task, and there is a tree */
	SC_EARLIER_AREA, /* left out: vfree of an area from before */
	SC_EARLIER_TASK, /* left out: free of a task that had exited before */
	SC_PRESENT, /* tasks that were there at the beginning */
	SC_ROOT, /* tasks that one outside the tree made */
	SC_LEADER, /* threads that lead because theirs had exited before */
	SC_MACHINE, /* events at the beginning that make the machine what it was */
	SC_LOST, /* dropped by the tracer, within the part */
	SC_NR
};

/* Which process a root turned out to be. */
struct sub_found {
	uint32_t processes; /* of that pid, one after another */
	uint32_t first[4]; /* their task numbers, as many as fit */
};

struct sub_result {
	uint64_t read, written;
	uint64_t from_ns, to_ns; /* of the input */
	uint64_t lost; /* that the tracer dropped, anywhere in the input */
	uint64_t count[SC_NR];
	struct sub_found found[SUB_ROOTS_MAX];
	bool contention_left_out; /* the kernel's own waits: they are of all tasks, or nobody knows when they were */
	bool contention_none; /* there are such waits, but not in the stretch */
	uint64_t contention_slice_ns; /* they are told by slices as long as that; 0: of the whole, or there are none */
	bool bad_input; /* on failure: the input's or the options' fault, not the output's */
};

/*
 * Write the part of @r that @o names to the file @out. 0 or -errno: with
 * result->bad_input the input has no such part (-EINVAL), is damaged or no
 * possible history (-EBADMSG); -EINTR, *@stop was set; else @out cannot be
 * written. On an error nothing is left of @out. @progress may be NULL.
 */
int sub_run(const struct mmw_reader *r, const char *out, const struct sub_options *o, const volatile sig_atomic_t *stop,
	    void (*progress)(void *ctx, uint64_t events, uint64_t all), void *ctx, struct sub_result *result,
	    struct mmr_err *e);

#endif
