/* Who can go on, and one visible step of one thread. */
#include "replay/check/machine.h"

static bool buffer_empty(const struct machine *m, u32 cpu)
{
	return m->cpu[cpu].head == m->cpu[cpu].tail;
}

static bool lock_free(const struct thread *t)
{
	u32 word;
	memcpy(&word, t->addr, sizeof(word));
	return t->lock_write ? !word : !(word & RW_WRITER);
}

bool await_probe(struct machine *m, u32 thread, u64 value)
{
	struct thread *t = &m->thread[thread];
	t->probing = true;
	t->seen = value;
	u32 saved = m->current;
	m->current = thread;
	coro_switch(&m->scheduler, &t->co);
	m->current = saved;
	return t->holds;
}

static bool await_holds(struct machine *m, u32 thread)
{
	struct thread *t = &m->thread[thread];
	bool own;
	u64 now = view_of(m, CHECK_CPU(thread), t->addr, t->size, &own);
	return now == t->seen ? t->holds : await_probe(m, thread, now);
}

/* Nobody is in the middle of what may not be preempted, and nothing is on its way to memory. */
static bool stoppable(const struct machine *m, u32 self)
{
	for (u32 i = 0; i < m->cpus; i++)
		if (!buffer_empty(m, i) || m->cpu[i].in_irq ||
		    (i != self && (m->cpu[i].preempt_off || m->cpu[i].irq_off)))
			return false;
	return true;
}

static bool interruptible(const struct machine *m, u32 cpu)
{
	const struct cpu_state *s = &m->cpu[cpu];
	const struct thread *t = &m->thread[CHECK_THREAD(ACTOR_MAIN, cpu)];
	/* write_lock_irq() spins with interrupts off. */
	bool spins = t->wish == WISH_LOCK && t->lock_rw && t->lock_write && !lock_free(t);
	return s->irq_head != s->irq_tail && !s->in_irq && !s->irq_off && !spins && buffer_empty(m, cpu);
}

static bool grace_period_over(const struct machine *m, u32 cpu)
{
	const struct cpu_state *s = &m->cpu[cpu];
	if (s->rcu_head == s->rcu_tail)
		return false;
	const struct callback *cb = &s->rcu[s->rcu_head % QUEUE_MAX];
	for (u32 i = 0; i < m->cpus; i++)
		if (cb->until[i] && m->cpu[i].sections_ended < cb->until[i])
			return false;
	return true;
}

bool step_enabled(struct machine *m, u32 thread)
{
	struct thread *t = &m->thread[thread];
	u32 cpu = CHECK_CPU(thread);
	enum check_actor actor = CHECK_ACTOR(thread);
	if (cpu >= m->cpus)
		return false;
	if (actor == ACTOR_DRAIN)
		return !buffer_empty(m, cpu);
	if (actor == ACTOR_MAIN && m->cpu[cpu].in_irq)
		return false;
	bool empty = actor == ACTOR_RCU || buffer_empty(m, cpu);
	switch (t->wish) {
	case WISH_NOTHING:
		return false;
	case WISH_LOAD:
	case WISH_STORE:
	case WISH_BUFFER:
	case WISH_RCU_LOCK:
		return true;
	case WISH_RMW:
	case WISH_FENCE:
	case WISH_IPI_SEND:
	case WISH_IRQ_END:
		return empty;
	case WISH_LOCK:
		return empty && lock_free(t);
	case WISH_AWAIT:
		return await_holds(m, thread);
	case WISH_IPI_WAIT:
		return !t->acks;
	case WISH_STOP:
		return stoppable(m, cpu);
	case WISH_IRQ_BEGIN:
		return interruptible(m, cpu);
	case WISH_CALLBACK:
		return grace_period_over(m, cpu);
	}
	return false;
}

bool all_done(struct machine *m)
{
	for (u32 i = 0; i < m->cpus; i++) {
		const struct cpu_state *s = &m->cpu[i];
		enum wish rcu = m->thread[CHECK_THREAD(ACTOR_RCU, i)].wish;
		if (m->thread[CHECK_THREAD(ACTOR_MAIN, i)].wish != WISH_NOTHING || !buffer_empty(m, i) || s->in_irq ||
		    s->irq_head != s->irq_tail || s->rcu_head != s->rcu_tail ||
		    (rcu != WISH_NOTHING && rcu != WISH_CALLBACK))
			return false;
	}
	return true;
}

/* ---- one step ---- */

struct check_step *step_log(struct machine *m, u32 thread, enum step_kind kind, const struct site *s, const void *p,
			    u32 size, u64 value, u64 old)
{
	if (m->nsteps == STEPS_MAX) {
		m->too_long = true;
		m->nsteps--;
	}
	struct check_step *st = &m->step[m->nsteps++];
	st->thread = (u8)thread;
	st->kind = (u8)kind;
	st->size = (u8)size;
	st->wrote = kind == STEP_STORE || kind == STEP_DRAIN || kind == STEP_RMW || kind == STEP_LOCK;
	st->site = s;
	st->addr = p;
	st->value = value;
	st->old = old;
	/* The first that others can notice is the step; the rest belongs to it. */
	struct vstep *v = m->nvsteps ? &m->vstep[m->nvsteps - 1] : NULL;
	st->visible = v && v->step == NONE && kind != STEP_NOTE && kind != STEP_VIOLATION &&
		      (kind != STEP_BUFFERED || m->interrupts);
	if (st->visible) {
		v->step = m->nsteps - 1;
		v->old = old;
	}
	return st;
}

