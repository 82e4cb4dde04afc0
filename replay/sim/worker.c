/* worker.c (sim) - a stream of operations, one after another, on one simulated CPU. */
#include "replay/sim/machine.h"

#include "replay/oracle.h"
#include "replay/perform.h"

/* ---- the others ---- */

static char *progress_of(const struct machine *m, u32 worker)
{
	return m->progress + (u64)worker * PAIR_OF_LINES;
}

/*
 * The store of the position. Whoever waits for it looks again and again, with
 * pauses: what is stored before the line is taken away costs nothing.
 */
static void publish_position(struct sim_cpu *c, struct worker *w)
{
	char *position = progress_of(c->m, c->id);
	struct line *l = sim_line_of(c, position);
	sim_touch(position, true);
	w->position_at = later(c->now, c->drained);
	w->position_mine_until = 0;
	if (w->followers && !l->nshare) {
		l->share[0] = w->last_follower;
		l->share_stamp[0] = c->m->worker[w->last_follower - 1].c.stamp;
		l->nshare = 1;
		w->position_mine_until = w->position_at + c->m->mean_transfer;
	}
}

/* This worker has done another operation: whoever waits for that goes on. */
static void publish(struct sim_cpu *c)
{
	struct machine *m = c->m;
	struct worker *w = worker_of(c);
	if (c->now >= w->position_mine_until)
		publish_position(c, w);
	w->done++;
	m->lively++;
	w->done_at = later(c->now, w->position_at);
	for (u16 i; (i = w->followers) && m->worker[i - 1].awaits <= w->done;) {
		queue_leave(m, &w->followers, &w->last_follower, i);
		sim_wake(m, i, w->done_at);
	}
}

/* @c waits until @other has done @position operations; those that wait for the same one stand in the order of that. */
static void follow(struct sim_cpu *c, struct worker *other, u64 position)
{
	struct machine *m = c->m;
	u16 before = other->last_follower;
	worker_of(c)->awaits = position;
	while (before && m->worker[before - 1].awaits > position)
		before = m->worker[before - 1].prev;
	queue_put(m, &other->followers, &other->last_follower, c->me, before);
	sim_block(c, WAIT_WORKER);
}

static void obey_order(struct sim_cpu *c, const struct wait *waits, u32 n)
{
	struct machine *m = c->m;
	struct worker *w = worker_of(c);
	for (u32 i = 0; i < n; i++) {
		struct worker *other = &m->worker[waits[i].worker];
		char *progress = progress_of(m, waits[i].worker);
		sim_glance(c, progress);
		u64 from = c->now;
		if (other->done >= waits[i].position) {
			/* It has run ahead of us by one operation at most. */
			if (other->done == waits[i].position)
				c->now = later(c->now, other->done_at);
		} else {
			w->waited++;
			follow(c, other, waits[i].position);
			c->now += sim_transfer(m, other->c.me, c->me) + m->look;
		}
		w->t_stall += c->now - from;
	}
}

/* Everybody is here: the oracle looks; it costs nothing. */
static void oracle_looks(struct sim_cpu *c, u64 event)
{
	struct machine *m = c->m;
	if (m->design->flags & DESIGN_FLOOR)
		return;
	bool alone = m->alone;
	m->current_event = event;
	m->alone = c->observing = c->careful = true;
	c->line = NO_LINE;
	m->pairs += oracle_check(&m->w->k, m->design);
	c->observing = false;
	c->careful = c->running_ahead_barred;
	m->alone = alone;
	c->line = NO_LINE;
	m->current_event = UINT64_MAX;
}

static void meet(struct sim_cpu *c, u64 event)
{
	struct machine *m = c->m;
	struct worker *w = worker_of(c);
	u64 from = c->now;
	m->met_at = later(m->met_at, c->now);
	if (++m->met < m->cpus) {
		w->next = m->meeting;
		m->meeting = c->me;
		sim_block(c, WAIT_MEETING);
	} else {
		oracle_looks(c, event);
		u16 i = m->meeting, n;
		m->met = m->meeting = 0;
		c->now = m->met_at;
		for (; i; i = n) {
			n = m->worker[i - 1].next;
			sim_wake(m, i, m->met_at);
		}
	}
	w->t_stall += c->now - from;
}

/* ---- additions, and what they are good for: I1a ---- */

static void announce(struct machine *m, u32 slot)
{
	for (u32 i = 0; i < m->cpus; i++) {
		m->announced[i * (NSLOTS_MAX / 64) + slot / 64] |= 1ull << slot % 64;
		m->attention[i] = true;
	}
}

static void touch_announced(struct sim_cpu *c)
{
	struct machine *m = c->m;
	u64 *bits = m->announced + c->id * (NSLOTS_MAX / 64);
	m->attention[c->id] = false;
	for (u32 i = 0; i < NSLOTS_MAX / 64; i++)
		for (; bits[i]; bits[i] &= bits[i] - 1) {
			m->design->access(&m->w->k, i * 64 + (u32)__builtin_ctzll(bits[i]));
			m->accesses++;
		}
}

/* ---- operations ---- */

