/* Lines over an axis. */
#include "analyze/html_chart.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "analyze/html.h"

#define WIDTH 400
#define HEIGHT 230
#define LEFT 72
#define RIGHT 12
#define TOP 10
#define BOTTOM 40
#define MOST_TICKS 8

struct chart_line *chart_line(struct chart *c, int64_t key, const char *name, unsigned style, bool dashed)
{
	for (unsigned i = 0; i < c->lines; i++)
		if (c->line[i].key == key && !strncmp(c->line[i].name, name, CHART_NAME - 1))
			return &c->line[i];
	struct chart_line *more = realloc(c->line, (c->lines + 1) * sizeof(*more));
	if (!more)
		return NULL;
	c->line = more;
	struct chart_line *l = &more[c->lines++];
	*l = (struct chart_line){ .key = key, .style = style, .dashed = dashed };
	snprintf(l->name, sizeof(l->name), "%s", name);
	return l;
}

bool chart_point(struct chart_line *l, struct chart_point p)
{
	if (l->n == l->room) {
		unsigned room = l->room ? 2 * l->room : 16;
		struct chart_point *more = realloc(l->p, room * sizeof(*more));
		if (!more)
			return false;
		l->p = more;
		l->room = room;
	}
	l->p[l->n++] = p;
	return true;
}

void chart_free(struct chart *c)
{
	for (unsigned i = 0; i < c->lines; i++)
		free(c->line[i].p);
	free(c->line);
	*c = (struct chart){ 0 };
}

static void widen(double *low, double *high, double v, bool log)
{
	if (!isfinite(v) || (log && v <= 0))
		return;
	if (*low > *high)
		*low = *high = v;
	*low = v < *low ? v : *low;
	*high = v > *high ? v : *high;
}

void chart_extend(struct chart_range *r, const struct chart *c)
{
	for (unsigned i = 0; i < c->lines; i++)
		for (unsigned j = 0; j < c->line[i].n; j++) {
			const struct chart_point *p = &c->line[i].p[j];
			widen(&r->x_low, &r->x_high, p->x, c->x.log);
			widen(&r->y_low, &r->y_high, p->y, c->y.log);
			if (p->interval) {
				widen(&r->y_low, &r->y_high, p->low, c->y.log);
				widen(&r->y_low, &r->y_high, p->high, c->y.log);
			}
		}
	if (!c->y.log && r->y_low <= r->y_high)
		widen(&r->y_low, &r->y_high, 0, false);
}

/* Where a value lies on the paper. */
struct paper {
	const struct chart *c;
	double x_low, x_high, y_low, y_high; /* logarithms where the axis is one */
};

static double on(double v, bool log, double low, double high)
{
	v = log ? log10(v) : v;
	return high > low ? (v - low) / (high - low) : 0.5;
}

static double px(const struct paper *p, double v)
{
	return LEFT + on(v, p->c->x.log, p->x_low, p->x_high) * (WIDTH - LEFT - RIGHT);
}

static double py(const struct paper *p, double v)
{
	return HEIGHT - BOTTOM - on(v, p->c->y.log, p->y_low, p->y_high) * (HEIGHT - TOP - BOTTOM);
}

static bool is_there(const struct chart *c, const struct chart_point *p)
{
	return isfinite(p->x) && isfinite(p->y) && (!c->x.log || p->x > 0) && (!c->y.log || p->y > 0);
}

/* The different x of the points, when they are few enough for a tick each. */
static unsigned point_ticks(const struct chart *c, double *tick)
{
	unsigned n = 0;
	for (unsigned i = 0; i < c->lines; i++)
		for (unsigned j = 0; j < c->line[i].n; j++) {
			double x = c->line[i].p[j].x;
			unsigned k = 0;
			while (k < n && tick[k] != x)
				k++;
			if (k < n)
				continue;
			if (n == MOST_TICKS)
				return 0;
			tick[n++] = x;
		}
	return n;
}

static void draw_axes(FILE *f, const struct paper *p, const struct chart_range *r)
{
	const struct chart *c = p->c;
	double tick[MOST_TICKS];
	char label[CHART_LABEL];
	unsigned n = chart_ticks(r->y_low, r->y_high, c->y.log, 6, tick);
	for (unsigned i = 0; i < n; i++) {
		fprintf(f, "<path class=\"grid\" d=\"M%d %.1fH%d\"/>", LEFT, py(p, tick[i]), WIDTH - RIGHT);
		fprintf(f, "<text class=\"soft\" x=\"%d\" y=\"%.1f\" text-anchor=\"end\">%s</text>\n", LEFT - 5,
			py(p, tick[i]) + 4, chart_tick_label(c->y.unit, tick[i], label));
	}
	n = c->x.at_points ? point_ticks(c, tick) : 0;
	if (!n)
		n = chart_ticks(r->x_low, r->x_high, c->x.log, c->x.unit == AZ_NS ? 6 : MOST_TICKS, tick);
	for (unsigned i = 0; i < n; i++) {
		fprintf(f, "<path class=\"axis\" d=\"M%.1f %dv4\"/>", px(p, tick[i]), HEIGHT - BOTTOM);
		fprintf(f, "<text class=\"soft\" x=\"%.1f\" y=\"%d\" text-anchor=\"middle\">%s</text>\n",
			px(p, tick[i]), HEIGHT - BOTTOM + 16, chart_tick_label(c->x.unit, tick[i], label));
	}
	fprintf(f, "<path class=\"axis\" d=\"M%d %dV%dH%d\"/>\n", LEFT, TOP, HEIGHT - BOTTOM, WIDTH - RIGHT);
	fprintf(f, "<text x=\"%d\" y=\"%d\" text-anchor=\"middle\">", (LEFT + WIDTH - RIGHT) / 2, HEIGHT - 6);
	html_text(f, c->x.title);
	fprintf(f, "%s</text>\n<text transform=\"translate(9 %d) rotate(-90)\" text-anchor=\"middle\">",
		c->x.log ? " (log)" : "", (TOP + HEIGHT - BOTTOM) / 2);
	html_text(f, c->y.title);
	fprintf(f, "%s</text>\n", c->y.log ? " (log)" : "");
	for (unsigned i = 0; i < c->refs; i++)
		if (c->ref[i] > r->y_low && c->ref[i] < r->y_high)
			fprintf(f, "<path class=\"ref\" d=\"M%d %.1fH%d\"/>", LEFT, py(p, c->ref[i]), WIDTH - RIGHT);
}

