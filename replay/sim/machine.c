/* Making and taking down a simulated machine; lock classes. */
#include "replay/sim/machine.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/mman.h>

#define PAGE 4096ull

u32 machine_random(struct machine *m, u32 n)
{
	m->seed ^= m->seed << 13;
	m->seed ^= m->seed >> 7;
	m->seed ^= m->seed << 17;
	return (u32)((m->seed >> 32) * n >> 32);
}

u8 eng_lock_class(struct kernel *k, const char *name)
{
	(void)k;
	struct machine *m = sim_self->m;
	for (u8 i = 1; i < m->lock_classes; i++)
		if (!strcmp(m->lock_class[i], name))
			return i;
	if (m->lock_classes == LOCK_CLASSES)
		return 0;
	m->lock_class[m->lock_classes] = name;
	return m->lock_classes++;
}

void sim_lock_lies_at(const void *p, u8 class)
{
	struct machine *m = sim_self->m;
	u64 line = ((uintptr_t)p - sim_self->base) >> 6;
	m->lock_is_used[class] = true;
	if (line >= m->lines)
		return;
	m->line[line].flags |= LINE_LOCK;
	m->line[line].name = names_add(m, m->lock_class[class]);
}

/* ---- memory ---- */

static size_t whole_lines(size_t n)
{
	return (n + 63) & ~(size_t)63;
}

static void *reserve(size_t bytes)
{
	void *p = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	return p == MAP_FAILED ? NULL : p;
}

static void plan_arenas(struct machine *m)
{
	static const size_t size[POOL_NR] = {
		[POOL_TASK] = sizeof(struct task_struct),
		[POOL_SIGNAL] = sizeof(struct signal_struct),
		[POOL_PTDESC] = sizeof(struct ptdesc),
		[POOL_TABLE] = sizeof(struct ptable),
	};
	static const size_t link[POOL_NR] = {
		[POOL_TASK] = offsetof(struct task_struct, free_next),
		[POOL_SIGNAL] = offsetof(struct signal_struct, free_next),
		[POOL_MM] = offsetof(struct mm_struct, free_next),
		[POOL_PTDESC] = offsetof(struct ptdesc, free_next),
		[POOL_TABLE] = offsetof(struct ptable, free_next),
	};
	const struct plan *p = m->c->plan;
	m->mm_size = (u32)mm_struct_size(m->design->mm_size ? *m->design->mm_size : 0, m->cpus);
	for (unsigned i = 0; i < POOL_NR; i++) {
		struct arena *a = &m->arena[i];
		u64 created = i == POOL_TABLE ? NSLOTS_MAX : i == POOL_MM || i == POOL_PTDESC ? p->mms : p->tasks;
		/* Nothing is carved while a free object is at hand: creations and what CPUs hold back bound it. */
		a->room = created + 1024 + (u64)m->cpus * (m->keep + 2 * m->rcu_batch + 64);
		a->stride = whole_lines(i == POOL_MM ? m->mm_size : size[i]);
		a->offset_free_next = link[i];
	}
	m->lines_per_page = (u32)(whole_lines(m->c->geometry->nslots * sizeof(pgd_t)) / 64);
	while (1u << m->page_shift < m->lines_per_page)
		m->page_shift++;
}

static char *carve(char **at, size_t n)
{
	char *p = *at;
	*at += (n + 127) & ~(size_t)127;
	return p;
}

static int lay_out(struct machine *m)
{
	const struct run_config *c = m->c;
	size_t world = (m->design->world_size ? *m->design->world_size : 0) + 64;
	size_t bytes = sizeof(struct eng_world) + world + m->cpus * 256ull + PAGE;
	bytes += m->cpus * (u64)PAIR_OF_LINES + (c->plan->handles + 1ull) * sizeof(*m->task) + PAGE;
	for (unsigned i = 0; i < POOL_NR; i++)
		bytes += m->arena[i].room * m->arena[i].stride + PAGE;
	bytes += (m->arena[POOL_PTDESC].room << m->page_shift) * 64 + PAGE;
	m->memory_size = (bytes + PAGE - 1) & ~(PAGE - 1);
	m->lines = m->memory_size / 64;
	m->directory_size = m->lines * sizeof(*m->line);
	/* What is left behind the last page is less than a page of 1024 slots, and may be two of less. */
	m->page_lines_size = (m->arena[POOL_PTDESC].room + PAGE / 64) * sizeof(*m->page);
	m->memory = reserve(m->memory_size);
	m->line = reserve(m->directory_size);
	m->page = reserve(m->page_lines_size);
	if (!m->memory || !m->line || !m->page)
		return -ENOMEM;
	char *at = m->memory;
	m->w = (void *)carve(&at, sizeof(*m->w));
	struct kernel *k = &m->w->k;
	k->design = carve(&at, world);
	k->cpus = calloc(m->cpus, sizeof(*k->cpus));
	if (!k->cpus)
		return -ENOMEM;
	for (u32 i = 0; i < m->cpus; i++) {
		k->cpus[i] = (void *)carve(&at, sizeof(struct cpu));
		k->cpus[i]->id = i;
	}
	m->progress = carve(&at, m->cpus * (u64)PAIR_OF_LINES);
	m->task = (void *)carve(&at, (c->plan->handles + 1ull) * sizeof(*m->task));
	for (unsigned i = 0; i < POOL_NR; i++) {
		at = (char *)(((uintptr_t)at + PAGE - 1) & ~(PAGE - 1));
		m->arena[i].base = carve(&at, m->arena[i].room * m->arena[i].stride);
	}
	at = (char *)(((uintptr_t)at + PAGE - 1) & ~(PAGE - 1));
	m->pages = at;
	m->first_page_line = (u64)(at - m->memory) / 64;
	m->kernel_lines_from = c->geometry->kernel_boundary * sizeof(pgd_t) / 64;
	k->geo = c->geometry;
	k->eng = m->w;
	k->ncpus = m->cpus;
	k->mm_size = m->mm_size;
	k->sync_policy = m->design->flags & DESIGN_OWNS_SYNC ? SYNC_EAGER : c->sync_policy;
	k->fault_handler = c->fault_handler;
	k->fixed = c->fixed;
	k->ordered = true;
	return 0;
}