/* Wait for the recorded time; returns from when on the operation's latency counts. */
static u64 keep_pace(struct sim_cpu *c, const struct stream *s, u32 i)
{
	struct machine *m = c->m;
	if (m->c->speed <= 0)
		return c->now;
	u64 due = (u64)((double)s->when[i] * 1000 / m->c->speed);
	if (c->now < due) {
		worker_of(c)->t_idle += due - c->now;
		worker_of(c)->idle_since = c->now;
		c->now = due;
		sim_yield(c);
		worker_of(c)->idle_since = UINT64_MAX;
	}
	hist_add(m->drift, (c->now - due) / 1000);
	return due;
}

static void one_operation(struct sim_cpu *c, const struct stream *s, u32 i, u64 due)
{
	struct machine *m = c->m;
	struct worker *w = worker_of(c);
	const struct rop *op = &s->ops[i];
	const struct design_ops *d = m->design;
	const u64 waited = w->t_wait, held = w->t_hold;
	const u64 late = m->c->speed > 0 ? c->now - due : 0;
	u64 waits_from = waited;
	struct task_struct *next = NULL;
	if (op->task && op->op != EV_FREE) {
		sim_glance(c, &m->task[op->task]);
		next = m->task[op->task];
	}
	/* It runs here already, unless it ran elsewhere meanwhile: then so did another here. */
	if (next == c->cpu->curr && !(op->flags & ROP_MOVED))
		next = NULL;
	c->whose = s->whose[i];
	w->longest.took = 0;
	if (next) {
		u64 from = c->now;
		w->switches++;
		c->op = EV_SWITCH;
		d->switch_to(&m->w->k, next);
		sim_note_latency(c, EV_SWITCH, i, from, 0, w->t_wait - waited);
		/* Paced, the switch is part of what was due. */
		if (m->c->speed <= 0) {
			due = c->now;
			waits_from = w->t_wait;
			w->longest.took = 0;
		}
	}
	c->op = op->op;
	int slot = perform(&m->w->k, d, m->task, op);
	if (op->op == EV_FORK || op->op == EV_VFORK || op->op == EV_THREAD)
		sim_touch(&m->task[op->arg], true);
	if (op->op != EV_SWITCH)
		sim_note_latency(c, op->op, i, due, late, w->t_wait - waits_from);
	struct who *who = &m->who[c->whose * EV_MAX + op->op];
	who->timed++;
	who->wait += w->t_wait - waited;
	who->hold += w->t_hold - held;
	if (unlikely(slot >= 0))
		announce(m, (u32)slot);
	if (m->c->surround && m->c->surround->ns[op->op]) {
		u64 ps = m->c->surround->ns[op->op] * 1000;
		c->now += ps;
		w->t_surround += ps;
	}
}

/* Branches are predicted by those before: what has followed the last four events before follows them again. */
static u64 harness_of(struct machine *m, struct worker *w, const struct rop *op)
{
	u8 event = (u8)(op->op << 1 | (m->task[op->task] == w->c.cpu->curr)), *expected;
	expected = &w->expected[(w->history * 0x9e3779b1u) >> 22 & (EXPECTATIONS - 1)];
	u64 ps = m->harness + (*expected == event ? 0 : m->surprise);
	*expected = event;
	w->history = w->history << 8 | event;
	return ps;
}

static void between_events(struct sim_cpu *c)
{
	struct machine *m = c->m;
	if (unlikely(m->c->stop && __atomic_load_n(m->c->stop, __ATOMIC_RELAXED))) {
		m->told = true;
		sim_give_up(m);
	}
	if (unlikely(++m->done % 4096 == 0) && m->c->progress)
		sim_tell_progress(c);
}

void sim_worker_main(void *arg)
{
	struct worker *w = arg;
	struct sim_cpu *c = &w->c;
	struct machine *m = c->m;
	const struct stream *s = &m->c->plan->streams[c->id];
	const struct wait *waits = s->waits;
	if (m->stopper)
		sim_stop_here(c);
	for (u32 i = 0; i < s->n; i++) {
		const struct rop *op = &s->ops[i];
		sim_yield(c);
		if (unlikely(m->attention[c->id]))
			touch_announced(c);
		if (op->waits) {
			obey_order(c, waits, op->waits);
			waits += op->waits;
		}
		if (unlikely(op->op == OP_CHECKPOINT)) {
			meet(c, op->event);
		} else {
			u64 due = keep_pace(c, s, i);
			u64 harness = harness_of(m, w, op);
			c->now += harness;
			w->t_harness += harness;
			if (m->c->speed <= 0)
				due = c->now;
			if (unlikely(c->now >= m->interval_end))
				sim_interval(c);
			one_operation(c, s, i, due);
			c->op = EV_NONE;
			sim_rcu_poll(c);
			w->events++;
		}
		publish(c);
		if (op->op != OP_CHECKPOINT)
			between_events(c);
	}
	sim_end(c);
}

void sim_worker_present(struct machine *m, const struct rop *op)
{
	perform_present(&m->w->k, m->design, m->task, op);
}
