#include "tests/support/sample_who.h"

#include <stddef.h>

/* Part @i of @n, so that all parts add up. */
static uint64_t part(uint64_t all, uint64_t i, uint64_t n)
{
	return all * (i + 1) / n - all * i / n;
}

/* Evenly, but in the middle the waits are three times as long as at both ends together. */
static unsigned over_time(const struct result_run *r, const struct result_lock *l, struct result_interval *t)
{
	const unsigned n = SAMPLE_INTERVALS;
	const uint64_t length = r->wall_ns / n + 1;
	for (unsigned i = 0; i < n; i++) {
		const bool middle = i >= n / 4 && i < n - n / 4;
		const uint64_t ends = l->wait->total / 4, wait = middle ? l->wait->total - ends : ends;
		const unsigned place = middle ? i - n / 4 : i < n / 4 ? i : i - n / 2;
		t[i] = (struct result_interval){
			.seq = i,
			.begin_ns = i * length,
			.length_ns = i < n - 1 ? length : r->wall_ns - i * length,
			.acquisitions = part(l->acquisitions, i, n),
			.contentions = part(l->contentions, i, n),
			.timed = part(l->timed, i, n),
			.wait_ns = part(wait, place, n / 2),
			.hold_ns = part(l->hold->total, i, n),
		};
	}
	return n;
}

/* make and sh fork, cc1 execs; what each waits for, the one before it holds. */
static unsigned by_name(const struct result_run *r, struct result_comm *c)
{
	static const struct {
		const char *comm, *op;
		unsigned type, of, parts;
	} who[] = { { "make", "fork", EV_FORK, 0, 2 },
		    { "sh", "fork", EV_FORK, 1, 2 },
		    { "cc1", "exec", EV_EXEC, 0, 1 },
		    { "sh", "exit", EV_EXIT, 0, 1 } };
	unsigned n = 0;
	for (unsigned i = 0; i < sizeof(who) / sizeof(*who); i++) {
		uint64_t count = part(r->op_count[who[i].type], who[i].of, who[i].parts);
		if (count)
			c[n++] = (struct result_comm){ .comm = who[i].comm,
						       .op = who[i].op,
						       .count = count,
						       .timed = count / 64 + 1,
						       .wait_ns = (count / 64 + 1) * 90,
						       .hold_ns = (count / 64 + 1) * 200,
						       .caused = count / 128,
						       .caused_ns = count / 128 * 180 };
	}
	return n;
}

static unsigned slowest(const struct result_run *r, struct result_slow *s)
{
	s[0] = (struct result_slow){ "fork", 91000, r->wall_ns / 2, 0,           0,     4711,   77,
				     "make", 88000, "pgd_lock",     "exclusive", 80000, "exit", "sh" };
	s[1] = (struct result_slow){
		"exec", 31000, r->wall_ns / 3, 0, 0, 815, 78, "cc1", 0, NULL, NULL, 0, NULL, NULL
	};
	return 2;
}

void sample_who(struct sample_who *w, struct result_run *r, struct result_lock *locks)
{
	for (unsigned i = 0; i < r->nlocks; i++) {
		locks[i].nintervals = over_time(r, &locks[i], w->timeline[i]);
		locks[i].timeline = w->timeline[i];
	}
	r->comms = w->comms;
	r->ncomms = by_name(r, w->comms);
	r->slow = w->slow;
	r->nslow = slowest(r, w->slow);
}
