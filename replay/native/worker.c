/*
 * worker.c (native) - the hot path: a stream of operations, one after another.
 *
 * No allocation, no system call, no shared counter: the only line written that
 * others read is the worker's own progress. Grace periods are waited for
 * between operations and accounted apart.
 */
#include "replay/native/worker.h"

#include <setjmp.h>
#include <sys/prctl.h>

#include "replay/native/rcu.h"
#include "replay/native/trace.h"
#include "replay/oracle.h"
#include "replay/perform.h"

static void oracle_stop(struct worker *me)
{
	struct run *r = me->run;
	if (r->c->design->flags & DESIGN_FLOOR)
		return;
	u64 from = eng_clock();
	r->w->current_event = me->stop_event;
	r->pairs += oracle_check(&r->w->k, r->c->design);
	r->w->current_event = UINT64_MAX;
	u64 took = eng_clock() - from;
	r->oracle_cycles += took;
	/* Recorded time stands still meanwhile. */
	r->zero += took;
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

/* ---- operations ---- */

static inline void perform_one(struct worker *me, struct eng_world *w, const struct design_ops *d, const struct rop *op,
			       u32 whose)
{
	me->cpu->doing = doing(op->op, whose);
	int slot = perform(&w->k, d, w->task, op);
	if (unlikely(slot >= 0))
		announce(w, (u32)slot);
}

static inline void perform_switch(struct worker *me, struct eng_world *w, const struct design_ops *d,
				  struct task_struct *next, u32 whose)
{
	me->switches++;
	me->cpu->doing = doing(EV_SWITCH, whose);
	d->switch_to(&w->k, next);
}

/* What is neither operation nor harness. */
static u64 apart(const struct worker_time *t)
{
	return t->stall + t->idle + t->rcu + t->surround + t->meet;
}

/* The operation before was timed, too: from its end to @now only what is apart was no harness. */
static void harness_until(struct worker_time *t, u64 now)
{
	if (!t->mark)
		return;
	t->harness += now - t->mark - (apart(t) - t->mark_apart);
	t->gaps++;
	t->mark = 0;
}

static void harness_from(struct worker_time *t, u64 now)
{
	t->mark = now;
	t->mark_apart = apart(t);
}

/* What locks have noted since @was belongs to @op, which took from @from to @to. */
static void note_time(struct worker *me, unsigned op, u32 whose, const struct lock_time *was, u64 from, u64 to)
{
	struct worker_time *t = me->time;
	struct who *who = &me->cpu->who[whose * EV_MAX + op];
	const struct lock_time *is = &me->cpu->spent;
	const u64 wait = is->wait - was->wait, hold = is->hold - was->hold - (is->wait_inside - was->wait_inside);
	who->timed++;
	who->wait += wait;
	who->hold += hold;
	t->timed[op]++;
	t->op[op] += to - from;
	t->wait[op] += wait;
	t->hold[op] += hold;
	t->wait_reads[op] += is->waits - was->waits;
	t->hold_reads[op] += is->hold_reads - was->hold_reads;
	t->reads[op] += is->reads - was->reads + 1;
}

static __noinline void note_slow(struct worker *me, unsigned type, u32 i, u64 from, u64 took, u64 late, u64 waited)
{
	const u64 zero = me->run->zero;
	slowest_add(&me->slowest, &(struct slow){ .latency = took,
						  .begin = from > zero ? from - zero : 0,
						  .late = late,
						  .wait = waited,
						  .longest = me->cpu->spent.longest,
						  .event = me->stream->ops[i].event,
						  .worker = me->index,
						  .op = (uint8_t)type,
						  .slot = me->stream->whose[i] });
}

/* Operation @i of the stream, or its switch; of its time it was @late to begin and waited for locks for @waited. */
static void note_latency(struct worker *me, unsigned type, u32 i, u64 from, u64 to, u64 late, u64 waited)
{
	hist_add(&me->latency[type], eng_ns(me->cpu, to - from));
	if (unlikely(to - from > me->slowest.floor))
		note_slow(me, type, i, from, to - from, late, waited);
}

/*
 * Operation @i of the stream with the clock read around switch, to @next if
 * there is one, and the rest. @due: from when on its latency counts, 0: from
 * its begin.
 */
static __noinline void perform_timed(struct worker *me, struct eng_world *w, const struct design_ops *d, u32 i,
				     struct task_struct *next, u64 due)
{
	struct ncpu *c = me->cpu;
	const struct rop *op = &me->stream->ops[i];
	const u32 whose = me->stream->whose[i];
	const struct lock_time was = c->spent;
	u64 waited = was.wait;
	const bool full = me->run->c->measure == MEASURE_FULL, second = me->time->mark != 0;
	c->instrument |= INSTR_TIMED;
	c->spent.away = false;
	c->spent.longest.took = 0;
	eng_mark_running();
	u64 begin = eng_clock(), from = begin;
	harness_until(me->time, begin);
	if (next) {
		perform_switch(me, w, d, next, whose);
		from = eng_clock();
		note_latency(me, EV_SWITCH, i, begin, from, 0, c->spent.wait - waited);
		/* Paced, the switch is part of what was due. */
		if (!due) {
			c->spent.longest.took = 0;
			waited = c->spent.wait;
		}
	}
	perform_one(me, w, d, op, whose);
	u64 end = eng_clock();
	/* A recorded switch is all done by now. */
	if (op->op != EV_SWITCH)
		note_latency(me, op->op, i, due ? due : from, end, due && begin > due ? begin - due : 0,
			     c->spent.wait - waited);
	c->instrument &= ~INSTR_TIMED;
	/* One that was interrupted tells how long that took, not how long the operation takes, which is scaled up. */
	if (full || !(c->spent.away || eng_was_descheduled()))
		note_time(me, op->op, whose, &was, begin, end);
	if (full)
		harness_from(me->time, end);
	else if (!second)
		harness_from(me->time, eng_clock());
}

static void note_drift(struct worker *me, u64 due)
{
	hist_add(me->drift, eng_ns(me->cpu, eng_clock() - due));
}

/* How often the clock is read for the timeline: seldom enough to cost nothing, in short runs oftener. */
static u32 look_every(const struct stream *s, bool paced)
{
	return paced || s->n < 2 * 2048 ? 1 : s->n < 16 * 2048 ? s->n / 2048 : 16;
}

static void look_at_timeline(struct worker *me)
{
	const u64 now = eng_clock(), zero = me->run->zero;
	const u64 ns = now > zero ? eng_ns(me->cpu, now - zero) : 0;
	if (timeline_is_over(&me->timeline, ns)) {
		collect_interval(me);
		timeline_go_on(&me->timeline, ns);
	}
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
	u32 sample_in = next_sample(&seed, every), peak_in = peak_every, look_in = 1, meetings = 0;

	const bool paced = r->cycles_per_ns > 0, traced = r->c->trace != NULL;
	u64 due = 0;
	u32 i;

	note_peak(me);
	if (r->c->measure == MEASURE_FULL)
		harness_from(me->time, me->begin);
	for (i = 0; i < s->n; i++) {
		if (unlikely(i % 1024 == 0) && wait_told_to_stop(r))
			break;
		if (paced && !(due = wait_time(me, s->when[i])))
			break;
		if (unlikely(eng_attention(c)))
			attend(me);
		const struct rop *op = &s->ops[i];
		if (op->waits) {
			if (!wait_order(me, waits, op->waits))
				break;
			waits += op->waits;
		}
		if (unlikely(op->op == OP_CHECKPOINT)) {
			me->stop_event = op->event;
			u64 from = eng_clock();
			bool met = wait_meet(me, &r->check, meetings + 1, oracle_stop);
			me->time->meet += eng_clock() - from;
			if (!met)
				break;
			meetings++;
		} else {
			if (paced)
				note_drift(me, due);
			struct task_struct *next = op->task && op->op != EV_FREE ? w->task[op->task] : NULL;
			/* It runs here already, unless it ran elsewhere meanwhile: then so did another here. */
			if (next == c->cpu.curr && !(op->flags & ROP_MOVED))
				next = NULL;
			if (measured && --look_in == 0) {
				look_in = look_every(s, paced);
				look_at_timeline(me);
			}
			if (unlikely(traced))
				trace_op_begin(me, op);
			if (measured && --sample_in == 0) {
				/* Sampled, they are timed in pairs: what is between them is the harness. */
				sample_in = me->time->mark || every <= 1 ? next_sample(&seed, 2 * every - 1) : 1;
				perform_timed(me, w, d, i, next, due);
			} else {
				if (next)
					perform_switch(me, w, d, next, s->whose[i]);
				perform_one(me, w, d, op, s->whose[i]);
			}
			if (unlikely(traced))
				trace_op_end(me, op);
			if ((op->op == EV_FORK || op->op == EV_EXEC) && --peak_in == 0) {
				peak_in = peak_every;
				note_peak(me);
			}
			me->time->rcu += world_rcu_poll(w, c);
			if (r->surrounded && r->surround[op->op])
				wait_surround(me, r->surround[op->op]);
		}
		__atomic_store_n(&r->progress[me->index].done, i + 1, __ATOMIC_RELEASE);
	}
	me->position = i;
	me->done = i - meetings;
	if (r->c->measure == MEASURE_FULL)
		harness_until(me->time, eng_clock());
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

/* All stand ready: recorded time begins. */
static void set_zero(struct worker *me)
{
	me->run->zero = eng_clock();
}

static void replay_all(struct worker *me)
{
	eng_wake(me->cpu);
	const bool met = wait_meet(me, &me->run->start, 1, set_zero);
	me->begin = me->end = eng_clock();
	if (!met)
		return;
	replay(me);
	me->end = eng_clock();
}

/* Where it was when it was got out. */
static void account(struct worker *me)
{
	me->end = eng_clock();
	/* It never came to begin: its CPU was others' all the time. */
	if (!me->begin)
		me->begin = me->end;
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
	if (me->run->cycles_per_ns > 0)
		prctl(PR_SET_TIMERSLACK, 1);
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

void worker_count_ops(const struct worker *k, u64 *count)
{
	if (k->position == k->stream->n) {
		for (unsigned op = 0; op < EV_MAX; op++)
			count[op] += k->stream->count[op];
		return;
	}
	for (u32 i = 0; i < k->position; i++)
		if (k->stream->ops[i].op != OP_CHECKPOINT)
			count[k->stream->ops[i].op]++;
}
