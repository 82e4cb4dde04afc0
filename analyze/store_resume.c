/* Going on with an earlier session: which that is, and what of it is done. */
#include <errno.h>

#include "analyze/store.h"

/* What the runs of one session have in common, in the order of the statement. */
#define SAME(c)                                                                                                        \
	c->subject, c->engine, c->era, c->geometry, c->order_mode, c->pace, (int64_t)c->copies, c->measure,            \
		(int64_t)c->sample_every, c->surround, c->inject, c->delay, store_int(c->seed), c->version,            \
		c->topology

int store_resume(struct result_sink *sink, const struct result_config *c, bool *found, struct mmr_err *e)
{
	struct store *s = (struct store *)sink;
	*found = false;
	if (!s->machine_id || !s->workload_id)
		return mmr_err(e, -EINVAL, "%s: a run needs its machine and its workload first", s->sql.path);
	s->sql.returned = 0;
	int rc = STORE_RUN(s, ST_RESUME, e, "iissssssisisssiss", s->workload_id, s->machine_id, SAME(c));
	if (!rc && s->sql.returned) {
		s->session = s->sql.returned;
		*found = true;
	}
	return rc;
}

int store_run_there(struct result_sink *sink, const struct result_config *c, bool *there, enum result_verdict *verdict,
		    struct mmr_err *e)
{
	struct store *s = (struct store *)sink;
	s->sql.returned = 0;
	*there = false;
	if (!s->session)
		return 0;
	int rc = STORE_RUN(s, ST_RUN_THERE, e, "issisdi", s->session, c->design, c->lock, (int64_t)c->threads,
			   c->partition, c->speed, (int64_t)c->repeat_no);
	if (rc || !s->sql.returned)
		return rc;
	*there = true;
	*verdict = (enum result_verdict)(s->sql.returned - 1);
	return 0;
}
