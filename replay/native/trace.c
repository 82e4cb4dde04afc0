/* trace.c (native) - see trace.h. */
#include "replay/native/trace.h"

#include <errno.h>
#include <stdlib.h>
#include <time.h>

#include "schemas/ust/replay.h"

#define NOTES 4096

struct trace_note {
	u64 at, cycles; /* TSC; waited or held */
	u8 class, mode;
	bool released;
};

/* One CPU's. */
struct eng_trace {
	const struct mmr_ust_replay *emit;
	const struct eng_world *w;
	u64 zero_tsc, zero_ns; /* one moment on both clocks */
	u64 op_from;
	u32 n;
	u16 worker;
	u64 since[LOCK_CLASSES][LOCK_MODES]; /* when what is held was had */
	struct trace_note note[NOTES];
} ____per_cpu_aligned;

static u64 time_of(const struct eng_trace *t, const struct ncpu *c, u64 tsc)
{
	return t->zero_ns + (tsc > t->zero_tsc ? eng_ns(c, tsc - t->zero_tsc) : 0);
}

static void emit(const struct eng_trace *t, const struct ncpu *c, const struct trace_note *n)
{
	const char *lock = t->w->lock_class[n->class];
	u8 mode = n->mode ? MMR_UST_READ : world_lock_writes(lock) ? MMR_UST_WRITE : MMR_UST_EXCLUSIVE;
	u64 ns = eng_ns(c, n->cycles);
	if (n->released)
		t->emit->lock_released(time_of(t, c, n->at), t->worker, lock, mode, ns);
	else
		t->emit->lock_acquired(time_of(t, c, n->at), t->worker, lock, mode, ns);
}

/* LTTng may hold locks of its own, or wait for room: nobody gets us out of there. */
static void flush(struct ncpu *c)
{
	struct eng_trace *t = c->trace;
	eng_enter_host();
	for (u32 i = 0; i < t->n; i++)
		emit(t, c, &t->note[i]);
	t->n = 0;
	eng_leave_host();
}

static struct trace_note *next_note(struct ncpu *c)
{
	if (unlikely(c->trace->n == NOTES))
		flush(c);
	return &c->trace->note[c->trace->n++];
}

void eng_trace_acquired(struct ncpu *c, u8 class, unsigned mode, u64 from)
{
	struct trace_note *n = next_note(c);
	u64 now = eng_clock();
	c->trace->since[class][mode] = now;
	*n = (struct trace_note){ .at = now, .cycles = from ? now - from : 0, .class = class, .mode = (u8)mode };
}

void eng_trace_released(struct ncpu *c, u32 class, unsigned mode)
{
	u64 now = eng_clock();
	struct trace_note *n = next_note(c);
	*n = (struct trace_note){ .at = now,
				  .cycles = now - c->trace->since[class][mode],
				  .class = (u8) class,
				  .mode = (u8)mode,
				  .released = true };
}

static const struct mmw_event *event_at(const struct worker *me, const struct rop *op)
{
	return &me->run->c->workload->events[op->event];
}

void trace_op_begin(struct worker *me, const struct rop *op)
{
	struct ncpu *c = me->cpu;
	struct eng_trace *t = c->trace;
	const struct mmw_event *ev = event_at(me, op);
	if (t->n)
		flush(c);
	eng_enter_host();
	t->emit->op_begin(time_of(t, c, eng_clock()), t->worker, op->op, ev->task, ev->mm, op->event);
	eng_leave_host();
	t->op_from = eng_clock();
}

void trace_op_end(struct worker *me, const struct rop *op)
{
	struct ncpu *c = me->cpu;
	struct eng_trace *t = c->trace;
	const struct mmw_event *ev = event_at(me, op);
	u64 now = eng_clock();
	flush(c);
	eng_enter_host();
	t->emit->op_end(time_of(t, c, now), t->worker, op->op, ev->task, ev->mm, op->event,
			eng_ns(c, now - t->op_from));
	eng_leave_host();
}

void trace_flush(struct run *r)
{
	for (u32 i = 0; i < r->w->k.ncpus && r->c->trace; i++)
		flush(&r->w->cpu[i]);
}

int trace_make(struct run *r, struct mmr_err *e)
{
	struct timespec now;
	if (!r->c->trace)
		return 0;
	clock_gettime(CLOCK_MONOTONIC, &now);
	const u64 zero = eng_clock();
	for (u32 i = 0; i < r->w->k.ncpus; i++) {
		struct eng_trace *t = aligned_alloc(PAIR_OF_LINES, sizeof(*t));
		if (!t)
			return mmr_err(e, -ENOMEM, "no memory to trace %u workers", r->w->k.ncpus);
		/* All of it, so that no page fault falls into the run. */
		memset(t, 0, sizeof(*t));
		t->emit = r->c->trace;
		t->w = r->w;
		t->zero_tsc = zero;
		t->zero_ns = (u64)now.tv_sec * 1000000000 + (u64)now.tv_nsec;
		t->worker = (u16)i;
		r->w->cpu[i].trace = t;
		r->w->cpu[i].instrument |= INSTR_TRACED;
	}
	return 0;
}

void trace_free(struct run *r)
{
	for (u32 i = 0; i < r->w->k.ncpus; i++) {
		free(r->w->cpu[i].trace);
		r->w->cpu[i].trace = NULL;
	}
}
