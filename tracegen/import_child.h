/*
 * import_child.h - reading an untrusted trace in a process of its own.
 *
 * babeltrace2 2.0 can be made to loop for ever, to ask for all memory there is,
 * or to abort, by what a trace says. So a child does the reading, with an
 * address-space limit, and the parent watches it: no progress for a while, too
 * much memory, more events than the files can hold, death by a signal: each
 * ends in one line and leaves nothing behind.
 */
#ifndef MMR_TG_IMPORT_CHILD_H
#define MMR_TG_IMPORT_CHILD_H

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>

#include "schemas/error.h"
#include "schemas/mmw.h"
#include "tracegen/import_inputs.h"

struct imp_limits {
	uint64_t max_events; /* 0: as many as the files can hold */
	unsigned stall_s; /* give up after so long without progress */
	uint64_t memory; /* bytes of address space beyond what babeltrace2 maps */
	const char *
		symbols; /* a list of the kernel's symbols for call chains; NULL: the capture's own, or this machine's */
};
#define IMP_LIMITS_DEFAULT                                                                                             \
	{                                                                                                              \
		0, 20, 512ull << 20, NULL                                                                              \
	}

/* Threads that decode: at most, and as many as there are CPUs and streams. */
#define IMP_FEEDS_MAX 4

/* In memory that parent and child share; the child writes. */
struct imp_shared {
	volatile uint64_t events[IMP_FEEDS_MAX]; /* read so far, by thread */
	volatile uint64_t steps; /* grows while the child is alive without events to show */
	volatile uint32_t trace[IMP_FEEDS_MAX]; /* what each thread reads, a number in struct imp_inputs */
	volatile uint32_t fatal; /* the thread that died, 0: the first */
	volatile int finishing; /* everything is read; the disk may take its time */
	volatile int done; /* 1: ret is set */
	volatile int ret;
	bool babeltrace2; /* with ret: it failed; its log says why */
	bool bad_input; /* with ret: the trace's fault, not the output's */
	uint64_t read, added, lost, unresolved; /* of the finished workload */
	uint32_t stand_in; /* bits: read it again, with system calls for these events */
	struct mmr_err error;
};

struct imp_result {
	uint64_t events, added, lost, unresolved;
	bool bad_input; /* on failure: the trace's fault, not the output's or this machine's */
};

/*
 * Import @in into the file @out. @stop is polled; when it is set -EINTR is
 * returned. @progress (may be NULL) is called now and then with the number of
 * events read. On an error nothing is left of @out.
 */
int imp_run(const struct imp_inputs *in, const char *out, const struct imp_limits *limits,
	    const volatile sig_atomic_t *stop, void (*progress)(void *ctx, uint64_t events), void *ctx,
	    struct imp_result *result, struct mmr_err *e);

static inline uint64_t imp_events_read(const struct imp_shared *sh)
{
	uint64_t n = 0;
	for (unsigned i = 0; i < IMP_FEEDS_MAX; i++)
		n += __atomic_load_n(&sh->events[i], __ATOMIC_RELAXED);
	return n;
}

/* What the child does (import_read.c): 0, or -errno and sh->error. */
int imp_read(const struct imp_inputs *in, struct mmw_writer *w, const char *symbols, uint64_t event_cap,
	     uint32_t stand_in, struct imp_shared *sh);

#endif
