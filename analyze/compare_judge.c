/* Which settings belong together, and what their figures say. */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "analyze/compare_span.h"
#include "analyze/report.h"

/* The floor is what is held against only when nothing else is, or when it was asked for. */
static bool is_member(const struct compare_side *s, unsigned row)
{
	if (s->design)
		return !strcmp(report_text(s->rows, row, "design"), s->design);
	for (unsigned i = 0; i < s->rows->nrows; i++)
		if (!report_int(s->rows, i, "floor"))
			return !report_int(s->rows, row, "floor");
	return true;
}

/* The only value that the side has on the axis; NULL when it has several. */
static const char *only_value(const struct compare_side *s, enum axis a)
{
	const char *only = NULL;
	for (unsigned i = 0; i < s->rows->nrows; i++) {
		if (!is_member(s, i))
			continue;
		const char *v = report_text(s->rows, i, span_axis(a));
		if (only && strcmp(only, v) != 0)
			return NULL;
		only = v;
	}
	return only;
}

/* On which axes A's only value stands for B's only value. */
static void find_crossed(const struct compare *c, bool crossed[AXES])
{
	for (unsigned i = 0; i < AXES; i++)
		crossed[i] = only_value(&c->side[0], i) && only_value(&c->side[1], i);
}

static bool belongs(const struct span *a, const struct span *b, const bool crossed[AXES])
{
	for (unsigned i = 0; i < AXES; i++)
		if (!crossed[i] && strcmp(span_text(a, span_axis(i)), span_text(b, span_axis(i))) != 0)
			return false;
	return true;
}

/* B's span for A's: a member, with the figure. An empty one when there is none. */
static struct span partner(const struct compare *c, const struct span *a, const bool crossed[AXES])
{
	const struct compare_side *s = &c->side[1];
	for (unsigned i = 0; i < s->rows->nrows;) {
		const struct span b = span_at(s->rows, i);
		if (is_member(s, i) && !strcmp(span_text(a, "figure"), span_text(&b, "figure")) &&
		    belongs(a, &b, crossed))
			return b;
		i = b.last;
	}
	return (struct span){ 0 };
}

static struct compare_line *new_line(struct compare *c)
{
	if (c->nlines == c->room) {
		const unsigned room = c->room ? 2 * c->room : 64;
		struct compare_line *more = realloc(c->line, room * sizeof(*more));
		if (!more)
			return NULL;
		c->line = more;
		c->room = room;
	}
	return memset(&c->line[c->nlines++], 0, sizeof(*c->line));
}

/* @main: the same setting's events/s on both sides. */
static void fill(const struct compare *c, struct compare_line *l, const struct span *a, const struct span *b,
		 const struct span main[2])
{
	const struct span *const s[2] = { a, b };
	double v[STATS_MAX];
	for (unsigned i = 0; i < 2; i++) {
		const unsigned n = span_values(s[i], v, false);
		for (unsigned k = 0; k < AXES; k++)
			l->key[i][k] = span_text(s[i], span_axis(k));
		l->value[i] = stats_median(v, n);
		l->cv_percent[i] = stats_cv_percent(v, n);
		l->repeats[i] = n;
		l->violation |= report_int(s[i]->rows, s[i]->first, "violations") > 0;
	}
	l->figure = span_text(a, "figure");
	l->unit = span_text(a, "unit");
	l->higher_is_better = !strcmp(span_text(a, "better"), "higher");
	l->primary = report_int(a->rows, a->first, "place") == 0;
	l->c = span_change(a, b, c->paired);
	l->p = l->violation ? NAN : l->c.p;
	compare_noise(c, a, b, main, l);
}

static int correct(struct compare *c, bool primary)
{
	double *p = malloc((c->nlines + 1) * sizeof(*p));
	unsigned n = 0;
	if (!p)
		return -ENOMEM;
	for (unsigned i = 0; i < c->nlines; i++)
		if (c->line[i].primary == primary)
			p[n++] = c->line[i].p;
	stats_holm(p, n);
	n = 0;
	for (unsigned i = 0; i < c->nlines; i++)
		if (c->line[i].primary == primary)
			c->line[i].p = p[n++];
	free(p);
	return 0;
}

static enum compare_verdict verdict(const struct compare_line *l)
{
	if (isnan(l->p))
		return COMPARE_UNKNOWN;
	if (l->p >= COMPARE_P || fabs(l->c.change) <= l->noise || l->noise_source == NOISE_BEST)
		return COMPARE_SAME;
	return (l->c.change > 0) == l->higher_is_better ? COMPARE_BETTER : COMPARE_WORSE;
}

const char *compare_verdict_name(enum compare_verdict v)
{
	static const char *const names[] = { "unknown", "same", "better", "worse" };
	return names[v];
}

/* Settings of @side that no line has. */
static unsigned left_over(const struct compare *c, unsigned side)
{
	const struct compare_side *s = &c->side[side];
	unsigned n = 0;
	for (unsigned i = 0; i < s->rows->nrows;) {
		const struct span p = span_at(s->rows, i);
		bool known = !is_member(s, i) || report_int(s->rows, i, "place") != 0;
		for (unsigned k = 0; k < c->nlines && !known; k++) {
			known = true;
			for (unsigned a = 0; a < AXES; a++)
				known &= !strcmp(c->line[k].key[side][a], span_text(&p, span_axis(a)));
		}
		n += !known;
		i = p.last;
	}
	return n;
}

int compare_judge(struct compare *c, struct mmr_err *e)
{
	const struct compare_side *a = &c->side[0], *b = &c->side[1];
	bool crossed[AXES];
	find_crossed(c, crossed);
	c->paired = compare_same_store(a, b) && a->session == b->session && !a->run && !b->run;
	struct span main[2] = { 0 };
	for (unsigned i = 0; i < a->rows->nrows;) {
		const struct span x = span_at(a->rows, i),
				  y = is_member(a, i) ? partner(c, &x, crossed) : (struct span){ 0 };
		i = x.last;
		if (!y.last)
			continue;
		struct compare_line *l = new_line(c);
		if (!l)
			return mmr_err_sys(e, -ENOMEM, "%s", a->path);
		/* The first figure of a setting. */
		if (report_int(a->rows, x.first, "place") == 0) {
			main[0] = x;
			main[1] = y;
		}
		fill(c, l, &x, &y, main);
	}
	if (!c->nlines)
		return mmr_err(e, -EINVAL, "no setting of A has its like in B: nothing to compare");
	int rc = correct(c, true);
	if (!rc)
		rc = correct(c, false);
	if (rc)
		return mmr_err_sys(e, rc, "%s", a->path);
	for (unsigned i = 0; i < c->nlines; i++)
		c->line[i].verdict = verdict(&c->line[i]);
	c->unmatched[0] = left_over(c, 0);
	c->unmatched[1] = left_over(c, 1);
	return 0;
}

void compare_free(struct compare *c)
{
	for (unsigned i = 0; i < 2; i++) {
		struct compare_side *s = &c->side[i];
		az_free(s->rows);
		az_free(s->reference);
		az_free(s->facts);
		az_close(s->db);
		free(s->path);
		free(s->design);
	}
	free(c->line);
}
