/* run.c (sim) - one run from its machine to its figures. */
#include <errno.h>

#include "replay/oracle.h"
#include "replay/sim/machine.h"
#include "replay/sim/sim.h"

/* Boot and the tasks that were there before; nothing of it is measured. */
static void prepare(struct machine *m)
{
	m->design->boot(&m->w->k);
	for (u32 i = 0; i < m->c->plan->npresent; i++, m->lively++)
		sim_worker_present(m, &m->c->plan->present[i]);
}

static void last_look(struct machine *m)
{
	m->pairs += oracle_check(&m->w->k, m->design);
	m->digest = oracle_digest(&m->w->k, m->design);
}

/* ---- figures ---- */

static void collect_ops(struct machine *m)
{
	struct run_figures *out = m->out;
	u64 switches = 0;
	for (u32 i = 0; i < m->cpus; i++) {
		const struct worker *w = &m->worker[i];
		const struct stream *s = &m->c->plan->streams[i];
		switches += w->switches;
		for (u32 n = 0; w->done < s->n && n < w->done; n++)
			if (s->ops[n].op != OP_CHECKPOINT)
				out->run.op_count[s->ops[n].op]++;
		for (unsigned op = 0; w->done >= s->n && op < EV_MAX; op++)
			out->run.op_count[op] += s->count[op];
	}
	for (unsigned op = 0; op < EV_MAX; op++)
		figures_op(out, op, op == EV_SWITCH ? switches : out->run.op_count[op], &m->latency[op]);
}

static const char *op_name(unsigned op)
{
	return op == EV_SWITCH ? "context_switch" : op ? ev_name(op) : "replay";
}

static const char *mode_name(const struct machine *m, unsigned class, unsigned mode)
{
	return mode ? "read" : !strcmp(m->lock_class[class], "tasklist_lock") ? "write" : "exclusive";
}

static int collect_locks(struct machine *m)
{
	int ret = 0;
	for (unsigned class = 0; class < m->lock_classes; class ++)
		for (unsigned mode = 0; mode < LOCK_MODES; mode++) {
			const struct lock_figures *f = &m->lock[class * LOCK_MODES + mode];
			struct result_interval timeline[TIMELINE_INTERVALS];
			const struct result_lock l = {
				.lock = m->lock_class[class],
				.mode = mode_name(m, class, mode),
				.acquisitions = f->acquisitions,
				.contentions = f->contentions,
				.acq_bounces = f->acq_bounces,
				.con_bounces = f->con_bounces,
				.timed = f->acquisitions,
				.wait = &f->wait,
				.hold = &f->hold,
				.outermost_ns = f->outermost_ps / 1000,
				.timeline = timeline,
				.nintervals = sim_timeline(m, class * LOCK_MODES + mode, timeline),
			};
			ret = ret ? ret : figures_lock(m->out, &l);
		}
	return ret;
}

static int collect_blockers(struct machine *m)
{
	int ret = 0;
	for (unsigned i = 0; i < m->lock_classes * LOCK_MODES * EV_MAX * EV_MAX && !ret; i++) {
		unsigned lock = i / (EV_MAX * EV_MAX), waiter = i / EV_MAX % EV_MAX, holder = i % EV_MAX;
		const struct blocked *b = &m->lock[lock].blocked[waiter][holder];
		if (!b->count || !op_name(waiter) || !op_name(holder))
			continue;
		const struct result_blocker row = {
			.lock = m->lock_class[lock / LOCK_MODES],
			.mode = mode_name(m, lock / LOCK_MODES, lock % LOCK_MODES),
			.waiter = op_name(waiter),
			.holder = op_name(holder),
			.count = b->count,
			.wait_ns = b->ps / 1000,
		};
		ret = figures_blocker(m->out, &row);
	}
	return ret;
}

static int collect_conflicts(struct machine *m)
{
	int ret = 0;
	for (unsigned op = 0; op < EV_MAX; op++)
		for (u32 name = 0; name < m->line_names; name++) {
			const struct conflict_count *n = &m->conflict[op * LINE_NAMES + name];
			const char *what = op_name(op);
			if (n->count && what && !ret)
				ret = figures_conflict(m->out, &(struct result_conflict){ what, m->line_name[name],
											  n->count, n->ps / 1000 });
		}
	return ret;
}

