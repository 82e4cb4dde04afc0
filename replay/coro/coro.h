/*
 * coro.h - coroutines: functions with stacks of their own that hand the CPU to
 * each other by name. For the engines that run many CPUs in one thread.
 *
 * A switch costs a few nanoseconds and no system call. A coroutine may be
 * abandoned at any switch and its stack used anew with coro_make(): nothing is
 * unwound, so its code must hold nothing of the host. All functions belong to
 * one thread.
 */
#ifndef REPLAY_CORO_H
#define REPLAY_CORO_H

#include <stddef.h>

struct coro {
	void *sp;
	char *stack; /* lowest address */
	size_t size;
	int is_thread; /* not ours to take down */
	void *fake_stack, *fiber; /* what the sanitizers keep */
};

/* The thread that makes the others becomes a coroutine itself. */
void coro_self(struct coro *c);

/* @c begins in @fn(@arg) at the first switch to it; @fn must not return. Borrows @stack. */
void coro_make(struct coro *c, char *stack, size_t size, void (*fn)(void *arg), void *arg);

/* Goes on with @to; returns when somebody switches back to @from. */
void coro_switch(struct coro *from, struct coro *to);

/* Gives back what the sanitizers keep for it. */
void coro_drop(struct coro *c);

#endif
