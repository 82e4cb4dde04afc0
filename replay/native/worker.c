/*
 * worker.c (native) - the hot path: a stream of operations, one after another.
 *
 * No allocation, no system call, no shared counter: the only line written that
 * others read is the worker's own progress. Grace periods are waited for
 * between operations and accounted apart.
 */
#include "replay/native/worker.h"

#include <setjmp.h>

#include "replay/native/rcu.h"
#include "replay/oracle.h"

static u32 load_acquire(const u32 *p)
{
	return __atomic_load_n(p, __ATOMIC_ACQUIRE);
}

static bool told_to_stop(struct run *r)
{
	if (__atomic_load_n(&r->stop, __ATOMIC_RELAXED))
		return true;
	if (!r->c->stop || !__atomic_load_n(r->c->stop, __ATOMIC_RELAXED))
		return false;
	__atomic_store_n(&r->stop, 1, __ATOMIC_RELAXED);
	return true;
}

/* Spin until *@p reaches @want, or the run is stopped: false. */
static bool wait_until(struct worker *me, const u32 *p, u32 want)
{
	bool reached = true;
	if (load_acquire(p) >= want)
		return true;
	__atomic_store_n(&me->waiting, 1, __ATOMIC_RELAXED);
	for (u32 spins = 1; load_acquire(p) < want; spins++) {
		cpu_relax();
		if (unlikely(eng_attention(me->cpu) & ~ATTEND_TOUCH))
			eng_attend_between(me->cpu);
		if (spins % 256 == 0 && told_to_stop(me->run)) {
			reached = false;
			break;
		}
		/* Long waits are for others to run. */
		if (spins % 4096 == 0)
			sched_yield();
	}
	__atomic_store_n(&me->waiting, 0, __ATOMIC_RELAXED);
	return reached;
}

/* Everybody arrives; the first worker does @work; everybody goes on. */
static bool meet(struct worker *me, struct meeting *m, u32 round, void (*work)(struct worker *me))
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

static void oracle_stop(struct worker *me)
{
	struct run *r = me->run;
	if (r->c->design->flags & DESIGN_FLOOR)
		return;
	u64 from = eng_clock();
	r->w->current_event = me->stop_event;
	r->pairs += oracle_check(&r->w->k, r->c->design);
	r->w->current_event = UINT64_MAX;
	r->oracle_cycles += eng_clock() - from;
}

static __noinline bool obey_order(struct worker *me, const struct wait *w, u32 n)
{
	for (u32 i = 0; i < n; i++) {
		const u32 *done = &me->run->progress[w[i].worker].done;
		if (load_acquire(done) >= w[i].position)
			continue;
		me->waited++;
		u64 from = eng_clock();
		bool ok = wait_until(me, done, w[i].position);
		me->stall_cycles += eng_clock() - from;
		if (!ok)
			return false;
	}
	return true;
}

static __noinline void note_peak(struct worker *me)
{
	/* init_mm is no mm of the workload. */
	s64 n = world_live(me->run->w, POOL_MM) - 1;
	if (n > (s64)me->peak_mms)
		me->peak_mms = (u64)n;
}

/* ---- additions, and what they are good for: I1a ---- */

/* @slot can be used from now on: every CPU will touch it before its next event. */
static __noinline void announce(struct eng_world *w, u32 slot)
{
	for (u32 i = 0; i < w->k.ncpus; i++) {
		struct mailbox *m = &w->cpu[i].mail;
		__atomic_fetch_or(&m->touch[slot / 64], 1ull << (slot % 64), __ATOMIC_SEQ_CST);
		__atomic_fetch_or(&m->attention, ATTEND_TOUCH, __ATOMIC_SEQ_CST);
	}
}

static void touch_announced(struct worker *me)
{
	struct eng_world *w = me->run->w;
	struct mailbox *m = &me->cpu->mail;
	__atomic_fetch_and(&m->attention, ~ATTEND_TOUCH, __ATOMIC_SEQ_CST);
	for (u32 i = 0; i < MAILBOX_SLOTS / 64; i++)
		for (u64 bits = __atomic_exchange_n(&m->touch[i], 0, __ATOMIC_SEQ_CST); bits; bits &= bits - 1) {
			w->design->access(&w->k, i * 64 + (u32)__builtin_ctzll(bits));
			me->accesses++;
		}
}

