/* Making a machine, and putting it back before each execution. */
#include "replay/check/machine.h"

#include <errno.h>
#include <stdlib.h>

struct machine *check_machine;

/* So many objects each CPU can make in one execution; small histories need no more. */
static const u32 room_for[POOL_NR] = {
	[POOL_TASK] = 12, [POOL_SIGNAL] = 12, [POOL_MM] = 10, [POOL_PTDESC] = 12, [POOL_TABLE] = 8,
};

static size_t lines(size_t n)
{
	return (n + 63) & ~(size_t)63;
}

static size_t stride_of(const struct check_config *c, enum pool pool)
{
	static const size_t size[POOL_NR] = {
		[POOL_TASK] = sizeof(struct task_struct), [POOL_SIGNAL] = sizeof(struct signal_struct),
		[POOL_MM] = sizeof(struct mm_struct),     [POOL_PTDESC] = sizeof(struct ptdesc),
		[POOL_TABLE] = sizeof(struct ptable),
	};
	return lines(size[pool] + (pool == POOL_MM ? c->programs->mm_size : 0));
}

/* A design that preallocates makes a table for every slot. */
static u32 each_of(const struct check_config *c, enum pool pool)
{
	return room_for[pool] + (pool == POOL_TABLE ? c->geometry->nslots : 0);
}

static size_t arena_bytes(const struct check_config *c)
{
	size_t n = lines(sizeof(struct eng_world)) + lines(c->programs->world_size + 1);
	for (unsigned p = 0; p < POOL_NR; p++)
		n += stride_of(c, p) * each_of(c, p) * c->programs->cpus;
	return n + lines((size_t)each_of(c, POOL_PTDESC) * c->programs->cpus * c->geometry->nslots * sizeof(pgd_t));
}

static char *carve(char **at, size_t n)
{
	char *p = *at;
	*at += lines(n);
	return p;
}

static void lay_out(struct machine *m)
{
	const struct check_config *c = m->c;
	char *at = m->arena;
	struct eng_world *w = (struct eng_world *)carve(&at, sizeof(*w));
	m->w = w;
	w->k.geo = c->geometry;
	w->k.eng = w;
	w->k.cpus = w->cpus;
	w->k.ncpus = m->cpus;
	w->k.sync_policy = c->sync_policy;
	w->k.fault_handler = c->fault_handler;
	w->k.fixed = c->fixed;
	w->k.design = carve(&at, c->programs->world_size + 1);
	w->lock_class[0] = "other";
	w->lock_classes = 1;
	for (u32 i = 0; i < m->cpus; i++) {
		w->cpu[i].id = i;
		w->cpus[i] = &w->cpu[i];
	}
	for (unsigned p = 0; p < POOL_NR; p++) {
		struct pool_room *r = &w->pool[p];
		r->stride = (u32)stride_of(c, p);
		r->each = each_of(c, p);
		r->base = carve(&at, (size_t)r->stride * r->each * m->cpus);
	}
	w->pages = carve(&at, (size_t)w->pool[POOL_PTDESC].each * m->cpus * c->geometry->nslots * sizeof(pgd_t));
	for (u64 i = 0; i < eng_objects(&w->k, POOL_PTDESC); i++)
		((struct ptdesc *)eng_object(&w->k, POOL_PTDESC, i))->entries =
			(pgd_t *)(void *)w->pages + i * c->geometry->nslots;
	for (u64 i = 0; i < eng_objects(&w->k, POOL_TASK); i++)
		spin_lock_init(&w->k, &((struct task_struct *)eng_object(&w->k, POOL_TASK, i))->alloc_lock,
			       "alloc_lock");
	for (u64 i = 0; i < eng_objects(&w->k, POOL_MM); i++)
		spin_lock_init(&w->k, &((struct mm_struct *)eng_object(&w->k, POOL_MM, i))->page_table_lock,
			       "page_table_lock");
}

