/*
 * core.c - what one CPU does by itself: shared accesses that hit, locked
 * instructions, fences, pages, RCU, the clock. All in the words of the dialect
 * as the native engine has them, so that it is the code that is replayed.
 */
#include "replay/calibrate/calibrate.h"

#include "replay/dialect/kernel.h"

/*
 * What a step is measured with: objects on a list, as tasks and mms are. All of
 * it lies in the nearest cache.
 */
#define OBJECTS 32u
#define WALK 3u
struct object {
	struct list_head link;
	SHARED(struct object *) owner;
	SHARED(u32) id;
	SHARED(u32) state;
	SHARED(u64) count;
} ____cacheline_aligned;

struct bench {
	struct list_head head ____cacheline_aligned;
	struct object objects[OBJECTS];
	SHARED(u64) word ____cacheline_aligned;
	pgd_t page[512] __attribute__((aligned(4096)));
	pgd_t other[512] __attribute__((aligned(4096)));
	u64 sink;
};

/*
 * An object's life, and how many shared accesses it is: made, put on the list,
 * looked up from there and through its owner, changed, taken off.
 */
#define LIFE_STEPS (3 + 5 + 3 * WALK + 4 + 4)

static __noinline u64 life(struct bench *b, u32 i)
{
	struct object *o = &b->objects[i % OBJECTS], *owner = &b->objects[(i * 7 + 1) % OBJECTS], *at;
	u64 seen = 0;
	WRITE_ONCE(o->id, i);
	WRITE_ONCE(o->state, 1);
	WRITE_ONCE(o->owner, owner);
	list_add(&o->link, &b->head);
	at = o;
	for (u32 n = 0; n < WALK; n++) {
		at = READ_ONCE(at->owner);
		seen += READ_ONCE(at->id);
		if (READ_ONCE(at->state) == 3)
			seen++;
	}
	WRITE_ONCE(o->count, READ_ONCE(o->count) + seen);
	WRITE_ONCE(o->state, READ_ONCE(o->state) + 1);
	list_del(&o->link);
	return seen;
}

static double run_step(const struct calibrating *c, void *arg)
{
	enum { LIVES = 4000 };
	struct bench *b = arg;
	u64 from = eng_clock();
	for (u32 i = 0; i < LIVES; i++)
		b->sink += life(b, i);
	return cycles_each(c, eng_clock() - from, (double)LIVES * LIFE_STEPS);
}

enum { TIMES = 20000 };

static double run_atomic(const struct calibrating *c, void *arg)
{
	struct bench *b = arg;
	u64 from = eng_clock();
	for (u32 i = 0; i < TIMES; i++)
		fetch_add(&b->word, 1);
	return cycles_each(c, eng_clock() - from, TIMES);
}

static double run_fence(const struct calibrating *c, void *arg)
{
	struct bench *b = arg;
	u64 from = eng_clock();
	for (u32 i = 0; i < TIMES; i++) {
		WRITE_ONCE(b->word, i);
		smp_mb();
	}
	return cycles_each(c, eng_clock() - from, TIMES);
}

static double run_clear(const struct calibrating *c, void *arg)
{
	enum { PAGES = 400 };
	struct bench *b = arg;
	u64 from = eng_clock();
	for (u32 i = 0; i < PAGES; i++)
		clear_page(b->page, 512);
	return cycles_each(c, eng_clock() - from, PAGES * 64.0);
}

/* The kernel part of a directory: 240 entries, 30 lines. */
static double run_copy(const struct calibrating *c, void *arg)
{
	enum { COPIES = 1000 };
	struct bench *b = arg;
	u64 from = eng_clock();
	for (u32 i = 0; i < COPIES; i++)
		copy_entries(b->page + 272, b->other + 272, 240);
	return cycles_each(c, eng_clock() - from, COPIES * 30.0);
}