/* ---- CPUs ---- */

static void take_costs(struct machine *m)
{
	const struct topology *t = m->c->topology;
#define PS(name) t->cost[COST_##name].ps
	m->transfer[NEAR_SMT] = PS(smt);
	m->transfer[NEAR_CLUSTER] = PS(cluster);
	m->transfer[NEAR_SOCKET] = PS(socket);
	m->transfer[NEAR_REMOTE] = PS(remote);
	m->l2 = PS(l2);
	m->llc = PS(llc);
	m->ram = PS(memory);
	m->clear = PS(clear);
	m->copy = PS(copy);
	m->scan = PS(scan);
	m->harness = PS(event);
	m->surprise = PS(surprise);
	m->look = PS(look);
	m->futex = PS(futex);
	m->wake = PS(wake);
	m->wakeup = PS(wakeup);
	m->grace = PS(grace);
	m->rcu_cost = PS(rcu);
	m->ipi = PS(ipi);
	m->range_l2 = PS(range_l2);
	m->range_llc = PS(range_llc);
	m->range_ram = PS(range_memory);
#undef PS
	m->llc_lines = t->llc_lines;
	m->cores_per_cluster = t->cores < m->cpus ? t->cores : m->cpus;
	/* Between two CPUs taken at random; CPU 0 sees what any other sees. */
	u64 sum = 0;
	for (u32 i = 1; i < m->cpus; i++)
		sum += m->transfer[topology_distance(t, 0, i)];
	m->mean_transfer = m->cpus > 1 ? sum / (m->cpus - 1) : m->transfer[NEAR_CLUSTER];
}

static void take_delays(struct machine *m)
{
	for (unsigned i = 0; i < m->c->ndelays; i++)
		m->delay[eng_lock_class(&m->w->k, m->c->delays[i].lock)] += m->c->delays[i].ns * 1000;
}

/* A cache is 16 ticks or more, less than 32; half a stamp is 65536 of them. */
static u8 tick_of(u32 lines)
{
	u8 shift = 0;
	while (lines >> shift >= 32)
		shift++;
	return shift;
}

static enum sim_lock_kind kind_of(const char *lock)
{
	static const char *const name[] = { [SIM_TICKET] = "ticket",
					    [SIM_QSPINLOCK] = "qspinlock",
					    [SIM_TAS] = "tas",
					    [SIM_PVQSPINLOCK] = "pvqspinlock",
					    [SIM_MUTEX] = "mutex" };
	unsigned i = 0;
	while (i < SIM_MUTEX && strcmp(name[i], lock))
		i++;
	return i;
}

