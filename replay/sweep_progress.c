#include "replay/sweep_progress.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "schemas/command.h"

static double seconds(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

void progress_begin(struct sweep_progress *p, unsigned place, unsigned threads, unsigned speed)
{
	p->now[place] = (struct under_way){ .here = true, .threads = threads, .speed = speed, .begun = seconds() };
	if (!p->first)
		p->first = p->now[place].begun;
}

void progress_end(struct sweep_progress *p, unsigned place)
{
	struct under_way *u = &p->now[place];
	double took = seconds() - u->begun, *known = &p->known[u->threads][u->speed];
	*known = *known > 0 ? (*known + took) / 2 : took;
	p->last = took;
	p->ended++;
	p->todo[u->threads][u->speed]--;
	u->here = false;
}

static double estimate(const struct sweep_progress *p, unsigned threads, unsigned speed, double otherwise)
{
	double known = p->known[threads][speed];
	return known > 0 ? known : p->recorded_s[speed] > 0 ? p->recorded_s[speed] : otherwise;
}

/* What @u takes as a whole; 0: nobody knows. */
static double whole_of(const struct sweep_progress *p, const struct under_way *u, double spent)
{
	double guess = p->last > 0 ? p->last : u->part > 0.02 ? spent / u->part : 0;
	/* What it does itself says more than what others did. */
	return u->part > 0.2 ? spent / u->part : estimate(p, u->threads, u->speed, guess);
}

double progress_left(const struct sweep_progress *p, double now)
{
	unsigned others[LIST_MAX][LIST_MAX];
	double work = 0, longest = 0, any = 0;
	bool known = true;
	memcpy(others, p->todo, sizeof(others));
	for (unsigned i = 0; i < p->places; i++) {
		const struct under_way *u = &p->now[i];
		if (!u->here)
			continue;
		double spent = now - u->begun, whole = whole_of(p, u, spent), left = whole > spent ? whole - spent : 0;
		known &= whole > 0;
		any = whole > any ? whole : any;
		longest = left > longest ? left : longest;
		work += left;
		if (others[u->threads][u->speed])
			others[u->threads][u->speed]--;
	}
	for (unsigned t = 0; t < LIST_MAX; t++)
		for (unsigned s = 0; s < LIST_MAX; s++) {
			double each = estimate(p, t, s, any);
			work += others[t][s] * each;
			known &= !others[t][s] || each > 0;
		}
	if (!known)
		return 0;
	work /= p->places ? p->places : 1;
	return work > longest ? work : longest;
}

void progress_show(const struct sweep_progress *p, struct mmr_ctx *ctx)
{
	char label[64];
	double now = seconds(), left = progress_left(p, now), spent = now - p->first;
	if (p->places > 1)
		snprintf(label, sizeof(label), "%u of %u runs done", p->ended, p->runs);
	else
		snprintf(label, sizeof(label), "run %u of %u", p->ended + 1, p->runs);
	cmd_progress_left(ctx, label, left > 0 ? spent / (spent + left) : 0, left);
}
