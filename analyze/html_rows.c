/* Rows with spans on a common axis: what is better, and by how much; from the median to the tail. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "analyze/html.h"
#include "analyze/html_chart.h"

#define WIDTH 400
#define LABELS 128
#define FIGURES 92 /* where the figures stand */
#define ROW 16
#define HEAD 4
#define FOOT 34
#define MOST_TICKS 5

struct chart_row *chart_row(struct chart_rows *c)
{
	if (c->n == c->room) {
		unsigned room = c->room ? 2 * c->room : 16;
		struct chart_row *more = realloc(c->row, room * sizeof(*more));
		if (!more)
			return NULL;
		c->row = more;
		c->room = room;
	}
	c->row[c->n] = (struct chart_row){ 0 };
	return &c->row[c->n++];
}

void chart_rows_free(struct chart_rows *c)
{
	free(c->row);
	*c = (struct chart_rows){ 0 };
}

static bool can(const struct chart_rows *c, double v)
{
	return isfinite(v) && (!c->axis.log || v > 0);
}

static void widen(const struct chart_rows *c, double v, double *low, double *high)
{
	if (!can(c, v))
		return;
	if (*low > *high)
		*low = *high = v;
	*low = fmin(*low, v);
	*high = fmax(*high, v);
}

static double px(const struct chart_rows *c, double v, double low, double high)
{
	double at = c->axis.log ? log10(v / low) / log10(high / low) : (v - low) / (high - low);
	return LABELS + at * (WIDTH - LABELS - FIGURES);
}

static void draw_row(FILE *f, const struct chart_rows *c, const struct chart_row *r, double low, double high, double y)
{
	if (r->heading) {
		fprintf(f, "<text class=\"soft\" x=\"0\" y=\"%.1f\">", y + 4);
		html_text(f, r->label);
		fputs("</text>\n", f);
		return;
	}
	fputs("<g><title>", f);
	html_text(f, r->label);
	fputs(": ", f);
	html_text(f, r->figures);
	fprintf(f, "</title><text x=\"8\" y=\"%.1f\">", y + 4);
	html_cut(f, r->label, 20);
	fprintf(f, "</text><text x=\"%d\" y=\"%.1f\" text-anchor=\"end\">", WIDTH, y + 4);
	html_text(f, r->figures);
	fputs("</text>", f);
	if (r->has_span && can(c, r->low) && can(c, r->high))
		fprintf(f, "<path class=\"span s%u\" d=\"M%.1f %.1fH%.1fm0 -3v6M%.1f %.1fv6\"/>", r->style % 8,
			px(c, r->low, low, high), y, px(c, r->high, low, high), px(c, r->low, low, high), y - 3);
	if (can(c, r->mid))
		chart_marker(f, r->style, r->hollow, px(c, r->mid, low, high), y);
	fputs("</g>\n", f);
}

void chart_rows_draw(FILE *f, const struct chart_rows *c)
{
	double low = 1, high = 0, tick[MOST_TICKS];
	char label[CHART_LABEL];
	for (unsigned i = 0; i < c->n; i++) {
		if (c->row[i].heading)
			continue;
		widen(c, c->row[i].mid, &low, &high);
		if (c->row[i].has_span) {
			widen(c, c->row[i].low, &low, &high);
			widen(c, c->row[i].high, &low, &high);
		}
	}
	if (low > high)
		return;
	if (c->has_ref)
		widen(c, c->ref, &low, &high);
	double air = c->axis.log ? pow(high / low, 0.05) * 1.01 : (high - low) * 0.05 + 1e-9;
	low = c->axis.log ? low / air : low - air;
	high = c->axis.log ? high * air : high + air;
	double bottom = HEAD + c->n * ROW;
	fputs("<figure>\n<figcaption>", f);
	html_text(f, c->title);
	fprintf(f, "</figcaption>\n<svg viewBox=\"0 0 %d %.0f\" role=\"img\" aria-label=\"", WIDTH, bottom + FOOT);
	html_text(f, c->title);
	fputs("; the table has the figures\">\n", f);
	unsigned n = chart_ticks(low, high, c->axis.log, MOST_TICKS, tick);
	for (unsigned i = 0; i < n; i++) {
		fprintf(f, "<path class=\"grid\" d=\"M%.1f %dV%.0f\"/>", px(c, tick[i], low, high), HEAD, bottom);
		fprintf(f, "<text class=\"soft\" x=\"%.1f\" y=\"%.0f\" text-anchor=\"middle\">%s</text>\n",
			px(c, tick[i], low, high), bottom + 13, chart_tick_label(c->axis.unit, tick[i], label));
	}
	fprintf(f, "<path class=\"axis\" d=\"M%d %.0fH%d\"/>", LABELS, bottom, WIDTH - FIGURES);
	if (c->has_ref)
		fprintf(f, "<path class=\"axis\" d=\"M%.1f %dV%.0f\"/>", px(c, c->ref, low, high), HEAD, bottom);
	fprintf(f, "<text x=\"%d\" y=\"%.0f\" text-anchor=\"middle\">", (LABELS + WIDTH - FIGURES) / 2, bottom + 28);
	html_text(f, c->axis.title);
	fprintf(f, "%s</text>\n", c->axis.log ? " (log)" : "");
	for (unsigned i = 0; i < c->n; i++)
		draw_row(f, c, &c->row[i], low, high, HEAD + ROW * (i + 0.5));
	fputs("</svg>\n</figure>\n", f);
}
