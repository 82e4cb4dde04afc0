/*
 * ipi.c (native) - on_each_cpu() and stop_machine() among threads that nothing
 * interrupts.
 *
 * A CPU runs a call where its thread looks into the mailbox: after each event
 * and wherever it spins. A thread that sleeps in the host cannot look, so it
 * lets others act for it before it goes to sleep: whoever wants something takes
 * the CPU over (IDLE or BLOCKED -> BUSY), runs the call with this_cpu() being
 * that CPU, and hands it back; a thread that wakes meanwhile waits for that.
 * So a caller may hold locks that all others wait for, as in the kernel.
 *
 * To be stopped is more: no CPU may be inside an event, because it may hold
 * locks there. Those that are inside go on, calls included, until they come out
 * of it. A CPU that is found IDLE once it has been told to stop stays so.
 *
 * There is one call at a time and one stop at a time; whoever waits for its
 * turn is reached by the other's, and a stop waits for no call but those of
 * CPUs that are inside an event, so they cannot wait for each other.
 */
#include "replay/native/world.h"

static u32 state_of(const struct ncpu *c)
{
	return __atomic_load_n(&c->mail.state, __ATOMIC_SEQ_CST);
}

static bool change_state(struct ncpu *c, u32 from, u32 to)
{
	return __atomic_compare_exchange_n(&c->mail.state, &from, to, false, __ATOMIC_SEQ_CST, __ATOMIC_RELAXED);
}

/* The mailbox holds a call and it is not done yet: run it as @c, which this thread is or acts for. */
static void run_call(struct ncpu *c)
{
	struct ipi *ipi = &c->world->ipi;
	if (!(__atomic_fetch_and(&c->mail.attention, ~ATTEND_CALL, __ATOMIC_SEQ_CST) & ATTEND_CALL))
		return;
	ipi->fn(&c->world->k, ipi->arg);
	__atomic_fetch_sub(&ipi->left, 1, __ATOMIC_SEQ_CST);
}

void eng_attend(struct ncpu *c)
{
	if (!c->irqs_off && eng_attention(c) & ATTEND_CALL)
		run_call(c);
}

void eng_sleep(struct ncpu *c, enum cpu_state how)
{
	__atomic_store_n(&c->mail.state, how, __ATOMIC_SEQ_CST);
}

void eng_wake(struct ncpu *c)
{
	for (;;) {
		/* Blocked within an event, where nobody is stopped. */
		if (change_state(c, CPU_BLOCKED, CPU_ACTIVE))
			return;
		if (!(eng_attention(c) & ATTEND_STOP) && change_state(c, CPU_IDLE, CPU_ACTIVE)) {
			/* A stop that came in between may have seen us idle, and relies on it. */
			if (!(__atomic_load_n(&c->mail.attention, __ATOMIC_SEQ_CST) & ATTEND_STOP))
				return;
			__atomic_store_n(&c->mail.state, CPU_IDLE, __ATOMIC_SEQ_CST);
		}
		__builtin_ia32_pause();
		sched_yield();
	}
}

void eng_attend_between(struct ncpu *c)
{
	eng_attend(c);
	if (eng_attention(c) & ATTEND_STOP) {
		eng_sleep(c, CPU_IDLE);
		eng_wake(c);
	}
}

#ifdef __SANITIZE_THREAD__
/* ThreadSanitizer lets no signal (watch.c) into a mutex wait before it ends. */
#include <errno.h>
#include <time.h>
static void lock_for_good(pthread_mutex_t *m)
{
	struct timespec until;
	do {
		clock_gettime(CLOCK_REALTIME, &until);
		until.tv_sec++;
	} while (pthread_mutex_timedlock(m, &until) == ETIMEDOUT);
}
#else
#define lock_for_good(m) pthread_mutex_lock(m)
#endif

void eng_mutex_lock(pthread_mutex_t *m)
{
	struct ncpu *c = eng_self;
	/* Not when another thread acts for this CPU, nor while a world is set up. */
	bool reachable = state_of(c) == CPU_ACTIVE && !c->irqs_off;
	if (reachable)
		eng_sleep(c, CPU_BLOCKED);
	lock_for_good(m);
	if (reachable)
		eng_wake(c);
}

/* Run the call for @c, if its thread is asleep. */
static void act_for(struct ncpu *c)
{
	struct ncpu *self = eng_self;
	u32 was = state_of(c);
	if ((was != CPU_IDLE && was != CPU_BLOCKED) || !change_state(c, was, CPU_BUSY))
		return;
	eng_self = c;
	run_call(c);
	eng_self = self;
	__atomic_store_n(&c->mail.state, was, __ATOMIC_SEQ_CST);
}

void on_each_cpu(struct kernel *k, void (*fn)(struct kernel *k, u64 arg), u64 arg)
{
	struct ipi *ipi = &k->eng->ipi;
	struct ncpu *self = eng_self;
	while (__atomic_exchange_n(&ipi->calling, 1, __ATOMIC_SEQ_CST))
		cpu_relax();
	ipi->fn = fn;
	ipi->arg = arg;
	__atomic_store_n(&ipi->left, k->ncpus - 1, __ATOMIC_SEQ_CST);
	for (u32 i = 0; i < k->ncpus; i++)
		if (&k->eng->cpu[i] != self)
			__atomic_fetch_or(&k->eng->cpu[i].mail.attention, ATTEND_CALL, __ATOMIC_SEQ_CST);
	fn(k, arg);
	while (__atomic_load_n(&ipi->left, __ATOMIC_SEQ_CST)) {
		for (u32 i = 0; i < k->ncpus; i++) {
			struct ncpu *c = &k->eng->cpu[i];
			if (c != self && eng_attention(c) & ATTEND_CALL)
				act_for(c);
		}
		cpu_relax();
	}
	__atomic_store_n(&ipi->calling, 0, __ATOMIC_SEQ_CST);
}

static void tell_all(struct kernel *k, struct ncpu *self, bool stop)
{
	for (u32 i = 0; i < k->ncpus; i++) {
		struct ncpu *c = &k->eng->cpu[i];
		if (c == self)
			continue;
		if (stop)
			__atomic_fetch_or(&c->mail.attention, ATTEND_STOP, __ATOMIC_SEQ_CST);
		else
			__atomic_fetch_and(&c->mail.attention, ~ATTEND_STOP, __ATOMIC_SEQ_CST);
	}
}

void stop_machine(struct kernel *k, void (*fn)(struct kernel *k, u64 arg), u64 arg)
{
	struct ipi *ipi = &k->eng->ipi;
	struct ncpu *self = eng_self;
	while (__atomic_exchange_n(&ipi->stopping, 1, __ATOMIC_SEQ_CST)) {
		/* Whoever stops the machine holds no locks: it may be stopped itself. */
		eng_attend_between(self);
		cpu_relax();
	}
	tell_all(k, self, true);
	for (u32 i = 0; i < k->ncpus; i++)
		while (&k->eng->cpu[i] != self && state_of(&k->eng->cpu[i]) != CPU_IDLE)
			cpu_relax();
	fn(k, arg);
	tell_all(k, self, false);
	__atomic_store_n(&ipi->stopping, 0, __ATOMIC_SEQ_CST);
}
