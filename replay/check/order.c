/*
 * order.c (check) - what happens before what, by vector clocks over visible
 * steps, and which two steps could have come the other way round.
 *
 * Two steps depend on each other when they touch the same bytes and one writes,
 * with these exceptions and additions:
 *
 * - A load that is forwarded from its CPU's own buffer, or that finds its own
 *   CPU's store in memory, reads that store either way: it is independent of the
 *   drain. It is ordered before whatever later overwrites the store, once that
 *   has drained. (Otherwise each store that its CPU reads back would double the
 *   number of interleavings.)
 * - A drain comes after the step that put it into the buffer; what needs an empty
 *   buffer comes after the last drain. Neither can change places.
 * - A step that waits (a lock, smp_cond_load_acquire) comes after the store that
 *   let it go; it can change places with an earlier store only if its condition
 *   held before that one. So two holders of a lock race by their acquisitions.
 * - An interrupt handler and its CPU's program exclude each other: the beginning
 *   of the one and any step of the other depend on each other.
 * - stop_machine() depends on everything.
 */
#include "replay/check/machine.h"

/* What is known of a step that is taken, or wished for. */
struct later {
	u32 thread, n; /* it comes after n steps */
	enum step_kind kind;
	u16 base[CHECK_THREADS]; /* what cannot be otherwise, whatever is in the buffer */
	u16 forced[CHECK_THREADS]; /* and what had to drain before, as things are */
	u16 clock[CHECK_THREADS];
	u32 ncandidates;
	bool wished; /* not taken yet */
};

static void join(u16 *to, const u16 *from)
{
	for (u32 i = 0; i < CHECK_THREADS; i++)
		to[i] = to[i] > from[i] ? to[i] : from[i];
}

static void join_step(const struct machine *m, u16 *to, u32 v)
{
	if (v != NONE)
		join(to, clock_of(m, v));
}

static u32 thread_of(const struct machine *m, u32 v)
{
	return m->step[m->vstep[v].step].thread;
}

static bool known(const struct machine *m, const u16 *clock, u32 v)
{
	u32 t = thread_of(m, v);
	return clock_of(m, v)[t] <= clock[t];
}

/* Store buffer against program or handler of one CPU: see the head of this file. */
static bool family(u32 a, u32 b)
{
	enum check_actor x = CHECK_ACTOR(a), y = CHECK_ACTOR(b);
	return CHECK_CPU(a) == CHECK_CPU(b) && x != ACTOR_RCU && y != ACTOR_RCU &&
	       (x == ACTOR_DRAIN) != (y == ACTOR_DRAIN);
}

/* Program and handler of one CPU: they take turns as wholes (order_exclusion), not step by step. */
static bool take_turns(u32 a, u32 b)
{
	return CHECK_CPU(a) == CHECK_CPU(b) && ((CHECK_ACTOR(a) == ACTOR_MAIN && CHECK_ACTOR(b) == ACTOR_IRQ) ||
						(CHECK_ACTOR(a) == ACTOR_IRQ && CHECK_ACTOR(b) == ACTOR_MAIN));
}

static void candidate(struct machine *m, struct later *l, u32 v)
{
	for (u32 i = 0; i < l->ncandidates; i++)
		if (m->candidate[i] == v)
			return;
	m->candidate[l->ncandidates++] = v;
}

void order_reset(struct machine *m)
{
	m->epoch++;
}

static u32 newest(const struct machine *m, u32 word)
{
	return m->history_epoch[word] == m->epoch ? m->history[word] : NONE;
}

/* ---- what cannot be otherwise ---- */

static bool needs_empty_buffer(const struct later *l)
{
	switch (l->kind) {
	case STEP_RMW:
	case STEP_FENCE:
	case STEP_LOCK:
	case STEP_IPI_SEND:
	case STEP_IRQ_END:
		return CHECK_ACTOR(l->thread) != ACTOR_RCU;
	default:
		return false;
	}
}

static void join_forced(const struct machine *m, struct later *l, u32 prev)
{
	const u32 cpu = CHECK_CPU(l->thread);
	const struct cpu_state *s = &m->cpu[cpu];
	join_step(m, l->base, prev);
	if (l->kind == STEP_DRAIN)
		join_step(m, l->base, m->drained.by);
	if (l->kind == STEP_IPI_DONE)
		join(l->base, m->thread[l->thread].ack_clock);
	if (l->kind == STEP_IRQ_BEGIN)
		join_step(m, l->base, s->irq[(s->irq_head - !l->wished) % QUEUE_MAX].sent);
	if (l->kind == STEP_CALLBACK) {
		const struct callback *cb = &s->rcu[(s->rcu_head - 1) % QUEUE_MAX];
		join_step(m, l->base, cb->queued);
		for (u32 i = 0; i < m->cpus; i++)
			if (cb->until[i])
				join_step(m, l->base, m->cpu[i].section_end[cb->until[i] % 256]);
	}
	memcpy(l->forced, l->base, sizeof(l->forced));
	if (needs_empty_buffer(l))
		join_step(m, l->forced, s->last_drain);
}