/* The same of which few are there, as in a directory that a boot has filled. */
static double run_scan(const struct calibrating *c, void *arg)
{
	enum { SCANS = 1000 };
	struct bench *b = arg;
	for (u32 i = 272; i < 512; i += 60)
		WRITE_ONCE(b->other[i], i);
	u64 from = eng_clock();
	for (u32 i = 0; i < SCANS; i++)
		copy_present_entries(b->page + 272, b->other + 272, 240);
	return cycles_each(c, eng_clock() - from, SCANS * 30.0);
}

static double run_rcu(const struct calibrating *c, void *arg)
{
	enum { SECTIONS = 10000 };
	(void)arg;
	u64 from = eng_clock();
	for (u32 i = 0; i < SECTIONS; i++) {
		rcu_read_lock();
		rcu_read_unlock();
	}
	return cycles_each(c, eng_clock() - from, SECTIONS);
}

static double run_clock(const struct calibrating *c, void *arg)
{
	struct bench *b = arg;
	u64 from = eng_clock();
	for (u32 i = 0; i < TIMES; i++)
		b->sink ^= eng_clock();
	return cycles_each(c, eng_clock() - from, TIMES);
}

/* How the native engine's wait for another worker ends: it looks up from a pause. */
static double run_look(const struct calibrating *c, void *arg)
{
	struct bench *b = arg;
	u64 from = eng_clock();
	for (u32 i = 0; i < TIMES; i++) {
		b->sink ^= eng_clock();
		if (i % 2)
			__builtin_ia32_pause();
		b->sink ^= eng_clock();
	}
	return cycles_each(c, eng_clock() - from, TIMES);
}

void calibrate_core(const struct calibrating *c)
{
	struct calibrated *cost = c->out->cost;
	double ps[CALIBRATE_RUNS];
	struct bench *b = aligned_alloc(4096, (sizeof(*b) + 4095) & ~(size_t)4095);
	if (!b) {
		for (unsigned i = 0; i < COST_NR; i++)
			calibrated_impossible(&cost[i], "no memory");
		return;
	}
	memset(b, 0, sizeof(*b));
	INIT_LIST_HEAD(&b->head);
	for (u32 i = 0; i < OBJECTS; i++)
		WRITE_ONCE(b->objects[i].owner, &b->objects[(i + 1) % OBJECTS]);
	if (samples_take(c, run_step, b, ps))
		samples_sum_up(ps, CALIBRATE_RUNS, &cost[COST_step], "objects made, listed, followed, unlisted");
	if (samples_take(c, run_atomic, b, ps))
		samples_sum_up_beyond(ps, CALIBRATE_RUNS, &cost[COST_step], &cost[COST_atomic], "locked xadd");
	if (samples_take(c, run_fence, b, ps))
		samples_sum_up_beyond(ps, CALIBRATE_RUNS, &cost[COST_step], &cost[COST_fence], "store, full barrier");
	if (samples_take(c, run_clear, b, ps))
		samples_sum_up(ps, CALIBRATE_RUNS, &cost[COST_clear], "memset of a cached page");
	if (samples_take(c, run_copy, b, ps))
		samples_sum_up(ps, CALIBRATE_RUNS, &cost[COST_copy], "memcpy of 240 cached entries");
	if (samples_take(c, run_scan, b, ps))
		samples_sum_up(ps, CALIBRATE_RUNS, &cost[COST_scan], "240 cached entries, 4 of them there, copied");
	eng_rcu_register();
	if (samples_take(c, run_rcu, b, ps))
		samples_sum_up(ps, CALIBRATE_RUNS, &cost[COST_rcu], "liburcu's mb flavour");
	eng_rcu_unregister();
	if (samples_take(c, run_look, b, ps))
		samples_sum_up(ps, CALIBRATE_RUNS, &cost[COST_look], "rdtsc twice, a pause every other time");
	if (samples_take(c, run_clock, b, ps))
		samples_sum_up(ps, CALIBRATE_RUNS, &c->out->extra[EXTRA_timestamp], "rdtsc");
	free(b);
}
