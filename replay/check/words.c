/*
 * words.c (check) - the dialect's words: each makes its wish known, hands over
 * to the scheduler, and acts when it is let go on.
 *
 * What a word does until the next wish belongs to one step. Outside an
 * execution, and inside stop_machine()'s function, words act on memory at once.
 */
#include "replay/check/machine.h"

#include <stdio.h>

static bool at_once(const struct machine *m)
{
	return m->current == NONE || m->atomic;
}

static struct thread *running(struct machine *m)
{
	return &m->thread[m->current];
}

static u32 cpu_of(const struct machine *m)
{
	return at_once(m) ? m->acting_cpu : CHECK_CPU(m->current);
}

struct cpu *check_this_cpu(void)
{
	return &check_machine->w->cpu[cpu_of(check_machine)];
}

static void hand_over(struct machine *m)
{
	coro_switch(&running(m)->co, &m->scheduler);
}

/* This thread takes no further step in this execution. */
static __attribute__((noreturn)) void ended(struct machine *m)
{
	for (;;) {
		running(m)->wish = WISH_NOTHING;
		hand_over(m);
	}
}

/* This execution ends here, broken; nothing can be done with the pointer. */
static void refuse(struct machine *m, const char *invariant, const char *what)
{
	kernel_violation(&m->w->k, invariant, what, 0, 0, -1);
	m->atomic = false;
	if (m->current != NONE) {
		m->astray = true;
		ended(m);
	}
	if (m->budget) {
		m->astray = true;
		coro_switch(&m->finisher, &m->scheduler);
	}
}

bool in_program(const struct machine *m)
{
	return m->current != NONE ? CHECK_ACTOR(m->current) != ACTOR_DRAIN : m->apart != NULL;
}

void followed_nowhere(void)
{
	struct machine *m = check_machine;
	refuse(m, "I3", "a pointer that is not set was followed");
	/* It has not come back, but the compiler does not know. */
	ended(m);
}

/* Everything that programs share lies in the arena: another address was never set, or made up. */
static void reachable(struct machine *m, const void *p, u32 size)
{
	if ((u64)((const char *)p - m->arena) > m->arena_size - size)
		refuse(m, "I3", "a pointer that is not set was followed");
}

/* The next visible step of the running thread; returns when it is taken. */
static void wish(struct machine *m, enum wish what, const void *p, u32 size, const struct site *s)
{
	struct thread *t = running(m);
	if (p)
		reachable(m, p, size);
	if (t->judging)
		refuse(m, "I7", "a condition that is waited for reads other shared memory");
	t->wish = what;
	t->addr = p;
	t->size = size;
	t->site = s;
	hand_over(m);
}

#define LOOKS_MAX 4000000u

static void apart_main(void *machine)
{
	struct machine *m = machine;
	m->apart(&m->w->k, m->c->arg);
	for (;;)
		coro_switch(&m->finisher, &m->scheduler);
}

bool run_apart(struct machine *m, void (*fn)(struct kernel *k, void *arg))
{
	m->budget = LOOKS_MAX;
	m->apart = fn;
	coro_make(&m->finisher, m->finisher_stack, STACK_SIZE, apart_main, m);
	coro_switch(&m->scheduler, &m->finisher);
	bool came_to_an_end = m->budget > 0;
	m->budget = 0;
	m->apart = NULL;
	return came_to_an_end;
}

/* One more look where no step is counted; the one too many is the last. */
static void spend(struct machine *m)
{
	if (!m->budget || --m->budget)
		return;
	if (m->current == NONE)
		coro_switch(&m->finisher, &m->scheduler);
	m->atomic = false;
	m->too_long = true;
	ended(m);
}

/* ---- memory as it is ---- */

static u64 peek(const void *p, u32 size)
{
	u64 v = 0;
	memcpy(&v, p, size);
	return v;
}

static void poke(void *p, u32 size, u64 v)
{
	memcpy(p, &v, size);
}

