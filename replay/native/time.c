/*
 * time.c (native) - where the workers' time went: each nanosecond in one place.
 *
 * Stalls, idling, grace periods and surrounding work are measured whenever they
 * happen. The rest:
 *
 * full      measured throughout; one reading of the clock ends one thing and
 *           begins the next.
 * sampled   a lock's waits are scaled up, by type of operation, from the timed
 *           ones. What is left is known, too, and is parted between holds, work
 *           and harness as in the timed operations and the gaps between two of
 *           them: for an operation takes longer when it is timed, and more so
 *           when the code that times it is cold.
 *
 * What reading the clock costs is the harness's. Other work of the
 * instrumentation, after a release, is not known apart: it counts as work.
 */
#include "replay/native/worker.h"

struct sums {
	double wait, hold, work, reading; /* cycles; reading: what the clock took of the others */
};

static double positive(double v)
{
	return v > 0 ? v : 0;
}

/* @count operations of type @op were done, t->timed[op] of them timed. */
static void add_op(const struct worker_time *t, unsigned op, u64 count, double read, struct sums *s)
{
	if (!t->timed[op])
		return;
	double scale = (double)count / (double)t->timed[op];
	double wait = positive((double)t->wait[op] - (double)t->wait_reads[op] * read);
	double hold = positive((double)t->hold[op] - (double)t->hold_reads[op] * read);
	double rest = (double)t->op[op] - (double)t->wait[op] - (double)t->hold[op];
	double reads = (double)t->reads[op] - (double)t->wait_reads[op] - (double)t->hold_reads[op];
	double work = positive(rest - reads * read);
	s->wait += wait * scale;
	s->hold += hold * scale;
	s->work += work * scale;
	s->reading += (double)t->op[op] - wait - hold - work;
}

void time_collect(const struct run *r, const struct worker *workers, u64 begin, u64 end, struct result_time *out)
{
	const bool full = r->c->measure == MEASURE_FULL;
	const double ns = 1 / r->c->clock->ghz, read = (double)r->c->clock->read_ps / 1000 * r->c->clock->ghz;
	double stall = 0, idle = 0, rcu = 0, surround = 0, harness = 0, gaps = 0, events = 0, all = 0;
	struct sums s = { 0 };
	for (u32 i = 0; i < r->w->k.ncpus; i++) {
		const struct worker *k = &workers[i];
		const struct worker_time *t = k->time;
		u64 count[EV_MAX] = { 0 };
		worker_count_ops(k, count);
		for (unsigned op = 0; op < EV_MAX; op++)
			add_op(t, op, count[op], read, &s);
		/* At the oracle's stops each worker waits for the last to come; the stop itself is nobody's time. */
		stall += (double)t->stall + positive((double)t->meet - (double)r->oracle_cycles);
		/* Who begins later or has done its part waits for the rest. */
		idle += (double)t->idle + (double)(k->begin - begin) + (double)(end - k->end);
		rcu += (double)t->rcu;
		surround += (double)t->surround;
		harness += positive((double)t->harness - (full ? 0 : (double)t->gaps * read));
		gaps += (double)t->gaps;
		events += (double)k->done;
		all += positive((double)(end - begin) - (double)r->oracle_cycles);
	}
	if (full) {
		harness += s.reading;
	} else {
		double busy = positive(all - stall - idle - rcu - surround);
		s.wait = s.wait < busy ? s.wait : busy;
		harness = gaps ? harness / gaps * events : 0;
		double parts = s.hold + s.work + harness, scale = parts > 0 ? (busy - s.wait) / parts : 0;
		s.hold *= scale;
		s.work *= scale;
		harness *= scale;
	}
	*out = (struct result_time){
		.wait_ns = (u64)(s.wait * ns),
		.hold_ns = (u64)(s.hold * ns),
		.work_ns = (u64)(s.work * ns),
		.surround_ns = (u64)(surround * ns),
		.stall_ns = (u64)(stall * ns),
		.idle_ns = (u64)(idle * ns),
		.rcu_ns = (u64)(rcu * ns),
		.harness_ns = (u64)(harness * ns),
	};
}