int machine_make(struct machine **out, const struct check_config *c, struct mmr_err *e)
{
	struct machine *m = calloc(1, sizeof(*m));
	if (!m)
		return mmr_err(e, -ENOMEM, "no memory for the machine to check on");
	m->c = c;
	m->cpus = c->programs->cpus;
	m->current = NONE;
	m->arena_size = arena_bytes(c);
	m->arena = aligned_alloc(64, m->arena_size);
	m->snapshot = malloc(m->arena_size);
	m->history = calloc(m->arena_size / 8, sizeof(*m->history));
	m->history_epoch = calloc(m->arena_size / 8, sizeof(*m->history_epoch));
	bool ok = m->arena && m->snapshot && m->history && m->history_epoch;
	for (unsigned t = 0; t < CHECK_THREADS && ok; t++)
		if (CHECK_ACTOR(t) != ACTOR_DRAIN && CHECK_CPU(t) < m->cpus) {
			m->thread[t].stack = aligned_alloc(64, STACK_SIZE);
			ok = m->thread[t].stack;
		}
	m->finisher_stack = aligned_alloc(64, STACK_SIZE);
	if (!ok || !m->finisher_stack) {
		machine_free(m);
		return mmr_err(e, -ENOMEM, "no memory for the machine to check on");
	}
	memset(m->arena, 0, m->arena_size);
	coro_self(&m->scheduler);
	check_machine = m;
	lay_out(m);
	fault_watch();
	if (!run_apart(m, c->programs->setup))
		kernel_violation(&m->w->k, "I7", "a list goes round", 0, 0, -1);
	memcpy(m->snapshot, m->arena, m->arena_size);
	*out = m;
	return 0;
}

void machine_free(struct machine *m)
{
	if (!m)
		return;
	for (unsigned t = 0; t < CHECK_THREADS; t++) {
		coro_drop(&m->thread[t].co);
		free(m->thread[t].stack);
	}
	coro_drop(&m->finisher);
	free(m->finisher_stack);
	free(m->arena);
	free(m->snapshot);
	free(m->history);
	free(m->history_epoch);
	free(m);
	if (check_machine)
		fault_unwatch();
	check_machine = NULL;
}

static void reset_thread(struct machine *m, u32 t)
{
	struct thread *th = &m->thread[t];
	static void (*const body[ACTORS])(
		void *) = { [ACTOR_MAIN] = program_main, [ACTOR_IRQ] = irq_main, [ACTOR_RCU] = rcu_main };
	th->wish = WISH_NOTHING;
	th->observing = th->probing = th->holds = th->judging = false;
	th->acks = 0;
	th->last = NONE;
	th->count = 0;
	if (!th->stack)
		return;
	coro_make(&th->co, th->stack, STACK_SIZE, body[CHECK_ACTOR(t)], (void *)(uintptr_t)t);
	/* Handlers and callbacks begin when there is something for them. */
	if (CHECK_ACTOR(t) == ACTOR_MAIN) {
		m->current = t;
		coro_switch(&m->scheduler, &th->co);
		m->current = NONE;
	}
}

void machine_reset(struct machine *m)
{
	memcpy(m->arena, m->snapshot, m->arena_size);
	for (u32 i = 0; i < m->cpus; i++) {
		struct cpu_state *s = &m->cpu[i];
		s->head = s->tail = 0;
		s->last_drain = s->irq_began = s->irq_ended = NONE;
		s->irq_off = s->preempt_off = s->rcu_nesting = 0;
		s->irq_off_next = s->preempt_off_next = 0;
		s->in_irq = false;
		s->sections_begun = s->sections_ended = 0;
		s->irq_head = s->irq_tail = s->rcu_head = s->rcu_tail = 0;
	}
	m->nsteps = m->nvsteps = m->nfeet = m->naccesses = 0;
	m->last_stop = NONE;
	m->violation.invariant[0] = 0;
	m->violation_step = NONE;
	m->atomic = m->too_long = m->astray = false;
	m->acting_cpu = m->budget = 0;
	order_reset(m);
	/* Up to the first visible step of each program. */
	for (u32 t = 0; t < CHECK_THREADS; t++)
		reset_thread(m, t);
}

