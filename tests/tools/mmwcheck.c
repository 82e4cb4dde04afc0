/*
 * mmwcheck FILE.mmw...: holds each workload against the life-cycle rules. One
 * line per violation (the first 20 of a file) on stdout; exit 1 when there is
 * one, 2 when a file cannot be read. Without violations: one line of counts.
 */
#include <inttypes.h>
#include <stdio.h>

#include "tests/support/mmw_check.h"

#define SHOWN 20

struct shown {
	const char *path;
	unsigned n;
};

static void report(void *arg, uint64_t event, const char *text)
{
	struct shown *s = arg;
	if (s->n++ >= SHOWN)
		return;
	if (event == UINT64_MAX)
		printf("%s: %s\n", s->path, text);
	else
		printf("%s: event %" PRIu64 ": %s\n", s->path, event, text);
}

int main(int argc, char **argv)
{
	int status = 0;
	for (int i = 1; i < argc; i++) {
		struct mmw_check c;
		struct mmr_err e = { 0 };
		struct shown s = { argv[i], 0 };
		if (mmw_check(argv[i], report, &s, &c, &e)) {
			fprintf(stderr, "%s\n", e.text);
			return 2;
		}
		printf("%s: %" PRIu64 " events, %" PRIu64
		       " violations, peak %u tasks %u mms, at the end %u tasks %u mms, "
		       "%u not freed\n",
		       argv[i], c.events, c.violations, c.peak_tasks, c.peak_mms, c.live_tasks, c.live_mms, c.unfreed);
		if (c.violations)
			status = 1;
	}
	return status;
}