/* The buffer's entries over what memory holds, oldest first; all bytes of one access are composed. */
u64 view_of(struct machine *m, u32 cpu, const void *p, u32 size, bool *own)
{
	u64 v = peek(p, size);
	const struct cpu_state *s = &m->cpu[cpu];
	const char *at = p;
	*own = false;
	for (u32 i = s->head; i != s->tail; i++) {
		const struct entry *b = &s->buffer[i % BUFFER_MAX];
		const char *to = b->addr;
		if (b->kind != ENTRY_STORE || to >= at + size || to + b->size <= at)
			continue;
		*own = to <= at && to + b->size >= at + size;
		for (u32 n = 0; n < b->size; n++)
			if (to + n >= at && to + n < at + size)
				((char *)&v)[to + n - at] = ((const char *)&b->value)[n];
	}
	return v;
}

/* Does the newest entry that holds some byte of the load hold all of them? Then that is all it reads. */
static bool forwarded(struct machine *m, u32 cpu, const void *p, u32 size)
{
	const struct cpu_state *s = &m->cpu[cpu];
	const char *at = p;
	bool whole = false;
	for (u32 i = s->tail; i-- != s->head && !whole;) {
		const struct entry *b = &s->buffer[i % BUFFER_MAX];
		const char *to = b->addr;
		if (b->kind != ENTRY_STORE || to >= at + size || to + b->size <= at)
			continue;
		/* All of it, unless younger entries hold a part: then it reads those and this one. */
		whole = to <= at && to + b->size >= at + size;
		step_touch(m, p, size, false);
		m->foot[m->nfeet - 1].forwarded = (u8)(1 + cpu);
		m->foot[m->nfeet - 1].seq = i;
	}
	return whole;
}

/* A look at @p as the running CPU sees it, as part of the step under way. */
static u64 see(struct machine *m, const void *p, u32 size)
{
	u32 cpu = cpu_of(m);
	bool own;
	if (CHECK_ACTOR(m->current) == ACTOR_RCU) {
		step_touch(m, p, size, false);
		return peek(p, size);
	}
	if (!forwarded(m, cpu, p, size))
		step_touch(m, p, size, false);
	return view_of(m, cpu, p, size, &own);
}

/* I3, for every access: is the object that it goes to a live one? */
static void guard(struct machine *m, const void *p)
{
	void *stamp;
	const char *kind;
	if (object_of(m, p, &stamp, &kind) && !(see(m, stamp, 4) & 1))
		kernel_violation(&m->w->k, "I3", kind, 0, 0, -1);
}

/* ---- loads and stores ---- */

u64 check_load(const void *p, u32 size, const struct site *s)
{
	struct machine *m = check_machine;
	reachable(m, p, size);
	if (at_once(m)) {
		spend(m);
		return peek(p, size);
	}
	struct thread *t = running(m);
	if (!t->observing)
		wish(m, WISH_LOAD, p, size, s);
	u64 v = see(m, p, size);
	step_log(m, m->current, STEP_LOAD, s, p, size, v, v);
	guard(m, p);
	return v;
}

/* A later section of the same CPU is no reason to wait, however long call_rcu() stays in the buffer. */
static u32 own_section(const struct cpu_state *c)
{
	return c->rcu_nesting ? c->sections_begun : 0;
}

static void buffer(struct machine *m, enum entry_kind kind, void *p, u32 size, u64 v, struct rcu_head *head,
		   const struct site *s)
{
	struct cpu_state *c = &m->cpu[cpu_of(m)];
	if (m->interrupts)
		wish(m, WISH_BUFFER, p, size, s);
	if (c->tail - c->head == BUFFER_MAX) {
		m->too_long = true;
		return;
	}
	step_log(m, m->current, STEP_BUFFERED, s, p, size, v, 0);
	c->buffer[c->tail++ % BUFFER_MAX] = (struct entry){
		.kind = (u8)kind,
		.size = (u8)size,
		.by = running(m)->last,
		.step = m->nsteps - 1,
		.addr = p,
		.value = v,
		.head = head,
		.until = own_section(c),
		.readers = NONE,
	};
}

