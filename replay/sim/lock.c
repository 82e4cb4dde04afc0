/*
 * lock.c (sim) - spinlocks as queues with the real ones' policy.
 *
 *             next            hand-over
 *   ticket    first come      all waiters look again, one after another: the next is one of them
 *   qspinlock first come      one transfer: each waits on a line of its own
 *   tas       nearest         one transfer, but the line stays busy with those who lost
 *   pvqspin   first come      qspinlock; who waited long sleeps and is woken, others may get in before
 *   mutex     who comes       a waiter tries once more, says so and goes to sleep; woken, it tries again.
 *                             Who lets go of a lock of which that was said wakes somebody, if there is anybody
 *
 * Boyd-Wickizer et al., "Non-scalable locks are dangerous" (2012), is where the
 * ticket lock's cost is from: with n waiters the next one's turn to read the
 * line comes after (n + 1) / 2 transfers on average, and the line is busy for n.
 */
#include "replay/sim/lock_stat.h"

/* pvqspinlock: so long a waiter spins before it sleeps. 2^15 looks; assumed. */
#define PV_SPIN_PS 50000000ull

/* ---- waiting ---- */

/* After a hand-over: the new holder has a copy of the line, and so has who still spins on it. */
static void line_handed_over(struct sim_cpu *c, spinlock_t *l, u32 spinners, u64 busy)
{
	struct line *line = sim_line_of(c, l);
	line->spinners = (u16)spinners;
	line->busy = later(line->busy, c->now + busy);
}

/* Somebody's unlock is or will be there: the first in the queue goes and gets it. */
static void summon(struct machine *m, spinlock_t *l, enum sim_lock_kind kind)
{
	struct worker *w = &m->worker[l->head - 1];
	u64 at = l->free_at;
	if (kind == SIM_MUTEX || (kind == SIM_PVQSPINLOCK && at > w->arrived + PV_SPIN_PS)) {
		at += m->wakeup;
		w->slept = true;
	}
	l->granting = true;
	sim_wake(m, l->head, at);
}

/* Who spins nearest to the last holder; looks at the first few. */
static u16 nearest(struct machine *m, const spinlock_t *l)
{
	u16 best = l->head;
	u64 cost = UINT64_MAX;
	u32 n = 0, same = 0;
	for (u16 i = l->head; i && n < 64; i = m->worker[i - 1].next, n++) {
		u64 this = sim_transfer(m, l->last, i);
		if (this < cost || (this == cost && machine_random(m, ++same + 1) == 0)) {
			best = i;
			same = this < cost ? 0 : same;
			cost = this;
		}
	}
	return best;
}

static void leave_queue(struct machine *m, spinlock_t *l, u16 cpu)
{
	queue_leave(m, &l->head, &l->tail, cpu);
	l->waiting--;
}

static u64 hand_over(struct machine *m, const spinlock_t *l, u16 to, enum sim_lock_kind kind)
{
	u64 one = sim_transfer(m, l->last, to);
	return kind == SIM_TICKET && l->waiting > 1 ? (l->waiting + 1) * m->mean_transfer / 2 : one;
}

/* The summoned one at the time of the release. True: the lock is @c's. */
static bool take_turn(struct sim_cpu *c, spinlock_t *l, enum sim_lock_kind kind)
{
	struct machine *m = c->m;
	l->granting = false;
	if (l->holder || l->free_at > c->now) {
		/* Somebody was quicker than one who slept. */
		if (kind == SIM_MUTEX) {
			leave_queue(m, l, c->me);
			queue_put(m, &l->head, &l->tail, c->me, l->tail);
			l->waiting++;
			l->sleepers = true;
		}
		if (!l->holder)
			summon(m, l, kind);
		return false;
	}
	u16 winner = kind == SIM_TAS ? nearest(m, l) : c->me;
	u64 cost = hand_over(m, l, winner, kind);
	leave_queue(m, l, winner);
	l->holder = winner;
	l->sleepers = true; /* a mutex that was slept for: there may be more */
	u32 spin = kind == SIM_TICKET || kind == SIM_TAS ? l->waiting : kind == SIM_MUTEX ? 0 : l->waiting > 0;
	line_handed_over(c, l, spin, (kind == SIM_TAS ? 2 : 1) * l->waiting * m->mean_transfer);
	if (kind == SIM_QSPINLOCK || kind == SIM_PVQSPINLOCK)
		sim_line_of(c, l)->busy = c->now;
	if (winner == c->me) {
		c->now += cost;
		return true;
	}
	sim_wake(m, winner, c->now + cost);
	return false;
}

