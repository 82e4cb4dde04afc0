#include "tests/support/sample_full.h"

#include <stdlib.h>

struct hist *sample_hist(void)
{
	struct hist *h = malloc(sizeof(*h));
	if (!h)
		abort();
	hist_init(h);
	for (uint64_t v = 1; v < 100000; v += v / 9 + 1)
		hist_add(h, v);
	return h;
}

int sample_full_run(struct result_sink *sink, const struct result_config *config, const struct hist *h, int64_t *id,
		    struct mmr_err *e)
{
	/* A quarter and three quarters. */
	const struct result_interval timeline[] = {
		{ 0, 0, 1000, 225, 20, h->count / 4, h->total / 4, h->total / 4 },
		{ 3, 3000, 500, 675, 70, h->count - h->count / 4, h->total - h->total / 4, h->total - h->total / 4 },
	};
	struct result_lock locks[] = { { "pgd_lock", "exclusive", 900, 90, 80, 70, h->count, h, h, 2, 50000, h->total,
					 h->count * 10, timeline, 2 },
				       { "tasklist_lock", "read", 10, 0, 0, 0, 0, NULL, NULL, 0, 0, 0, 0, NULL, 0 } };
	/* Two names that are one once they are safe; half of the forks were timed, all of the others. */
	const struct result_comm comms[] = { { "make", "fork", 300, 100, 50, 60, 1, 10 },
					     { "a\033", "fork", 150, 100, 20, 6, 1, 100 },
					     { "a\034", "fork", 50, 50, 30, 4, 0, 0 },
					     { "(unknown)", "free", 3, 3, 7, 8, 0, 0 } };
	const struct result_slow slow[] = {
		{ "fork", 900, 20, 15, 1, 5, 6, "make", 800, "pgd_lock", "exclusive", 700, "exit", "a\033" },
		{ "free", 100, 30, 0, 0, 8, 0, "(unknown)", 0, NULL, NULL, 0, NULL, NULL },
	};
	struct result_op ops[] = { { "fork", 500, h }, { "free", 3, NULL } };
	struct result_violation bad[] = { { "I1b", "slot\033[2J 3", 77, 5, 6, 3, 2 },
					  { "I4", "freed", UINT64_MAX, 1, 2, -1, 1 } };
	struct result_conflict conflicts[] = { { "fork", "pgd_lock", 5, 600 },
					       { "fork", "task: mm\033", 7, 0 },
					       { "fork", "pgd_lock", 1, 60 } };
	struct result_run r = {
		.status = RUN_DONE,
		.verdict = VERDICT_VIOLATION,
		.events = 503,
		.wall_ns = 123456789,
		.state_digest = 0xfedcba9876543210,
		.pairs_compared = 11,
		.peak_mms = 12,
		.op_count = { [EV_FORK] = 500, [EV_FREE] = 3 },
		.locks = locks,
		.nlocks = 2,
		.ops = ops,
		.nops = 2,
		.violations = bad,
		.nviolations = 2,
		.conflicts = conflicts,
		.nconflicts = 3,
		.comms = comms,
		.ncomms = 4,
		.slow = slow,
		.nslow = 2,
		.time = { 1, 2, 3, 4, 5, 6, 7, UINT64_MAX },
		.drift = h,
		.hygiene = { 1000, 100, 10, 0.5, "power\033save", true },
		.constraints = 31,
		.constraints_waited = 32,
		.constraints_dropped = 35,
		.stall_ns = 33,
		.rcu_ns = 34,
		.oracle_ns = UINT64_MAX,
		.paced_ns = 36,
	};
	int rc = sink->run_begin(sink, config, id, e);
	return rc ? rc : sink->run_end(sink, *id, &r, e);
}