/* Has this thread's next store a buffer to go to? Callbacks run on a CPU that nobody else looks at: theirs do not. */
static bool buffers(const struct machine *m)
{
	return m->c->memory == MEMORY_TSO && CHECK_ACTOR(m->current) != ACTOR_RCU;
}

static void store(struct machine *m, void *p, u32 size, u64 v, const struct site *s)
{
	if (buffers(m)) {
		buffer(m, ENTRY_STORE, p, size, v, NULL, s);
		return;
	}
	wish(m, WISH_STORE, p, size, s);
	u64 old = peek(p, size);
	poke(p, size, v);
	step_touch(m, p, size, true);
	step_log(m, m->current, STEP_STORE, s, p, size, v, old);
	guard(m, p);
}

void check_store(void *p, u32 size, u64 v, const struct site *s)
{
	struct machine *m = check_machine;
	reachable(m, p, size);
	if (at_once(m))
		poke(p, size, v);
	else
		store(m, p, size, v, s);
}

static u64 result(enum check_rmw how, u64 old, u64 operand, u64 expected)
{
	switch (how) {
	case RMW_XCHG:
		return operand;
	case RMW_CMPXCHG:
		return old == expected ? operand : old;
	case RMW_ADD:
		return old + operand;
	case RMW_OR:
		return old | operand;
	default:
		return old & operand;
	}
}

u64 check_rmw(void *p, u32 size, enum check_rmw how, u64 operand, u64 expected, const struct site *s)
{
	struct machine *m = check_machine;
	u64 whole = size == 8 ? ~0ull : (1ull << 8 * size) - 1;
	reachable(m, p, size);
	if (!at_once(m))
		wish(m, WISH_RMW, p, size, s);
	u64 old = peek(p, size), v = result(how, old, operand & whole, expected & whole) & whole;
	bool writes = how != RMW_CMPXCHG || old == (expected & whole);
	poke(p, size, v);
	if (at_once(m))
		return old;
	step_touch(m, p, size, writes);
	step_log(m, m->current, STEP_RMW, s, p, size, v, old)->wrote = writes;
	guard(m, p);
	return old;
}

void check_fence(const struct site *s)
{
	struct machine *m = check_machine;
	/* Without a buffer there is nothing to wait for. */
	if (at_once(m) || !buffers(m))
		return;
	wish(m, WISH_FENCE, NULL, 0, s);
	step_log(m, m->current, STEP_FENCE, s, NULL, 0, 0, 0);
}

u64 check_await_look(const void *p, u32 size, const struct site *s)
{
	struct machine *m = check_machine;
	bool own;
	reachable(m, p, size);
	if (at_once(m))
		return peek(p, size);
	struct thread *t = running(m);
	t->judging = true;
	t->addr = p;
	t->size = size;
	t->site = s;
	if (!t->probing)
		t->seen = view_of(m, cpu_of(m), p, size, &own);
	t->probing = false;
	return t->seen;
}

bool check_await_end(bool holds)
{
	struct machine *m = check_machine;
	if (at_once(m)) {
		if (!holds)
			kernel_violation(&m->w->k, "I7", "waits for ever while the machine is stopped", 0, 0, -1);
		return true;
	}
	struct thread *t = running(m);
	t->judging = false;
	t->holds = holds;
	t->wish = WISH_AWAIT;
	hand_over(m);
	/* Asked again (await_probe), or let go: then the last look was at what is there. */
	if (t->probing)
		return false;
	u64 v = see(m, t->addr, t->size);
	step_log(m, m->current, STEP_AWAIT, t->site, t->addr, t->size, v, v);
	guard(m, t->addr);
	return true;
}

