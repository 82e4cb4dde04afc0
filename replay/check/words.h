/*
 * words.h (check) - what the words are made of: whose turn it is, wishes, the
 * arena's memory and the store buffer. For the files words*.c; all of it acts
 * on check_machine's execution under way, in its one thread.
 */
#ifndef CHECK_WORDS_H
#define CHECK_WORDS_H

#include "replay/check/machine.h"

/* What an oracle's look, or a stopped machine's function, may look at before it counts as endless. */
#define LOOKS_MAX 4000000u

/* Outside an execution, and while the machine is stopped, words act at once. */
static inline bool at_once(const struct machine *m)
{
	return m->current == NONE || m->atomic;
}

static inline struct thread *running(struct machine *m)
{
	return &m->thread[m->current];
}

static inline u32 cpu_of(const struct machine *m)
{
	return at_once(m) ? m->acting_cpu : CHECK_CPU(m->current);
}

/* This thread takes no further step in this execution. */
void word_ended(struct machine *m) __attribute__((noreturn));

/* A pointer that leads out of the arena ends the execution: I3. */
void word_reachable(struct machine *m, const void *p, u32 size);

/* The next visible step of the running thread; returns when it is taken. */
void word_wish(struct machine *m, enum wish what, const void *p, u32 size, const struct site *s);

/* Memory as it is, past all buffers; @size 1, 2, 4 or 8. */
u64 word_peek(const void *p, u32 size);
void word_poke(void *p, u32 size, u64 v);

/* After a step on @p: is it part of an object that has been freed? Then I3. */
void word_guard(struct machine *m, const void *p);

/* Has this thread's next store a buffer to go to? */
bool word_buffers(const struct machine *m);

/* A step of its own, unless it is buffered: then it takes effect when it drains. */
void word_store(struct machine *m, void *p, u32 size, u64 v, const struct site *s);
void word_buffer(struct machine *m, enum entry_kind kind, void *p, u32 size, u64 v, struct rcu_head *head,
		 const struct site *s);

/* The read section of @c that a grace period beginning now need not wait for; 0: none. */
u32 word_own_section(const struct cpu_state *c);

#endif