static void touch_word(struct machine *m, u64 word, u32 mask, bool write)
{
	struct foot *f = &m->foot[m->nfeet];
	if (m->nfeet == sizeof(m->foot) / sizeof(*m->foot) - 1)
		m->too_long = true;
	else
		m->nfeet++;
	*f = (struct foot){ .word = (u32)word, .mask = (u8)mask, .write = write };
}

void step_touch(struct machine *m, const void *p, u32 size, bool write)
{
	u64 at = (u64)((const char *)p - m->arena);
	if (at >= m->arena_size || !size)
		return;
	u32 mask = ((1u << size) - 1) << at % 8;
	touch_word(m, at / 8, mask & 0xff, write);
}

void step_effect(struct machine *m, u32 cpu, const struct entry *b)
{
	struct cpu_state *s = &m->cpu[cpu];
	if (b->kind == ENTRY_RCU_UNLOCK) {
		s->section_end[++s->sections_ended % 256] = m->nvsteps - 1;
		step_touch(m, &m->w->rcu_word[cpu][1], 8, true);
		return;
	}
	struct callback *cb = &s->rcu[s->rcu_tail % QUEUE_MAX];
	if (s->rcu_tail - s->rcu_head == QUEUE_MAX) {
		m->too_long = true;
		return;
	}
	s->rcu_tail++;
	cb->head = b->head;
	cb->queued = m->nvsteps - 1;
	for (u32 i = 0; i < m->cpus; i++) {
		const struct cpu_state *other = &m->cpu[i];
		cb->until[i] = i == cpu                                        ? b->until
			       : other->sections_begun > other->sections_ended ? other->sections_begun
									       : 0;
		if (i == cpu)
			continue;
		step_touch(m, &m->w->rcu_word[i][0], 8, false);
		step_touch(m, &m->w->rcu_word[i][1], 8, false);
	}
}

static void drain(struct machine *m, u32 thread)
{
	u32 cpu = CHECK_CPU(thread);
	struct cpu_state *s = &m->cpu[cpu];
	struct entry *b = &s->buffer[s->head++ % BUFFER_MAX];
	const struct site *site = m->step[b->step].site;
	m->drained = *b;
	s->last_drain = m->nvsteps - 1;
	if (b->kind != ENTRY_STORE) {
		step_log(m, thread, STEP_DRAIN, site, NULL, 0, 0, 0);
		step_effect(m, cpu, b);
		return;
	}
	u64 old = 0;
	memcpy(&old, b->addr, b->size);
	memcpy(b->addr, &b->value, b->size);
	step_touch(m, b->addr, b->size, true);
	step_log(m, thread, STEP_DRAIN, site, b->addr, b->size, b->value, old);
	void *stamp;
	const char *kind;
	if (object_of(m, b->addr, &stamp, &kind)) {
		step_touch(m, stamp, 4, false);
		if (!(*(u8 *)stamp & 1))
			kernel_violation(&m->w->k, "I3", kind, 0, 0, -1);
	}
}

/* Handlers and callbacks begin to wait for their turn once there is something for them. */
static void wake(struct machine *m, u32 thread, bool work)
{
	struct thread *t = &m->thread[thread];
	if (!work || t->wish != WISH_NOTHING)
		return;
	m->current = thread;
	coro_switch(&m->scheduler, &t->co);
	m->current = NONE;
}

void step_take(struct machine *m, u32 thread)
{
	struct thread *t = &m->thread[thread];
	struct cpu_state *s = &m->cpu[CHECK_CPU(thread)];
	enum check_actor actor = CHECK_ACTOR(thread);
	if (m->nvsteps == STEPS_MAX - 1) {
		m->too_long = true;
		return;
	}
	struct vstep *v = &m->vstep[m->nvsteps++];
	*v = (struct vstep){ .step = NONE, .prev = t->last, .foot = m->nfeet };
	v->irq_ok = actor == ACTOR_MAIN && !s->irq_off;
	v->stop_ok = actor == ACTOR_RCU || (actor == ACTOR_MAIN && !s->preempt_off && !s->irq_off);
	if (actor == ACTOR_MAIN) {
		s->irq_off += s->irq_off_next;
		s->preempt_off += s->preempt_off_next;
		s->irq_off_next = s->preempt_off_next = 0;
	}
	t->last = m->nvsteps - 1;
	t->count++;
	m->current = thread;
	if (actor == ACTOR_DRAIN)
		drain(m, thread);
	else
		coro_switch(&m->scheduler, &t->co);
	m->current = NONE;
	v->nfoot = (u16)(m->nfeet - v->foot);
	for (u32 i = 0; i < m->cpus; i++) {
		wake(m, CHECK_THREAD(ACTOR_IRQ, i), m->cpu[i].irq_head != m->cpu[i].irq_tail);
		wake(m, CHECK_THREAD(ACTOR_RCU, i), m->cpu[i].rcu_head != m->cpu[i].rcu_tail);
	}
}
