/*
 * explore.c (check) - all executions that differ: depth first, each from the
 * start again, by source-set dynamic partial-order reduction with sleep sets
 * (Abdulla, Aronis, Jonsson, Sagonas 2014).
 *
 * A frame per visible step: who could go, who must still be tried there
 * (backtrack), who need not be any more (asleep: what begins with it has been
 * seen, as long as nothing that depends on its step happens). Each race that an
 * execution shows puts somebody into the backtrack set of the frame before the
 * earlier of the two.
 */
#include "replay/check/machine.h"

#include <errno.h>
#include <stdlib.h>

/* A step that was taken at some frame, remembered while that frame stands. */
struct sleeper {
	u8 thread;
	bool global;
	u16 nfeet;
	u32 feet; /* in explorer.feet */
};

struct frame {
	u16 enabled, backtrack, asleep; /* bits by thread */
	u8 chosen;
	u8 ninherited, nown;
	u32 sleeper[2 * CHECK_THREADS]; /* inherited ones first, then those tried here */
	u32 nsleepers, nfeet; /* how many existed once this frame's own were added */
};

struct explorer {
	struct machine *m;
	const struct check_config *c;
	struct check_result *r;
	struct frame *frame; /* [STEPS_MAX] */
	u32 depth, prefix; /* frames; those whose choice is given */
	struct sleeper *sleeper;
	u32 nsleepers, sleepers_room;
	struct foot *feet;
	u32 nfeet, feet_room;
};

#define BIT(t) ((u16)(1u << (t)))

static u32 thread_of(const struct machine *m, u32 v)
{
	return m->step[m->vstep[v].step].thread;
}

/* ---- races ---- */

/*
 * Step @earlier and the later one of @thread could have come the other way
 * round. The steps between that do not come after @earlier could then go first:
 * somebody who can begin with them, or with the later step, must be tried there.
 */
static void race(void *arg, u32 earlier, u32 thread, const u16 *clock, u32 n)
{
	struct explorer *x = arg;
	const struct machine *m = x->m;
	struct frame *f = &x->frame[earlier];
	u16 first[CHECK_THREADS] = { 0 }, initials = 0;
	u32 et = thread_of(m, earlier);
	u16 ec = clock_of(m, earlier)[et];
	for (u32 j = earlier + 1; j <= n; j++) {
		const u16 *cj = j < n ? clock_of(m, j) : clock;
		u32 q = j < n ? thread_of(m, j) : thread;
		if ((j < n && cj[et] >= ec) || first[q])
			continue;
		bool before = false;
		for (u32 t = 0; t < CHECK_THREADS && !before; t++)
			before = first[t] && cj[t] >= first[t];
		first[q] = cj[q];
		if (!before)
			initials |= BIT(q);
	}
	if (initials & (f->backtrack | f->asleep))
		return;
	initials &= f->enabled;
	/* By the rules there is somebody; if not, everybody is tried. */
	if (!initials)
		initials = f->enabled;
	if (initials & BIT(thread))
		f->backtrack |= BIT(thread);
	else
		f->backtrack |= initials & (u16)-initials;
}

/* ---- sleep ---- */

static int grow(void **p, u32 *room, u32 want, size_t each)
{
	if (want <= *room)
		return 0;
	u32 n = want * 2 + 1024;
	void *q = realloc(*p, n * each);
	if (!q)
		return -ENOMEM;
	*p = q;
	*room = n;
	return 0;
}