static int make_cpus(struct machine *m)
{
	const struct topology *t = m->c->topology;
	for (u32 i = 0; i < m->cpus; i++) {
		struct worker *w = &m->worker[i];
		w->c = (struct sim_cpu){
			.id = (u16)i,
			.me = (u16)(i + 1),
			.line = NO_LINE,
			.base = (uintptr_t)m->memory,
			.step = (u32)t->cost[COST_step].ps,
			.atomic = (u32)t->cost[COST_atomic].ps,
			.fence = (u32)t->cost[COST_fence].ps,
			.shift = tick_of(t->l1_lines),
			.shift2 = tick_of(t->l2_lines),
			.l1_ticks = (u16)(t->l1_lines >> tick_of(t->l1_lines)),
			.l2_ticks = (u16)(t->l2_lines >> tick_of(t->l2_lines)),
			/* A stamp of 0 is old for everybody. */
			.stamp = 0x80008000,
			.fills = 0x8000u << tick_of(t->l1_lines),
			.fills2 = 0x8000u << tick_of(t->l2_lines),
			.core = (u16)topology_core(t, i),
			.cluster = (u16)topology_cluster(t, i),
			.socket = (u16)(topology_cluster(t, i) / t->clusters),
			.running_ahead_barred = m->c->exact,
			.careful = m->c->exact,
			.lock_kind = kind_of(m->design->lock),
			.cpu = m->w->k.cpus[i],
			.m = m,
		};
		m->place[i] = (struct place){ w->c.core, w->c.cluster, w->c.socket, (u16)(w->c.stamp >> 16) };
		w->c.stored = w->stored;
		w->idle_since = UINT64_MAX;
		w->rcu_tail = &w->rcu_head;
		w->range = UINT64_MAX;
		w->stack = reserve(SIM_GUARD + SIM_STACK);
		if (!w->stack || mprotect(w->stack, SIM_GUARD, PROT_NONE))
			return -ENOMEM;
	}
	return 0;
}

int sim_machine_make(const struct run_config *c, struct machine **out, struct mmr_err *e)
{
	struct machine *m = calloc(1, sizeof(*m));
	if (!m)
		goto nomem;
	m->c = c;
	m->design = c->design;
	m->cpus = c->plan->workers;
	m->seed = (c->seed + 1) * 0x9e3779b97f4a7c15ull | 1;
	m->lock_class[0] = "other";
	m->lock_classes = 1;
	m->current_event = UINT64_MAX;
	m->bit_words = (m->cpus + 63) / 64;
	/* What a CPU keeps of its own, and how long it puts off: as in the native engine, but bounded over all CPUs. */
	m->keep = m->cpus <= 4 ? 2048 : 8192 / m->cpus + 4;
	m->rcu_batch = m->cpus <= 8 ? 512 : 1024 / m->cpus + 8;
	coro_self(&m->host);
	size_t workers = (m->cpus * sizeof(*m->worker) + PAIR_OF_LINES - 1) & ~(size_t)(PAIR_OF_LINES - 1);
	m->worker = aligned_alloc(PAIR_OF_LINES, workers);
	if (m->worker)
		memset(m->worker, 0, workers);
	m->heap = calloc(m->cpus + 1, sizeof(*m->heap));
	m->horizon = UINT64_MAX;
	m->place = calloc(m->cpus, sizeof(*m->place));
	m->lock = calloc((size_t)LOCK_CLASSES * LOCK_MODES, sizeof(*m->lock));
	m->conflict = calloc((size_t)EV_MAX * LINE_NAMES, sizeof(*m->conflict));
	m->latency = calloc(EV_MAX, sizeof(*m->latency));
	m->drift = calloc(1, sizeof(*m->drift));
	m->announced = calloc((size_t)m->cpus * (NSLOTS_MAX / 64), sizeof(*m->announced));
	m->attention = calloc(m->cpus, sizeof(*m->attention));
	if (!m->worker || !m->heap || !m->place || !m->lock || !m->conflict || !m->latency || !m->drift ||
	    !m->announced || sim_who_make(m) || !m->attention)
		goto nomem;
	plan_arenas(m);
	if (lay_out(m) || make_cpus(m))
		goto nomem;
	for (unsigned i = 0; i < LOCK_CLASSES * LOCK_MODES; i++) {
		hist_init(&m->lock[i].wait);
		hist_init(&m->lock[i].hold);
	}
	for (unsigned i = 0; i < EV_MAX; i++)
		hist_init(&m->latency[i]);
	hist_init(m->drift);
	sim_self = &m->worker[0].c;
	take_costs(m);
	take_delays(m);
	names_make(m);
	*out = m;
	return 0;
nomem:
	sim_machine_free(m);
	return mmr_err(e, -ENOMEM, "no memory for a machine of %u CPUs and %u tasks", c->plan->workers, c->plan->tasks);
}

void sim_machine_free(struct machine *m)
{
	if (!m)
		return;
	for (u32 i = 0; m->worker && i < m->cpus; i++)
		if (m->worker[i].stack) {
			coro_drop(&m->worker[i].co);
			munmap(m->worker[i].stack, SIM_GUARD + SIM_STACK);
		}
	if (m->w)
		free(m->w->k.cpus);
	if (m->memory)
		munmap(m->memory, m->memory_size);
	if (m->line)
		munmap(m->line, m->directory_size);
	if (m->page)
		munmap(m->page, m->page_lines_size);
	free(m->worker);
	free(m->heap);
	free(m->place);
	free(m->bits);
	free(m->free_bits);
	free(m->lock);
	sim_who_free(m);
	free(m->conflict);
	free(m->latency);
	free(m->drift);
	free(m->announced);
	free(m->attention);
	free(m);
	sim_self = NULL;
}
