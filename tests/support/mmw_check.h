/*
 * mmw_check.h - is a workload a possible history? For tests of whatever makes one.
 *
 * Reads the file once and holds every event against the life cycle that
 * event.h describes: nobody acts before they are there or after they are gone,
 * ids are new where they have to be and dense in all, groups and mms add up,
 * the header's counts and peaks are those of the events, an area is given back
 * where it was handed out, only memory that was added is removed, a CPU that is
 * down does nothing, and pinning and unpinning alternate. Memory grows with the
 * number of tasks. Uses no global state.
 */
#ifndef MMR_TEST_MMW_CHECK_H
#define MMR_TEST_MMW_CHECK_H

#include <stdint.h>

#include "schemas/mmw.h"

struct mmw_check {
	uint64_t events, violations;
	uint64_t count[EV_MAX];
	/* At once: tasks that have not exited; mms that have users, where an exec puts the old one first. */
	uint32_t peak_tasks, peak_mms;
	uint32_t live_tasks, live_mms; /* at the end */
	uint32_t unfreed; /* exited, and never freed */
};

/*
 * @report, which may be NULL, is called for each violation: @event is its
 * ordinal (UINT64_MAX: none, the file as a whole), @text one line without the
 * ordinal. Returns 0 also when there are violations; -errno and @e when the
 * file cannot be read.
 */
int mmw_check(const char *path, void (*report)(void *arg, uint64_t event, const char *text), void *arg,
	      struct mmw_check *out, struct mmr_err *e);

#endif
