/* What a run yielded, row by row: events, operations, locks, violations, replay error, time, conflicts. */
#include <math.h>

#include "analyze/store.h"

#define UNKNOWN ((int64_t)-1) /* NULL, for type letter o */

int64_t store_scaled(double sum, double sampled, double all)
{
	double total = sampled > 0 ? sum / sampled * all : 0;
	return total >= (double)INT64_MAX ? INT64_MAX : llround(total);
}

/* Of @count values of which @h holds a sample of @timed: the total of all. */
static int64_t scaled_total(const struct hist *h, uint64_t timed, uint64_t count)
{
	return timed == count ? store_int(h->total) : store_scaled((double)h->total, (double)timed, (double)count);
}

static int64_t quantile(const struct hist *h, double q)
{
	return h->count ? store_int(hist_quantile(h, q)) : UNKNOWN;
}

/* The quantile @q of @timed waits of which @h holds those that were not 0. */
static int64_t wait_quantile(const struct hist *h, uint64_t timed, double q)
{
	if (!timed)
		return UNKNOWN;
	double zeros = timed > h->count ? (double)(timed - h->count) / (double)timed : 0;
	return q <= zeros ? 0 : store_int(hist_quantile(h, (q - zeros) / (1 - zeros)));
}

static const struct hist none = { .min = UINT64_MAX };

static int put_op(struct store *s, int64_t run, const struct result_op *o, struct mmr_err *e)
{
	const struct hist *h = o->latency ? o->latency : &none;
	int rc = STORE_RUN(s, ST_OP_STAT, e, "isiiioooooo", run, o->op, store_int(o->count), store_int(h->count),
			   store_int(h->total), h->count ? store_int(h->min) : UNKNOWN, quantile(h, 0.5),
			   quantile(h, 0.9), quantile(h, 0.99), quantile(h, 0.999),
			   h->count ? store_int(h->max) : UNKNOWN);
	for (unsigned i = 0; !rc && h->count && i < HIST_BUCKETS; i++)
		if (h->bucket[i])
			rc = STORE_RUN(s, ST_OP_HIST, e, "isii", run, o->op, store_int(hist_lower(i)),
				       store_int(h->bucket[i]));
	return rc;
}

static int put_lock_hist(struct store *s, int64_t run, const struct result_lock *l, const char *kind,
			 const struct hist *h, struct mmr_err *e)
{
	int rc = 0;
	for (unsigned i = 0; !rc && h->count && i < HIST_BUCKETS; i++)
		if (h->bucket[i])
			rc = STORE_RUN(s, ST_LOCK_HIST, e, "isssii", run, l->lock, l->mode, kind,
				       store_int(hist_lower(i)), store_int(h->bucket[i]));
	return rc;
}

/* Outermost time of all acquisitions, NULL when no hold was timed. */
static int64_t outermost(const struct result_lock *l)
{
	if (!l->hold || !l->hold->count)
		return UNKNOWN;
	return store_scaled((double)l->outermost_ns, (double)l->hold->count, (double)l->acquisitions);
}

/* What reading the clock took of the holds of all acquisitions. */
static int64_t clock_total(const struct result_lock *l)
{
	if (!l->hold || !l->hold->count)
		return 0;
	return store_scaled((double)l->clock_ns, (double)l->hold->count, (double)l->acquisitions);
}

static int put_lock(struct store *s, int64_t run, const struct result_lock *l, struct mmr_err *e)
{
	const struct hist *w = l->wait ? l->wait : &none, *h = l->hold ? l->hold : &none;
	int rc = STORE_RUN(s, ST_LOCK_STAT, e, "issiiiiiiiooooooooiii", run, l->lock, l->mode,
			   store_int(l->acquisitions), store_int(l->contentions), store_int(l->acq_bounces),
			   store_int(l->con_bounces), store_int(l->timed), scaled_total(w, l->timed, l->acquisitions),
			   scaled_total(h, h->count, l->acquisitions), w->count ? store_int(w->min) : UNKNOWN,
			   wait_quantile(w, l->timed, 0.99), w->count ? store_int(w->max) : UNKNOWN,
			   h->count ? store_int(h->min) : UNKNOWN, quantile(h, 0.5), quantile(h, 0.99),
			   h->count ? store_int(h->max) : UNKNOWN, outermost(l), store_int(l->descheduled),
			   store_int(l->descheduled_ns), clock_total(l));
	if (!rc)
		rc = put_lock_hist(s, run, l, "wait", w, e);
	return rc ? rc : put_lock_hist(s, run, l, "hold", h, e);
}

