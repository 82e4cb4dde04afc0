/*
 * engine_lock.h (check) - locks.
 *
 * A blocking lock drains the caller's buffer and waits until its word is 0; its
 * unlock is a plain buffered store, as on x86 (rule 4 of the dialect). A CPU
 * that holds or spins for one cannot be stopped by stop_machine().
 */
#ifndef CHECK_ENGINE_LOCK_H
#define CHECK_ENGINE_LOCK_H

#include "replay/locks/ticket.h"

struct qs_nodes;
struct qs_nodes *check_qs_nodes_of(u32 cpu);
#define qs_nodes(cpu) check_qs_nodes_of(cpu)
#include "replay/locks/qspinlock.h"

typedef struct {
	union {
		SHARED(u32) word; /* blocking: 0 or 1 + the holder's CPU */
		ticket_t ticket;
		qspinlock_t qspin;
	};
	u32 class;
} spinlock_t;

/* 0: free; RW_WRITER: a writer; else so many readers. */
typedef struct {
	SHARED(u32) word;
	u32 class;
} rwlock_t;

#define RW_WRITER 0x80000000u

void check_lock(void *word, bool write, bool rw, const struct site *s);
void check_unlock(void *word, bool rw, const struct site *s); /* a buffered store of 0 */
void check_read_unlock(void *word, const struct site *s);
void check_preempt(bool enable); /* by those who bring their own lock words */

u8 eng_lock_class(struct kernel *k, const char *name);

#define spin_lock_init_class(l, class_) ((void)((l)->class = (class_)))
#define spin_lock_init(k, l, name) ((void)((l)->class = eng_lock_class(k, name)))
#define rwlock_init(k, l, name) ((void)((l)->class = eng_lock_class(k, name)))

#if defined(KLOCK_ticket)
#define KLOCK_NAME "ticket"
static inline void spin_lock(spinlock_t *l)
{
	u32 state;
	check_preempt(false);
	if (!ticket_lock_fast(&l->ticket, &state))
		ticket_lock_wait(&l->ticket, state);
}

static inline void spin_unlock(spinlock_t *l)
{
	ticket_unlock(&l->ticket);
	check_preempt(true);
}

static inline void spin_unlock_wait(spinlock_t *l)
{
	ticket_unlock_wait(&l->ticket);
}
#elif defined(KLOCK_qspinlock)
#define KLOCK_NAME "qspinlock"
static inline void spin_lock(spinlock_t *l)
{
	u32 state;
	check_preempt(false);
	if (!qspin_lock_fast(&l->qspin, &state))
		qspin_lock_wait(&l->qspin, state);
}

static inline void spin_unlock(spinlock_t *l)
{
	qspin_unlock(&l->qspin);
	check_preempt(true);
}

static inline void spin_unlock_wait(spinlock_t *l)
{
	qspin_unlock_wait(&l->qspin);
}
#else
#define KLOCK_NAME "blocking"
#define spin_lock(l) check_lock(&(l)->word, true, false, check_site("spin_lock(" #l ")"))
#define spin_unlock(l) check_unlock(&(l)->word, false, check_site("spin_unlock(" #l ")"))
#define spin_unlock_wait(l) ((void)smp_cond_load_acquire(&(l)->word, !VAL))
#endif

/* tasklist_lock's kind, taken for write with interrupts off, as fork and exit do. */
#define write_lock(l) check_lock(&(l)->word, true, true, check_site("write_lock(" #l ")"))
#define write_unlock(l) check_unlock(&(l)->word, true, check_site("write_unlock(" #l ")"))
#define read_lock(l) check_lock(&(l)->word, false, true, check_site("read_lock(" #l ")"))
#define read_unlock(l) check_read_unlock(&(l)->word, check_site("read_unlock(" #l ")"))

#endif
