/*
 * record.h - one capture, from the tracepoints to the LTTng session.
 *
 * rec_capture() is the part between "everything is ready" and "everything was
 * emitted"; cmd_record.c does what is before and after. One thread.
 */
#ifndef MMR_RECORD_H
#define MMR_RECORD_H

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>

#include "schemas/error.h"
#include "schemas/ust/provider.h"
#include "tracegen/record_child.h"
#include "tracegen/record_names.h"
#include "tracegen/record_rings.h"

struct rec_capture {
	/* in: all belong to the caller */
	const struct mmr_ust *ust;
	struct rec_rings *rings;
	struct rec_child *child; /* pid 0: the whole system until stopped */
	int died; /* a descriptor that becomes readable when the session daemon dies */
	const char *dir; /* its file system must not fill up... */
	uint64_t reserve; /* ...beyond this many bytes free */
	const char *command; /* for the trace, "" for none */
	struct rec_names *names; /* of the kernel's functions, for call chains */
	uint64_t duration; /* ns, 0: no limit */
	volatile sig_atomic_t *stop;
	void (*tick)(void *arg, uint64_t events); /* about ten times a second */
	void *arg;

	/* out */
	uint64_t on, off; /* the time that the capture covers, ns of CLOCK_MONOTONIC */
	uint64_t count[REC_NR], events, lost;
	uint32_t tasks; /* in the state dump */
	unsigned cpus_came, cpus_went;
	bool child_left; /* the command did not end although it was told to */
	bool ended_child; /* it was us who ended it */
};

/*
 * Capture until the command has ended, the duration is over or *@stop is set.
 * 0, or -errno with @e: -ENOSPC (the disk fills up), -EPIPE (the session
 * daemon died), -ENOEXEC (the command cannot be executed: @e names it)...
 * The trace is complete up to c->off all the same, but for -EPIPE.
 */
int rec_capture(struct rec_capture *c, struct mmr_err *e);

enum rec_tracefs { REC_TRACEFS_READ, REC_TRACEFS_DENIED, REC_TRACEFS_ABSENT };

/* The line for a missing right: to tracefs, to perf_event_open() or, when we see that by ourselves, both. -EPERM. */
int rec_no_right(enum rec_tracefs tracefs, bool no_perf, struct mmr_err *e);

#endif