/* What frame @d has just tried is not to be tried again there. Its step is still the machine's. */
static int put_to_sleep(struct explorer *x, u32 d)
{
	struct frame *f = &x->frame[d];
	const struct vstep *v = &x->m->vstep[d];
	x->nsleepers = f->nsleepers;
	x->nfeet = f->nfeet;
	if (grow((void **)&x->sleeper, &x->sleepers_room, x->nsleepers + 1, sizeof(*x->sleeper)) ||
	    grow((void **)&x->feet, &x->feet_room, x->nfeet + v->nfoot, sizeof(*x->feet)))
		return -ENOMEM;
	if (v->nfoot)
		memcpy(x->feet + x->nfeet, x->m->foot + v->foot, v->nfoot * sizeof(*x->feet));
	x->sleeper[x->nsleepers] = (struct sleeper){ f->chosen, v->global, v->nfoot, x->nfeet };
	f->sleeper[f->ninherited + f->nown++] = x->nsleepers++;
	x->nfeet += v->nfoot;
	f->nsleepers = x->nsleepers;
	f->nfeet = x->nfeet;
	f->asleep |= BIT(f->chosen);
	return 0;
}

/* Who slept at @from and still sleeps after the newest step. */
static void inherit(struct explorer *x, struct frame *f, const struct frame *from)
{
	for (u32 i = 0; i < (u32)from->ninherited + from->nown; i++) {
		const struct sleeper *s = &x->sleeper[from->sleeper[i]];
		if (order_dependent(x->m, s->thread, s->global, x->feet + s->feet, s->nfeet))
			continue;
		f->sleeper[f->ninherited++] = from->sleeper[i];
		f->asleep |= BIT(s->thread);
	}
}

/* ---- one execution ---- */

/* Who goes next when nothing says otherwise: the same CPU, its program before its buffer. */
static u32 pick(u16 allowed, u32 last)
{
	static const enum check_actor turn[] = { ACTOR_IRQ, ACTOR_MAIN, ACTOR_DRAIN, ACTOR_RCU };
	u32 cpu = last == NONE ? 0 : CHECK_CPU(last);
	if (last != NONE && CHECK_ACTOR(last) == ACTOR_RCU && allowed & BIT(last))
		return last;
	for (u32 i = 0; i < CHECK_CPUS; i++)
		for (u32 a = 0; a < sizeof(turn) / sizeof(*turn); a++) {
			u32 t = CHECK_THREAD(turn[a], (cpu + i) % CHECK_CPUS);
			if (allowed & BIT(t))
				return t;
		}
	return NONE;
}

static u16 who_is_enabled(struct machine *m)
{
	u16 mask = 0;
	for (u32 t = 0; t < CHECK_THREADS; t++)
		if (step_enabled(m, t))
			mask |= BIT(t);
	return mask;
}

/* A new frame at the end of what has happened; NONE when all who could go are asleep. */
static u32 open_frame(struct explorer *x, u16 enabled)
{
	struct frame *f = &x->frame[x->depth];
	*f = (struct frame){ .enabled = enabled, .nsleepers = x->nsleepers, .nfeet = x->nfeet };
	if (x->depth && x->c->reduction != REDUCE_NONE)
		inherit(x, f, &x->frame[x->depth - 1]);
	u32 last = x->depth ? thread_of(x->m, x->depth - 1) : NONE;
	u32 t = pick(enabled & (u16)~f->asleep, last);
	if (t == NONE)
		return NONE;
	f->chosen = (u8)t;
	f->backtrack = x->c->reduction == REDUCE_SOURCE ? BIT(t) : enabled;
	return t;
}

enum ending { ENDED_AGAIN, ENDED_COMPLETE, ENDED_BROKEN, ENDED_ASLEEP, ENDED_TOO_MANY, ENDED_ASTRAY };

/*
 * The execution ends and some threads wait for what does not come: had they come
 * earlier, they might have gone on. Nobody will ask for them later.
 */
static void ask_for_those_left(struct explorer *x, u16 enabled)
{
	struct machine *m = x->m;
	for (u32 t = 0; t < CHECK_THREADS && x->c->reduction == REDUCE_SOURCE; t++) {
		enum wish w = m->thread[t].wish;
		bool irq = w == WISH_IRQ_BEGIN && m->cpu[CHECK_CPU(t)].irq_head != m->cpu[CHECK_CPU(t)].irq_tail;
		if (!(enabled & BIT(t)) && CHECK_CPU(t) < m->cpus && CHECK_ACTOR(t) != ACTOR_DRAIN &&
		    (waits(w) || w == WISH_STOP || irq))
			order_wish(m, t, race, x);
	}
}

