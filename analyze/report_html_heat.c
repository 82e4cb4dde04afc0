/* The picture of the timeline: for each design one run, for each lock a row of intervals, stronger the more was waited. */
#include <math.h>
#include <string.h>

#include "analyze/html.h"
#include "analyze/report_html.h"

#define WIDTH 400
#define LABELS 124
#define FIGURES 56
#define ROW 16
#define HEAD 4
#define FOOT 34
#define MOST_TICKS 4
#define FAINTEST 0.12 /* of what is not 0 */

static bool same_row(const struct az_table *t, unsigned a, unsigned b)
{
	return report_int(t, a, "run_id") == report_int(t, b, "run_id") &&
	       !strcmp(report_text(t, a, "lock"), report_text(t, b, "lock")) &&
	       !strcmp(report_text(t, a, "mode"), report_text(t, b, "mode"));
}

static double px(double ns, double wall)
{
	return LABELS + fmin(ns / wall, 1) * (WIDTH - LABELS - FIGURES);
}

static void draw_cell(FILE *f, const struct az_table *t, unsigned row, const char *column, double most, double y)
{
	char from[CHART_LABEL], much[CHART_LABEL];
	double v = report_real(t, row, column), wall = report_real(t, row, "wall_ns"),
	       begin = report_real(t, row, "begin_ns"), x = px(begin, wall),
	       width = px(begin + report_real(t, row, "length_ns"), wall) - x;
	if (v <= 0)
		return;
	fprintf(f,
		"<rect class=\"heat\" x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%d\" fill-opacity=\"%.2f\"><title>",
		x, y, width, ROW - 2, FAINTEST + (1 - FAINTEST) * fmin(v / most, 1));
	html_text(f, report_text(t, row, "lock"));
	fprintf(f, " from %s: %s, %lld of %lld acquisitions contended</title></rect>\n",
		chart_label(AZ_NS, begin, from), chart_label(AZ_PERCENT, v, much),
		(long long)report_int(t, row, "contentions"), (long long)report_int(t, row, "acquisitions"));
}

/* Rows [@from, @to) are one lock's. */
static void draw_row(FILE *f, const struct az_table *t, unsigned from, unsigned to, const char *column, double most,
		     double y)
{
	char much[CHART_LABEL];
	double top = 0;
	const char *mode = report_text(t, from, "mode");
	fprintf(f, "<text x=\"0\" y=\"%.1f\">", y + ROW - 5);
	html_cut(f, report_text(t, from, "lock"), 17);
	if (!strcmp(mode, "read") || !strcmp(mode, "write"))
		fprintf(f, " %c", *mode);
	fprintf(f, "</text><path class=\"grid\" d=\"M%d %.1fH%d\"/>\n", LABELS, y + ROW - 1, WIDTH - FIGURES);
	for (unsigned i = from; i < to; i++) {
		draw_cell(f, t, i, column, most, y);
		top = fmax(top, report_real(t, i, column));
	}
	fprintf(f, "<text x=\"%d\" y=\"%.1f\" text-anchor=\"end\">%s</text>\n", WIDTH, y + ROW - 5,
		chart_label(AZ_PERCENT, round(top * 100) / 100, much));
}

static void draw_axis(FILE *f, double wall, double bottom)
{
	double tick[MOST_TICKS];
	char label[CHART_LABEL];
	unsigned n = chart_ticks(0, wall, false, MOST_TICKS, tick);
	fprintf(f, "<path class=\"axis\" d=\"M%d %.1fH%d\"/>", LABELS, bottom, WIDTH - FIGURES);
	for (unsigned i = 0; i < n; i++)
		fprintf(f,
			"<path class=\"axis\" d=\"M%.1f %.1fv4\"/><text class=\"soft\" x=\"%.1f\" y=\"%.1f\" "
			"text-anchor=\"middle\">%s</text>\n",
			px(tick[i], wall), bottom, px(tick[i], wall), bottom + 15,
			chart_tick_label(AZ_NS, tick[i], label));
	fprintf(f, "<text x=\"%d\" y=\"%.1f\" text-anchor=\"middle\">since the run's begin</text>\n",
		(LABELS + WIDTH - FIGURES) / 2, bottom + 29);
	fprintf(f, "<text class=\"soft\" x=\"%d\" y=\"%.1f\" text-anchor=\"end\">most</text>\n", WIDTH, bottom + 15);
}

/* Rows [@from, @to) are one run's. */
static void draw_run(FILE *f, const struct az_table *t, unsigned from, unsigned to, const char *column, double most)
{
	unsigned rows = 1;
	for (unsigned i = from + 1; i < to; i++)
		rows += !same_row(t, i - 1, i);
	double bottom = HEAD + rows * ROW, wall = report_real(t, from, "wall_ns");
	fputs("<figure>\n<figcaption>", f);
	html_text(f, report_text(t, from, "design"));
	fprintf(f, ", run %lld, repeat %lld", (long long)report_int(t, from, "run_id"),
		(long long)report_int(t, from, "repeat_no"));
	fprintf(f, "</figcaption>\n<svg viewBox=\"0 0 %d %.0f\" role=\"img\" aria-label=\"", WIDTH, bottom + FOOT);
	html_text(f, report_text(t, from, "design"));
	fputs(": heat map by lock and time; the table has the figures\">\n", f);
	unsigned n = 0;
	for (unsigned i = from, next; i < to; i = next) {
		for (next = i + 1; next < to && same_row(t, i, next);)
			next++;
		draw_row(f, t, i, next, column, most, HEAD + ROW * n++);
	}
	draw_axis(f, wall, bottom);
	fputs("</svg>\n</figure>\n", f);
}

/* Was a run of this design drawn already? The newest comes first. */
static bool is_seen(const struct az_table *t, unsigned row, int64_t setting)
{
	for (unsigned i = 0; i < row; i++)
		if (report_int(t, i, "setting") == setting &&
		    report_int(t, i, "run_id") != report_int(t, row, "run_id") &&
		    !strcmp(report_text(t, i, "design"), report_text(t, row, "design")))
			return true;
	return false;
}

static double most_of(const struct az_table *t, const char *column, int64_t setting)
{
	double most = 0;
	for (unsigned i = 0; i < t->nrows; i++)
		if (report_int(t, i, "setting") == setting)
			most = fmax(most, report_real(t, i, column));
	return most;
}

int page_timeline(struct page *p, const struct az_table *t)
{
	char much[CHART_LABEL];
	const char *column = "wait_percent", *what = "threads waited for the lock";
	double most = most_of(t, column, p->busiest);
	if (most <= 0) {
		/* Nobody waited: then when it was held. */
		column = "utilisation_percent", what = "the lock was held";
		most = most_of(t, column, p->busiest);
	}
	if (most <= 0)
		return 0;
	fputs("<p class=\"about\">", p->f);
	html_text(p->f, p->busiest_name);
	fprintf(p->f, ", the newest run of each design; stronger: more of the time %s, up to %s</p>\n", what,
		chart_label(AZ_PERCENT, round(most * 100) / 100, much));
	fputs("<div class=\"figures\">\n", p->f);
	unsigned drawn = 0;
	for (unsigned i = 0, next; i < t->nrows; i = next) {
		for (next = i + 1; next < t->nrows && report_int(t, next, "run_id") == report_int(t, i, "run_id");)
			next++;
		if (report_int(t, i, "setting") != p->busiest || is_seen(t, i, p->busiest) || drawn == PAGE_PANELS)
			continue;
		draw_run(p->f, t, i, next, column, most);
		drawn++;
	}
	fputs("</div>\n", p->f);
	return 0;
}