void check_note_at(const struct site *s)
{
	struct machine *m = check_machine;
	if (!at_once(m))
		step_log(m, m->current, STEP_NOTE, s, NULL, 0, 0, 0);
}

void check_observe(bool begin)
{
	struct machine *m = check_machine;
	if (at_once(m))
		return;
	struct thread *t = running(m);
	if (begin) {
		wish(m, WISH_LOAD, NULL, 0, NULL);
		step_log(m, m->current, STEP_OBSERVE, NULL, NULL, 0, 0, 0);
	}
	t->observing = begin;
}

/* ---- locks ---- */

void check_lock(void *word, bool write, bool rw, const struct site *s)
{
	struct machine *m = check_machine;
	struct cpu_state *c = &m->cpu[cpu_of(m)];
	reachable(m, word, 4);
	if (!at_once(m)) {
		struct thread *t = running(m);
		t->lock_write = write;
		t->lock_rw = rw;
		wish(m, WISH_LOCK, word, 4, s);
		c->preempt_off++;
		c->irq_off += rw && write;
	}
	u64 old = peek(word, 4);
	u64 v = !write ? old + 1 : rw ? RW_WRITER : 1 + cpu_of(m);
	poke(word, 4, v);
	if (at_once(m)) {
		if (write ? old : old & RW_WRITER)
			kernel_violation(&m->w->k, "I7", "a lock is held while the machine is stopped", 0, 0, -1);
		return;
	}
	step_touch(m, word, 4, true);
	step_log(m, m->current, STEP_LOCK, s, word, 4, v, old);
	guard(m, word);
}

void check_unlock(void *word, bool rw, const struct site *s)
{
	struct machine *m = check_machine;
	struct cpu_state *c = &m->cpu[cpu_of(m)];
	reachable(m, word, 4);
	if (at_once(m)) {
		poke(word, 4, 0);
		return;
	}
	store(m, word, 4, 0, s);
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
	wish(m, WISH_RCU_LOCK, NULL, 0, s);
	m->cpu[cpu].sections_begun++;
	step_touch(m, &m->w->rcu_word[cpu][0], 8, true);
	step_log(m, m->current, STEP_RCU_LOCK, s, NULL, 0, 0, 0);
}

/* Straight to memory where there is no buffer: then the end is a step of its own. */
static void effect(struct machine *m, enum entry_kind kind, struct rcu_head *head, const struct site *s)
{
	if (buffers(m)) {
		buffer(m, kind, NULL, 0, 0, head, s);
		return;
	}
	wish(m, WISH_STORE, NULL, 0, s);
	step_log(m, m->current, STEP_STORE, s, NULL, 0, 0, 0);
	const struct entry b = { .kind = (u8)kind, .head = head, .until = own_section(&m->cpu[cpu_of(m)]) };
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
	ended(m);
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
	wish(m, WISH_IPI_SEND, NULL, 0, &ipi_site);
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
	wish(m, WISH_IPI_WAIT, NULL, 0, &ipi_site);
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
	wish(m, WISH_STOP, NULL, 0, &stop_site);
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
	ended(m);
}

void irq_main(void *thread)
{
	struct machine *m = check_machine;
	struct cpu_state *c = &m->cpu[CHECK_CPU((uintptr_t)thread)];
	for (;;) {
		wish(m, WISH_IRQ_BEGIN, NULL, 0, &irq_site);
		const struct request r = c->irq[c->irq_head++ % QUEUE_MAX];
		c->in_irq = true;
		c->irq_began = m->nvsteps - 1;
		step_log(m, m->current, STEP_IRQ_BEGIN, &irq_site, NULL, 0, 0, 0);
		r.fn(&m->w->k, r.arg);
		wish(m, WISH_IRQ_END, NULL, 0, &irq_site);
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
		wish(m, WISH_CALLBACK, NULL, 0, &rcu_site);
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
		ended(m);
}
