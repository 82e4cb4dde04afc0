/*
 * caches.c - where a line is found: dependent loads through working sets that
 * fit one cache and not the one before.
 *
 * The order is random within pages and from page to page, page after page: what
 * is replayed works on objects and directories for a while, too, and so the
 * look-ups of addresses, which a virtual machine does twice, do not hide what
 * the caches take. Nodes lie 128 bytes apart, because hardware fetches lines in
 * pairs. What shall come from memory is flushed first, so that no working set
 * has to be larger than the last-level cache, which on a shared host is anything.
 */
#include "replay/calibrate/calibrate.h"

#include <immintrin.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#define NODE_BYTES PAIR_OF_LINES
#define PAGE_NODES (4096 / NODE_BYTES)
#define HUGE_PAGE (2ull << 20)
#define LOADS 20000u /* a run */
#define CLEARS 700u
/* Each of the runs that come from memory, and the one that is not counted, has lines of its own. */
#define MEMORY_BYTES (64ull << 20)

#include "replay/dialect/kernel.h"

union node {
	union node *next;
	char bytes[NODE_BYTES];
};

struct chase {
	union node *nodes, *at;
	size_t room; /* nodes */
	void *map;
	size_t map_bytes;
	bool huge;
	uint32_t pages[MEMORY_BYTES / 4096];
};

static bool grew(const char *key, uint64_t *kb)
{
	char line[256];
	unsigned long long v;
	FILE *f = fopen("/proc/self/smaps_rollup", "r");
	bool found = false;
	while (f && !found && fgets(line, sizeof(line), f))
		if (!strncmp(line, key, strlen(key)) && sscanf(line + strlen(key), "%llu", &v) == 1) {
			found = true;
			*kb = v;
		}
	if (f)
		fclose(f);
	return found;
}

