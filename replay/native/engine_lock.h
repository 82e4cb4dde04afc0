/*
 * engine_lock.h (native) - spinlock_t and rwlock_t with kernel lock_stat's
 * instrumentation around the lock under study.
 *
 * Without instrumentation a lock operation is the lock's own code and one
 * predictable branch. A timed hold is read after the unlock, so the clock does
 * not lengthen it. Bounces follow lock_stat: the CPU that last held the lock is
 * noted in the lock's own line, by the holder.
 */
#ifndef NATIVE_ENGINE_LOCK_H
#define NATIVE_ENGINE_LOCK_H

#include "replay/locks/ticket.h"

struct qs_nodes;
struct qs_nodes *qs_nodes_of(u32 cpu);
#define qs_nodes(cpu) qs_nodes_of(cpu)
#include "replay/locks/qspinlock.h"

/* ---- the lock kind of this compilation; the layout is the same for all, so the engine is compiled once ---- */
typedef union {
	ticket_t ticket;
	qspinlock_t qspin;
	pthread_mutex_t mutex;
} arch_spinlock_t;

#if defined(KLOCK_ticket)
#define KLOCK_NAME "ticket"
#define arch_init(l) ticket_init(&(l)->ticket)
#define arch_lock_fast(l, state) ticket_lock_fast(&(l)->ticket, state)
#define arch_lock_wait(l, state) ticket_lock_wait(&(l)->ticket, state)
#define arch_unlock(l) ticket_unlock(&(l)->ticket)
#define arch_unlock_wait(l) ticket_unlock_wait(&(l)->ticket)
#elif defined(KLOCK_qspinlock)
#define KLOCK_NAME "qspinlock"
#define arch_init(l) qspin_init(&(l)->qspin)
#define arch_lock_fast(l, state) qspin_lock_fast(&(l)->qspin, state)
#define arch_lock_wait(l, state) qspin_lock_wait(&(l)->qspin, state)
#define arch_unlock(l) qspin_unlock(&(l)->qspin)
#define arch_unlock_wait(l) qspin_unlock_wait(&(l)->qspin)
#elif defined(KLOCK_mutex)
#define KLOCK_NAME "mutex"
#define arch_init(l) pthread_mutex_init(&(l)->mutex, NULL)
#define arch_lock_fast(l, state) ((void)(state), pthread_mutex_trylock(&(l)->mutex) == 0)
#define arch_lock_wait(l, state) ((void)(state), pthread_mutex_lock(&(l)->mutex))
#define arch_unlock(l) pthread_mutex_unlock(&(l)->mutex)
#define arch_unlock_wait(l) (pthread_mutex_lock(&(l)->mutex), pthread_mutex_unlock(&(l)->mutex))
#else
/* The engine's own files: types only. A lock operation there is an error at compile time. */
int eng_lock_outside_a_design(void) __attribute__((error("locks are for code that is compiled once per lock kind")));
#define arch_init(l) ((void)(l), eng_lock_outside_a_design())
#define arch_lock_fast(l, state) ((void)(l), (void)(state), eng_lock_outside_a_design())
#define arch_lock_wait(l, state) ((void)(l), (void)(state), eng_lock_outside_a_design())
#define arch_unlock(l) ((void)(l), eng_lock_outside_a_design())
#define arch_unlock_wait(l) ((void)(l), eng_lock_outside_a_design())
#endif

static inline void qrw_arch_lock(arch_spinlock_t *l)
{
	u32 state = 0;
	if (!arch_lock_fast(l, &state))
		arch_lock_wait(l, state);
}
#define QRW_WAIT_T arch_spinlock_t
#define qrw_wait_init(l) arch_init(l)
#define qrw_wait_lock(l) qrw_arch_lock(l)
#define qrw_wait_unlock(l) arch_unlock(l)
#include "replay/locks/qrwlock.h"

/* Which CPU held it last, for bounces, and what it is called (eng_lock_class). */
struct lock_note {
	SHARED(u16) last_cpu;
	u8 class;
};

typedef struct {
	arch_spinlock_t raw;
	struct lock_note note;
} spinlock_t;

typedef struct {
	qrwlock_t raw;
	struct lock_note note;
} rwlock_t;

/* The class called @name in this world, made at first use; class 0 is "other" once the table is full. */
u8 eng_lock_class(struct kernel *k, const char *name);

static inline void spin_lock_init_class(spinlock_t *l, u8 class)
{
	arch_init(&l->raw);
	l->note.class = class;
	WRITE_ONCE(l->note.last_cpu, 0);
}

static inline void spin_lock_init(struct kernel *k, spinlock_t *l, const char *name)
{
	spin_lock_init_class(l, eng_lock_class(k, name));
}

static inline void rwlock_init(struct kernel *k, rwlock_t *l, const char *name)
{
	qrw_init(&l->raw);
	l->note.class = eng_lock_class(k, name);
	WRITE_ONCE(l->note.last_cpu, 0);
}

/* ---- lock_stat ---- */

static inline struct lock_counts *eng_counts(struct ncpu *c, const struct lock_note *n, unsigned mode)
{
	return &c->locks[n->class * LOCK_MODES + mode];
}

static inline void eng_contended(struct ncpu *c, struct lock_counts *s, struct lock_note *n)
{
	s->contentions++;
	if (READ_ONCE(n->last_cpu) != (u16)c->cpu.id)
		s->con_bounces++;
}

/*
 * Inside the critical section only what cannot wait is done: one look at the
 * note in the lock's own line and, when timed, one reading of the clock. The
 * note is written right before the unlock, which takes the line anyway; written
 * earlier, it would fetch that line from the spinning waiters once more.
 * Counters and histograms follow after the release.
 *
 * One mark (descheduled.h) serves all holds that lie within an outermost one:
 * whoever was away during an inner hold was away during the outer one, too. An
 * inner hold after that counts as interrupted as well; they are few.
 */
