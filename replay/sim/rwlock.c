/*
 * rwlock.c (sim) - the queued rwlock, tasklist_lock's kind: who cannot get in at
 * once queues, readers and writers in turn. The queue is a spinlock of its own,
 * so the next one is at the head of it only after that one's hand-over.
 */
#include "replay/sim/lock_stat.h"

/* The next in the queue is told once both the lock and the head's place are free. */
static void summon(struct machine *m, rwlock_t *l)
{
	const struct worker *w = &m->worker[l->head - 1];
	u64 at = later(l->writer_gone_at, l->head_ready_at);
	if (w->wants_write)
		at = later(at, l->readers_gone_at);
	l->granting = true;
	sim_wake(m, l->head, at);
}

static bool may_summon(struct machine *m, const rwlock_t *l)
{
	return l->head && !l->granting && !l->writer && (!m->worker[l->head - 1].wants_write || !l->readers);
}

static void enter(struct sim_cpu *c, rwlock_t *l, bool write)
{
	if (write)
		l->writer = c->me;
	else
		l->readers++;
}

static void wait_turn(struct sim_cpu *c, rwlock_t *l, bool write, enum sim_lock_kind kind)
{
	struct machine *m = c->m;
	struct worker *w = worker_of(c);
	w->arrived = c->now;
	w->wants_write = write;
	queue_put(m, &l->head, &l->tail, c->me, l->tail);
	l->waiting++;
	if (l->waiting == 1)
		l->head_ready_at = c->now;
	/* Only the head looks at the word. */
	sim_line_of(c, l)->spinners = 1;
	if (may_summon(m, l))
		summon(m, l);
	w->queued = true;
	do {
		sim_block(c, WAIT_LOCK);
		l->granting = false;
		if (l->writer || l->writer_gone_at > c->now || (write && (l->readers || l->readers_gone_at > c->now))) {
			/* A reader's exit was put off after we had been told. */
			if (may_summon(m, l))
				summon(m, l);
			continue;
		}
		break;
	} while (true);
	w->queued = false;
	queue_leave(m, &l->head, &l->tail, c->me);
	l->waiting--;
	c->now += sim_transfer(m, l->last, c->me);
	enter(c, l, write);
	u64 one = m->mean_transfer;
	l->head_ready_at = c->now + (kind == SIM_TICKET && l->waiting > 1 ? (l->waiting + 1) * one / 2 : one);
	sim_line_of(c, l)->spinners = l->waiting > 0;
	if (may_summon(m, l))
		summon(m, l);
}

void sim_rw_lock(rwlock_t *l, bool write, enum sim_lock_kind kind)
{
	struct sim_cpu *c = sim_self;
	if (c->observing)
		return;
	sim_yield(c);
	u64 from = c->now, waited = 0;
	u16 last = l->last;
	sim_own_release(c, last);
	u8 mode = write ? 0 : 1;
	bool available = !l->writer && !l->head && l->writer_gone_at <= c->now &&
			 (!write || (!l->readers && l->readers_gone_at <= c->now));
	if (available)
		enter(c, l, write);
	sim_lock_word(c, l);
	if (!available) {
		lock_contended(c, l->class, mode, last);
		wait_turn(c, l, write, kind);
		waited = c->now - from;
	}
	lock_taken(c, l, l->class, mode, waited, last, l->last_did);
}

void sim_rw_unlock(rwlock_t *l, bool write)
{
	struct sim_cpu *c = sim_self;
	struct machine *m = c->m;
	if (c->observing)
		return;
	if (unlikely(c->running_ahead_barred) || l->waiting)
		sim_yield(c);
	lock_given(c, l, l->class, write ? 0 : 1);
	l->last = c->me;
	l->last_did = doing(c->op, c->whose);
	if (write) {
		c->now += c->step;
		l->writer = 0;
		if (c->drained > c->now)
			sim_store_waits(c);
		l->writer_gone_at = later(c->now, c->drained);
	} else {
		sim_lock_word(c, l);
		l->readers--;
		l->readers_gone_at = later(l->readers_gone_at, c->now);
	}
	if (may_summon(m, l))
		summon(m, l);
	if (unlikely(m->stopper) && !c->held)
		sim_stop_here(c);
}