/* ---- objects ---- */

u64 eng_objects(struct kernel *k, enum pool pool)
{
	return (u64)k->eng->pool[pool].each * k->ncpus;
}

void *eng_object(struct kernel *k, enum pool pool, u64 i)
{
	const struct pool_room *r = &k->eng->pool[pool];
	return r->base + i * r->stride;
}

u64 eng_object_index(struct kernel *k, enum pool pool, const void *obj)
{
	const struct pool_room *r = &k->eng->pool[pool];
	return (u64)((const char *)obj - r->base) / r->stride;
}

u8 eng_lock_class(struct kernel *k, const char *name)
{
	struct eng_world *w = k->eng;
	for (u32 i = 1; i < w->lock_classes; i++)
		if (!strcmp(w->lock_class[i], name))
			return (u8)i;
	if (w->lock_classes == sizeof(w->lock_class) / sizeof(*w->lock_class))
		return 0;
	w->lock_class[w->lock_classes] = name;
	return (u8)w->lock_classes++;
}

struct qs_nodes *check_qs_nodes_of(u32 cpu)
{
	return &check_machine->w->nodes[cpu];
}

void *check_alloc(enum pool pool)
{
	struct machine *m = check_machine;
	struct pool_room *r = &m->w->pool[pool];
	u32 cpu = this_cpu()->id;
	u64 first = (u64)cpu * r->each;
	if (r->nfree[cpu])
		return r->base + r->free[cpu][--r->nfree[cpu]] * (u64)r->stride;
	if (r->carved[cpu] == r->each) {
		/* Never by a history that fits: said at the end, instead of going on with nothing. */
		m->out_of_objects = true;
		r->carved[cpu]--;
	}
	return r->base + (first + r->carved[cpu]++) * r->stride;
}

void check_free(enum pool pool, void *obj)
{
	struct machine *m = check_machine;
	struct pool_room *r = &m->w->pool[pool];
	/* What an RCU callback frees is not seen again: a new life of it would hide who still looks at the old one. */
	if (m->current != NONE && CHECK_ACTOR(m->current) == ACTOR_RCU)
		return;
	u32 cpu = this_cpu()->id;
	if (r->nfree[cpu] < 64)
		r->free[cpu][r->nfree[cpu]++] = (u16)eng_object_index(&m->w->k, pool, obj);
}

static bool inside(const struct pool_room *r, u32 cpus, const char *p, u64 *i)
{
	if (p < r->base || p >= r->base + (u64)r->stride * r->each * cpus)
		return false;
	*i = (u64)(p - r->base) / r->stride;
	return true;
}

bool object_of(struct machine *m, const void *p, void **stamp, const char **kind)
{
	struct eng_world *w = m->w;
	u64 i;
	if (inside(&w->pool[POOL_TASK], m->cpus, p, &i)) {
		*stamp = &((struct task_struct *)eng_object(&w->k, POOL_TASK, i))->stamp;
		*kind = "memory of a freed task was touched";
	} else if (inside(&w->pool[POOL_SIGNAL], m->cpus, p, &i)) {
		*stamp = &((struct signal_struct *)eng_object(&w->k, POOL_SIGNAL, i))->stamp;
		*kind = "memory of a freed thread group was touched";
	} else if (inside(&w->pool[POOL_MM], m->cpus, p, &i)) {
		*stamp = &((struct mm_struct *)eng_object(&w->k, POOL_MM, i))->stamp;
		*kind = "memory of a freed mm was touched";
	} else {
		const char *pages = w->pages, *at = p;
		size_t page = m->c->geometry->nslots * sizeof(pgd_t);
		if (at >= pages && at < pages + page * w->pool[POOL_PTDESC].each * m->cpus)
			i = (u64)(at - pages) / page;
		else if (!inside(&w->pool[POOL_PTDESC], m->cpus, p, &i))
			return false;
		*stamp = &((struct ptdesc *)eng_object(&w->k, POOL_PTDESC, i))->stamp;
		*kind = "memory of a freed page directory was touched";
	}
	return *stamp != p;
}
