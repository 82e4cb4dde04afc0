/* import_run.h - the merge: the feeds' records in time order, to struct imp. */
#ifndef MMR_TG_IMPORT_RUN_H
#define MMR_TG_IMPORT_RUN_H

#include "tracegen/import_feed.h"

struct imp_run {
	struct imp im;
	struct imp_source source;
	struct imp_feed feed[IMP_FEEDS_MAX];
	unsigned feeds;
	struct imp_port *port;
	uint32_t ports;
	struct imp_chains chains;
	unsigned failed_feed; /* of an error in a feed: which */
};

/*
 * Start the primed feeds and take in all they have. 0; -errno with im.failed or
 * the failed feed's error set.
 */
int imp_run_merge(struct imp_run *run);

#endif
