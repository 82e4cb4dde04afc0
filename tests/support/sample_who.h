/* sample_who.h - for the sample stores: a timeline of each lock, figures by command name, slow operations. */
#ifndef MMR_TESTS_SAMPLE_WHO_H
#define MMR_TESTS_SAMPLE_WHO_H

#include "schemas/result.h"

#define SAMPLE_INTERVALS 20

struct sample_who {
	struct result_interval timeline[4][SAMPLE_INTERVALS];
	struct result_comm comms[8];
	struct result_slow slow[3];
};

/* Made from what @r says already, and put into it; @locks are its rows, at most four. @w must outlive it. */
void sample_who(struct sample_who *w, struct result_run *r, struct result_lock *locks);

#endif
