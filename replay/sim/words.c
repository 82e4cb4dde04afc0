/* words.c (sim) - waiting for a write, interrupts to other CPUs, a stopped machine, violations. */
#include "replay/sim/machine.h"

/* ---- waiting for a write ---- */

void sim_await_write(const volatile void *p)
{
	struct sim_cpu *c = sim_self;
	struct machine *m = c->m;
	struct worker *w = worker_of(c);
	struct line *l = sim_any_line_of(c, p);
	l->flags |= LINE_WATCHED;
	w->awaits = (u64)(l - m->line);
	w->next = m->watchers;
	m->watchers = c->me;
	sim_block(c, WAIT_LINE);
}

void sim_wake_watchers(struct sim_cpu *c, u64 line)
{
	struct machine *m = c->m;
	u16 left = 0, n;
	for (u16 i = m->watchers; i; i = n) {
		struct worker *w = &m->worker[i - 1];
		n = w->next;
		if (w->awaits == line) {
			sim_wake(m, i, later(c->now, c->drained));
		} else {
			w->next = left;
			left = i;
		}
	}
	m->watchers = left;
	m->line[line].flags &= (u8)~LINE_WATCHED;
}

void sim_relax(void)
{
	struct sim_cpu *c = sim_self;
	c->now += c->m->mean_transfer;
	sim_yield(c);
}

/* ---- interrupts ---- */

/*
 * @to runs the call as soon as it can; what that takes is taken from it, unless
 * it has nothing to do meanwhile. The call is part of the caller's operation.
 */
static void interrupt(struct machine *m, struct call *call, struct worker *to, u64 at)
{
	struct sim_cpu *self = sim_self, *c = &to->c;
	u64 now = c->now, line = c->line;
	bool alone = m->alone, waits = to->wait != WAIT_NOTHING || at >= to->idle_since;
	u8 op = c->op;
	c->op = m->worker[call->caller - 1].c.op;
	c->now = at;
	c->line = NO_LINE;
	sim_self = c;
	m->alone = true;
	call->fn(&m->w->k, call->arg);
	m->alone = alone;
	sim_self = self;
	call->finished = later(call->finished, later(c->now, c->drained));
	if (waits)
		to->interrupted_until = later(to->interrupted_until, c->now);
	else if (!to->ended)
		to->stolen += c->now - at;
	c->op = op;
	c->now = now;
	c->line = line;
	call->left--;
}

void on_each_cpu(struct kernel *k, void (*fn)(struct kernel *k, u64 arg), u64 arg)
{
	struct sim_cpu *c = sim_self;
	struct machine *m = c->m;
	if (c->observing) {
		fn(k, arg);
		return;
	}
	sim_fence();
	sim_yield(c);
	/* One at a time, as there is one cross-call under way in the native engine. */
	while (m->calling)
		sim_relax();
	m->calling = true;
	struct call call = { .fn = fn, .arg = arg, .at = c->now + m->ipi / 2, .left = m->cpus - 1, .caller = c->me };
	for (u32 i = 0; i < m->cpus; i++) {
		struct worker *w = &m->worker[i];
		if (i == c->id)
			continue;
		if (w->c.irqs_off)
			w->pending = &call;
		else
			interrupt(m, &call, w, call.at);
	}
	/* Any of them may have taken the line that this CPU touched last. */
	c->line = NO_LINE;
	fn(k, arg);
	if (call.left)
		sim_block(c, WAIT_LINE);
	/* Their answers are so many lines that come one after another. */
	m->calling = false;
	if (m->cpus > 1)
		c->now = later(c->now, call.finished + m->ipi / 2) + (m->cpus - 2) * m->mean_transfer;
}

void sim_irq_enable(void)
{
	struct sim_cpu *c = sim_self;
	struct machine *m = c->m;
	struct worker *w = worker_of(c);
	c->irqs_off = false;
	if (unlikely(w->pending)) {
		struct call *call = w->pending;
		w->pending = NULL;
		interrupt(m, call, w, later(c->now, call->at));
		if (!call->left)
			sim_wake(m, call->caller, call->finished);
		c->now += w->stolen;
		w->stolen = 0;
	}
	if (unlikely(m->stopper))
		sim_stop_here(c);
}

/* ---- everybody stands still ---- */

void stop_machine(struct kernel *k, void (*fn)(struct kernel *k, u64 arg), u64 arg)
{
	struct sim_cpu *c = sim_self;
	struct machine *m = c->m;
	if (c->observing) {
		fn(k, arg);
		return;
	}
	sim_yield(c);
	/* One at a time; the second is stopped by the first. */
	while (m->stopper) {
		sim_stop_here(c);
		/* Only one that cannot be stopped comes here: a deadlock, which the watch ends. */
		if (m->stopper)
			sim_relax();
	}
	m->stopper = c->me;
	u64 from = c->now;
	for (u32 i = 0; i < m->cpus; i++) {
		struct worker *w = &m->worker[i];
		w->must_stop = i != c->id && !w->ended && (w->c.held || w->c.irqs_off || w->queued);
		m->unstoppable += w->must_stop;
	}
	if (m->unstoppable)
		sim_block(c, WAIT_LINE);
	c->now = later(c->now, from + m->ipi) + m->cpus * m->mean_transfer;
	m->alone = true;
	fn(k, arg);
	m->alone = false;
	u64 end = later(c->now, c->drained);
	m->stopper = 0;
	for (u32 i = 0; i < m->cpus; i++) {
		struct worker *w = &m->worker[i];
		if (w->stopped) {
			w->stopped = false;
			sim_wake(m, (u16)(i + 1), end);
		} else if (i != c->id && !w->ended && w->c.now < end) {
			/* It had not noticed; it stood still all the same. */
			w->stolen += end - later(w->c.now, from);
		}
	}
	c->now = end;
}

/* ---- violations ---- */

void kernel_violation(struct kernel *k, const char *invariant, const char *what, u32 task, u32 mm, int slot)
{
	struct sim_cpu *c = sim_self;
	struct machine *m = c->m;
	(void)k;
	u64 event = m->current_event;
	if (event == UINT64_MAX && !c->observing) {
		const struct worker *w = worker_of(c);
		const struct stream *s = &m->c->plan->streams[c->id];
		if (w->done < s->n)
			event = s->ops[w->done].event;
		if (!task && c->cpu->curr)
			task = c->cpu->curr->id;
	}
	violations_note(&m->violations, invariant, what, task, mm, slot, event);
}