/* ---- interrupts and stops ---- */

/* The latest step of @thread, from @v back, before which the other could have come. */
static void candidate_before(struct machine *m, struct later *l, u32 v, bool stop)
{
	while (v != NONE && !known(m, l->base, v)) {
		const struct vstep *s = &m->vstep[v];
		if (stop ? s->stop_ok || m->step[s->step].kind == STEP_IRQ_BEGIN : s->irq_ok) {
			candidate(m, l, v);
			return;
		}
		v = s->prev;
	}
}

static void order_exclusion(struct machine *m, struct later *l)
{
	const u32 cpu = CHECK_CPU(l->thread);
	const struct cpu_state *s = &m->cpu[cpu];
	enum check_actor actor = CHECK_ACTOR(l->thread);
	if (actor == ACTOR_DRAIN)
		return;
	/*
	 * Both come when the buffers are empty. That forces no order: had they come
	 * before the step that filled one, there would have been nothing to drain.
	 */
	if (l->kind == STEP_IRQ_BEGIN) {
		u32 last = m->thread[CHECK_THREAD(ACTOR_MAIN, cpu)].last;
		join_step(m, l->clock, s->last_drain);
		join_step(m, l->clock, last);
		candidate_before(m, l, last, false);
	}
	if (actor == ACTOR_MAIN && s->irq_ended != NONE) {
		join_step(m, l->clock, s->irq_ended);
		if (!known(m, l->base, s->irq_began))
			candidate(m, l, s->irq_began);
	}
	if (l->kind == STEP_STOP) {
		for (u32 i = 0; i < m->cpus; i++)
			join_step(m, l->clock, m->cpu[i].last_drain);
		for (u32 t = 0; t < CHECK_THREADS; t++) {
			if (t == l->thread || CHECK_ACTOR(t) == ACTOR_DRAIN || CHECK_CPU(t) >= m->cpus)
				continue;
			join_step(m, l->clock, m->thread[t].last);
			candidate_before(m, l, m->thread[t].last, true);
		}
	} else if (m->last_stop != NONE) {
		join_step(m, l->clock, m->last_stop);
		if (!known(m, l->base, m->last_stop))
			candidate(m, l, m->last_stop);
	}
}

/* ---- memory ---- */

/* Could the waiting step have come before @v, by what was there then? */
static bool let_go_before(struct machine *m, const struct later *l, u32 v, bool write)
{
	const struct thread *t = &m->thread[l->thread];
	const struct vstep *s = &m->vstep[v];
	u64 was = write ? s->old : m->step[s->step].value;
	if (s->global)
		return true;
	if (l->kind == STEP_LOCK)
		return t->lock_write ? !(u32)was : !(was & RW_WRITER);
	return await_probe(m, l->thread, was);
}

static void order_foot(struct machine *m, struct later *l, u32 word, u8 mask, bool write, bool condition)
{
	bool covered = false;
	for (u32 i = newest(m, word); i != NONE; i = m->access[i].older) {
		const struct access *a = &m->access[i];
		if (!(a->mask & mask) || (!a->write && !write))
			continue;
		bool covers = a->write && (a->mask & mask) == mask;
		if (family(thread_of(m, a->vstep), l->thread)) {
			if (covers)
				break;
			continue;
		}
		if (!covered)
			join_step(m, l->clock, a->vstep);
		bool was_known = known(m, l->forced, a->vstep) || take_turns(thread_of(m, a->vstep), l->thread);
		if (!was_known && condition && !let_go_before(m, l, a->vstep, a->write)) {
			/* What let it go. One further back may have been no obstacle. */
			covered |= covers;
			continue;
		}
		if (!was_known)
			candidate(m, l, a->vstep);
		if (covers)
			break;
	}
}

/* ---- the step in its place ---- */

/*
 * Only what nothing else stands between. But what waits may have to go further
 * back than to the nearest, where its condition did not hold: then all of them.
 */
static void tell_races(const struct machine *m, const struct later *l, race_fn *race, void *arg)
{
	for (u32 i = 0; i < l->ncandidates; i++) {
		bool immediate = true;
		for (u32 j = 0; j < l->ncandidates && immediate && !l->wished; j++)
			immediate = j == i || !ordered_before(m, m->candidate[i], m->candidate[j]);
		if (immediate)
			race(arg, m->candidate[i], l->thread, l->clock, l->n);
	}
}

static void remember(struct machine *m, u32 *list, u32 v, const struct foot *f)
{
	if (m->naccesses == sizeof(m->access) / sizeof(*m->access)) {
		m->too_long = true;
		return;
	}
	m->access[m->naccesses] = (struct access){ v, *list, f->mask, f->write };
	*list = m->naccesses++;
}

