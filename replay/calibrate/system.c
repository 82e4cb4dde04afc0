/*
 * system.c - what goes through the kernel: interrupts, sleeping and waking; and
 * an RCU grace period.
 */
#include "replay/calibrate/calibrate.h"

#include <linux/futex.h>
#include <linux/membarrier.h>
#include <sched.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "replay/dialect/types.h"
#include "replay/native/rcu.h"

/* ---- ipi: a barrier on every CPU that runs a thread of ours, by interrupt ---- */

static long membarrier(int cmd)
{
	return syscall(SYS_membarrier, cmd, 0, 0);
}

struct spinner {
	u32 stop;
	bool lost; /* it does not */
	u64 beats ____cacheline_aligned; /* it runs */
};

static void *spin_until_stopped(void *arg)
{
	struct spinner *s = arg;
	while (!__atomic_load_n(&s->stop, __ATOMIC_RELAXED)) {
		__atomic_store_n(&s->beats, s->beats + 1, __ATOMIC_RELAXED);
		__builtin_ia32_pause();
	}
	return NULL;
}

/* A CPU that runs something else is not interrupted: that would be a call that does nothing. */
static bool beats(const struct calibrating *c, const struct spinner *s)
{
	u64 from = __atomic_load_n(&s->beats, __ATOMIC_RELAXED), since = eng_clock();
	for (u32 i = 1; __atomic_load_n(&s->beats, __ATOMIC_RELAXED) < from + 3; i++) {
		__builtin_ia32_pause();
		if (i % 65536 == 0)
			sched_yield();
		if (i % 4096 == 0 && calibrate_lost_patience(c, since))
			return false;
	}
	return true;
}

static double run_ipi(const struct calibrating *c, void *arg)
{
	enum { BARRIERS = 8 };
	struct spinner *s = arg;
	u64 cycles = 0;
	for (unsigned i = 0; i < BARRIERS; i++) {
		s->lost = s->lost || !beats(c, s);
		if (s->lost)
			return 0;
		u64 from = eng_clock();
		membarrier(MEMBARRIER_CMD_PRIVATE_EXPEDITED);
		cycles += eng_clock() - from;
	}
	return cycles_each(c, cycles, BARRIERS);
}

static void calibrate_ipi(const struct calibrating *c, int partner)
{
	struct calibrated *to = &c->out->cost[COST_ipi];
	double ps[CALIBRATE_RUNS];
	struct spinner s = { 0 };
	pthread_t other;
	if (partner < 0) {
		calibrated_impossible(to, "this process may use one CPU only");
		return;
	}
	if (membarrier(MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED)) {
		calibrated_impossible(to, "membarrier() is not available here");
		return;
	}
	if (calibrate_start(&other, (unsigned)partner, spin_until_stopped, &s)) {
		calibrated_impossible(to, "no thread could be started on another CPU");
		return;
	}
	bool done = samples_take(c, run_ipi, &s, ps);
	__atomic_store_n(&s.stop, 1, __ATOMIC_RELAXED);
	pthread_join(other, NULL);
	if (s.lost)
		calibrated_impossible(to, "the other CPU does not run us");
	else if (done)
		samples_sum_up(ps, CALIBRATE_RUNS, to, "membarrier(), another CPU running");
}

/* ---- futex: the call alone ---- */

static double run_futex(const struct calibrating *c, void *arg)
{
	enum { CALLS = 500 };
	u32 *word = arg;
	u64 from = eng_clock();
	for (unsigned i = 0; i < CALLS; i++) {
		syscall(SYS_futex, word, FUTEX_WAIT_PRIVATE, *word + 1, NULL, NULL, 0);
		syscall(SYS_futex, word, FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0);
	}
	return cycles_each(c, eng_clock() - from, 2.0 * CALLS);
}

static void calibrate_futex(const struct calibrating *c)
{
	double ps[CALIBRATE_RUNS];
	u32 word = 0;
	if (samples_take(c, run_futex, &word, ps))
		samples_sum_up(ps, CALIBRATE_RUNS, &c->out->cost[COST_futex], "futex(), nobody sleeps");
}

/* ---- wake, wakeup: a thread asleep on another CPU ---- */

struct sleeper {
	u32 word; /* counts wake-ups asked for */
	u32 seen; /* ... and those that happened */
	u32 asleep; /* it is about to sleep */
	u32 stop;
	u64 woke; /* TSC */
};

static void *sleep_and_wake(void *arg)
{
	struct sleeper *s = arg;
	for (u32 v = 0; !__atomic_load_n(&s->stop, __ATOMIC_ACQUIRE);) {
		__atomic_store_n(&s->asleep, v + 1, __ATOMIC_RELEASE);
		syscall(SYS_futex, &s->word, FUTEX_WAIT_PRIVATE, v, NULL, NULL, 0);
		u64 now = eng_clock();
		u32 word = __atomic_load_n(&s->word, __ATOMIC_ACQUIRE);
		if (word == v)
			continue; /* for no reason */
		v = word;
		__atomic_store_n(&s->woke, now, __ATOMIC_RELAXED);
		__atomic_store_n(&s->seen, v, __ATOMIC_RELEASE);
	}
	return NULL;
}

