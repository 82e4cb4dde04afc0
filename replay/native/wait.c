/*
 * wait.c (native) - what a worker does between two events when it cannot go on:
 * it waits for other workers, for everybody, or for a recorded time. Calls of
 * other CPUs are served meanwhile.
 */
#include <sys/prctl.h>
#include <time.h>

#include "replay/native/worker.h"

/* Sleeps are this long at most, so that ^C and a machine's clock that drifts are noticed. */
#define SLEEP_MAX_NS 50000000u

/* Bounds of what is spun before a deadline: sleeps may end late; a CPU is not to be burnt for rare ones. */
#define SPIN_LEAST_NS 100000u
#define SPIN_MOST_NS 400000u

bool wait_told_to_stop(struct run *r)
{
	if (__atomic_load_n(&r->stop, __ATOMIC_RELAXED))
		return true;
	if (!r->c->stop || !__atomic_load_n(r->c->stop, __ATOMIC_RELAXED))
		return false;
	__atomic_store_n(&r->stop, 1, __ATOMIC_RELAXED);
	return true;
}

static u32 load_acquire(const u32 *p)
{
	return __atomic_load_n(p, __ATOMIC_ACQUIRE);
}

/* ---- for others ---- */

/* Spin until *@p reaches @want, or the run is stopped: false. */
static bool wait_until(struct worker *me, const u32 *p, u32 want)
{
	bool reached = true;
	if (load_acquire(p) >= want)
		return true;
	__atomic_store_n(&me->waiting, WAITING_WORKER, __ATOMIC_RELAXED);
	for (u32 spins = 1; load_acquire(p) < want; spins++) {
		cpu_relax();
		if (unlikely(eng_attention(me->cpu) & ~ATTEND_TOUCH))
			eng_attend_between(me->cpu);
		if (spins % 256 == 0 && wait_told_to_stop(me->run)) {
			reached = false;
			break;
		}
		/* Long waits are for others to run. */
		if (spins % 4096 == 0)
			sched_yield();
	}
	__atomic_store_n(&me->waiting, WAITING_NOT, __ATOMIC_RELAXED);
	return reached;
}

bool wait_meet(struct worker *me, struct meeting *m, u32 round, void (*work)(struct worker *me))
{
	u32 all = me->run->w->k.ncpus;
	__atomic_fetch_add(&m->arrived, 1, __ATOMIC_ACQ_REL);
	if (me->index)
		return wait_until(me, &m->released, round);
	if (!wait_until(me, &m->arrived, all * round))
		return false;
	if (work)
		work(me);
	__atomic_store_n(&m->released, round, __ATOMIC_RELEASE);
	return true;
}

bool wait_order(struct worker *me, const struct wait *w, u32 n)
{
	for (u32 i = 0; i < n; i++) {
		const u32 *done = &me->run->progress[w[i].worker].done;
		if (load_acquire(done) >= w[i].position)
			continue;
		me->waited++;
		u64 from = eng_clock();
		bool ok = wait_until(me, done, w[i].position);
		me->time->stall += eng_clock() - from;
		if (!ok)
			return false;
	}
	return true;
}

/* ---- for a time ---- */

static void sleep_ns(u64 ns)
{
	struct timespec until;
	clock_gettime(CLOCK_MONOTONIC, &until);
	ns += (u64)until.tv_nsec;
	until.tv_sec += (time_t)(ns / 1000000000);
	until.tv_nsec = (long)(ns % 1000000000);
	clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, NULL);
}

/* Asleep others may act for this CPU. */
static void sleep_until(struct worker *me, u64 cycles)
{
	u64 ns = eng_ns(me->cpu, cycles);
	eng_sleep(me->cpu, CPU_IDLE);
	sleep_ns(ns < SLEEP_MAX_NS ? ns : SLEEP_MAX_NS);
	eng_wake(me->cpu);
}

u64 wait_time(struct worker *me, u64 when_ns)
{
	struct run *r = me->run;
	u64 due = r->zero + (u64)((double)when_ns * r->cycles_per_ns), from = eng_clock(), now = from;
	if (now >= due)
		return due;
	__atomic_store_n(&me->waiting, WAITING_TIME, __ATOMIC_RELAXED);
	for (u32 spins = 1; now < due && due; spins++) {
		if (due - now > r->spin_cycles)
			sleep_until(me, due - now - r->spin_cycles);
		else
			cpu_relax();
		if (unlikely(eng_attention(me->cpu) & ~ATTEND_TOUCH))
			eng_attend_between(me->cpu);
		if ((spins % 256 == 0 || due - now > r->spin_cycles) && wait_told_to_stop(r))
			due = 0;
		now = eng_clock();
	}
	__atomic_store_n(&me->waiting, WAITING_NOT, __ATOMIC_RELAXED);
	me->time->idle += now - from;
	return due;
}

void wait_surround(struct worker *me, u64 cycles)
{
	u64 from = eng_clock(), now = from;
	for (; now - from < cycles; now = eng_clock()) {
		cpu_relax();
		if (unlikely(eng_attention(me->cpu) & ~ATTEND_TOUCH))
			eng_attend_between(me->cpu);
	}
	me->time->surround += now - from;
}

/* ---- how late a sleep ends ---- */

static int by_value(const void *a, const void *b)
{
	const u64 *x = a, *y = b;
	return *x < *y ? -1 : *x > *y;
}

void native_pace_measure(struct native_clock *c)
{
	enum { SLEEPS = 64, EACH_NS = 500000 };
	u64 late[SLEEPS];
	int slack = prctl(PR_GET_TIMERSLACK);
	prctl(PR_SET_TIMERSLACK, 1);
	for (unsigned i = 0; i < SLEEPS; i++) {
		u64 from = eng_clock();
		sleep_ns(EACH_NS);
		u64 slept = (u64)((double)(eng_clock() - from) / c->ghz);
		late[i] = slept > EACH_NS ? slept - EACH_NS : 0;
	}
	if (slack > 0)
		prctl(PR_SET_TIMERSLACK, (unsigned long)slack);
	qsort(late, SLEEPS, sizeof(*late), by_value);
	c->late_p50_ns = late[SLEEPS / 2];
	c->late_max_ns = late[SLEEPS - 1];
	/* One sleep in sixteen may end later than that; it shows as drift. */
	u64 spin = late[SLEEPS - SLEEPS / 16] * 5 / 4;
	c->spin_ns = spin < SPIN_LEAST_NS ? SPIN_LEAST_NS : spin > SPIN_MOST_NS ? SPIN_MOST_NS : spin;
}
