/* What the small machine's kernel does with its own memory, CPUs and page directories. */
#include "tracegen/generate.h"

/* As on x86-64: stacks of 16 KiB and a guard page, from the first top-level slot of the vmalloc range. */
#define STACK_PAGES 5
/* Pages given back that wait to be unmapped together, for each bit of the CPU count. */
#define LAZY_PAGES 8192

static void given_back(struct gen *g, uint32_t pages, uint16_t cpu)
{
	g->lazy_pages += pages;
	g->lazy_areas++;
	uint32_t bits = 32 - (uint32_t)__builtin_clz(g->cpus);
	if (g->stays_lazy || g->lazy_pages <= (uint64_t)LAZY_PAGES * bits)
		return;
	struct mmw_event ev = { .type = EV_PURGE, .aux = (uint32_t)g->lazy_areas, .cpu = cpu };
	gen_emit(g, &ev, 20 * GEN_US + gen_below(g, 100 * GEN_US));
	g->lazy_pages = g->lazy_areas = 0;
}

uint32_t gen_stack_get(struct gen *g, uint32_t parent)
{
	const struct gen_task *p = gen_task(g, parent);
	struct gen_cpu *c = &g->cpu[p->cpu];
	if (!g->stacks)
		return 0;
	if (c->stacks)
		return c->stack[--c->stacks];
	struct mmw_event ev = { .type = EV_VMALLOC,
				.task = p->id,
				.arg = ++g->next_area,
				.mm = GEN_VMALLOC_FIRST,
				.aux = STACK_PAGES,
				.comm = p->comm,
				.cpu = p->cpu };
	gen_emit(g, &ev, 0);
	return g->next_area;
}

void gen_stack_put(struct gen *g, uint32_t area, uint16_t cpu)
{
	struct gen_cpu *c = &g->cpu[cpu];
	if (!g->stacks)
		return;
	if (c->stacks < GEN_STACK_CACHE) {
		c->stack[c->stacks++] = area;
		return;
	}
	if (!area)
		return;
	struct mmw_event ev = {
		.type = EV_VFREE, .arg = area, .mm = GEN_VMALLOC_FIRST, .aux = STACK_PAGES, .cpu = cpu
	};
	gen_emit(g, &ev, 500 + gen_below(g, 1000));
	given_back(g, STACK_PAGES, cpu);
}

uint32_t gen_vmalloc(struct gen *g, uint32_t t, uint32_t slot, uint32_t pages)
{
	uint32_t place = gen_take(g, &g->areas);
	const struct gen_task *k = gen_task(g, t);
	*gen_area(g, place) = (struct gen_area){ .id = ++g->next_area, .slot = slot, .pages = pages };
	struct mmw_event ev = { .type = EV_VMALLOC,
				.task = k->id,
				.arg = g->next_area,
				.mm = slot,
				.aux = pages,
				.comm = k->comm,
				.cpu = k->cpu };
	gen_emit(g, &ev, 500 + gen_below(g, 1000));
	return place;
}

void gen_vfree(struct gen *g, uint32_t t, uint32_t place)
{
	const struct gen_task *k = gen_task(g, t);
	const struct gen_area a = *gen_area(g, place);
	struct mmw_event ev = { .type = EV_VFREE,
				.task = k->id,
				.arg = a.id,
				.mm = a.slot,
				.aux = a.pages,
				.comm = k->comm,
				.cpu = k->cpu };
	gen_give(&g->areas, place);
	gen_emit(g, &ev, 500 + gen_below(g, 1000));
	given_back(g, a.pages, k->cpu);
}

void gen_purge(struct gen *g, uint32_t t)
{
	const struct gen_task *k = gen_task(g, t);
	struct mmw_event ev = {
		.type = EV_PURGE, .task = k->id, .comm = k->comm, .aux = (uint32_t)g->lazy_areas, .cpu = k->cpu
	};
	gen_emit(g, &ev, 500 + gen_below(g, 1000));
	g->lazy_pages = g->lazy_areas = 0;
}

void gen_machine(struct gen *g, enum ev_type type, uint32_t aux)
{
	struct mmw_event ev = { .type = (uint8_t)type, .aux = aux, .cpu = (uint16_t)gen_below(g, g->cpus) };
	/* A CPU neither brings itself up nor takes itself down. */
	if (type == EV_OFFLINE)
		g->cpu[aux].down = true;
	gen_emit(g, &ev, 5 * GEN_US + gen_below(g, 20 * GEN_US));
	if (type == EV_ONLINE)
		g->cpu[aux].down = false;
}

void gen_suspend(struct gen *g, uint64_t length)
{
	gen_machine(g, EV_PIN_ALL, 0);
	g->stood += length;
	gen_machine(g, EV_UNPIN_ALL, 0);
}
