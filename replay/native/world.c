/* Making and taking down a world; lock classes; violations. */
#include "replay/native/world.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>

_Static_assert(MAILBOX_SLOTS >= NSLOTS_MAX, "every slot has its bit in a mailbox");

__thread struct eng_thread eng_thread __attribute__((tls_model("initial-exec")));
__thread struct ncpu *eng_self __attribute__((tls_model("initial-exec")));

struct qs_nodes *qs_nodes_of(u32 cpu)
{
	return &eng_self->world->nodes[cpu];
}

u8 eng_lock_class(struct kernel *k, const char *name)
{
	struct eng_world *w = k->eng;
	for (u8 i = 1; i < w->lock_classes; i++)
		if (!strcmp(w->lock_class[i], name))
			return i;
	if (w->lock_classes == LOCK_CLASSES)
		return 0;
	w->lock_class[w->lock_classes] = name;
	return w->lock_classes++;
}

void world_violation(struct eng_world *w, const char *invariant, const char *what, u32 task, u32 mm, int slot,
		     u64 event)
{
	eng_enter_host();
	pthread_mutex_lock(&w->violation_lock);
	violations_note(&w->violations, invariant, what, task, mm, slot, event);
	pthread_mutex_unlock(&w->violation_lock);
	eng_leave_host();
}

void kernel_violation(struct kernel *k, const char *invariant, const char *what, u32 task, u32 mm, int slot)
{
	struct eng_world *w = k->eng;
	u64 event = w->current_event;
	if (event == UINT64_MAX && w->event_of) {
		event = w->event_of(w->event_arg, this_cpu()->id);
		if (!task && this_cpu()->curr)
			task = this_cpu()->curr->id;
	}
	world_violation(w, invariant, what, task, mm, slot, event);
}

static void *reserve(size_t bytes)
{
	void *p = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (p == MAP_FAILED)
		return NULL;
	/* The kernel's direct map has large pages, too. */
	madvise(p, bytes, MADV_HUGEPAGE);
	return p;
}

static size_t whole_lines(size_t n)
{
	return (n + 63) & ~(size_t)63;
}

static int make_arenas(struct eng_world *w, const struct world_config *c)
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
	for (unsigned p = 0; p < POOL_NR; p++) {
		struct arena *a = &w->arena[p];
		/* Nothing is carved while a free object is at hand: creations and what CPUs and RCU hold back bound it. */
		u64 created = p == POOL_TABLE ? NSLOTS_MAX : p == POOL_MM || p == POOL_PTDESC ? c->mms : c->tasks;
		a->room = created + 1024 + (u64)c->cpus * (2 * POOL_KEEP + 2 * RCU_BATCH);
		a->stride = whole_lines(p == POOL_MM ? w->k.mm_size : size[p]);
		a->offset_free_next = link[p];
		a->mapped = a->room * a->stride;
		a->base = reserve(a->mapped);
		if (!a->base)
			return -ENOMEM;
		if (p == POOL_PTDESC) {
			a->page_size = whole_lines(c->geo->nslots * sizeof(pgd_t));
			a->mapped_pages = a->room * a->page_size;
			a->pages = reserve(a->mapped_pages);
			if (!a->pages)
				return -ENOMEM;
		}
	}
	return 0;
}

/* Touch what the run will need, so that no page fault falls into it. */
static void warm(struct eng_world *w, const struct world_config *c)
{
	u64 slack = 2 * POOL_BATCH + (u64)c->cpus * (2 * POOL_BATCH + 2 * RCU_BATCH);
	for (unsigned p = 0; p < POOL_NR; p++) {
		struct arena *a = &w->arena[p];
		u64 want = p == POOL_TABLE
				   ? POOL_BATCH
				   : (p == POOL_TASK || p == POOL_SIGNAL ? c->expect_tasks : c->expect_mms) + slack;
		if (want > a->room)
			want = a->room;
		for (u64 b = 0; b < want * a->stride; b += 4096)
			((volatile char *)a->base)[b] = 0;
		for (u64 b = 0; a->pages && b < want * a->page_size; b += 4096)
			((volatile char *)a->pages)[b] = 0;
	}
}