/* Between two events there is something in the mailbox. */
static __noinline void attend(struct worker *me)
{
	if (eng_attention(me->cpu) & ATTEND_TOUCH)
		touch_announced(me);
	eng_attend_between(me->cpu);
}

static void vmalloc(struct eng_world *w, const struct design_ops *d, u32 slot)
{
	bool used = READ_ONCE(w->k.done[slot]);
	d->vmalloc(&w->k, slot);
	if (unlikely(!used) && READ_ONCE(w->k.done[slot]))
		announce(w, slot);
}

/* ---- operations ---- */

static inline u32 fork_flags(const struct rop *op)
{
	if (op->op == EV_THREAD)
		return FORK_VM | FORK_THREAD;
	if (op->op == EV_VFORK)
		return FORK_VM;
	return op->flags & EV_F_KTHREAD || !op->mm ? FORK_KTHREAD : 0;
}

static inline void perform(struct worker *me, struct eng_world *w, const struct design_ops *d, const struct rop *op)
{
	struct kernel *k = &w->k;
	switch (op->op) {
	case EV_FORK:
	case EV_VFORK:
	case EV_THREAD:
		w->task[op->arg] = d->fork(k, w->task[op->task], op->aux, op->mm, fork_flags(op));
		break;
	case EV_EXEC:
		d->exec(k, w->task[op->task], op->mm);
		break;
	case EV_EXIT:
		d->exit(k, w->task[op->task]);
		/* Its memory may come back as another task. */
		me->cpu->cpu.curr = NULL;
		break;
	case EV_VMALLOC:
		vmalloc(w, d, op->mm);
		break;
	case EV_PURGE:
		d->purge(k);
		break;
	case EV_HOT_ADD:
		if (d->hot_add(k, op->aux))
			announce(w, op->aux);
		break;
	case EV_HOT_REMOVE:
		d->hot_remove(k, op->aux);
		break;
	case EV_SYNC:
		d->sync(k, op->aux);
		break;
	case EV_FAULT:
		d->access(k, op->aux);
		break;
	case EV_PIN_ALL:
		d->pin_all(k);
		break;
	case EV_UNPIN_ALL:
		d->unpin_all(k);
		break;
	default:
		/* free: the grace period runs below. vfree does nothing to page directories. */
		break;
	}
}

/* The same with the clock read around switch, to @next if there is one, and operation. */
static __noinline void perform_timed(struct worker *me, struct eng_world *w, const struct design_ops *d,
				     const struct rop *op, struct task_struct *next)
{
	struct ncpu *c = me->cpu;
	c->instrument |= INSTR_TIMED;
	u64 from = eng_clock();
	if (next) {
		me->switches++;
		d->switch_to(&w->k, next);
		u64 now = eng_clock();
		hist_add(&me->latency[EV_SWITCH], eng_ns(c, now - from));
		from = now;
	}
	perform(me, w, d, op);
	/* A recorded switch is all done by now. */
	if (op->op != EV_SWITCH)
		hist_add(&me->latency[op->op], eng_ns(c, eng_clock() - from));
	c->instrument &= ~INSTR_TIMED;
}

/* Distance to the next timed operation: 1..2N-1, N on average, so that no pattern of the workload is hit in step. */
static u32 next_sample(u64 *seed, u32 every)
{
	*seed ^= *seed << 13;
	*seed ^= *seed >> 7;
	*seed ^= *seed << 17;
	return every <= 1 ? 1 : 1 + (u32)((*seed >> 32) * (2 * every - 1) >> 32);
}

