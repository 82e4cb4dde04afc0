/* Which settings belong together, and what their figures say. */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "analyze/compare.h"
#include "analyze/report.h"

static const char *const axis_column[AXES] = { "lock_kind", "threads", "speed", "design" };

/* The repeats of one figure in one setting: rows [first, last) of the side's table. */
struct span {
	const struct compare_side *side;
	unsigned first, last;
};

static const char *text(const struct span *s, const char *column)
{
	return report_text(s->side->rows, s->first, column);
}

static bool same_text(const struct az_table *t, unsigned a, unsigned b, const char *column)
{
	return !strcmp(report_text(t, a, column), report_text(t, b, column));
}

/* The span that begins at row @first. */
static struct span span_at(const struct compare_side *s, unsigned first)
{
	struct span p = { s, first, first + 1 };
	for (; p.last < s->rows->nrows && same_text(s->rows, first, p.last, "figure"); p.last++)
		for (unsigned i = 0; i < AXES; i++)
			if (!same_text(s->rows, first, p.last, axis_column[i]))
				return p;
	return p;
}

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
		const char *v = report_text(s->rows, i, axis_column[a]);
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
		if (!crossed[i] && strcmp(text(a, axis_column[i]), text(b, axis_column[i])) != 0)
			return false;
	return true;
}

/* B's span for A's: a member, with the figure. An empty one when there is none. */
static struct span partner(const struct compare *c, const struct span *a, const bool crossed[AXES])
{
	const struct compare_side *s = &c->side[1];
	for (unsigned i = 0; i < s->rows->nrows;) {
		const struct span b = span_at(s, i);
		if (is_member(s, i) && !strcmp(text(a, "figure"), text(&b, "figure")) && belongs(a, &b, crossed))
			return b;
		i = b.last;
	}
	return (struct span){ s, 0, 0 };
}

/* The floor's events/s on @s in the setting of @like; empty when it did not run. */
static struct span floor_of(const struct compare_side *s, const struct span *like)
{
	for (unsigned i = 0; i < s->rows->nrows;) {
		const struct span p = span_at(s, i);
		bool fits = report_int(s->rows, i, "floor") && report_int(s->rows, i, "place") == 0;
		for (unsigned a = 0; fits && a < AXIS_DESIGN; a++)
			fits = !strcmp(text(&p, axis_column[a]), text(like, axis_column[a]));
		if (fits)
			return p;
		i = p.last;
	}
	return (struct span){ s, 0, 0 };
}

static unsigned values(const struct span *s, double *v, bool log_of)
{
	unsigned n = 0;
	for (unsigned i = s->first; i < s->last && n < STATS_MAX; i++) {
		const double x = report_real(s->side->rows, i, "value");
		if (!log_of)
			v[n++] = x;
		else if (x > 0)
			v[n++] = log(x);
	}
	return n;
}

static struct stats_change change(const struct compare *c, const struct span *a, const struct span *b)
{
	double x[STATS_MAX], y[STATS_MAX];
	unsigned n = 0;
	if (!c->paired) {
		const unsigned na = values(a, x, true);
		return stats_unpaired(x, na, y, values(b, y, true));
	}
	/* Both in the order of the repeats. */
	for (unsigned i = a->first, j = b->first; i < a->last && j < b->last && n < STATS_MAX;) {
		const int64_t ra = report_int(a->side->rows, i, "repeat_no"),
			      rb = report_int(b->side->rows, j, "repeat_no");
		const double va = report_real(a->side->rows, i, "value"), vb = report_real(b->side->rows, j, "value");
		if (ra == rb && va > 0 && vb > 0)
			x[n++] = log(vb / va);
		i += ra <= rb;
		j += rb <= ra;
	}
	return stats_paired(x, n);
}

