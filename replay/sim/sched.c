/* Who goes on: always the CPU whose time is earliest, the lower number first. */
#include "replay/sim/machine.h"

__thread struct sim_cpu *sim_self;

/* ---- queues ---- */

void queue_put(struct machine *m, u16 *head, u16 *tail, u16 cpu, u16 after)
{
	struct worker *w = &m->worker[cpu - 1];
	u16 *link = after ? &m->worker[after - 1].next : head;
	w->prev = after;
	w->next = *link;
	*link = cpu;
	*(w->next ? &m->worker[w->next - 1].prev : tail) = cpu;
}

void queue_leave(struct machine *m, u16 *head, u16 *tail, u16 cpu)
{
	const struct worker *w = &m->worker[cpu - 1];
	if (w->prev)
		m->worker[w->prev - 1].next = w->next;
	else
		*head = w->next;
	if (w->next)
		m->worker[w->next - 1].prev = w->prev;
	else
		*tail = w->prev;
}

/* ---- the heap, four children a node ---- */

static inline bool earlier(const struct ready *a, const struct ready *b)
{
	return a->time < b->time || (a->time == b->time && a->cpu < b->cpu);
}

/* @r takes the place of the first, or one below. */
static void sink(struct machine *m, struct ready r)
{
	struct ready *heap = m->heap;
	const u32 n = m->nheap;
	u32 at = 0;
	for (;;) {
		u32 child = 4 * at + 1, end = child + 4 < n ? child + 4 : n, best = child;
		if (child >= n)
			break;
		for (u32 i = child + 1; i < end; i++)
			if (earlier(&heap[i], &heap[best]))
				best = i;
		if (!earlier(&heap[best], &r))
			break;
		heap[at] = heap[best];
		at = best;
	}
	heap[at] = r;
	m->horizon = heap[0].time;
}

static void insert(struct machine *m, struct ready r)
{
	u32 at = m->nheap++;
	while (at && earlier(&r, &m->heap[(at - 1) / 4])) {
		m->heap[at] = m->heap[(at - 1) / 4];
		at = (at - 1) / 4;
	}
	m->heap[at] = r;
	m->horizon = m->heap[0].time;
}

static u32 take_first(struct machine *m)
{
	u32 first = m->heap[0].cpu;
	if (--m->nheap)
		sink(m, m->heap[m->nheap]);
	else
		m->horizon = UINT64_MAX;
	return first;
}

/* ---- switching ---- */

static void go_on_with(struct sim_cpu *c, u32 next)
{
	struct worker *from = worker_of(c), *to = &c->m->worker[next];
	if (from == to)
		return;
	c->line = NO_LINE;
	sim_self = &to->c;
	coro_switch(&from->co, &to->co);
}

static void pay_interrupts(struct sim_cpu *c)
{
	struct worker *w = worker_of(c);
	if (unlikely(w->stolen)) {
		c->now += w->stolen;
		w->stolen = 0;
	}
	c->now = later(c->now, w->interrupted_until);
	if (unlikely(c->m->stopper))
		sim_stop_here(c);
}

bool sim_let_go_first(struct sim_cpu *c)
{
	struct machine *m = c->m;
	const struct ready self = { c->now, c->id };
	if (!m->nheap || m->alone || !earlier(&m->heap[0], &self))
		return false;
	u32 next = m->heap[0].cpu;
	sink(m, self);
	go_on_with(c, next);
	pay_interrupts(c);
	return true;
}

void sim_give_up(struct machine *m)
{
	m->over = true;
	m->host_wanted = false;
	struct worker *w = worker_of(sim_self);
	coro_switch(&w->co, &m->host);
	__builtin_unreachable();
}

/* Nobody can go on, yet somebody has not ended. */
static void stuck(struct machine *m)
{
	kernel_violation(&m->w->k, "I7", "no CPU can go on", 0, 0, -1);
	m->broken = true;
	sim_give_up(m);
}

void sim_block(struct sim_cpu *c, enum cpu_wait why)
{
	struct machine *m = c->m;
	struct worker *w = worker_of(c);
	w->wait = why;
	if (!m->nheap || m->alone)
		stuck(m);
	go_on_with(c, take_first(m));
	w->wait = WAIT_NOTHING;
	pay_interrupts(c);
}

void sim_wake(struct machine *m, u16 cpu, u64 at)
{
	struct worker *w = &m->worker[cpu - 1];
	w->c.now = later(w->c.now, at);
	insert(m, (struct ready){ w->c.now, cpu - 1u });
}

void sim_end(struct sim_cpu *c)
{
	struct machine *m = c->m;
	struct worker *w = worker_of(c);
	w->ended = true;
	w->end = c->now;
	m->running--;
	if (!m->running)
		coro_switch(&w->co, &m->host);
	if (!m->nheap)
		stuck(m);
	go_on_with(c, take_first(m));
	__builtin_unreachable();
}

void sim_run_all(struct machine *m)
{
	m->running = m->cpus;
	for (u32 i = 0; i < m->cpus; i++) {
		struct worker *w = &m->worker[i];
		coro_make(&w->co, w->stack + SIM_GUARD, SIM_STACK, sim_worker_main, w);
		insert(m, (struct ready){ w->c.now, i });
	}
	u32 first = take_first(m);
	sim_self = &m->worker[first].c;
	do {
		m->host_wanted = false;
		m->inside = true;
		coro_switch(&m->host, &worker_of(sim_self)->co);
		m->inside = false;
		/* On a stack that is large enough for whoever shows it. */
		if (m->host_wanted)
			m->c->progress(m->c->progress_arg, m->done);
	} while (m->host_wanted);
	sim_self = &m->worker[0].c;
}

void sim_tell_progress(struct sim_cpu *c)
{
	struct machine *m = c->m;
	m->host_wanted = true;
	coro_switch(&worker_of(c)->co, &m->host);
}

struct apart {
	struct machine *m;
	void (*fn)(struct machine *m);
};

static void apart_main(void *arg)
{
	struct apart *a = arg;
	struct machine *m = a->m;
	a->fn(m);
	coro_switch(&m->worker[0].co, &m->host);
	__builtin_unreachable();
}

bool sim_run_apart(struct machine *m, void (*fn)(struct machine *m))
{
	struct apart a = { m, fn };
	struct worker *w = &m->worker[0];
	m->over = false;
	m->alone = true;
	w->c.observing = w->c.careful = true;
	w->c.line = NO_LINE;
	sim_self = &w->c;
	coro_make(&w->co, w->stack + SIM_GUARD, SIM_STACK, apart_main, &a);
	m->inside = true;
	coro_switch(&m->host, &w->co);
	m->inside = false;
	w->c.observing = false;
	w->c.careful = w->c.running_ahead_barred;
	m->alone = false;
	return !m->over;
}

/* ---- a stopped machine ---- */

void sim_stop_here(struct sim_cpu *c)
{
	struct machine *m = c->m;
	struct worker *w = worker_of(c);
	/* One that spins for a lock cannot be stopped either. */
	if (m->stopper == c->me || c->held || c->irqs_off || w->queued)
		return;
	if (w->must_stop) {
		w->must_stop = false;
		if (--m->unstoppable == 0)
			sim_wake(m, m->stopper, c->now);
	}
	while (m->stopper) {
		w->stopped = true;
		sim_block(c, WAIT_TIME);
	}
}
