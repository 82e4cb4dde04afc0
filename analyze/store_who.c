/* What a run yielded, row by row: each lock over time, figures by command name, the slowest operations. */
#include "analyze/store.h"

#define UNKNOWN ((int64_t)-1) /* NULL, for type letter o */

/* Scaled up as the lock's totals are, so that they add up to those. */
static int put_timeline(struct store *s, int64_t run, const struct result_lock *l, struct mmr_err *e)
{
	const double holds = l->hold ? (double)l->hold->count : 0;
	int rc = 0;
	for (unsigned i = 0; !rc && i < l->nintervals; i++) {
		const struct result_interval *t = &l->timeline[i];
		rc = STORE_RUN(s, ST_TIMELINE, e, "issiiiiiiii", run, l->lock, l->mode, (int64_t)t->seq,
			       store_int(t->begin_ns), store_int(t->length_ns), store_int(t->acquisitions),
			       store_int(t->contentions), store_int(t->timed),
			       store_scaled((double)t->wait_ns, (double)l->timed, (double)l->acquisitions),
			       store_scaled((double)t->hold_ns, holds, (double)l->acquisitions));
	}
	return rc;
}

/* What is known of timed operations, or waits, alone, and by what it is to be multiplied. */
struct factors {
	double count[EV_MAX], timed[EV_MAX]; /* operations, by type: all, and those that were timed */
	double waits;
};

/* All waits, over those that were timed: who is waited for is known of these alone. */
static double factor_of_waits(const struct result_run *r)
{
	double all = 0, timed = 0;
	for (unsigned i = 0; i < r->nlocks; i++) {
		const struct result_lock *l = &r->locks[i];
		if (!l->wait || !l->timed)
			continue;
		timed += (double)l->wait->total;
		all += (double)l->wait->total / (double)l->timed * (double)l->acquisitions;
	}
	return timed > 0 ? all / timed : 1;
}

/*
 * One factor for all names of an operation: a name that was timed once tells
 * nothing of how much it waits, but the sum over the names is right.
 */
static int put_comm(struct store *s, int64_t run, const struct result_comm *c, const struct factors *f,
		    struct mmr_err *e)
{
	const double count = f->count[ev_by_name(c->op)], timed = f->timed[ev_by_name(c->op)];
	return STORE_RUN(s, ST_COMM_STAT, e, "issiiiiii", run, c->comm, c->op, store_int(c->count), store_int(c->timed),
			 store_scaled((double)c->wait_ns, timed, count), store_scaled((double)c->hold_ns, timed, count),
			 store_scaled((double)c->caused, 1, f->waits), store_scaled((double)c->caused_ns, 1, f->waits));
}

static int put_slow(struct store *s, int64_t run, unsigned seq, const struct result_slow *o, struct mmr_err *e)
{
	return STORE_RUN(s, ST_SLOW_OP, e, "iisiiiiosiissoss", run, (int64_t)seq, o->op, store_int(o->latency_ns),
			 store_int(o->begin_ns), store_int(o->late_ns), (int64_t)o->worker,
			 o->task ? store_int(o->task) : UNKNOWN, o->comm, store_int(o->event), store_int(o->wait_ns),
			 o->lock, o->mode, o->lock ? store_int(o->longest_ns) : UNKNOWN, o->holder, o->holder_comm);
}

int store_who(struct store *s, int64_t run_id, const struct result_run *r, struct mmr_err *e)
{
	struct factors f = { .waits = factor_of_waits(r) };
	int rc = 0;
	for (unsigned i = 0; i < r->ncomms; i++) {
		f.count[ev_by_name(r->comms[i].op)] += (double)r->comms[i].count;
		f.timed[ev_by_name(r->comms[i].op)] += (double)r->comms[i].timed;
	}
	for (unsigned i = 0; !rc && i < r->nlocks; i++)
		rc = put_timeline(s, run_id, &r->locks[i], e);
	for (unsigned i = 0; !rc && i < r->ncomms; i++)
		rc = put_comm(s, run_id, &r->comms[i], &f, e);
	for (unsigned i = 0; !rc && i < r->nslow; i++)
		rc = put_slow(s, run_id, i, &r->slow[i], e);
	return rc;
}