static u32 next_thread(struct explorer *x, u16 enabled, enum ending *end)
{
	const struct check_config *c = x->c;
	if (c->schedule && x->depth < c->nschedule) {
		u32 t = c->schedule[x->depth];
		x->frame[x->depth] = (struct frame){ .chosen = (u8)t };
		*end = ENDED_ASTRAY;
		return t < CHECK_THREADS && enabled & BIT(t) ? t : NONE;
	}
	*end = ENDED_ASLEEP;
	return x->depth < x->prefix ? x->frame[x->depth].chosen : open_frame(x, enabled);
}

static enum ending execute(struct explorer *x)
{
	struct machine *m = x->m;
	machine_reset(m);
	for (x->depth = 0;; x->depth++) {
		if (m->interrupts_wanted && !m->interrupts)
			return ENDED_AGAIN;
		if (m->astray || (m->violation.invariant[0] && !x->c->all))
			return ENDED_BROKEN;
		if (m->out_of_objects)
			return ENDED_TOO_MANY;
		if (m->too_long) {
			/* The histories are short: a list has become a ring, or somebody frees for ever. */
			kernel_violation(&m->w->k, "I7", "there is no end to it: a walk goes round", 0, 0, -1);
			return ENDED_BROKEN;
		}
		u16 enabled = who_is_enabled(m);
		if (!enabled) {
			if (!all_done(m)) {
				ask_for_those_left(x, 0);
				kernel_violation(&m->w->k, "I7", "nobody can go on: deadlock", 0, 0, -1);
			} else if (x->c->programs->final && !run_apart(m, x->c->programs->final)) {
				kernel_violation(&m->w->k, "I7", "a list goes round", 0, 0, -1);
			}
			return m->violation.invariant[0] ? ENDED_BROKEN : ENDED_COMPLETE;
		}
		enum ending end;
		u32 t = next_thread(x, enabled, &end);
		if (t == NONE) {
			ask_for_those_left(x, enabled);
			return end;
		}
		bool fresh = x->c->reduction == REDUCE_SOURCE && !x->c->schedule && x->depth + 1 >= x->prefix;
		bool asks = waits(m->thread[t].wish);
		if (fresh && asks)
			order_wish(m, t, race, x);
		if (asks && m->thread[t].wish == WISH_AWAIT)
			step_enabled(m, t);
		step_take(m, t);
		order_add(m, fresh && !asks ? race : NULL, x);
	}
}

/* ---- all of them ---- */

static u64 mix(u64 h)
{
	h = (h ^ h >> 30) * 0xbf58476d1ce4e5b9ull;
	h = (h ^ h >> 27) * 0x94d049bb133111ebull;
	return h ^ h >> 31;
}

/* Two executions with the same steps in the same order but for independent ones have the same class. */
static u64 trace_class(const struct machine *m)
{
	u64 sum = 0;
	for (u32 v = 0; v < m->nvsteps; v++) {
		u64 h = thread_of(m, v) + 1;
		for (u32 t = 0; t < CHECK_THREADS; t++)
			h = mix(h * 0x9e3779b97f4a7c15ull + clock_of(m, v)[t]);
		sum += h;
	}
	return sum;
}

static u64 end_state(const struct machine *m)
{
	u64 h = 0;
	for (size_t i = 0; i + 8 <= m->arena_size; i += 8) {
		u64 v;
		memcpy(&v, m->arena + i, 8);
		/* Where the arena lies is no state. */
		if (v - (u64)(uintptr_t)m->arena < m->arena_size)
			v -= (u64)(uintptr_t)m->arena;
		h = mix(h + v * 0x9e3779b97f4a7c15ull + i);
	}
	return h;
}