/* How far the later half of the repeats is from the earlier one. */
static double drift(const struct span *s)
{
	double v[STATS_MAX];
	const unsigned n = values(s, v, true);
	const struct stats_change c = stats_unpaired(v, n / 2, v + (n + 1) / 2, n / 2);
	return fabs(c.change);
}

static void find_noise(const struct compare *c, const struct span *a, const struct span *b, struct compare_line *l)
{
	const struct span fa = floor_of(&c->side[0], a), fb = floor_of(&c->side[1], b);
	l->noise = NAN;
	l->noise_source = NOISE_UNKNOWN;
	if (fa.last && fb.last && c->paired) {
		l->noise = drift(&fa);
	} else if (fa.last && fb.last) {
		const struct stats_change f = change(c, &fa, &fb);
		l->noise = fmax(fabs(f.low), fabs(f.high));
	}
	if (!isnan(l->noise)) {
		l->noise_source = NOISE_FLOOR;
		return;
	}
	l->noise = fmax(drift(a), drift(b));
	if (!isnan(l->noise))
		l->noise_source = NOISE_SELF;
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

/* @main: the line of events/s in the same setting, of which the noise is; NULL for that one. */
static void fill(struct compare *c, struct compare_line *l, const struct span *a, const struct span *b,
		 const struct compare_line *main)
{
	const struct span *const s[2] = { a, b };
	double v[STATS_MAX];
	for (unsigned i = 0; i < 2; i++) {
		const unsigned n = values(s[i], v, false);
		for (unsigned k = 0; k < AXES; k++)
			l->key[i][k] = text(s[i], axis_column[k]);
		l->value[i] = stats_median(v, n);
		l->cv_percent[i] = stats_cv_percent(v, n);
		l->repeats[i] = n;
		l->violation |= report_int(s[i]->side->rows, s[i]->first, "violations") > 0;
	}
	l->figure = text(a, "figure");
	l->unit = text(a, "unit");
	l->higher_is_better = !strcmp(text(a, "better"), "higher");
	l->primary = report_int(a->side->rows, a->first, "place") == 0;
	l->c = change(c, a, b);
	l->p = l->violation ? NAN : l->c.p;
	if (main) {
		l->noise = main->noise;
		l->noise_source = main->noise_source;
	} else {
		find_noise(c, a, b, l);
	}
	/* Of so many events there is no noise but their own. */
	if (!strcmp(l->unit, "count"))
		l->noise = 0;
	const double scatter = l->c.scatter * (l->primary ? COMPARE_SCATTER : COMPARE_SCATTER_OTHERS);
	if (!c->paired && scatter > l->noise) {
		l->noise = scatter;
		l->noise_source = NOISE_SCATTER;
	}
	l->noise = fmax(l->noise, report_real(a->side->rows, a->first, "step"));
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
	if (l->p >= COMPARE_P || fabs(l->c.change) <= l->noise)
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
		const struct span p = span_at(s, i);
		bool known = !is_member(s, i) || report_int(s->rows, i, "place") != 0;
		for (unsigned k = 0; k < c->nlines && !known; k++) {
			known = true;
			for (unsigned a = 0; a < AXES; a++)
				known &= !strcmp(c->line[k].key[side][a], text(&p, axis_column[a]));
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
	int main = -1;
	for (unsigned i = 0; i < a->rows->nrows;) {
		const struct span x = span_at(a, i), y = is_member(a, i) ? partner(c, &x, crossed) : (struct span){ 0 };
		i = x.last;
		if (!y.last)
			continue;
		struct compare_line *l = new_line(c);
		if (!l)
			return mmr_err_sys(e, -ENOMEM, "%s", a->path);
		const bool primary = report_int(a->rows, x.first, "place") == 0;
		if (primary)
			main = (int)c->nlines - 1;
		fill(c, l, &x, &y, primary || main < 0 ? NULL : &c->line[main]);
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
		az_free(s->facts);
		az_close(s->db);
		free(s->path);
		free(s->design);
	}
	free(c->line);
}
