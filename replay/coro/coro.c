#include "replay/coro/coro.h"

#include <stdint.h>
#include <string.h>

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define CORO_ASAN 1
#endif
#if __has_feature(thread_sanitizer)
#define CORO_TSAN 1
#endif
#endif
#ifdef __SANITIZE_ADDRESS__
#define CORO_ASAN 1
#endif
#ifdef __SANITIZE_THREAD__
#define CORO_TSAN 1
#endif

#ifdef CORO_ASAN
#include <pthread.h>
#include <sanitizer/asan_interface.h>
#include <sanitizer/common_interface_defs.h>
#endif
#ifdef CORO_TSAN
#include <sanitizer/tsan_interface.h>
#endif

/* Saves what the ABI wants kept on the old stack, leaves its address in *@save, goes on from @sp. */
void coro_jump(void **save, void *sp);
/* Where a new one begins: its function and argument are in r12 and r13. */
void coro_begin(void);

__asm__(".text\n"
	".globl coro_jump\n"
	".type coro_jump, @function\n"
	"coro_jump:\n"
	"	push %rbp\n"
	"	push %rbx\n"
	"	push %r12\n"
	"	push %r13\n"
	"	push %r14\n"
	"	push %r15\n"
	"	mov %rsp, (%rdi)\n"
	"	mov %rsi, %rsp\n"
	"	pop %r15\n"
	"	pop %r14\n"
	"	pop %r13\n"
	"	pop %r12\n"
	"	pop %rbx\n"
	"	pop %rbp\n"
	"	ret\n"
	".size coro_jump, .-coro_jump\n"
	".globl coro_begin\n"
	".type coro_begin, @function\n"
	"coro_begin:\n"
	"	xor %ebp, %ebp\n"
	"	mov %r13, %rdi\n"
	"	call coro_enter\n"
	"	ud2\n"
	".size coro_begin, .-coro_begin\n");

/* The top of a new stack: what coro_enter() is to call. */
struct start {
	void (*fn)(void *arg);
	void *arg;
	struct coro *self;
};

void coro_enter(struct start *s) __attribute__((noreturn));

void coro_enter(struct start *s)
{
#ifdef CORO_ASAN
	__sanitizer_finish_switch_fiber(NULL, NULL, NULL);
#endif
	s->fn(s->arg);
	__builtin_trap();
}

void coro_self(struct coro *c)
{
	memset(c, 0, sizeof(*c));
	c->is_thread = 1;
#ifdef CORO_ASAN
	pthread_attr_t attr;
	void *stack;
	if (!pthread_getattr_np(pthread_self(), &attr)) {
		pthread_attr_getstack(&attr, &stack, &c->size);
		c->stack = stack;
		pthread_attr_destroy(&attr);
	}
#endif
#ifdef CORO_TSAN
	c->fiber = __tsan_get_current_fiber();
#endif
}

void coro_make(struct coro *c, char *stack, size_t size, void (*fn)(void *arg), void *arg)
{
#ifdef CORO_ASAN
	/* An abandoned execution left its red zones behind. */
	__asan_unpoison_memory_region(stack, size);
#endif
#ifdef CORO_TSAN
	if (c->fiber)
		__tsan_destroy_fiber(c->fiber);
	c->fiber = __tsan_create_fiber(0);
#endif
	c->stack = stack;
	c->size = size;
	c->fake_stack = NULL;
	struct start *s = (struct start *)(((uintptr_t)stack + size - sizeof(*s)) & ~(uintptr_t)15);
	*s = (struct start){ fn, arg, c };
	/* r15 r14 r13 r12 rbx rbp, then where to return to; 16-byte aligned at the call in coro_begin. */
	void **sp = (void **)s - 7;
	memset(sp, 0, 7 * sizeof(*sp));
	sp[2] = s;
	sp[6] = (void *)(uintptr_t)coro_begin;
	c->sp = sp;
}

void coro_switch(struct coro *from, struct coro *to)
{
#ifdef CORO_ASAN
	__sanitizer_start_switch_fiber(&from->fake_stack, to->stack, to->size);
#endif
#ifdef CORO_TSAN
	__tsan_switch_to_fiber(to->fiber, 0);
#endif
	coro_jump(&from->sp, to->sp);
#ifdef CORO_ASAN
	__sanitizer_finish_switch_fiber(from->fake_stack, NULL, NULL);
#endif
}

void coro_drop(struct coro *c)
{
#ifdef CORO_TSAN
	if (c->fiber && !c->is_thread)
		__tsan_destroy_fiber(c->fiber);
#endif
	c->fiber = NULL;
}