struct waker {
	struct sleeper *s;
	u32 asked;
	double latency; /* of the last run, in ps */
	bool lost; /* the sleeper's CPU does not run us */
};

static void until(const struct calibrating *c, struct waker *w, const u32 *p, u32 want)
{
	u64 since = eng_clock();
	for (u32 i = 1; !w->lost && __atomic_load_n(p, __ATOMIC_ACQUIRE) < want; i++) {
		__builtin_ia32_pause();
		if (i % 4096 == 0)
			w->lost = calibrate_lost_patience(c, since);
	}
}

/* The call; its latency on the side. */
static double run_wake(const struct calibrating *c, void *arg)
{
	enum { WAKES = 4 };
	const struct timespec settle = { .tv_nsec = 200000 };
	struct waker *w = arg;
	u64 call = 0, latency = 0;
	for (unsigned i = 0; i < WAKES && !w->lost; i++) {
		until(c, w, &w->s->asleep, w->asked + 1);
		/* From there into the kernel, and its CPU to rest. */
		clock_nanosleep(CLOCK_MONOTONIC, 0, &settle, NULL);
		w->asked++;
		u64 from = eng_clock();
		__atomic_store_n(&w->s->word, w->asked, __ATOMIC_RELEASE);
		syscall(SYS_futex, &w->s->word, FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0);
		call += eng_clock() - from;
		until(c, w, &w->s->seen, w->asked);
		u64 woke = __atomic_load_n(&w->s->woke, __ATOMIC_RELAXED);
		latency += woke > from ? woke - from : 0;
	}
	w->latency = cycles_each(c, latency, WAKES);
	return cycles_each(c, call, WAKES);
}

static void calibrate_wake(const struct calibrating *c, int partner)
{
	struct calibrated *wake = &c->out->cost[COST_wake], *wakeup = &c->out->cost[COST_wakeup];
	double call[CALIBRATE_RUNS], latency[CALIBRATE_RUNS];
	struct sleeper s = { 0 };
	struct waker w = { .s = &s };
	pthread_t other;
	const char *why = partner < 0 ? "this process may use one CPU only"
			  : calibrate_start(&other, (unsigned)partner, sleep_and_wake, &s)
				  ? "no thread could be started on another CPU"
				  : NULL;
	if (why) {
		calibrated_impossible(wake, why);
		calibrated_impossible(wakeup, why);
		return;
	}
	unsigned n = 0;
	run_wake(c, &w);
	for (; n < CALIBRATE_RUNS && !w.lost; n++) {
		call[n] = run_wake(c, &w);
		latency[n] = w.latency;
	}
	__atomic_store_n(&s.stop, 1, __ATOMIC_RELEASE);
	__atomic_store_n(&s.word, w.asked + 1, __ATOMIC_RELEASE);
	syscall(SYS_futex, &s.word, FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0);
	pthread_join(other, NULL);
	if (w.lost) {
		calibrated_impossible(wake, "the other CPU does not run us");
		calibrated_impossible(wakeup, "the other CPU does not run us");
		return;
	}
	samples_sum_up(call, n, wake, "futex(), the sleeper's CPU at rest");
	samples_sum_up(latency, n, wakeup, "from futex() until the sleeper runs");
}

/* ---- grace: readers are registered, none reads ---- */

static void *be_a_reader(void *arg)
{
	eng_rcu_register();
	spin_until_stopped(arg);
	eng_rcu_unregister();
	return NULL;
}

static double run_grace(const struct calibrating *c, void *arg)
{
	enum { PERIODS = 200 };
	(void)arg;
	u64 from = eng_clock();
	for (unsigned i = 0; i < PERIODS; i++)
		eng_rcu_wait();
	return cycles_each(c, eng_clock() - from, PERIODS);
}

static void calibrate_grace(const struct calibrating *c, int partner)
{
	double ps[CALIBRATE_RUNS];
	struct spinner s = { 0 };
	pthread_t other;
	bool two = partner >= 0 && !calibrate_start(&other, (unsigned)partner, be_a_reader, &s);
	eng_rcu_register();
	if (samples_take(c, run_grace, NULL, ps))
		samples_sum_up(ps, CALIBRATE_RUNS, &c->out->cost[COST_grace],
			       two ? "liburcu, two threads, none reading" : "liburcu, one thread, not reading");
	eng_rcu_unregister();
	__atomic_store_n(&s.stop, 1, __ATOMIC_RELAXED);
	if (two)
		pthread_join(other, NULL);
}

void calibrate_system(const struct calibrating *c)
{
	int partner = calibrate_partner(c->cpus);
	calibrate_ipi(c, partner);
	calibrate_futex(c);
	calibrate_wake(c, partner);
	calibrate_grace(c, partner);
}