int world_make(const struct world_config *c, struct eng_world **out, struct mmr_err *e)
{
	struct eng_world *w = aligned_alloc(PAIR_OF_LINES, sizeof(*w));
	if (!w)
		goto nomem;
	memset(w, 0, sizeof(*w));
	w->design = c->design;
	w->current_event = UINT64_MAX;
	w->lock_class[0] = "other";
	w->lock_classes = 1;
	pthread_mutex_init(&w->pool_lock, NULL);
	pthread_mutex_init(&w->violation_lock, NULL);
	w->k.geo = c->geo;
	w->k.eng = w;
	w->k.ncpus = c->cpus;
	w->k.mm_size = (u32)mm_struct_size(c->design->mm_size ? *c->design->mm_size : 0, c->cpus);
	w->k.sync_policy = c->design->flags & DESIGN_OWNS_SYNC ? SYNC_EAGER : c->sync_policy;
	w->k.fault_handler = c->fault_handler;
	w->k.fixed = c->fixed;
	w->k.ordered = true;
	w->cpu = aligned_alloc(PAIR_OF_LINES, c->cpus * sizeof(*w->cpu));
	/* At once: world_free() looks into it. */
	if (w->cpu)
		memset(w->cpu, 0, c->cpus * sizeof(*w->cpu));
	w->nodes = aligned_alloc(PAIR_OF_LINES, c->cpus * sizeof(*w->nodes));
	w->task = aligned_alloc(4096, (c->handles * sizeof(*w->task) + 8192) & ~4095ull);
	w->k.cpus = calloc(c->cpus, sizeof(*w->k.cpus));
	size_t state = whole_lines((c->design->world_size ? *c->design->world_size : 0) + 1);
	w->k.design = aligned_alloc(64, state);
	if (!w->cpu || !w->nodes || !w->task || !w->k.cpus || !w->k.design || make_arenas(w, c))
		goto nomem;
	memset(w->task, 0, (c->handles + 1ull) * sizeof(*w->task));
	memset(w->k.design, 0, state);
	memset(w->nodes, 0, c->cpus * sizeof(*w->nodes));
	for (u32 i = 0; i < c->cpus; i++) {
		struct ncpu *n = &w->cpu[i];
		n->cpu.id = i;
		n->world = w;
		n->oversubscribed = c->oversubscribed;
		n->rcu_tail = &n->rcu_head;
		n->tsc_mult = c->tsc_mult;
		n->locks = aligned_alloc(PAIR_OF_LINES, LOCK_CLASSES * LOCK_MODES * sizeof(*n->locks));
		n->times = calloc((size_t)LOCK_CLASSES * LOCK_MODES, sizeof(*n->times));
		n->who_slots = c->who_slots ? c->who_slots : 1;
		n->who = calloc((size_t)n->who_slots * EV_MAX, sizeof(*n->who));
		if (!n->locks || !n->times || !n->who)
			goto nomem;
		/* So that no page fault falls into the run. */
		memset(n->who, 0, (size_t)n->who_slots * EV_MAX * sizeof(*n->who));
		for (unsigned l = 0; l < LOCK_CLASSES * LOCK_MODES; l++) {
			n->locks[l] = (struct lock_counts){ .times = &n->times[l] };
			hist_init(&n->times[l].wait);
			hist_init(&n->times[l].hold);
		}
		w->k.cpus[i] = &n->cpu;
	}
	warm(w, c);
	eng_self = &w->cpu[0];
	*out = w;
	return 0;
nomem:
	world_free(w);
	return mmr_err(e, -ENOMEM, "no memory for a world of %u CPUs and %u tasks", c->cpus, c->tasks);
}

void world_free(struct eng_world *w)
{
	if (!w)
		return;
	for (unsigned p = 0; p < POOL_NR; p++) {
		if (w->arena[p].base)
			munmap(w->arena[p].base, w->arena[p].mapped);
		if (w->arena[p].pages)
			munmap(w->arena[p].pages, w->arena[p].mapped_pages);
	}
	for (u32 i = 0; w->cpu && i < w->k.ncpus; i++) {
		free(w->cpu[i].locks);
		free(w->cpu[i].times);
		free(w->cpu[i].who);
	}
	free(w->cpu);
	free(w->nodes);
	free(w->task);
	free(w->k.cpus);
	free(w->k.design);
	free(w);
	eng_self = NULL;
}

s64 world_live(const struct eng_world *w, enum pool pool)
{
	s64 n = 0;
	for (u32 i = 0; i < w->k.ncpus; i++)
		n += __atomic_load_n(&w->cpu[i].live[pool], __ATOMIC_RELAXED);
	return n;
}