static void collect_time(struct machine *m)
{
	struct result_run *run = &m->out->run;
	struct result_time *t = &run->time;
	u64 all = 0;
	for (u32 i = 0; i < m->cpus; i++) {
		const struct worker *w = &m->worker[i];
		u64 mine = w->ended ? w->end : w->c.now;
		run->events += w->events;
		run->constraints_waited += w->waited;
		all = later(all, mine);
		t->wait_ns += w->t_wait;
		t->hold_ns += w->t_hold;
		t->surround_ns += w->t_surround;
		t->stall_ns += w->t_stall;
		t->idle_ns += w->t_idle;
		t->rcu_ns += w->t_rcu;
		t->harness_ns += w->t_harness;
		t->work_ns +=
			mine - w->t_wait - w->t_hold - w->t_surround - w->t_stall - w->t_idle - w->t_rcu - w->t_harness;
	}
	/* Who has ended waits for the rest. */
	for (u32 i = 0; i < m->cpus; i++)
		t->idle_ns += all - (m->worker[i].ended ? m->worker[i].end : m->worker[i].c.now);
	t->wait_ns /= 1000;
	t->hold_ns /= 1000;
	t->surround_ns /= 1000;
	t->stall_ns /= 1000;
	t->idle_ns /= 1000;
	t->rcu_ns /= 1000;
	t->harness_ns /= 1000;
	t->work_ns /= 1000;
	run->wall_ns = all / 1000;
	run->stall_ns = t->stall_ns;
	run->rcu_ns = t->rcu_ns;
}

static int collect(struct machine *m, bool stopped)
{
	struct result_run *run = &m->out->run;
	collect_time(m);
	collect_ops(m);
	int ret = m->c->measure != MEASURE_OFF ? collect_locks(m) : 0;
	if (!ret)
		ret = collect_conflicts(m);
	if (!ret)
		ret = collect_blockers(m);
	if (!ret)
		ret = sim_who_collect(m, mode_name);
	run->constraints = m->c->plan->constraints;
	run->constraints_dropped = m->c->plan->dropped;
	run->paced_ns = plan_recorded_ns(m->c->plan);
	run->peak_mms = m->peak_mms;
	if (m->c->speed > 0) {
		m->out->drift = *m->drift;
		run->drift = &m->out->drift;
	}
	sim_watch_finishing();
	if (!stopped && !m->broken && !(m->design->flags & DESIGN_FLOOR) && sim_run_apart(m, last_look))
		run->state_digest = m->digest;
	run->status = stopped ? RUN_INTERRUPTED : RUN_DONE;
	run->pairs_compared = m->pairs + m->accesses;
	figures_violations(m->out, &m->violations);
	figures_judge(m->out, stopped);
	return ret;
}

static int delays_known(const struct machine *m, struct mmr_err *e)
{
	for (unsigned i = 0; i < m->c->ndelays; i++) {
		bool known = m->design->flags & DESIGN_FLOOR;
		/* Those of --delay were entered first, whether or not the design has such a lock. */
		for (unsigned l = 1; l < m->lock_classes && !known; l++)
			known = m->lock_is_used[l] && !strcmp(m->lock_class[l], m->c->delays[i].lock);
		if (!known)
			return mmr_err(e, -EINVAL, "--delay %s: no such lock in %s", m->c->delays[i].lock,
				       m->design->name);
	}
	return 0;
}

int sim_run(const struct run_config *c, struct run_figures *out, struct mmr_err *e)
{
	struct machine *m = NULL;
	int ret = figures_make(out) ? mmr_err(e, -ENOMEM, "no memory for the figures of a run")
				    : sim_machine_make(c, &m, e);
	if (ret)
		goto out;
	m->out = out;
	if (sim_watch_begin(m)) {
		ret = mmr_err(e, -ENOMEM, "no memory for a stack");
		goto out;
	}
	bool ready = sim_run_apart(m, prepare);
	ret = delays_known(m, e);
	if (ret)
		goto out;
	if (ready)
		sim_run_all(m);
	if (collect(m, m->told))
		ret = mmr_err(e, -ENOMEM, "no memory for the figures of a run");
out:
	sim_watch_end(m);
	sim_machine_free(m);
	if (ret)
		run_figures_free(out);
	return ret;
}
