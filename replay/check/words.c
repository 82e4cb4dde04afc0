/*
 * words.c (check) - the dialect's words for memory: each makes its wish known,
 * hands over to the scheduler, and acts when it is let go on. Locks and RCU are
 * in words_sync.c, other CPUs in words_cpu.c.
 *
 * What a word does until the next wish belongs to one step. Outside an
 * execution, and inside stop_machine()'s function, words act on memory at once.
 */
#include "replay/check/words.h"

struct cpu *check_this_cpu(void)
{
	return &check_machine->w->cpu[cpu_of(check_machine)];
}

static void hand_over(struct machine *m)
{
	coro_switch(&running(m)->co, &m->scheduler);
}

/* This thread takes no further step in this execution. */
__attribute__((noreturn)) void word_ended(struct machine *m)
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
		word_ended(m);
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
	word_ended(m);
}

/* Everything that programs share lies in the arena: another address was never set, or made up. */
void word_reachable(struct machine *m, const void *p, u32 size)
{
	if ((u64)((const char *)p - m->arena) > m->arena_size - size)
		refuse(m, "I3", "a pointer that is not set was followed");
}

/* The next visible step of the running thread; returns when it is taken. */
void word_wish(struct machine *m, enum wish what, const void *p, u32 size, const struct site *s)
{
	struct thread *t = running(m);
	if (p)
		word_reachable(m, p, size);
	if (t->judging)
		refuse(m, "I7", "a condition that is waited for reads other shared memory");
	t->wish = what;
	t->addr = p;
	t->size = size;
	t->site = s;
	hand_over(m);
}

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
	word_ended(m);
}

/* ---- memory as it is ---- */

u64 word_peek(const void *p, u32 size)
{
	u64 v = 0;
	memcpy(&v, p, size);
	return v;
}

void word_poke(void *p, u32 size, u64 v)
{
	memcpy(p, &v, size);
}

/* The buffer's entries over what memory holds, oldest first; all bytes of one access are composed. */
u64 view_of(struct machine *m, u32 cpu, const void *p, u32 size, bool *own)
{
	u64 v = word_peek(p, size);
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
		return word_peek(p, size);
	}
	if (!forwarded(m, cpu, p, size))
		step_touch(m, p, size, false);
	return view_of(m, cpu, p, size, &own);
}

/* I3, for every access: is the object that it goes to a live one? */
void word_guard(struct machine *m, const void *p)
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
	word_reachable(m, p, size);
	if (at_once(m)) {
		spend(m);
		return word_peek(p, size);
	}
	struct thread *t = running(m);
	if (!t->observing)
		word_wish(m, WISH_LOAD, p, size, s);
	u64 v = see(m, p, size);
	step_log(m, m->current, STEP_LOAD, s, p, size, v, v);
	word_guard(m, p);
	return v;
}

/* A later section of the same CPU is no reason to wait, however long call_rcu() stays in the buffer. */
u32 word_own_section(const struct cpu_state *c)
{
	return c->rcu_nesting ? c->sections_begun : 0;
}

void word_buffer(struct machine *m, enum entry_kind kind, void *p, u32 size, u64 v, struct rcu_head *head,
		 const struct site *s)
{
	struct cpu_state *c = &m->cpu[cpu_of(m)];
	if (m->interrupts)
		word_wish(m, WISH_BUFFER, p, size, s);
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
		.until = word_own_section(c),
		.readers = NONE,
	};
}

/* Has this thread's next store a buffer to go to? Callbacks run on a CPU that nobody else looks at: theirs do not. */
bool word_buffers(const struct machine *m)
{
	return m->c->memory == MEMORY_TSO && CHECK_ACTOR(m->current) != ACTOR_RCU;
}

void word_store(struct machine *m, void *p, u32 size, u64 v, const struct site *s)
{
	if (word_buffers(m)) {
		word_buffer(m, ENTRY_STORE, p, size, v, NULL, s);
		return;
	}
	word_wish(m, WISH_STORE, p, size, s);
	u64 old = word_peek(p, size);
	word_poke(p, size, v);
	step_touch(m, p, size, true);
	step_log(m, m->current, STEP_STORE, s, p, size, v, old);
	word_guard(m, p);
}

void check_store(void *p, u32 size, u64 v, const struct site *s)
{
	struct machine *m = check_machine;
	word_reachable(m, p, size);
	if (at_once(m))
		word_poke(p, size, v);
	else
		word_store(m, p, size, v, s);
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
	word_reachable(m, p, size);
	if (!at_once(m))
		word_wish(m, WISH_RMW, p, size, s);
	u64 old = word_peek(p, size), v = result(how, old, operand & whole, expected & whole) & whole;
	bool writes = how != RMW_CMPXCHG || old == (expected & whole);
	word_poke(p, size, v);
	if (at_once(m))
		return old;
	step_touch(m, p, size, writes);
	step_log(m, m->current, STEP_RMW, s, p, size, v, old)->wrote = writes;
	word_guard(m, p);
	return old;
}

void check_fence(const struct site *s)
{
	struct machine *m = check_machine;
	/* Without a buffer there is nothing to wait for. */
	if (at_once(m) || !word_buffers(m))
		return;
	word_wish(m, WISH_FENCE, NULL, 0, s);
	step_log(m, m->current, STEP_FENCE, s, NULL, 0, 0, 0);
}

u64 check_await_look(const void *p, u32 size, const struct site *s)
{
	struct machine *m = check_machine;
	bool own;
	word_reachable(m, p, size);
	if (at_once(m))
		return word_peek(p, size);
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
	word_guard(m, t->addr);
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
		word_wish(m, WISH_LOAD, NULL, 0, NULL);
		step_log(m, m->current, STEP_OBSERVE, NULL, NULL, 0, 0, 0);
	}
	t->observing = begin;
}
