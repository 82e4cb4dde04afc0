#include "replay/sweep_progress.h"

#include <stdio.h>
#include <time.h>

#include "schemas/command.h"

static double seconds(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

void progress_begin(struct sweep_progress *p, unsigned threads, unsigned speed)
{
	p->threads = threads;
	p->speed = speed;
	p->begun = seconds();
	if (!p->first)
		p->first = p->begun;
}

void progress_end(struct sweep_progress *p)
{
	double took = seconds() - p->begun, *known = &p->known[p->threads][p->speed];
	*known = *known > 0 ? (*known + took) / 2 : took;
	p->last = took;
	p->ended++;
	p->todo[p->threads][p->speed]--;
}

static double estimate(const struct sweep_progress *p, unsigned threads, unsigned speed, double otherwise)
{
	double known = p->known[threads][speed];
	return known > 0 ? known : p->recorded_s[speed] > 0 ? p->recorded_s[speed] : otherwise;
}

double progress_left(const struct sweep_progress *p, double part, double now)
{
	double spent = now - p->begun, guess = p->last > 0 ? p->last : part > 0.02 ? spent / part : 0;
	double whole = estimate(p, p->threads, p->speed, guess);
	/* What it does itself says more than what others did. */
	if (part > 0.2)
		whole = spent / part;
	double left = whole > spent ? whole - spent : 0;
	bool known = whole > 0;
	for (unsigned t = 0; t < LIST_MAX; t++)
		for (unsigned s = 0; s < LIST_MAX; s++) {
			unsigned runs = p->todo[t][s] - (t == p->threads && s == p->speed && p->todo[t][s]);
			double each = estimate(p, t, s, whole);
			left += runs * each;
			known &= !runs || each > 0;
		}
	return known ? left : 0;
}

void progress_show(const struct sweep_progress *p, struct mmr_ctx *ctx, double part)
{
	char label[64];
	double left = progress_left(p, part, seconds());
	double spent = seconds() - p->first;
	snprintf(label, sizeof(label), "run %u of %u", p->ended + 1, p->runs);
	cmd_progress_left(ctx, label, left > 0 ? spent / (spent + left) : 0, left);
}
