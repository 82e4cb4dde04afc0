/*
 * How far the machine moved what did not change: compare.h says by what rule, and
 * what it was measured to be worth.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "analyze/compare_span.h"
#include "analyze/report.h"

/* The first span of @rows that is of the floor's events/s in the setting of @like; empty when there is none. */
static struct span floor_in(const struct az_table *rows, const struct span *like)
{
	for (unsigned i = 0; i < rows->nrows;) {
		const struct span p = span_at(rows, i);
		bool fits = report_int(rows, i, "floor") && report_int(rows, i, "place") == 0;
		for (unsigned a = 0; fits && a < AXIS_DESIGN; a++)
			fits = !strcmp(span_text(&p, span_axis(a)), span_text(like, span_axis(a)));
		if (fits)
			return p;
		i = p.last;
	}
	return (struct span){ 0 };
}

/* What the floor's speed depends on but the machine's state. */
static bool same_conditions(const struct compare *c, const struct span main[2])
{
	static const char *const columns[] = { "threads", "speed", "partition" };
	static const char *const facts[] = { "workload", "machine", "engine", "topology",
					     "order",    "pace",    "copies", "inject" };
	const char *name, *a, *b;
	for (unsigned i = 0; i < sizeof(columns) / sizeof(*columns); i++)
		if (strcmp(span_text(&main[0], columns[i]), span_text(&main[1], columns[i])) != 0)
			return false;
	for (unsigned i = 0; (name = compare_difference(c, i, &a, &b)); i++)
		for (unsigned k = 0; k < sizeof(facts) / sizeof(*facts); k++)
			if (!strcmp(name, facts[k]))
				return false;
	return true;
}

/* Both sides' floor, with repeats: a design of both, else the reference of both. */
static bool find_floor(const struct compare *c, const struct span main[2], struct span floor[2])
{
	for (unsigned reference = 0; reference < 2; reference++) {
		for (unsigned i = 0; i < 2; i++)
			floor[i] = floor_in(reference ? c->side[i].reference : c->side[i].rows, &main[i]);
		if (floor[0].last > floor[0].first + 1 && floor[1].last > floor[1].first + 1)
			return true;
	}
	return false;
}

/* How far the later half of the repeats is from the earlier one. */
static double drift(const struct span *s)
{
	double v[STATS_MAX];
	const unsigned n = span_values(s, v, true);
	const struct stats_change c = stats_unpaired(v, n / 2, v + (n + 1) / 2, n / 2);
	return fabs(c.change);
}

static void at_least(struct compare_line *l, double noise, enum noise_source source)
{
	if (isnan(noise) || noise <= l->noise)
		return;
	l->noise = noise;
	l->noise_source = source;
}

/* So many times the scatter of single repeats is none; @primary for events/s. */
static double scatters(const struct compare_line *l, double primary)
{
	if (l->primary)
		return primary;
	return strstr(l->figure, " p99") ? COMPARE_SCATTER_TAIL : COMPARE_SCATTER_OTHERS;
}

/* Two designs, one session: both felt the same. */
static void noise_of_pairs(const struct compare *c, const struct span main[2], struct compare_line *l)
{
	struct span floor[2];
	if (find_floor(c, main, floor) && floor[0].rows == c->side[0].rows)
		at_least(l, drift(&floor[0]), NOISE_FLOOR);
	if (isnan(l->noise))
		at_least(l, fmax(drift(&main[0]), drift(&main[1])), NOISE_SELF);
}

/*
 * The change of @b against @a is compared with what the floor moved by, and with its
 * own scatter; noise is in the change's direction.
 */
static void noise_of_a_machine_that_moved(const struct span *a, const struct span *b, const struct span floor[2],
					  struct compare_line *l)
{
	double v[4][STATS_MAX];
	const struct span *const s[4] = { a, b, &floor[0], &floor[1] };
	unsigned n[4];
	for (unsigned i = 0; i < 4; i++)
		n[i] = span_values(s[i], v[i], true);
	const double direction = l->c.change < 0 ? -1 : 1, better = l->higher_is_better ? 1 : -1;
	const struct stats_change f = stats_unpaired(v[2], n[2], v[3], n[3]);
	l->moved = f.change;
	/* The floor's speed stands for what takes time in the other direction. */
	const struct stats_change beyond = better > 0 ? stats_beyond(v[0], n[0], v[1], n[1], v[2], n[2], v[3], n[3])
						      : stats_beyond(v[0], n[0], v[1], n[1], v[3], n[3], v[2], n[2]);
	const double along = f.change * better * direction;
	const double scatter = l->c.scatter * scatters(l, COMPARE_SCATTER_BEYOND);
	at_least(l, scatter + fmax(0, COMPARE_FEEL * along), along > scatter ? NOISE_FLOOR : NOISE_SCATTER);
	at_least(l, along + (beyond.high - beyond.low) / 2, NOISE_FLOOR);
}

static void noise_of_sessions(const struct compare *c, const struct span *a, const struct span *b,
			      const struct span main[2], struct compare_line *l)
{
	struct span floor[2];
	if (same_conditions(c, main) && find_floor(c, main, floor)) {
		noise_of_a_machine_that_moved(a, b, floor, l);
	} else {
		at_least(l, fmax(drift(&main[0]), drift(&main[1])), NOISE_SELF);
		at_least(l, l->c.scatter * scatters(l, COMPARE_SCATTER), NOISE_SCATTER);
	}
	for (unsigned i = 0; i < 2; i++) {
		const double crowd = report_real(main[i].rows, main[i].first, "crowd");
		if (crowd > COMPARE_CROWDED)
			at_least(l, COMPARE_CROWD * crowd, NOISE_OTHERS);
	}
}

/* The mean of the best third: what is hit by something else does not become better by it. */
static double best_third(const struct span *s, bool higher)
{
	double v[STATS_MAX], sum = 0;
	const unsigned n = span_values(s, v, true), third = n < 3 ? 1 : n / 3;
	stats_sort(v, n);
	for (unsigned i = 0; i < third && n; i++)
		sum += v[higher ? n - 1 - i : i];
	return n ? sum / third : NAN;
}

void compare_noise(const struct compare *c, const struct span *a, const struct span *b, const struct span main[2],
		   struct compare_line *l)
{
	l->noise = l->moved = l->best = NAN;
	l->noise_source = NOISE_UNKNOWN;
	/* Of so many events there is no noise but their own. */
	if (!strcmp(l->unit, "count"))
		l->noise = l->c.scatter > 0 && !c->paired ? l->c.scatter * scatters(l, 0) : 0;
	else if (c->paired)
		noise_of_pairs(c, main, l);
	else
		noise_of_sessions(c, a, b, main, l);
	if (!c->paired && strcmp(l->unit, "count") != 0)
		l->best = best_third(b, l->higher_is_better) - best_third(a, l->higher_is_better);
	at_least(l, report_real(a->rows, a->first, "step"), l->noise_source);
	/* Some were hit by what did not hit the others: that the design is not. */
	if (fabs(l->c.change) > l->noise && l->best * (l->c.change < 0 ? -1 : 1) <= l->noise)
		l->noise_source = NOISE_BEST;
}
