/* words_sync.c (check) - the dialect's words that keep others out: locks, preemption, interrupts off, RCU. */
#include "replay/check/words.h"

/* ---- locks ---- */

void check_lock(void *word, bool write, bool rw, const struct site *s)
{
	struct machine *m = check_machine;
	struct cpu_state *c = &m->cpu[cpu_of(m)];
	word_reachable(m, word, 4);
	if (!at_once(m)) {
		struct thread *t = running(m);
		t->lock_write = write;
		t->lock_rw = rw;
		word_wish(m, WISH_LOCK, word, 4, s);
		c->preempt_off++;
		c->irq_off += rw && write;
	}
	u64 old = word_peek(word, 4);
	u64 v = !write ? old + 1 : rw ? RW_WRITER : 1 + cpu_of(m);
	word_poke(word, 4, v);
	if (at_once(m)) {
		if (write ? old : old & RW_WRITER)
			kernel_violation(&m->w->k, "I7", "a lock is held while the machine is stopped", 0, 0, -1);
		return;
	}
	step_touch(m, word, 4, true);
	step_log(m, m->current, STEP_LOCK, s, word, 4, v, old);
	word_guard(m, word);
}

void check_unlock(void *word, bool rw, const struct site *s)
{
	struct machine *m = check_machine;
	struct cpu_state *c = &m->cpu[cpu_of(m)];
	word_reachable(m, word, 4);
	if (at_once(m)) {
		word_poke(word, 4, 0);
		return;
	}
	word_store(m, word, 4, 0, s);
	c->preempt_off -= c->preempt_off > 0;
	c->irq_off -= rw && c->irq_off > 0;
}

void check_read_unlock(void *word, const struct site *s)
{
	struct machine *m = check_machine;
	check_rmw(word, 4, RMW_ADD, ~0ull, 0, s);
	if (!at_once(m))
		m->cpu[cpu_of(m)].preempt_off -= m->cpu[cpu_of(m)].preempt_off > 0;
}

/* Off takes effect with the next step, on at once. */
static void turn(u32 *off, u32 *off_next, bool enable)
{
	if (!enable)
		++*off_next;
	else if (*off_next)
		--*off_next;
	else if (*off)
		--*off;
}

void check_preempt(bool enable)
{
	struct machine *m = check_machine;
	struct cpu_state *c = &m->cpu[cpu_of(m)];
	if (!at_once(m) && CHECK_ACTOR(m->current) == ACTOR_MAIN)
		turn(&c->preempt_off, &c->preempt_off_next, enable);
}

void check_irq(bool enable)
{
	struct machine *m = check_machine;
	struct cpu_state *c = &m->cpu[cpu_of(m)];
	if (!at_once(m) && CHECK_ACTOR(m->current) == ACTOR_MAIN)
		turn(&c->irq_off, &c->irq_off_next, enable);
}

/* ---- RCU ---- */

static bool reads(const struct machine *m)
{
	return !at_once(m) && CHECK_ACTOR(m->current) != ACTOR_RCU;
}

void check_rcu_read_lock(const struct site *s)
{
	struct machine *m = check_machine;
	u32 cpu = cpu_of(m);
	if (!reads(m) || m->cpu[cpu].rcu_nesting++)
		return;
	word_wish(m, WISH_RCU_LOCK, NULL, 0, s);
	m->cpu[cpu].sections_begun++;
	step_touch(m, &m->w->rcu_word[cpu][0], 8, true);
	step_log(m, m->current, STEP_RCU_LOCK, s, NULL, 0, 0, 0);
}

/* Straight to memory where there is no buffer: then the end is a step of its own. */
static void effect(struct machine *m, enum entry_kind kind, struct rcu_head *head, const struct site *s)
{
	if (word_buffers(m)) {
		word_buffer(m, kind, NULL, 0, 0, head, s);
		return;
	}
	word_wish(m, WISH_STORE, NULL, 0, s);
	step_log(m, m->current, STEP_STORE, s, NULL, 0, 0, 0);
	const struct entry b = { .kind = (u8)kind, .head = head, .until = word_own_section(&m->cpu[cpu_of(m)]) };
	step_effect(m, cpu_of(m), &b);
}

void check_rcu_read_unlock(const struct site *s)
{
	struct machine *m = check_machine;
	if (!reads(m) || --m->cpu[cpu_of(m)].rcu_nesting)
		return;
	effect(m, ENTRY_RCU_UNLOCK, NULL, s);
}

void check_call_rcu(struct rcu_head *head, void (*func)(struct kernel *k, struct rcu_head *head), const struct site *s)
{
	struct machine *m = check_machine;
	head->func = func;
	if (at_once(m)) {
		func(&m->w->k, head);
		return;
	}
	effect(m, ENTRY_CALL_RCU, head, s);
}