static u32 *history(struct machine *m, u32 word)
{
	if (m->history_epoch[word] != m->epoch) {
		m->history_epoch[word] = m->epoch;
		m->history[word] = NONE;
	}
	return &m->history[word];
}

static void remember_all(struct machine *m, u32 v)
{
	const struct vstep *s = &m->vstep[v];
	for (u32 i = s->foot; i < s->foot + s->nfoot; i++) {
		struct foot *f = &m->foot[i];
		if (f->forwarded)
			remember(m, &m->cpu[f->forwarded - 1].buffer[f->seq % BUFFER_MAX].readers, v, f);
		else
			remember(m, history(m, f->word), v, f);
	}
	if (m->step[s->step].kind != STEP_DRAIN || m->drained.kind != ENTRY_STORE)
		return;
	/* Who was given this store before it drained has read it: whoever overwrites it comes after. */
	u32 word = m->foot[s->foot].word;
	for (u32 i = m->drained.readers; i != NONE;) {
		struct access a = m->access[i];
		const struct foot f = { .word = word, .mask = a.mask };
		remember(m, history(m, word), a.vstep, &f);
		i = a.older;
	}
}

void order_add(struct machine *m, race_fn *race, void *arg)
{
	u32 v = m->nvsteps - 1;
	struct vstep *s = &m->vstep[v];
	struct check_step *st = &m->step[s->step];
	struct later l = { .thread = st->thread, .n = v, .kind = st->kind };
	join_forced(m, &l, s->prev);
	memcpy(l.clock, l.forced, sizeof(l.clock));
	order_exclusion(m, &l);
	for (u32 i = s->foot; i < s->foot + s->nfoot; i++)
		if (!m->foot[i].forwarded)
			order_foot(m, &l, m->foot[i].word, m->foot[i].mask, m->foot[i].write, false);
	l.clock[l.thread] = m->thread[l.thread].count;
	memcpy(st->clock, l.clock, sizeof(st->clock));
	if (race)
		tell_races(m, &l, race, arg);
	remember_all(m, v);
	if (s->global)
		m->last_stop = v;
	if (st->kind == STEP_IRQ_END)
		join(m->thread[st->old].ack_clock, st->clock);
}

static enum step_kind kind_of(enum wish w)
{
	switch (w) {
	case WISH_LOCK:
		return STEP_LOCK;
	case WISH_AWAIT:
		return STEP_AWAIT;
	case WISH_STOP:
		return STEP_STOP;
	default:
		return STEP_IRQ_BEGIN;
	}
}

static void order_wished_access(struct machine *m, struct later *l)
{
	const struct thread *t = &m->thread[l->thread];
	u64 at = (u64)((const char *)t->addr - m->arena);
	bool own;
	view_of(m, CHECK_CPU(l->thread), t->addr, t->size, &own);
	if (at < m->arena_size && !(t->wish == WISH_AWAIT && own))
		order_foot(m, l, (u32)(at / 8), (u8)(((1u << t->size) - 1) << at % 8), t->wish == WISH_LOCK, true);
	void *stamp;
	const char *kind;
	if (!object_of(m, t->addr, &stamp, &kind))
		return;
	at = (u64)((char *)stamp - m->arena);
	order_foot(m, l, (u32)(at / 8), (u8)(15u << at % 8), false, false);
}

void order_wish(struct machine *m, u32 thread, race_fn *race, void *arg)
{
	const struct thread *t = &m->thread[thread];
	struct later l = { .thread = thread, .n = m->nvsteps, .kind = kind_of(t->wish), .wished = true };
	join_forced(m, &l, t->last);
	memcpy(l.clock, l.forced, sizeof(l.clock));
	order_exclusion(m, &l);
	if (waits(t->wish))
		order_wished_access(m, &l);
	l.clock[thread] = (u16)(t->count + 1);
	tell_races(m, &l, race, arg);
}

bool order_dependent(struct machine *m, u32 thread, bool global, const struct foot *feet, u32 n)
{
	const struct vstep *s = &m->vstep[m->nvsteps - 1];
	u32 other = m->step[s->step].thread;
	enum check_actor x = CHECK_ACTOR(thread), y = CHECK_ACTOR(other);
	if (thread == other || global || s->global)
		return true;
	if (CHECK_CPU(thread) == CHECK_CPU(other)) {
		if (family(thread, other))
			return false;
		if (x != ACTOR_RCU && y != ACTOR_RCU)
			return true;
	}
	for (u32 i = 0; i < n; i++) {
		const struct foot *f = &feet[i];
		/* Still in the buffer: nobody else's store comes between. */
		if (f->forwarded && (int32_t)(m->cpu[f->forwarded - 1].head - f->seq) <= 0)
			continue;
		for (u32 j = s->foot; j < s->foot + s->nfoot; j++) {
			const struct foot *g = &m->foot[j];
			if (!g->forwarded && g->word == f->word && g->mask & f->mask && (g->write || f->write))
				return true;
		}
	}
	return false;
}