static int put_violation(struct store *s, int64_t run, unsigned seq, const struct result_violation *v,
			 struct mmr_err *e)
{
	return STORE_RUN(s, ST_VIOLATION, e, "iissoiioi", run, (int64_t)seq, v->invariant, v->detail,
			 v->event == UINT64_MAX ? UNKNOWN : store_int(v->event), store_int(v->task), store_int(v->mm),
			 v->slot, store_int(v->count));
}

static int put_replay_error(struct store *s, int64_t run, const struct result_run *r, struct mmr_err *e)
{
	const struct hist *d = r->drift;
	int rc = STORE_RUN(s, ST_REPLAY_ERROR, e, "iiiiiiooooio", run, store_int(r->constraints),
			   store_int(r->constraints_waited), store_int(r->stall_ns), store_int(r->rcu_ns),
			   store_int(r->oracle_ns), d ? store_int(d->count) : UNKNOWN, d ? quantile(d, 0.5) : UNKNOWN,
			   d ? quantile(d, 0.99) : UNKNOWN, d && d->count ? store_int(d->max) : UNKNOWN,
			   store_int(r->constraints_dropped), d ? store_int(r->paced_ns) : UNKNOWN);
	for (unsigned i = 0; !rc && d && i < HIST_BUCKETS; i++)
		if (d->bucket[i])
			rc = STORE_RUN(s, ST_DRIFT_HIST, e, "iii", run, store_int(hist_lower(i)),
				       store_int(d->bucket[i]));
	return rc;
}

static int put_time(struct store *s, int64_t run, const struct result_time *t, struct mmr_err *e)
{
	if (!(t->wait_ns | t->hold_ns | t->work_ns | t->surround_ns | t->stall_ns | t->idle_ns | t->rcu_ns |
	      t->harness_ns))
		return 0;
	return STORE_RUN(s, ST_RUN_TIME, e, "iiiiiiiii", run, store_int(t->wait_ns), store_int(t->hold_ns),
			 store_int(t->work_ns), store_int(t->surround_ns), store_int(t->stall_ns),
			 store_int(t->idle_ns), store_int(t->rcu_ns), store_int(t->harness_ns));
}

static int put_hygiene(struct store *s, int64_t run, const struct result_hygiene *h, struct mmr_err *e)
{
	if (!h->cpu_ns)
		return 0;
	return STORE_RUN(s, ST_RUN_HYGIENE, e, "iiiidsi", run, store_int(h->cpu_ns), h->other_ns,
			 store_int(h->steal_ns), h->load, h->governor, (int64_t)h->smt);
}

static int put_conflict(struct store *s, int64_t run, const struct result_conflict *c, struct mmr_err *e)
{
	return STORE_RUN(s, ST_LINE_CONFLICT, e, "issii", run, c->op, c->line, store_int(c->count),
			 store_int(c->stall_ns));
}

static int put_blocker(struct store *s, int64_t run, const struct result_blocker *b, struct mmr_err *e)
{
	return STORE_RUN(s, ST_BLOCKER, e, "issssii", run, b->lock, b->mode, b->waiter, b->holder, store_int(b->count),
			 store_int(b->wait_ns));
}

int store_rows(struct store *s, int64_t run_id, const struct result_run *r, struct mmr_err *e)
{
	int rc = 0;
	for (unsigned t = 1; !rc && t < EV_NR; t++)
		if (r->op_count[t])
			rc = STORE_RUN(s, ST_RUN_EVENT, e, "isi", run_id, ev_name(t), store_int(r->op_count[t]));
	for (unsigned i = 0; !rc && i < r->nops; i++)
		rc = put_op(s, run_id, &r->ops[i], e);
	for (unsigned i = 0; !rc && i < r->nlocks; i++)
		rc = put_lock(s, run_id, &r->locks[i], e);
	for (unsigned i = 0; !rc && i < r->nviolations; i++)
		rc = put_violation(s, run_id, i, &r->violations[i], e);
	for (unsigned i = 0; !rc && i < r->nconflicts; i++)
		rc = put_conflict(s, run_id, &r->conflicts[i], e);
	for (unsigned i = 0; !rc && i < r->nblockers; i++)
		rc = put_blocker(s, run_id, &r->blockers[i], e);
	if (!rc)
		rc = put_replay_error(s, run_id, r, e);
	if (!rc)
		rc = put_time(s, run_id, &r->time, e);
	if (!rc)
		rc = store_who(s, run_id, r, e);
	return rc ? rc : put_hygiene(s, run_id, &r->hygiene, e);
}