static void replay(struct worker *me)
{
	struct run *r = me->run;
	struct eng_world *w = r->w;
	struct ncpu *c = me->cpu;
	const struct design_ops *d = r->c->design;
	const struct stream *s = me->stream;
	const struct wait *waits = s->waits;
	const bool measured = r->c->measure != MEASURE_OFF;
	const u32 every = r->c->sample_every;
	/* With one CPU the peak is exact; with more, every so many creations all CPUs are added up, oftener in short runs. */
	const u32 peak_every = w->k.ncpus == 1 ? 1 : s->n < 64 * 2048 ? s->n / 64 + 1 : 2048;
	u64 seed = (r->c->seed + me->index + 1) * 0x9e3779b97f4a7c15ull | 1;
	u32 sample_in = next_sample(&seed, every), peak_in = peak_every, meetings = 0;

	u32 i;

	note_peak(me);
	for (i = 0; i < s->n; i++) {
		if (unlikely(i % 1024 == 0) && told_to_stop(r))
			break;
		if (unlikely(eng_attention(c)))
			attend(me);
		const struct rop *op = &s->ops[i];
		if (op->waits) {
			if (!obey_order(me, waits, op->waits))
				break;
			waits += op->waits;
		}
		if (unlikely(op->op == OP_CHECKPOINT)) {
			me->stop_event = op->event;
			if (!meet(me, &r->check, meetings + 1, oracle_stop))
				break;
			meetings++;
		} else {
			struct task_struct *next = op->task && op->op != EV_FREE ? w->task[op->task] : NULL;
			/* It runs here already, unless it ran elsewhere meanwhile: then so did another here. */
			if (next == c->cpu.curr && !(op->flags & ROP_MOVED))
				next = NULL;
			if (measured && --sample_in == 0) {
				sample_in = next_sample(&seed, every);
				perform_timed(me, w, d, op, next);
			} else {
				if (next) {
					me->switches++;
					d->switch_to(&w->k, next);
				}
				perform(me, w, d, op);
			}
			if ((op->op == EV_FORK || op->op == EV_EXEC) && --peak_in == 0) {
				peak_in = peak_every;
				note_peak(me);
			}
			me->rcu_cycles += world_rcu_poll(w, c);
		}
		__atomic_store_n(&r->progress[me->index].done, i + 1, __ATOMIC_RELEASE);
	}
	me->position = i;
	me->done = i - meetings;
}

/* ---- threads ---- */

void worker_way_out(int sig)
{
	(void)sig;
	if (eng_thread.way_out && !eng_thread.in_host)
		siglongjmp(*(sigjmp_buf *)eng_thread.way_out, 1);
}

/* False when watch.c had to get us out of @body. Whatever locks it held stay held: the run is over. */
static bool run_guarded(struct worker *me, void (*body)(struct worker *me))
{
	sigjmp_buf out;
	bool ended = sigsetjmp(out, 1) == 0;
	if (ended) {
		eng_thread.way_out = &out;
		body(me);
	}
	eng_thread.way_out = NULL;
	return ended;
}

static void replay_all(struct worker *me)
{
	eng_wake(me->cpu);
	if (!meet(me, &me->run->start, 1, NULL))
		return;
	me->begin = eng_clock();
	replay(me);
	me->end = eng_clock();
}

/* Where it was when it was got out. */
static void account(struct worker *me)
{
	me->end = eng_clock();
	me->position = me->run->progress[me->index].done;
	for (u32 i = 0; i < me->position; i++)
		me->done += me->stream->ops[i].op != OP_CHECKPOINT;
}

void *worker_main(void *arg)
{
	struct worker *me = arg;
	if (me->pin >= 0) {
		cpu_set_t set;
		CPU_ZERO(&set);
		CPU_SET(me->pin, &set);
		pthread_setaffinity_np(pthread_self(), sizeof(set), &set);
	}
	eng_self = me->cpu;
	eng_rcu_register();
	if (!run_guarded(me, replay_all))
		account(me);
	eng_sleep(me->cpu, CPU_IDLE);
	eng_rcu_unregister();
	eng_self = NULL;
	return NULL;
}

static void last_look(struct worker *me)
{
	struct run *r = me->run;
	r->pairs += oracle_check(&r->w->k, r->c->design);
	r->digest = oracle_digest(&r->w->k, r->c->design);
}

void *worker_finish(void *arg)
{
	struct worker *me = arg;
	eng_self = me->cpu;
	eng_rcu_register();
	run_guarded(me, last_look);
	eng_rcu_unregister();
	eng_self = NULL;
	return NULL;
}

void worker_present(struct eng_world *w, const struct rop *op)
{
	struct task_struct *leader = op->arg != op->task ? w->task[op->arg] : NULL;
	u32 flags = leader ? FORK_VM | FORK_THREAD : op->flags & EV_F_KTHREAD || !op->mm ? FORK_KTHREAD : 0;
	w->task[op->task] = w->design->fork(&w->k, leader, op->aux, op->mm, flags);
}
