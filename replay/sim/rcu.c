/*
 * rcu.c (sim) - preemptible RCU: a grace period ends when every CPU that was
 * inside a read section at its beginning has left it.
 *
 * As in the native engine, what is put off waits on the CPU's own list for a
 * batch, and the CPU waits for the grace period between two events.
 */
#include "replay/sim/machine.h"

void rcu_read_lock(void)
{
	struct sim_cpu *c = sim_self;
	struct machine *m = c->m;
	struct worker *w = worker_of(c);
	if (c->observing)
		return;
	c->now += m->rcu_cost / 2;
	if (w->read_depth++)
		return;
	w->read_since = c->now;
	w->readers_prev = 0;
	w->readers_next = m->readers;
	if (m->readers)
		m->worker[m->readers - 1].readers_prev = c->me;
	m->readers = c->me;
}

void rcu_read_unlock(void)
{
	struct sim_cpu *c = sim_self;
	struct machine *m = c->m;
	struct worker *w = worker_of(c);
	if (c->observing)
		return;
	c->now += m->rcu_cost / 2;
	if (--w->read_depth)
		return;
	if (w->readers_prev)
		m->worker[w->readers_prev - 1].readers_next = w->readers_next;
	else
		m->readers = w->readers_next;
	if (w->readers_next)
		m->worker[w->readers_next - 1].readers_prev = w->readers_prev;
	while (w->grace_waiters) {
		u16 cpu = w->grace_waiters;
		w->grace_waiters = m->worker[cpu - 1].next;
		sim_wake(m, cpu, c->now);
	}
}

void call_rcu(struct rcu_head *head, void (*func)(struct kernel *k, struct rcu_head *head))
{
	struct sim_cpu *c = sim_self;
	struct worker *w = worker_of(c);
	c->now += 2 * c->step;
	head->func = func;
	head->next = NULL;
	if (unlikely(c->m->c->rcu_mutant)) {
		func(&c->m->w->k, head);
		return;
	}
	*w->rcu_tail = head;
	w->rcu_tail = &head->next;
	w->rcu_pending++;
}

/* A CPU that has been reading since before @since, or 0. */
static u16 old_reader(const struct machine *m, u64 since)
{
	u16 r = m->readers;
	while (r && m->worker[r - 1].read_since > since)
		r = m->worker[r - 1].readers_next;
	return r;
}

static void synchronize(struct sim_cpu *c)
{
	struct machine *m = c->m;
	struct worker *w = worker_of(c);
	u64 since = c->now;
	for (u16 r; (r = old_reader(m, since));) {
		w->next = m->worker[r - 1].grace_waiters;
		m->worker[r - 1].grace_waiters = c->me;
		sim_block(c, WAIT_GRACE);
	}
	c->now += m->grace;
}

void sim_rcu_poll(struct sim_cpu *c)
{
	struct machine *m = c->m;
	struct worker *w = worker_of(c);
	if (likely(w->rcu_pending < m->rcu_batch))
		return;
	u64 from = c->now;
	struct rcu_head *h = w->rcu_head;
	w->rcu_head = NULL;
	w->rcu_tail = &w->rcu_head;
	w->rcu_pending = 0;
	synchronize(c);
	while (h) {
		struct rcu_head *next = h->next;
		h->func(&m->w->k, h);
		h = next;
	}
	w->t_rcu += c->now - from;
}
