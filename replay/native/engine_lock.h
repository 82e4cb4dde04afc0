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

/* Sleeps, so that others may run this CPU's calls meanwhile (ipi.c). */
void eng_mutex_lock(pthread_mutex_t *m);

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
#define arch_lock_wait(l, state) ((void)(state), eng_mutex_lock(&(l)->mutex))
#define arch_unlock(l) pthread_mutex_unlock(&(l)->mutex)
#define arch_unlock_wait(l) (eng_mutex_lock(&(l)->mutex), pthread_mutex_unlock(&(l)->mutex))
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

/* Which CPU held it last, for bounces, doing what, for blame, and what it is called (eng_lock_class). */
struct lock_note {
	SHARED(u16) last_cpu;
	u8 class;
	SHARED(u32) last_did; /* doing() */
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

/*
 * What instrumentation must not do to the lock it looks at:
 *
 * - touch the lock's line before the lock operation itself: a load would fetch
 *   it shared, and the atomic would fetch it once more. So the class is read
 *   after the first attempt.
 * - write to that line while others spin on it: the note of who held it last
 *   is written right before the unlock, which takes the line anyway.
 * - lengthen the hold: counters and histograms follow after the release. A
 *   timed hold costs one reading of the clock inside.
 *
 * One mark (descheduled.h) serves all holds that lie within an outermost one:
 * whoever was away during an inner hold was away during the outer one, too. An
 * inner hold after that counts as interrupted as well; they are few.
 */
static inline struct lock_counts *eng_counts(struct ncpu *c, unsigned class, unsigned mode)
{
	return &c->locks[class * LOCK_MODES + mode];
}

/* `--trace` (trace.h): a lock was had, after a wait from @from on, 0: without one; was given back. */
void eng_trace_acquired(struct ncpu *c, u8 class, unsigned mode, u64 from);
void eng_trace_released(struct ncpu *c, u32 class, unsigned mode);

/* The first attempt failed. */
static inline void eng_contended(struct ncpu *c, struct lock_note *n, unsigned mode)
{
	struct lock_counts *s = eng_counts(c, n->class, mode);
	s->contentions++;
	s->con_bounces += READ_ONCE(n->last_cpu) != (u16)c->cpu.id;
}

/* @from: when a timed wait began, 0: there was none. */
static inline void eng_acquired(struct ncpu *c, struct lock_note *n, unsigned mode, u64 from)
{
	if (likely(!(c->instrument & (INSTR_TIMED | INSTR_TRACED))))
		return;
	if (unlikely(c->instrument & INSTR_TRACED)) {
		eng_trace_acquired(c, n->class, mode, from);
		if (!(c->instrument & INSTR_TIMED))
			return;
	}
	struct lock_counts *s = eng_counts(c, n->class, mode);
	if (c->timed_depth++ == 0) {
		c->spent.away |= eng_was_descheduled();
		eng_mark_running();
	}
	s->times->reads_before = c->spent.reads;
	s->hold_start = eng_clock();
	s->waited = from ? s->hold_start - from : 0;
	c->spent.wait += s->waited;
	c->spent.waits += from != 0;
	if (from)
		s->times->holder = READ_ONCE(n->last_did);
	c->spent.wait_inside += c->timed_depth > 1 ? s->waited : 0;
}

/* What the release leaves to be counted after it. */
struct eng_released {
	u32 class;
	u32 moved; /* 1: another CPU held it before */
};

/* Still inside; `--delay`: the hold goes on for so long after its work is done. */
static inline struct eng_released eng_releasing(struct ncpu *c, struct lock_note *n)
{
	struct eng_released r = { n->class, READ_ONCE(n->last_cpu) != (u16)c->cpu.id };
	if (unlikely(c->instrument & INSTR_DELAY) && c->delay[r.class])
		for (u64 until = eng_clock() + c->delay[r.class]; eng_clock() < until;)
			__builtin_ia32_pause();
	WRITE_ONCE(n->last_cpu, (u16)c->cpu.id);
	WRITE_ONCE(n->last_did, c->doing);
	return r;
}

/* A timed wait is over: who is to blame. */
static inline void eng_blame(struct ncpu *c, struct lock_counts *s)
{
	const u32 by = s->times->holder;
	const u64 took = s->waited;
	/* What was never held, or is no lock any more, says anything. */
	const u32 slot = doing_slot(by) < c->who_slots ? doing_slot(by) : 0;
	struct who *who = &c->who[slot * EV_MAX + doing_op(by)];
	hist_add(&s->times->wait, eng_ns(c, took));
	s->times->blocked[doing_op(c->doing)][doing_op(by)].count++;
	s->times->blocked[doing_op(c->doing)][doing_op(by)].cycles += took;
	who->caused++;
	who->caused_by += took;
	if (took > c->spent.longest.took)
		c->spent.longest = (struct who_wait){ took, doing(doing_op(by), slot), (u8)(s - c->locks) };
}

static __noinline __attribute__((unused)) void eng_released_timed(struct ncpu *c, struct lock_counts *s, u64 now)
{
	u64 cycles = now - s->hold_start, held = eng_ns(c, cycles);
	u64 reads = c->spent.reads - s->times->reads_before;
	bool outermost = --c->timed_depth == 0;
	s->timed++;
	/* Before the wait, after it, and here; an outermost hold begins with one and ends with one, so it has one in it. */
	c->spent.reads += 3;
	c->spent.hold_reads += outermost ? 1 : 3;
	c->spent.hold += outermost ? cycles : 0;
	if (unlikely(eng_was_descheduled())) {
		c->spent.away = true;
		s->times->descheduled++;
		s->times->descheduled_ns += held;
	} else {
		hist_add(&s->times->hold, held);
		/* Its own: it begins with one and ends with one. */
		s->times->hold_reads += reads + 1;
		s->times->outermost_ns += outermost ? held : 0;
	}
	if (s->waited)
		eng_blame(c, s);
}

/* Out of the way of those that are only counted. @now: when it was let go. */
static __noinline __attribute__((unused)) void eng_released_told(struct ncpu *c, struct lock_counts *s, u32 class,
								 unsigned mode, u64 now)
{
	if (c->instrument & INSTR_TRACED)
		eng_trace_released(c, class, mode);
	if (c->instrument & INSTR_TIMED)
		eng_released_timed(c, s, now);
}

static inline void eng_count(struct ncpu *c, struct eng_released r, unsigned mode)
{
	struct lock_counts *s = eng_counts(c, r.class, mode);
	if (unlikely(c->instrument & (INSTR_TIMED | INSTR_TRACED)))
		/* The clock first: in a sample the rest is seldom run, and waits for its code. */
		eng_released_told(c, s, r.class, mode, eng_clock());
	s->acquisitions++;
	s->acq_bounces += r.moved;
}

static inline u64 eng_wait_start(const struct ncpu *c)
{
	return unlikely(c->instrument & (INSTR_TIMED | INSTR_TRACED)) ? eng_clock() : 0;
}

/*
 * A lock operation with its instrumentation: @fast is the first attempt, @wait
 * what follows when it failed, @unlock the release.
 */
#define eng_lock_with(l, mode, fast, wait)                                                                             \
	do {                                                                                                           \
		struct ncpu *el_c_ = eng_self;                                                                         \
		if (likely(!el_c_->instrument)) {                                                                      \
			if (unlikely(!(fast)))                                                                         \
				wait;                                                                                  \
			break;                                                                                         \
		}                                                                                                      \
		u64 el_from_ = eng_wait_start(el_c_);                                                                  \
		if (fast) {                                                                                            \
			el_from_ = 0;                                                                                  \
		} else {                                                                                               \
			eng_contended(el_c_, &(l)->note, mode);                                                        \
			wait;                                                                                          \
		}                                                                                                      \
		eng_acquired(el_c_, &(l)->note, mode, el_from_);                                                       \
	} while (0)
#define eng_unlock_with(l, mode, unlock)                                                                               \
	do {                                                                                                           \
		struct ncpu *eu_c_ = eng_self;                                                                         \
		if (likely(!eu_c_->instrument)) {                                                                      \
			unlock;                                                                                        \
			break;                                                                                         \
		}                                                                                                      \
		struct eng_released eu_r_ = eng_releasing(eu_c_, &(l)->note);                                          \
		unlock;                                                                                                \
		eng_count(eu_c_, eu_r_, mode);                                                                         \
	} while (0)

/* ---- spin locks ---- */

static inline void spin_lock(spinlock_t *l)
{
	u32 state = 0;
	eng_lock_with(l, 0, arch_lock_fast(&l->raw, &state), arch_lock_wait(&l->raw, state));
}

static inline void spin_unlock(spinlock_t *l)
{
	eng_unlock_with(l, 0, arch_unlock(&l->raw));
}

/* Returns once the critical sections that had begun before the call have ended (C.3, D6). */
static inline void spin_unlock_wait(spinlock_t *l)
{
	arch_unlock_wait(&l->raw);
}

/* ---- tasklist_lock's kind ---- */

static inline void write_lock(rwlock_t *l)
{
	eng_lock_with(l, 0, qrw_write_lock_fast(&l->raw), qrw_write_lock_wait(&l->raw));
}

static inline void write_unlock(rwlock_t *l)
{
	eng_unlock_with(l, 0, qrw_write_unlock(&l->raw));
}

static inline void read_lock(rwlock_t *l)
{
	eng_lock_with(l, 1, qrw_read_lock_fast(&l->raw), qrw_read_lock_wait(&l->raw));
}

static inline void read_unlock(rwlock_t *l)
{
	eng_unlock_with(l, 1, qrw_read_unlock(&l->raw));
}

#endif
