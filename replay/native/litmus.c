/* The race of fork and sync on real CPUs. */
#include "replay/native/litmus.h"

#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <x86intrin.h>

#include "replay/native/native.h"

#define SKEW_NS 300.0
#define BATCH 8192u /* rounds between two looks at what was lost */

enum barrier { NONE, WMB, RMW_FORK, MB_FORK, MB_SYNC, MB };

const struct litmus_variant litmus_variant[LITMUS_VARIANTS] = {
	[NONE] = { "none", "plain store, plain load", false },
	[WMB] = { "wmb", "store-store barrier on both sides: no instruction on x86", false },
	[RMW_FORK] = { "rmw-fork", "locked publication, plain store in sync", false },
	[MB_FORK] = { "mb-fork", "full barrier in fork only", false },
	[MB_SYNC] = { "mb-sync", "full barrier in sync only", false },
	[MB] = { "mb", "full barrier on both sides", true },
};

/* A word alone on its lines. */
struct word {
	uint64_t v;
} __attribute__((aligned(128)));

struct race {
	struct word published, reference; /* the round in which it was last written */
	struct word arrived[2];
	struct word stopped; /* fork's side has seen @stop: both end at this round */
	uint8_t missed[2][BATCH] __attribute__((aligned(128)));
	const volatile sig_atomic_t *stop;
	uint64_t rounds, seed, lost;
	uint64_t skew_cycles;
	int cpu[2];
	unsigned variant;
};

static inline void put(uint64_t *p, uint64_t v)
{
	__atomic_store_n(p, v, __ATOMIC_RELAXED);
}

static inline uint64_t get(const uint64_t *p)
{
	return __atomic_load_n(p, __ATOMIC_RELAXED);
}

/* Both have come to @round: each says so on a line of its own, the sense of which is the round. */
static inline void meet(struct race *r, unsigned side, uint64_t round)
{
	__atomic_store_n(&r->arrived[side].v, round, __ATOMIC_RELEASE);
	for (unsigned spins = 0; __atomic_load_n(&r->arrived[!side].v, __ATOMIC_ACQUIRE) < round; spins++) {
		_mm_pause();
		/* The other one is not running. */
		if (spins % 65536 == 65535)
			sched_yield();
	}
}

static inline void skew(uint64_t *seed, uint64_t cycles)
{
	*seed ^= *seed << 13;
	*seed ^= *seed >> 7;
	*seed ^= *seed << 17;
	uint64_t until = __rdtsc() + (*seed >> 11) % (cycles + 1);
	while (__rdtsc() < until)
		;
}

/* One side's two accesses; true: it missed what the other wrote in this round. */
static inline __attribute__((always_inline)) bool one_round(enum barrier b, bool fork, uint64_t *mine,
							    const uint64_t *theirs, uint64_t round)
{
	if (b == RMW_FORK && fork)
		__atomic_exchange_n(mine, round, __ATOMIC_SEQ_CST);
	else
		put(mine, round);
	if (b == MB || (b == MB_FORK && fork) || (b == MB_SYNC && !fork))
		_mm_mfence();
	else if (b != NONE)
		__asm__ __volatile__("" ::: "memory");
	return get(theirs) != round;
}

static inline __attribute__((always_inline)) void all_rounds(struct race *r, enum barrier b, bool fork)
{
	unsigned side = fork ? 0 : 1;
	uint64_t seed = (r->seed + side) * 0x9e3779b97f4a7c15ull | 1, first = 1;
	uint64_t *mine = fork ? &r->published.v : &r->reference.v;
	const uint64_t *theirs = fork ? &r->reference.v : &r->published.v;
	while (first <= r->rounds) {
		uint64_t n = r->rounds - first + 1 < BATCH ? r->rounds - first + 1 : BATCH;
		for (uint64_t i = 0; i < n; i++) {
			meet(r, side, 3 * (first + i));
			skew(&seed, r->skew_cycles);
			r->missed[side][i] = one_round(b, fork, mine, theirs, first + i);
		}
		first += n;
		meet(r, side, 3 * first - 2);
		if (fork) {
			for (uint64_t i = 0; i < n; i++)
				r->lost += r->missed[0][i] & r->missed[1][i];
			put(&r->stopped.v, r->stop && *r->stop ? first - 1 : 0);
		}
		meet(r, side, 3 * first - 1);
		if (get(&r->stopped.v))
			return;
	}
}

