/* The life of a run in the store: machine and workload, begin, end. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>

#include "analyze/store.h"

static int put_machine(struct store *s, void *arg, struct mmr_err *e)
{
	const struct result_machine *m = arg;
	return STORE_RUN(s, ST_MACHINE, e, "sssiidd", m->host, m->kernel, m->cpu_model, (int64_t)m->cpus,
			 store_int(m->memory_bytes), m->tsc_ghz, (double)m->clock_read_ns_x1000 / 1000);
}

int store_set_machine(struct result_sink *sink, const struct result_machine *m, struct mmr_err *e)
{
	struct store *s = (struct store *)sink;
	int rc = store_transaction(s, put_machine, (void *)m, e);
	if (!rc)
		s->machine_id = s->sql.returned;
	return rc;
}

static int put_workload(struct store *s, void *arg, struct mmr_err *e)
{
	const struct result_workload *w = arg;
	int rc = STORE_RUN(s, ST_WORKLOAD, e, "ssssssiiiiiii", w->path, w->source, w->source_hash, w->host, w->kernel,
			   w->profile, store_int(w->duration_ns), (int64_t)w->cpus, store_int(w->tasks),
			   store_int(w->mms), store_int(w->peak_mms), store_int(w->lost), store_int(w->unresolved));
	int64_t id = s->sql.returned;
	if (!rc)
		rc = STORE_RUN(s, ST_WORKLOAD_EVENTS_GONE, e, "i", id);
	for (unsigned t = 1; !rc && t < EV_NR; t++)
		if (w->count[t])
			rc = STORE_RUN(s, ST_WORKLOAD_EVENT, e, "isi", id, ev_name(t), store_int(w->count[t]));
	if (!rc)
		rc = STORE_RUN(s, ST_KERNEL_CONTENTION_GONE, e, "i", id);
	for (unsigned i = 0; !rc && i < w->ncontentions; i++) {
		const struct result_contention *c = &w->contention[i];
		rc = STORE_RUN(s, ST_KERNEL_CONTENTION, e, "iisssiiii", id, (int64_t)i, c->caller, c->within, c->type,
			       store_int(c->contentions), store_int(c->wait_total_ns), store_int(c->wait_min_ns),
			       store_int(c->wait_max_ns));
	}
	s->sql.returned = id;
	return rc;
}

int store_set_workload(struct result_sink *sink, const struct result_workload *w, struct mmr_err *e)
{
	struct store *s = (struct store *)sink;
	/* Without it all such workloads would be one. */
	if (!w->source_hash || !w->source_hash[0])
		return mmr_err(e, -EINVAL, "%s: the workload %s has no hash that tells it from others", s->sql.path,
			       w->path ? w->path : "");
	int rc = store_transaction(s, put_workload, (void *)w, e);
	if (!rc)
		s->workload_id = s->sql.returned;
	return rc;
}

static int put_topology(struct store *s, void *arg, struct mmr_err *e)
{
	const struct result_topology *t = arg;
	int rc = STORE_RUN(s, ST_TOPOLOGY, e, "s", t->text);
	int64_t id = s->sql.returned;
	if (!rc)
		rc = STORE_RUN(s, ST_TOPOLOGY_COSTS_GONE, e, "i", id);
	for (unsigned i = 0; !rc && i < t->ncosts; i++)
		rc = STORE_RUN(s, ST_TOPOLOGY_COST, e, "iisiss", id, (int64_t)i, t->cost[i].name,
			       store_int(t->cost[i].ps), t->cost[i].origin, t->cost[i].source);
	return rc;
}

int store_set_topology(struct result_sink *sink, const struct result_topology *t, struct mmr_err *e)
{
	return store_transaction((struct store *)sink, put_topology, (void *)t, e);
}

static int put_run(struct store *s, void *arg, struct mmr_err *e)
{
	const struct result_config *c = arg;
	/* Taken within the transaction: two commands that write at once are two sessions. */
	int rc = s->session ? 0 : sql_int(&s->sql, "SELECT COALESCE(MAX(session), 0) + 1 FROM run", &s->session, e);
	if (rc)
		return rc;
	rc = STORE_RUN(s, ST_RUN, e, "iiissssssiiisssdisisssiisss", s->workload_id, s->machine_id, s->session,
		       c->subject, c->design, c->engine, c->lock, c->era, c->geometry, (int64_t)c->threads,
		       (int64_t)c->oversubscribed, (int64_t)c->floor, c->partition, c->order_mode, c->pace, c->speed,
		       (int64_t)c->copies, c->measure, (int64_t)c->sample_every, c->surround, c->inject, c->delay,
		       (int64_t)c->repeat_no, store_int(c->seed), c->version, c->command, c->topology);
	/* The new row is a candidate, too: it may be the first of its setting. */
	return rc ? rc : STORE_RUN(s, ST_RUN_SETTING, e, "i", s->sql.returned);
}

int store_run_begin(struct result_sink *sink, const struct result_config *c, int64_t *run_id, struct mmr_err *e)
{
	struct store *s = (struct store *)sink;
	if (!s->machine_id || !s->workload_id)
		return mmr_err(e, -EINVAL, "%s: a run needs its machine and its workload first", s->sql.path);
	int64_t session = s->session;
	int rc = store_transaction(s, put_run, (void *)c, e);
	if (rc)
		s->session = session;
	else
		*run_id = s->sql.returned;
	return rc;
}

struct ending {
	int64_t run_id;
	const struct result_run *r;
};

static int put_end(struct store *s, void *arg, struct mmr_err *e)
{
	static const char *const status[] = { "running", "done", "interrupted", "failed" };
	static const char *const verdict[] = { "unchecked", "pass", "violation" };
	const struct ending *end = arg;
	const struct result_run *r = end->r;
	char digest[24];
	snprintf(digest, sizeof(digest), "%016" PRIx64, r->state_digest);
	s->sql.returned = 0;
	int rc = STORE_RUN(s, ST_RUN_DONE, e, "sssiiiisi", status[r->status], verdict[r->verdict],
			   r->status == RUN_DONE ? digest : "", store_int(r->events), store_int(r->wall_ns),
			   store_int(r->pairs_compared), store_int(r->peak_mms), r->failure, end->run_id);
	if (!rc && s->sql.returned != end->run_id)
		return mmr_err(e, -EINVAL, "%s: run %" PRId64 " is not one that runs", s->sql.path, end->run_id);
	return rc ? rc : store_rows(s, end->run_id, r, e);
}

int store_run_end(struct result_sink *sink, int64_t run_id, const struct result_run *r, struct mmr_err *e)
{
	struct ending end = { run_id, r };
	return store_transaction((struct store *)sink, put_end, &end, e);
}

struct referring {
	int64_t run_id;
	const struct result_reference *r;
};

static int put_reference(struct store *s, void *arg, struct mmr_err *e)
{
	const struct referring *a = arg;
	s->sql.returned = 0;
	int rc = STORE_RUN(s, ST_REFERENCE, e, "isiii", (int64_t)a->r->repeat_no, a->r->design, store_int(a->r->events),
			   store_int(a->r->wall_ns), a->run_id);
	return rc || s->sql.returned ? rc : mmr_err(e, -EINVAL, "%s: there is no run %" PRId64, s->sql.path, a->run_id);
}

int store_reference(struct result_sink *sink, int64_t run_id, const struct result_reference *r, struct mmr_err *e)
{
	struct referring a = { run_id, r };
	return store_transaction((struct store *)sink, put_reference, &a, e);
}