static bool map_nodes(struct chase *m, size_t bytes)
{
	uint64_t before = 0, after = 0;
	m->map_bytes = bytes + HUGE_PAGE;
	m->map = mmap(NULL, m->map_bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (m->map == MAP_FAILED)
		return false;
	m->nodes = (void *)(((uintptr_t)m->map + HUGE_PAGE - 1) & ~(HUGE_PAGE - 1));
	m->room = bytes / NODE_BYTES;
	grew("AnonHugePages:", &before);
	/* A request; what came of it is looked up. */
	madvise(m->nodes, bytes, MADV_HUGEPAGE);
	memset(m->nodes, 1, bytes);
	m->huge = grew("AnonHugePages:", &after) && after >= before + bytes / 1024 / 2;
	return true;
}

static uint32_t random_below(uint64_t *seed, size_t n)
{
	*seed ^= *seed << 13;
	*seed ^= *seed >> 7;
	*seed ^= *seed << 17;
	return (uint32_t)((*seed >> 32) * n >> 32);
}

static void shuffle(uint64_t *seed, uint32_t *a, uint32_t n)
{
	for (uint32_t i = 0; i < n; i++)
		a[i] = i;
	for (uint32_t i = n; i > 1; i--) {
		uint32_t j = random_below(seed, i), t = a[i - 1];
		a[i - 1] = a[j];
		a[j] = t;
	}
}

/* One circle through the first @n nodes, in an order that is the same each time. */
static void link_nodes(struct chase *m, size_t n)
{
	uint64_t seed = 0x9e3779b97f4a7c15ull;
	uint32_t in_page[PAGE_NODES], pages = (uint32_t)(n / PAGE_NODES);
	union node *first = NULL, *last = NULL;
	shuffle(&seed, m->pages, pages);
	for (uint32_t i = 0; i < pages; i++) {
		shuffle(&seed, in_page, PAGE_NODES);
		for (uint32_t j = 0; j < PAGE_NODES; j++) {
			union node *at = &m->nodes[m->pages[i] * PAGE_NODES + in_page[j]];
			*(last ? &last->next : &first) = at;
			last = at;
		}
	}
	last->next = first;
	m->at = first;
}

static double run_chase(const struct calibrating *c, void *arg)
{
	struct chase *m = arg;
	union node *p = m->at;
	u64 from = eng_clock();
	for (unsigned i = 0; i < LOADS; i++)
		p = *(union node *volatile *)&p->next;
	u64 cycles = eng_clock() - from;
	m->at = p;
	return cycles_each(c, cycles, LOADS);
}

static void flush_nodes(struct chase *m, size_t n)
{
	_mm_mfence();
	for (char *p = m->nodes->bytes; p < m->nodes[n].bytes; p += 64)
		_mm_clflush(p);
	_mm_mfence();
}

/* @bytes, whole nodes, within the map. Warm: each has been visited. */
static bool chase(const struct calibrating *c, struct chase *m, uint64_t bytes, double ps[CALIBRATE_RUNS])
{
	size_t n = bytes / NODE_BYTES;
	link_nodes(m, n);
	for (size_t i = 0; i < 2 * n; i++)
		m->at = m->at->next;
	return samples_take(c, run_chase, m, ps);
}

/* ---- ranges: whole pages cleared, one after another at random ---- */

struct clearing {
	char *base;
	const uint32_t *order;
	uint32_t pages, next;
};

static double run_clear(const struct calibrating *c, void *arg)
{
	struct clearing *r = arg;
	u64 from = eng_clock();
	for (uint32_t i = 0; i < CLEARS; i++) {
		clear_page((void *)(r->base + 4096ull * r->order[r->next]), 512);
		r->next = r->next + 1 < r->pages ? r->next + 1 : 0;
	}
	return cycles_each(c, eng_clock() - from, CLEARS * 64.0);
}

/* Destroys the nodes. */
static void measure_range(const struct calibrating *c, struct chase *m, uint64_t bytes, enum cost x, const char *how)
{
	uint64_t seed = 1;
	double ps[CALIBRATE_RUNS];
	struct clearing r = { .base = m->nodes->bytes, .order = m->pages, .pages = (uint32_t)(bytes / 4096) };
	shuffle(&seed, m->pages, r.pages);
	if (x == COST_range_memory)
		flush_nodes(m, bytes / NODE_BYTES);
	else
		memset(m->nodes, 0, bytes);
	if (samples_take(c, run_clear, &r, ps))
		samples_sum_up_beyond(ps, CALIBRATE_RUNS, &c->out->cost[COST_clear], &c->out->cost[x], how);
}

static uint64_t at_most(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

static void say(char *buf, size_t size, const struct chase *m, const char *fmt, uint64_t bytes)
{
	int n = snprintf(buf, size, fmt, (unsigned long long)bytes >> 10);
	if (n > 0 && (size_t)n < size)
		snprintf(buf + n, size - (size_t)n, "%s", m->huge ? "" : ", no huge pages");
}

/* How much of the last-level cache is ours: up to where a line comes from there rather than from memory. */
static void measure_size(const struct calibrating *c, struct chase *m, const struct calibrated *l1, uint64_t from)
{
	const struct calibrated *cost = c->out->cost;
	uint64_t limit = l1->ps + (cost[COST_llc].ps + cost[COST_memory].ps) / 2, fits = from;
	double ps[CALIBRATE_RUNS];
	if (!cost[COST_llc].measured || !cost[COST_memory].measured || cost[COST_memory].ps <= cost[COST_llc].ps)
		return;
	for (uint64_t set = 2 * from; set <= MEMORY_BYTES && set <= c->out->llc_lines * 64; set *= 2) {
		struct calibrated here;
		if (!chase(c, m, set, ps))
			return;
		samples_sum_up(ps, CALIBRATE_RUNS, &here, "");
		if (here.ps > limit) {
			/* Beyond what fits, and what does not. */
			c->out->llc_lines = fits / 64;
			return;
		}
		fits = set;
	}
}

/* How large the caches are is the system's word; how far a line comes is measured. */
static void measure(const struct calibrating *c, struct chase *m)
{
	struct calibrated *cost = c->out->cost, l1;
	const uint64_t b1 = c->cpus->l1_lines * 64ull, b2 = c->cpus->l2_lines * 64ull, b3 = c->cpus->llc_lines * 64;
	double ps[CALIBRATE_RUNS];
	char how[64];
	const char *range = "pages cleared at random";
	/* 8 KB fit any first cache, with what else is in there. */
	if (!chase(c, m, 8192, ps))
		return;
	samples_sum_up(ps, CALIBRATE_RUNS, &l1, "");
	uint64_t set = at_most(b2 / 2, MEMORY_BYTES);
	if (!b1 || set < 4 * b1) {
		calibrated_impossible(&cost[COST_l2], b1 && b2 ? "second cache hardly larger than the first"
							       : "the system does not say how large the caches are");
	} else if (chase(c, m, set, ps)) {
		say(how, sizeof(how), m, "chase through %llu KB", set);
		samples_sum_up_beyond(ps, CALIBRATE_RUNS, &l1, &cost[COST_l2], how);
		measure_range(c, m, set, COST_range_l2, range);
	}
	link_nodes(m, m->room);
	flush_nodes(m, m->room);
	if (samples_take(c, run_chase, m, ps)) {
		say(how, sizeof(how), m, "chase through %llu KB, flushed", MEMORY_BYTES);
		samples_sum_up_beyond(ps, CALIBRATE_RUNS, &l1, &cost[COST_memory], how);
		measure_range(c, m, MEMORY_BYTES, COST_range_memory, "pages cleared at random, flushed");
	}
	set = at_most(at_most(4 * b2, b3 / 2), MEMORY_BYTES);
	if (!b2 || set < 2 * b2) {
		calibrated_impossible(&cost[COST_llc], b2 && b3 > b2 ? "last cache hardly larger than the second"
								     : "the system tells of no third cache");
	} else if (chase(c, m, set, ps)) {
		say(how, sizeof(how), m, "chase through %llu KB", set);
		samples_sum_up_beyond(ps, CALIBRATE_RUNS, &l1, &cost[COST_llc], how);
		measure_size(c, m, &l1, set);
		measure_range(c, m, set, COST_range_llc, range);
	}
}

void calibrate_caches(const struct calibrating *c)
{
	_Static_assert((CALIBRATE_RUNS + 1) * LOADS <= MEMORY_BYTES / NODE_BYTES, "no line is visited twice");
	_Static_assert((CALIBRATE_RUNS + 1) * CLEARS <= MEMORY_BYTES / 4096, "nor is a page cleared twice");
	struct chase *m = calloc(1, sizeof(*m));
	if (m && map_nodes(m, MEMORY_BYTES)) {
		measure(c, m);
		munmap(m->map, m->map_bytes);
	} else {
		for (enum cost i = COST_l2; i <= COST_memory; i++)
			calibrated_impossible(&c->out->cost[i], "no memory for the working set");
	}
	free(m);
}
