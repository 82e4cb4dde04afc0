/*
 * hygiene.h - how quiet the machine was during a run: what others did on its
 * CPUs, what the hypervisor took, and how it is set up.
 */
#ifndef REPLAY_HYGIENE_H
#define REPLAY_HYGIENE_H

#include "schemas/result.h"

struct hygiene_mark {
	uint64_t at_ns, own_ns, busy_ns, steal_ns;
	bool known;
};

/* Before the run. What the kernel does not tell leaves @m unknown. */
void hygiene_begin(struct hygiene_mark *m);
/* After it: what happened since @m. @h's texts are constants or in @h. */
void hygiene_end(const struct hygiene_mark *m, struct result_hygiene *h);

/* The first line of /proc/stat in nanoseconds of @hz ticks; false when it is none. For tests, too. */
bool hygiene_parse(const char *line, long hz, uint64_t *busy_ns, uint64_t *steal_ns);

#endif