static inline void eng_acquired(struct ncpu *c, struct lock_counts *s, struct lock_note *n, u64 wait_from)
{
	s->moved = READ_ONCE(n->last_cpu) != (u16)c->cpu.id;
	if (unlikely(c->instrument & INSTR_TIMED)) {
		if (c->timed_depth++ == 0)
			eng_mark_running();
		s->hold_start = eng_clock();
		s->waited = wait_from ? s->hold_start - wait_from : 0;
	}
}

static inline void eng_releasing(struct ncpu *c, struct lock_counts *s, struct lock_note *n)
{
	if (s->moved)
		WRITE_ONCE(n->last_cpu, (u16)c->cpu.id);
}

/* `--delay`: the hold goes on for so long after its work is done. */
static inline void eng_delay(const struct ncpu *c, const struct lock_note *n)
{
	if (!c->delay[n->class])
		return;
	for (u64 until = eng_clock() + c->delay[n->class]; eng_clock() < until;)
		__builtin_ia32_pause();
}

static inline void eng_released(struct ncpu *c, struct lock_counts *s)
{
	if (unlikely(c->instrument & INSTR_TIMED)) {
		u64 held = eng_ns(c, eng_clock() - s->hold_start);
		bool outermost = --c->timed_depth == 0;
		s->timed++;
		if (unlikely(eng_was_descheduled())) {
			s->descheduled++;
			s->descheduled_ns += held;
		} else {
			hist_add(&s->hold, held);
			s->outermost_ns += outermost ? held : 0;
		}
		if (s->waited)
			hist_add(&s->wait, eng_ns(c, s->waited));
	}
	s->acquisitions++;
	s->acq_bounces += s->moved;
}

static inline u64 eng_wait_start(const struct ncpu *c)
{
	return c->instrument & INSTR_TIMED ? eng_clock() : 0;
}

/* ---- spin locks ---- */

static __noinline __attribute__((unused)) void spin_lock_instrumented(spinlock_t *l)
{
	struct ncpu *c = eng_self;
	struct lock_counts *s = eng_counts(c, &l->note, 0);
	u64 from = eng_wait_start(c);
	u32 state = 0;
	bool waited = !arch_lock_fast(&l->raw, &state);
	if (waited) {
		eng_contended(c, s, &l->note);
		arch_lock_wait(&l->raw, state);
	}
	eng_acquired(c, s, &l->note, waited ? from : 0);
}

static __noinline __attribute__((unused)) void spin_unlock_instrumented(spinlock_t *l)
{
	struct ncpu *c = eng_self;
	struct lock_counts *s = eng_counts(c, &l->note, 0);
	if (unlikely(c->instrument & INSTR_DELAY))
		eng_delay(c, &l->note);
	eng_releasing(c, s, &l->note);
	arch_unlock(&l->raw);
	eng_released(c, s);
}

static inline void spin_lock(spinlock_t *l)
{
	if (likely(!eng_self->instrument)) {
		u32 state = 0;
		if (unlikely(!arch_lock_fast(&l->raw, &state)))
			arch_lock_wait(&l->raw, state);
		return;
	}
	spin_lock_instrumented(l);
}

static inline void spin_unlock(spinlock_t *l)
{
	if (likely(!eng_self->instrument))
		arch_unlock(&l->raw);
	else
		spin_unlock_instrumented(l);
}

/* Returns once the critical sections that had begun before the call have ended (C.3, D6). */
static inline void spin_unlock_wait(spinlock_t *l)
{
	arch_unlock_wait(&l->raw);
}

/* ---- tasklist_lock's kind ---- */

static __noinline __attribute__((unused)) void rw_lock_instrumented(rwlock_t *l, bool read)
{
	struct ncpu *c = eng_self;
	struct lock_counts *s = eng_counts(c, &l->note, read);
	u64 from = eng_wait_start(c);
	bool waited = read ? !qrw_read_lock_fast(&l->raw) : !qrw_write_lock_fast(&l->raw);
	if (waited) {
		eng_contended(c, s, &l->note);
		read ? qrw_read_lock_wait(&l->raw) : qrw_write_lock_wait(&l->raw);
	}
	eng_acquired(c, s, &l->note, waited ? from : 0);
}

static __noinline __attribute__((unused)) void rw_unlock_instrumented(rwlock_t *l, bool read)
{
	struct ncpu *c = eng_self;
	struct lock_counts *s = eng_counts(c, &l->note, read);
	if (unlikely(c->instrument & INSTR_DELAY))
		eng_delay(c, &l->note);
	eng_releasing(c, s, &l->note);
	read ? qrw_read_unlock(&l->raw) : qrw_write_unlock(&l->raw);
	eng_released(c, s);
}

static inline void write_lock(rwlock_t *l)
{
	if (unlikely(eng_self->instrument))
		rw_lock_instrumented(l, false);
	else if (unlikely(!qrw_write_lock_fast(&l->raw)))
		qrw_write_lock_wait(&l->raw);
}

static inline void write_unlock(rwlock_t *l)
{
	if (unlikely(eng_self->instrument))
		rw_unlock_instrumented(l, false);
	else
		qrw_write_unlock(&l->raw);
}

static inline void read_lock(rwlock_t *l)
{
	if (unlikely(eng_self->instrument))
		rw_lock_instrumented(l, true);
	else if (unlikely(!qrw_read_lock_fast(&l->raw)))
		qrw_read_lock_wait(&l->raw);
}

static inline void read_unlock(rwlock_t *l)
{
	if (unlikely(eng_self->instrument))
		rw_unlock_instrumented(l, true);
	else
		qrw_read_unlock(&l->raw);
}

#endif
