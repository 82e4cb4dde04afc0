/*
 * words_cpu.c (check) - the dialect's words that other CPUs act on, what each
 * kind of thread runs, and what is done when an invariant is broken.
 */
#include "replay/check/words.h"

#include <stdio.h>

/* ---- interrupts, and the stopped machine ---- */

static const struct site ipi_site = { "on_each_cpu()", "on_each_cpu", __FILE__, __LINE__ };
static const struct site irq_site = { "interrupt", "on_each_cpu", __FILE__, __LINE__ };
static const struct site stop_site = { "stop_machine()", "stop_machine", __FILE__, __LINE__ };
static const struct site rcu_site = { "grace period over", "rcu", __FILE__, __LINE__ };

/* This execution is given up unless it reckons with interrupts; the search begins again. */
static void reckon_with_interrupts(struct machine *m)
{
	if (m->interrupts)
		return;
	m->interrupts_wanted = true;
	word_ended(m);
}

void on_each_cpu(struct kernel *k, void (*fn)(struct kernel *k, u64 arg), u64 arg)
{
	struct machine *m = check_machine;
	u32 self = cpu_of(m);
	if (at_once(m)) {
		for (u32 i = 0; i < m->cpus; i++) {
			m->acting_cpu = i;
			fn(k, arg);
		}
		m->acting_cpu = self;
		return;
	}
	reckon_with_interrupts(m);
	struct thread *t = running(m);
	word_wish(m, WISH_IPI_SEND, NULL, 0, &ipi_site);
	step_log(m, m->current, STEP_IPI_SEND, &ipi_site, NULL, 0, 0, 0);
	memset(t->ack_clock, 0, sizeof(t->ack_clock));
	for (u32 i = 0; i < m->cpus; i++) {
		struct cpu_state *c = &m->cpu[i];
		if (i == self)
			continue;
		if (c->irq_tail - c->irq_head == QUEUE_MAX) {
			m->too_long = true;
			continue;
		}
		c->irq[c->irq_tail++ % QUEUE_MAX] = (struct request){ fn, arg, m->current, m->nvsteps - 1 };
		step_touch(m, &m->w->irq_word[i], 8, true);
		t->acks++;
	}
	check_irq(false);
	fn(k, arg);
	check_irq(true);
	word_wish(m, WISH_IPI_WAIT, NULL, 0, &ipi_site);
	step_log(m, m->current, STEP_IPI_DONE, &ipi_site, NULL, 0, 0, 0);
}

void stop_machine(struct kernel *k, void (*fn)(struct kernel *k, u64 arg), u64 arg)
{
	struct machine *m = check_machine;
	if (at_once(m)) {
		fn(k, arg);
		return;
	}
	reckon_with_interrupts(m);
	word_wish(m, WISH_STOP, NULL, 0, &stop_site);
	step_log(m, m->current, STEP_STOP, &stop_site, NULL, 0, 0, 0);
	m->vstep[m->nvsteps - 1].global = true;
	m->acting_cpu = cpu_of(m);
	m->atomic = true;
	m->budget = LOOKS_MAX;
	fn(k, arg);
	m->budget = 0;
	m->atomic = false;
	m->acting_cpu = 0;
}

/* ---- the code of each kind of thread ---- */

void program_main(void *thread)
{
	struct machine *m = check_machine;
	m->c->programs->program[CHECK_CPU((uintptr_t)thread)](&m->w->k, m->c->arg);
	word_ended(m);
}

void irq_main(void *thread)
{
	struct machine *m = check_machine;
	struct cpu_state *c = &m->cpu[CHECK_CPU((uintptr_t)thread)];
	for (;;) {
		word_wish(m, WISH_IRQ_BEGIN, NULL, 0, &irq_site);
		const struct request r = c->irq[c->irq_head++ % QUEUE_MAX];
		c->in_irq = true;
		c->irq_began = m->nvsteps - 1;
		step_log(m, m->current, STEP_IRQ_BEGIN, &irq_site, NULL, 0, 0, 0);
		r.fn(&m->w->k, r.arg);
		word_wish(m, WISH_IRQ_END, NULL, 0, &irq_site);
		c->in_irq = false;
		c->irq_ended = m->nvsteps - 1;
		step_log(m, m->current, STEP_IRQ_END, &irq_site, NULL, 0, 0, r.from);
		m->thread[r.from].acks--;
	}
}

void rcu_main(void *thread)
{
	struct machine *m = check_machine;
	struct cpu_state *c = &m->cpu[CHECK_CPU((uintptr_t)thread)];
	for (;;) {
		word_wish(m, WISH_CALLBACK, NULL, 0, &rcu_site);
		struct rcu_head *head = c->rcu[c->rcu_head % QUEUE_MAX].head;
		step_log(m, m->current, STEP_CALLBACK, &rcu_site, head, 0, 0, 0);
		c->rcu_head++;
		head->func(&m->w->k, head);
	}
}

/* ---- violations ---- */

void kernel_violation(struct kernel *k, const char *invariant, const char *what, u32 task, u32 mm, int slot)
{
	struct machine *m = check_machine;
	(void)k;
	if (!m->violation.invariant[0]) {
		snprintf(m->violation.invariant, sizeof(m->violation.invariant), "%s", invariant);
		snprintf(m->violation.what, sizeof(m->violation.what), "%s", what);
		m->violation.task = task;
		m->violation.mm = mm;
		m->violation.slot = slot;
		if (m->current != NONE)
			step_log(m, m->current, STEP_VIOLATION, NULL, NULL, 0, 0, 0);
		m->violation_step = m->nsteps - (m->nsteps > 0);
	}
	/* Nothing after it counts, unless every way to break something is wanted. */
	if (m->current != NONE && CHECK_ACTOR(m->current) != ACTOR_DRAIN && !m->c->all)
		word_ended(m);
}
