/*
 * fault.c (check) - a design that follows a pointer to nowhere is broken; this
 * program is not.
 *
 * Shared fields are reached through words, which look where they go (reachable()).
 * What a design reads without them, and the processor refuses, comes here: the
 * handler lets it go on in followed_nowhere(), on the stack it is on, which
 * never returns to it.
 */
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <ucontext.h>

#include "replay/check/machine.h"

#define ALT_SIZE (64u << 10)

static struct {
	struct sigaction before[2];
	stack_t stack_before;
	char *stack;
} watch;

static const int signals[2] = { SIGSEGV, SIGBUS };

static void on_fault(int sig, siginfo_t *info, void *context)
{
	ucontext_t *u = context;
	(void)info;
	if (!check_machine || !in_program(check_machine)) {
		/* Ours: as if nobody had watched. */
		signal(sig, SIG_DFL);
		return;
	}
	/* Below the red zone, aligned as at a function's first instruction. */
	u->uc_mcontext.gregs[REG_RSP] = ((u->uc_mcontext.gregs[REG_RSP] - 256) & ~15ll) - 8;
	u->uc_mcontext.gregs[REG_RIP] = (greg_t)(uintptr_t)followed_nowhere;
}

void fault_watch(void)
{
	struct sigaction sa = { .sa_sigaction = on_fault, .sa_flags = SA_SIGINFO | SA_ONSTACK };
	watch.stack = malloc(ALT_SIZE);
	const stack_t st = { .ss_sp = watch.stack, .ss_size = ALT_SIZE };
	/* Without a stack for it the handler would stand on the design's, which may be full. */
	if (!watch.stack || sigaltstack(&st, &watch.stack_before)) {
		free(watch.stack);
		watch.stack = NULL;
		return;
	}
	for (unsigned i = 0; i < 2; i++)
		sigaction(signals[i], &sa, &watch.before[i]);
}

void fault_unwatch(void)
{
	if (!watch.stack)
		return;
	for (unsigned i = 0; i < 2; i++)
		sigaction(signals[i], &watch.before[i], NULL);
	sigaltstack(&watch.stack_before, NULL);
	free(watch.stack);
	watch.stack = NULL;
}
