/*
 * watch.c (sim) - a broken design must not break the program: a walk that does
 * not end (I7), a pointer to nowhere (I3), a user who does not want to wait.
 *
 * No word of the dialect pays for that. A timer of this thread's own CPU time
 * looks whether operations still end; a signal handler tells when the processor
 * has refused an address. Either lets the program under way go on in a function
 * that gives the run up, on the stack it is on; it never comes back. Outside
 * programs (host()), where locks of the C library may be held, they do nothing.
 *
 * Each thread that simulates is watched for itself; the handlers, which are the
 * process's, are there from the first one's begin to the last one's end.
 */
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <time.h>
#include <ucontext.h>
#include <unistd.h>

#include "replay/sim/machine.h"

#ifndef sigev_notify_thread_id
#define sigev_notify_thread_id _sigev_un._tid
#endif

#define ALT_SIZE (64u << 10)
#define TICK (SIGRTMIN + 2)
#define TICK_MS 50
#define PATIENCE_MS 10000

static struct {
	pthread_mutex_t lock;
	unsigned threads; /* that are watched */
	struct sigaction before[3];
} handlers = { .lock = PTHREAD_MUTEX_INITIALIZER };

static __thread struct {
	struct machine *m;
	stack_t stack_before;
	char *stack;
	timer_t timer;
	bool timed, finishing;
	unsigned still; /* ticks since an operation ended */
	u64 done;
} watch;

/* Never on TICK's number itself: it is no constant. */
static int signal_of(unsigned i)
{
	return i == 0 ? SIGSEGV : i == 1 ? SIGBUS : TICK;
}

/* ---- what programs go on in ---- */

static void give_up(const char *invariant, const char *what)
{
	struct machine *m = watch.m;
	m->inside = false;
	if (invariant) {
		kernel_violation(&m->w->k, invariant, what, 0, 0, -1);
		m->broken = true;
	}
	sim_give_up(m);
}

void sim_followed_nowhere(void)
{
	give_up("I3", "a pointer to nowhere was followed");
	__builtin_unreachable();
}

static void without_end(void)
{
	give_up("I7", watch.finishing ? "a walk over the design's lists does not end"
				      : "no CPU goes on: a deadlock, or a walk that does not end");
}

static void told_to_stop(void)
{
	watch.m->told = true;
	give_up(NULL, NULL);
}

/* ---- signals ---- */

static void go_on_in(void *context, void (*fn)(void))
{
	ucontext_t *u = context;
	/* Below the red zone, aligned as at a function's first instruction. */
	u->uc_mcontext.gregs[REG_RSP] = ((u->uc_mcontext.gregs[REG_RSP] - 256) & ~15ll) - 8;
	u->uc_mcontext.gregs[REG_RIP] = (greg_t)(uintptr_t)fn;
}

static void on_fault(int sig, siginfo_t *info, void *context)
{
	struct machine *m = watch.m;
	const char *at = info->si_addr;
	const char *stack = m && sim_self ? worker_of(sim_self)->stack : NULL;
	if (!m || !m->inside || (at >= stack && at < stack + SIM_GUARD)) {
		/* Ours: as if nobody had watched. */
		signal(sig, SIG_DFL);
		return;
	}
	go_on_in(context, sim_followed_nowhere);
}

static void on_tick(int sig, siginfo_t *info, void *context)
{
	struct machine *m = watch.m;
	(void)sig;
	(void)info;
	if (!m || !m->inside)
		return;
	watch.still = m->lively == watch.done ? watch.still + 1 : 0;
	watch.done = m->lively;
	bool told = m->c->stop && __atomic_load_n(m->c->stop, __ATOMIC_RELAXED);
	u64 patience = m->c->patience_ms ? m->c->patience_ms : PATIENCE_MS;
	if (told && !watch.finishing)
		go_on_in(context, told_to_stop);
	else if ((u64)watch.still * TICK_MS >= patience)
		go_on_in(context, without_end);
}

/* ---- from when to when ---- */

static void start_timer(void)
{
	struct sigevent ev = { .sigev_notify = SIGEV_THREAD_ID, .sigev_signo = TICK };
	const struct itimerspec every = {
		.it_interval.tv_nsec = TICK_MS * 1000000,
		.it_value.tv_nsec = TICK_MS * 1000000,
	};
	ev.sigev_notify_thread_id = (pid_t)syscall(SYS_gettid);
	watch.timed = !timer_create(CLOCK_THREAD_CPUTIME_ID, &ev, &watch.timer);
	if (watch.timed)
		timer_settime(watch.timer, 0, &every, NULL);
}

static void begin_handling(void)
{
	pthread_mutex_lock(&handlers.lock);
	for (unsigned i = 0; i < 3 && !handlers.threads; i++) {
		struct sigaction sa = { .sa_flags = SA_SIGINFO | SA_ONSTACK | (i == 2 ? SA_RESTART : 0) };
		sa.sa_sigaction = i == 2 ? on_tick : on_fault;
		sigaction(signal_of(i), &sa, &handlers.before[i]);
	}
	handlers.threads++;
	pthread_mutex_unlock(&handlers.lock);
}

static void end_handling(void)
{
	pthread_mutex_lock(&handlers.lock);
	handlers.threads--;
	for (unsigned i = 0; i < 3 && !handlers.threads; i++)
		sigaction(signal_of(i), &handlers.before[i], NULL);
	pthread_mutex_unlock(&handlers.lock);
}

int sim_watch_begin(struct machine *m)
{
	watch.stack = malloc(ALT_SIZE);
	const stack_t st = { .ss_sp = watch.stack, .ss_size = ALT_SIZE };
	/* Without a stack for them the handlers would stand on a program's, which may be full. */
	if (!watch.stack || sigaltstack(&st, &watch.stack_before)) {
		free(watch.stack);
		watch.stack = NULL;
		return -ENOMEM;
	}
	watch.m = m;
	watch.still = 0;
	watch.finishing = false;
	begin_handling();
	start_timer();
	return 0;
}

void sim_watch_finishing(void)
{
	watch.finishing = true;
	watch.still = 0;
}

void sim_watch_end(struct machine *m)
{
	if (!m || watch.m != m)
		return;
	if (watch.timed)
		timer_delete(watch.timer);
	watch.timed = false;
	/* One tick that is on its way finds nobody, or what was there before finds it: so it is taken back first. */
	sigset_t ticks, mask;
	sigemptyset(&ticks);
	sigaddset(&ticks, TICK);
	pthread_sigmask(SIG_BLOCK, &ticks, &mask);
	while (sigtimedwait(&ticks, NULL, &(struct timespec){ 0 }) > 0)
		;
	watch.m = NULL;
	end_handling();
	pthread_sigmask(SIG_SETMASK, &mask, NULL);
	sigaltstack(&watch.stack_before, NULL);
	free(watch.stack);
	watch.stack = NULL;
}