static void race_side(struct race *r, bool fork)
{
	switch ((enum barrier)r->variant) {
	case NONE:
		all_rounds(r, NONE, fork);
		return;
	case WMB:
		all_rounds(r, WMB, fork);
		return;
	case RMW_FORK:
		all_rounds(r, RMW_FORK, fork);
		return;
	case MB_FORK:
		all_rounds(r, MB_FORK, fork);
		return;
	case MB_SYNC:
		all_rounds(r, MB_SYNC, fork);
		return;
	case MB:
		all_rounds(r, MB, fork);
		return;
	}
}

static void *sync_side(void *arg)
{
	struct race *r = arg;
	race_side(r, false);
	return NULL;
}

int litmus_cpus(int cpu[2], struct mmr_err *e)
{
	cpu_set_t set;
	int n = 0;
	if (sched_getaffinity(0, sizeof(set), &set))
		return mmr_err_sys(e, -errno, "cannot ask which CPUs there are");
	for (int i = 0; i < CPU_SETSIZE; i++)
		if (CPU_ISSET(i, &set))
			cpu[n++ ? 1 : 0] = i;
	return n < 2 ? mmr_err(e, -ENODEV, "a race needs two CPUs, and this process may run on %d", n) : 0;
}

static int run_pinned(struct race *r, struct mmr_err *e)
{
	cpu_set_t before, here, there;
	pthread_attr_t attr;
	pthread_t other;
	CPU_ZERO(&here);
	CPU_SET(r->cpu[0], &here);
	CPU_ZERO(&there);
	CPU_SET(r->cpu[1], &there);
	if (sched_getaffinity(0, sizeof(before), &before) || sched_setaffinity(0, sizeof(here), &here))
		return mmr_err_sys(e, -errno, "cannot stay on CPU %d", r->cpu[0]);
	pthread_attr_init(&attr);
	int ret = pthread_attr_setaffinity_np(&attr, sizeof(there), &there);
	if (!ret)
		ret = pthread_create(&other, &attr, sync_side, r);
	pthread_attr_destroy(&attr);
	if (!ret) {
		race_side(r, true);
		pthread_join(other, NULL);
	}
	sched_setaffinity(0, sizeof(before), &before);
	return ret ? mmr_err_sys(e, -ret, "cannot start a thread on CPU %d", r->cpu[1]) : 0;
}

int litmus_run(unsigned v, uint64_t rounds, uint64_t seed, const int cpu[2], const volatile sig_atomic_t *stop,
	       struct litmus_count *result, struct mmr_err *e)
{
	struct native_clock clock;
	struct timespec from, to;
	memset(result, 0, sizeof(*result));
	int ret = native_clock_measure(&clock, e);
	if (ret)
		return ret;
	struct race *r = aligned_alloc(128, (sizeof(*r) + 127) & ~(size_t)127);
	if (!r)
		return mmr_err(e, -ENOMEM, "no memory for a race");
	memset(r, 0, sizeof(*r));
	r->variant = v;
	r->rounds = rounds;
	r->seed = seed;
	r->stop = stop;
	r->skew_cycles = (uint64_t)(SKEW_NS * clock.ghz);
	memcpy(r->cpu, cpu, sizeof(r->cpu));
	clock_gettime(CLOCK_MONOTONIC, &from);
	ret = run_pinned(r, e);
	clock_gettime(CLOCK_MONOTONIC, &to);
	result->lost = r->lost;
	result->rounds = r->stopped.v ? r->stopped.v : rounds;
	result->seconds = (double)(to.tv_sec - from.tv_sec) + (double)(to.tv_nsec - from.tv_nsec) / 1e9;
	free(r);
	return ret;
}