/* The figures of a point, for who points at it and who hears it. */
static void say_point(FILE *f, const struct chart *c, const struct chart_line *l, const struct chart_point *p)
{
	char a[CHART_LABEL];
	fputs("<title>", f);
	html_text(f, l->name);
	fprintf(f, ", %s ", chart_label(c->x.unit, p->x, a));
	html_text(f, c->x.title);
	fprintf(f, ": %s", chart_label(c->y.unit, p->y, a));
	if (p->interval) {
		fprintf(f, " (%s", chart_label(c->y.unit, p->low, a));
		fprintf(f, " to %s)", chart_label(c->y.unit, p->high, a));
	}
	fprintf(f, "%s</title>", p->hollow ? ", unvalidated" : "");
}

/* Marks of different lines at one x stand beside each other. */
static double aside(const struct chart *c, const struct chart_line *l)
{
	double nth = (double)(l - c->line) - (c->lines - 1) / 2.0,
	       step = c->lines > 1 ? fmin(5, 14.0 / (c->lines - 1)) : 0;
	return c->x.at_points ? nth * step : 0;
}

static void draw_line(FILE *f, const struct paper *p, const struct chart_line *l)
{
	bool open = false;
	double last = 0;
	fprintf(f, "<path class=\"curve s%u%s\" d=\"", l->style % 8, l->dashed ? " dashed" : "");
	for (unsigned i = 0; i < l->n; i++) {
		const struct chart_point *q = &l->p[i];
		if (!is_there(p->c, q))
			continue;
		if (open && l->steps)
			fprintf(f, "H%.1f", px(p, q->x) + aside(p->c, l));
		last = px(p, q->x) + aside(p->c, l);
		fprintf(f, "%s%.1f %.1f", open ? "L" : "M", last, py(p, q->y));
		open = true;
	}
	if (open && !l->steps && l->n == 1)
		fprintf(f, "L%.1f %.1f", last, py(p, l->p[0].y));
	fputs("\"/>\n", f);
	unsigned top = 0;
	for (unsigned i = 1; i < l->n; i++)
		if (l->p[i].y > l->p[top].y)
			top = i;
	for (unsigned i = 0; i < l->n; i++) {
		const struct chart_point *q = &l->p[i];
		if (!is_there(p->c, q) || (l->steps && i != top))
			continue;
		double x = px(p, q->x) + aside(p->c, l);
		fputs("<g>", f);
		say_point(f, p->c, l, q);
		if (q->interval && (!p->c->y.log || q->low > 0))
			fprintf(f, "<path class=\"span s%u\" d=\"M%.1f %.1fV%.1fm-3 0h6M%.1f %.1fh6\"/>", l->style % 8,
				x, py(p, q->low), py(p, q->high), x - 3, py(p, q->low));
		chart_marker(f, l->style, q->hollow, x, py(p, q->y));
		fputs("</g>\n", f);
	}
}

void chart_draw_within(FILE *f, const struct chart *c, const struct chart_range *range)
{
	struct chart_range r = *range;
	if (r.x_low > r.x_high || r.y_low > r.y_high)
		return;
	/* A little air, so that no mark lies on the frame; whatever starts at 0 stays there. */
	double x_air = c->x.log ? 0.05 * (log10(r.x_high / r.x_low) + 0.6) : 0.03 * (r.x_high - r.x_low);
	struct paper p = { c, c->x.log ? log10(r.x_low) - x_air : r.x_low - x_air,
			   c->x.log ? log10(r.x_high) + x_air : r.x_high + x_air, 0, 0 };
	double y_air = c->y.log ? 0.06 * (log10(r.y_high / r.y_low) + 0.1) : 0.06 * (r.y_high - r.y_low);
	p.y_low = c->y.log ? log10(r.y_low) - y_air : r.y_low < 0 ? r.y_low - y_air : r.y_low;
	p.y_high = (c->y.log ? log10(r.y_high) : r.y_high) + y_air;
	fputs("<figure>\n<figcaption>", f);
	html_text(f, c->title);
	fprintf(f, "</figcaption>\n<svg viewBox=\"0 0 %d %d\" role=\"img\" aria-label=\"", WIDTH, HEIGHT);
	html_text(f, c->title);
	fputs(": ", f);
	html_text(f, c->y.title);
	fputs(" by ", f);
	html_text(f, c->x.title);
	fputs("; the table has the figures\">\n", f);
	draw_axes(f, &p, &r);
	for (unsigned i = 0; i < c->lines; i++)
		draw_line(f, &p, &c->line[i]);
	fputs("</svg>\n</figure>\n", f);
}

void chart_draw(FILE *f, const struct chart *c)
{
	struct chart_range r = CHART_NO_RANGE;
	chart_extend(&r, c);
	chart_draw_within(f, c, &r);
}