static void wait_turn(struct sim_cpu *c, spinlock_t *l, enum sim_lock_kind kind)
{
	struct machine *m = c->m;
	struct worker *w = worker_of(c);
	struct line *line = sim_line_of(c, l);
	w->arrived = c->now;
	w->slept = false;
	queue_put(m, &l->head, &l->tail, c->me, l->tail);
	l->waiting++;
	if (kind == SIM_TICKET || kind == SIM_TAS || (kind != SIM_MUTEX && l->waiting <= 2))
		line->spinners = l->waiting;
	if (!l->holder && !l->granting)
		summon(m, l, kind);
	w->queued = true;
	do
		sim_block(c, WAIT_LOCK);
	while (l->holder != c->me && !take_turn(c, l, kind));
	w->queued = false;
}

/* What a mutex's waiter does before it sleeps. True: the lock is @c's. */
static bool mutex_may_be_free(struct sim_cpu *c, spinlock_t *l)
{
	for (unsigned look = 0; look < 2; look++) {
		if (look)
			c->now += c->m->futex;
		sim_yield(c);
		/* Whoever gets it now cannot know whether others sleep. */
		l->sleepers = true;
		bool is_free = !l->holder && l->free_at <= c->now;
		if (is_free)
			l->holder = c->me;
		if (!look)
			sim_lock_word(c, l);
		if (is_free)
			return true;
	}
	return false;
}

void sim_spin_lock(spinlock_t *l, enum sim_lock_kind kind)
{
	struct sim_cpu *c = sim_self;
	if (c->observing)
		return;
	sim_yield(c);
	u64 from = c->now, waited = 0;
	u16 last = l->last;
	sim_own_release(c, last);
	bool available =
		!l->holder && l->free_at <= c->now && (!l->head || (kind == SIM_MUTEX || kind == SIM_PVQSPINLOCK));
	if (available)
		l->holder = c->me;
	sim_lock_word(c, l);
	if (!available) {
		lock_contended(c, l->class, 0, last);
		if (kind != SIM_MUTEX || !mutex_may_be_free(c, l))
			wait_turn(c, l, kind);
		waited = c->now - from;
	}
	lock_taken(c, l, l->class, 0, waited, last, l->last_did);
}

void sim_spin_unlock(spinlock_t *l, enum sim_lock_kind kind)
{
	struct sim_cpu *c = sim_self;
	struct machine *m = c->m;
	if (c->observing)
		return;
	/* Those who come while it is held make its line busy, and the release late. */
	if (unlikely(c->running_ahead_barred) || l->waiting)
		sim_yield(c);
	struct line *line = sim_line_of(c, l);
	c->now += c->step;
	lock_given(c, l, l->class, 0);
	l->holder = 0;
	l->last = c->me;
	l->last_did = doing(c->op, c->whose);
	if (c->drained > c->now)
		sim_store_waits(c);
	l->free_at = later(c->now, c->drained);
	if (line->spinners)
		l->free_at = later(l->free_at, line->busy);
	if (!l->waiting)
		line->spinners = 0;
	if (kind == SIM_MUTEX)
		c->now = l->free_at += c->atomic;
	if (kind == SIM_MUTEX && l->sleepers) {
		l->sleepers = false;
		if (l->head && !l->granting)
			summon(m, l, kind);
		c->now += l->head ? m->wake : m->futex;
	} else if (l->head && kind != SIM_MUTEX && !l->granting) {
		summon(m, l, kind);
		if (m->worker[l->head - 1].slept)
			c->now += m->wake;
	}
	if (unlikely(line->flags & LINE_WATCHED))
		sim_wake_watchers(c, (u64)(line - m->line));
	if (unlikely(m->stopper) && !c->held)
		sim_stop_here(c);
}

void sim_spin_unlock_wait(spinlock_t *l)
{
	struct sim_cpu *c = sim_self;
	if (c->observing)
		return;
	sim_yield(c);
	sim_touch(l, false);
	u16 holder = l->holder;
	while (holder && l->holder == holder)
		sim_await_write(l);
	if (!l->holder && l->free_at > c->now)
		c->now = l->free_at + sim_transfer(c->m, l->last, c->me);
}