static void account(struct explorer *x, enum ending end)
{
	struct check_result *r = x->r;
	struct machine *m = x->m;
	r->steps += m->nvsteps;
	if (m->nvsteps > r->deepest)
		r->deepest = m->nvsteps;
	if (end == ENDED_ASLEEP) {
		r->blocked++;
		return;
	}
	r->executions++;
	if (x->c->complete && end != ENDED_TOO_MANY)
		x->c->complete(x->c->callback_arg, trace_class(m), end_state(m));
	if (end != ENDED_BROKEN)
		return;
	if (r->verdict != CHECK_BROKEN)
		r->violation = m->violation;
	r->verdict = CHECK_BROKEN;
	const struct check_trace t = { &m->w->k, m->step, m->nsteps ? m->violation_step + 1 : 0, m->violation };
	if (x->c->broken)
		x->c->broken(x->c->callback_arg, &t);
}

/* The deepest frame where somebody is left to be tried; false: none. -ENOMEM. */
static int backtrack(struct explorer *x)
{
	while (x->depth) {
		struct frame *f = &x->frame[--x->depth];
		int ret = put_to_sleep(x, x->depth);
		if (ret)
			return ret;
		u16 left = f->backtrack & (u16)~f->asleep;
		if (x->c->reduction == REDUCE_NONE) {
			/* Nobody sleeps, but nobody is tried twice. */
			u16 tried = 0;
			for (u32 i = 0; i < f->nown; i++)
				tried |= BIT(x->sleeper[f->sleeper[i]].thread);
			left = f->backtrack & (u16)~tried;
		}
		if (!left)
			continue;
		f->chosen = (u8)__builtin_ctz(left);
		x->prefix = x->depth + 1;
		return 1;
	}
	return 0;
}

/* What was found so far was found by a search that leaves out some interleavings. */
static void begin_again(struct explorer *x)
{
	x->m->interrupts = true;
	x->depth = x->prefix = 0;
	x->nsleepers = x->nfeet = 0;
	memset(x->r, 0, sizeof(*x->r));
	x->r->verdict = CHECK_HOLDS;
}

static int explore(struct explorer *x, struct mmr_err *e)
{
	for (;;) {
		enum ending end = execute(x);
		if (end == ENDED_AGAIN) {
			begin_again(x);
			continue;
		}
		if (end == ENDED_ASTRAY && !x->m->interrupts) {
			/* It may be one that reckons with interrupts, and has not come to the first yet. */
			begin_again(x);
			continue;
		}
		if (end == ENDED_ASTRAY)
			return mmr_err(e, -EINVAL, "step %u cannot be taken here", x->depth + 1);
		if (end == ENDED_TOO_MANY)
			return mmr_err(e, -E2BIG, "the history makes more objects than there is room for");
		account(x, end);
		if (x->c->schedule || (end == ENDED_BROKEN && !x->c->all))
			return 0;
		if (x->c->stop && *x->c->stop) {
			x->r->interrupted = true;
			return 0;
		}
		if (x->c->max_executions && x->r->executions + x->r->blocked >= x->c->max_executions) {
			if (x->r->verdict == CHECK_HOLDS)
				x->r->verdict = CHECK_BOUNDED;
			return 0;
		}
		int more = backtrack(x);
		if (more < 0)
			return mmr_err(e, more, "no memory for the search");
		if (!more)
			return 0;
	}
}

int check_run(const struct check_config *c, struct check_result *r, struct mmr_err *e)
{
	struct explorer x = { .c = c, .r = r };
	memset(r, 0, sizeof(*r));
	r->verdict = CHECK_HOLDS;
	int ret = machine_make(&x.m, c, e);
	if (ret)
		return ret;
	x.m->interrupts = c->interrupts;
	x.frame = malloc(STEPS_MAX * sizeof(*x.frame));
	if (x.m->violation.invariant[0])
		account(&x, ENDED_BROKEN); /* before anything began */
	else
		ret = x.frame ? explore(&x, e) : mmr_err(e, -ENOMEM, "no memory for the search");
	r->interrupts = x.m->interrupts;
	free(x.frame);
	free(x.sleeper);
	free(x.feet);
	machine_free(x.m);
	return ret;
}
