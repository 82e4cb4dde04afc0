/*
 * linear.c (check) - the least number of changes of CPU.
 *
 * A CPU that runs goes on as far as it can: having done more never keeps
 * another CPU from going on. So a telling is a sequence of CPUs, and the least
 * one is found breadth first, one change of CPU after the other.
 *
 * Store buffers drain as soon as they may: hardware does that, and the reader
 * sees only the delays that matter.
 */
#include "replay/check/linear.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* The visible steps of each thread that must happen, with their clocks. */
struct poset {
	const u16 **clock[CHECK_THREADS]; /* [count] */
	u16 count[CHECK_THREADS];
	const u16 **room;
	unsigned total;
};

/* So many steps of each thread are done. */
struct state {
	u16 done[CHECK_THREADS];
	u32 parent; /* in search.state */
	u8 cpu; /* that ran last */
};

struct search {
	struct poset p;
	struct state *state;
	u32 n, room;
};

static int poset_make(struct poset *p, const struct check_trace *t)
{
	/* Steps without a clock of their own belong to the visible one before them. */
	const struct check_step *last = t->nsteps ? &t->step[t->nsteps - 1] : NULL;
	const struct check_step *goal = NULL;
	if (last && last->kind == STEP_VIOLATION)
		for (unsigned i = t->nsteps; i-- > 0 && !goal;)
			if (t->step[i].visible && t->step[i].thread == last->thread)
				goal = &t->step[i];
	memset(p, 0, sizeof(*p));
	for (unsigned i = 0; i < t->nsteps; i++)
		p->total += t->step[i].visible;
	p->room = malloc((p->total + 1) * sizeof(*p->room));
	if (!p->room)
		return -ENOMEM;
	const u16 **at = p->room;
	p->total = 0;
	for (unsigned th = 0; th < CHECK_THREADS; th++) {
		p->clock[th] = at;
		for (unsigned i = 0; i < t->nsteps; i++) {
			const struct check_step *s = &t->step[i];
			if (!s->visible || s->thread != th || (goal && s->clock[th] > goal->clock[th]))
				continue;
			*at++ = s->clock;
			p->count[th]++;
			p->total++;
		}
	}
	return 0;
}

static bool ready(const struct poset *p, const struct state *s, unsigned th)
{
	if (s->done[th] >= p->count[th])
		return false;
	const u16 *clock = p->clock[th][s->done[th]];
	for (unsigned i = 0; i < CHECK_THREADS; i++)
		if (i != th && clock[i] > s->done[i])
			return false;
	return true;
}

/* Every buffer as far as it may; each step taken goes to @out, when there is one. */
static void drain_all(const struct poset *p, struct state *s, u8 **out)
{
	for (bool more = true; more;) {
		more = false;
		for (unsigned cpu = 0; cpu < CHECK_CPUS; cpu++) {
			unsigned th = CHECK_THREAD(ACTOR_DRAIN, cpu);
			while (ready(p, s, th)) {
				s->done[th]++;
				more = true;
				if (out)
					*(*out)++ = (u8)th;
			}
		}
	}
}

/* One step of @cpu, its handlers before its program. False: it cannot. */
static bool advance(const struct poset *p, struct state *s, unsigned cpu, u8 **out)
{
	static const enum check_actor turn[] = { ACTOR_IRQ, ACTOR_MAIN, ACTOR_RCU };
	for (unsigned i = 0; i < sizeof(turn) / sizeof(*turn); i++) {
		unsigned th = CHECK_THREAD(turn[i], cpu);
		if (!ready(p, s, th))
			continue;
		s->done[th]++;
		if (out)
			*(*out)++ = (u8)th;
		drain_all(p, s, out);
		return true;
	}
	return false;
}

static bool complete(const struct poset *p, const struct state *s)
{
	return !memcmp(p->count, s->done, sizeof(p->count));
}

static int add(struct search *x, const struct state *s)
{
	for (u32 i = 0; i < x->n; i++)
		if (x->state[i].cpu == s->cpu && !memcmp(x->state[i].done, s->done, sizeof(s->done)))
			return 0;
	if (x->n == x->room) {
		u32 room = x->room * 2 + 64;
		struct state *st = realloc(x->state, room * sizeof(*st));
		if (!st)
			return -ENOMEM;
		x->state = st;
		x->room = room;
	}
	x->state[x->n++] = *s;
	return 0;
}

/* Let each CPU but the last one run on from state @i. */
static int expand(struct search *x, u32 i)
{
	for (unsigned cpu = 0; cpu < CHECK_CPUS; cpu++) {
		struct state s = x->state[i];
		if (s.cpu == cpu || !advance(&x->p, &s, cpu, NULL))
			continue;
		while (advance(&x->p, &s, cpu, NULL))
			;
		s.cpu = (u8)cpu;
		s.parent = i;
		int ret = add(x, &s);
		if (ret)
			return ret;
	}
	return 0;
}

/* The number of the final state in x->state; -ERANGE, -ENOMEM. */
static int find(struct search *x, unsigned max_switches, unsigned *switches, u32 *final)
{
	struct state start = { .parent = UINT32_MAX, .cpu = UINT8_MAX };
	drain_all(&x->p, &start, NULL);
	int ret = add(x, &start);
	u32 from = 0;
	/* Round n holds what n stretches of CPUs reach: the first of them is no change. */
	for (unsigned n = 0; !ret; n++) {
		u32 end = x->n;
		for (u32 i = from; i < end; i++)
			if (complete(&x->p, &x->state[i])) {
				*final = i;
				*switches = n ? n - 1 : 0;
				return 0;
			}
		if (n > max_switches || from == end)
			return -ERANGE;
		for (; from < end && !ret; from++)
			ret = expand(x, from);
	}
	return ret;
}

/* Again from the start along the CPUs that led to @final, keeping the steps. */
static int tell(const struct search *x, u32 final, unsigned switches, struct linear *l)
{
	u8 cpu[256];
	unsigned n = 0;
	if (switches + 1 >= sizeof(cpu))
		return -ERANGE;
	for (u32 i = final; x->state[i].parent != UINT32_MAX; i = x->state[i].parent)
		cpu[n++] = x->state[i].cpu;
	l->thread = malloc(x->p.total + 1);
	if (!l->thread)
		return -ENOMEM;
	u8 *out = l->thread;
	struct state s = { .cpu = 0 };
	drain_all(&x->p, &s, &out);
	while (n--)
		while (advance(&x->p, &s, cpu[n], &out))
			;
	l->steps = (unsigned)(out - l->thread);
	l->switches = switches;
	return 0;
}

int linear_make(struct linear *l, const struct check_trace *t, unsigned max_switches)
{
	struct search x = { .n = 0 };
	unsigned switches = 0;
	u32 final = 0;
	memset(l, 0, sizeof(*l));
	int ret = poset_make(&x.p, t);
	if (!ret)
		ret = find(&x, max_switches, &switches, &final);
	if (!ret)
		ret = tell(&x, final, switches, l);
	free(x.p.room);
	free(x.state);
	return ret;
}

bool linear_better(const struct linear *a, const struct linear *b)
{
	return a->switches != b->switches ? a->switches < b->switches : a->steps < b->steps;
}

void linear_free(struct linear *l)
{
	free(l->thread);
	l->thread = NULL;
}
