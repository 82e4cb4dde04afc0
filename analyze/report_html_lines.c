/* Pictures with lines: speed by threads, waits by load, histograms. */
#include <errno.h>
#include <string.h>

#include "analyze/html.h"
#include "analyze/report_html.h"

/* Panels that stand side by side on the same axes, told apart by their titles. */
struct panels {
	struct chart panel[PAGE_PANELS];
	unsigned n, left_out;
};

static struct chart *panel(struct panels *s, const char *title, const struct chart *like)
{
	for (unsigned i = 0; i < s->n; i++)
		if (!strncmp(s->panel[i].title, title, sizeof(like->title) - 1))
			return &s->panel[i];
	if (s->n == PAGE_PANELS) {
		s->left_out++;
		return NULL;
	}
	struct chart *c = &s->panel[s->n++];
	*c = *like;
	snprintf(c->title, sizeof(c->title), "%s", title);
	return c;
}

static void free_panels(struct panels *s)
{
	for (unsigned i = 0; i < s->n; i++)
		chart_free(&s->panel[i]);
	s->n = 0;
}

/* @same: all on the same axes. */
static void draw_panels(struct page *p, struct panels *s, bool same)
{
	struct chart_range all = CHART_NO_RANGE;
	for (unsigned i = 0; i < s->n; i++)
		chart_extend(&all, &s->panel[i]);
	/* Where the largest is many times the smallest, only a logarithm shows both. */
	bool log = same && all.y_low <= all.y_high;
	fputs("<div class=\"figures\">\n", p->f);
	for (unsigned i = 0; i < s->n; i++)
		if (log)
			chart_draw_within(p->f, &s->panel[i], &all);
		else
			chart_draw(p->f, &s->panel[i]);
	fputs("</div>\n", p->f);
	if (s->left_out)
		fputs("<p class=\"about\">There are more of these; the table has them all.</p>\n", p->f);
}

/* The design, or "NAME, sim epyc-2x96". */
static void line_name(const struct az_table *t, unsigned row, char buf[CHART_NAME])
{
	const char *topology = report_text(t, row, "topology");
	bool sim = strcmp(report_text(t, row, "engine"), "native") != 0;
	snprintf(buf, CHART_NAME, "%s%s%s%s%.*s", report_text(t, row, "design"), sim ? ", " : "",
		 sim ? report_text(t, row, "engine") : "", sim && *topology ? " " : "",
		 sim ? (int)strcspn(topology, ";, ") : 0, topology);
}

static bool is_sim(const struct az_table *t, unsigned row)
{
	return !strcmp(report_text(t, row, "engine"), "sim");
}

static bool is_unvalidated(const struct az_table *t, unsigned row)
{
	return !strcmp(report_text(t, row, "validation"), "unvalidated");
}

static int add(struct chart *c, struct page *p, const struct az_table *t, unsigned row, int64_t key,
	       struct chart_point point)
{
	char name[CHART_NAME];
	line_name(t, row, name);
	struct chart_line *l = chart_line(c, key, name, page_style(p, report_text(t, row, "design")), is_sim(t, row));
	return l && chart_point(l, point) ? 0 : -ENOMEM;
}

/* Does @column span more than @times? Then an axis of logarithms shows more. */
static bool spans(const struct az_table *t, const char *column, double times)
{
	double low = 0, high = 0;
	for (unsigned i = 0; i < t->nrows; i++) {
		double v = report_real(t, i, column);
		if (v <= 0)
			continue;
		low = !low || v < low ? v : low;
		high = v > high ? v : high;
	}
	return high > times * low;
}

int page_scaling(struct page *p, const struct az_table *t)
{
	struct panels s = { 0 };
	struct chart like = { .x = { "threads", AZ_COUNT, true, true },
			      .y = { "events/s", AZ_RATE, spans(t, "events_per_s", 20), false } };
	bool sim = false;
	int rc = 0;
	for (unsigned i = 0; !rc && i < t->nrows; i++) {
		char title[2 * CHART_NAME];
		/* At a pace that was asked for, throughput is no result. */
		if (report_null(t, i, "events_per_s") || strcmp(report_text(t, i, "pace"), "asap") != 0)
			continue;
		if (p->session)
			snprintf(title, sizeof(title), "%s", report_text(t, i, "lock_kind"));
		else
			snprintf(title, sizeof(title), "%s, session %lld", report_text(t, i, "lock_kind"),
				 (long long)report_int(t, i, "session"));
		struct chart *c = panel(&s, title, &like);
		if (!c)
			continue;
		struct chart_point q = { .x = report_real(t, i, "threads"), .y = report_real(t, i, "events_per_s") };
		q.interval = !report_null(t, i, "low_events_per_s");
		q.low = report_real(t, i, "low_events_per_s");
		q.high = report_real(t, i, "high_events_per_s");
		q.hollow = is_unvalidated(t, i);
		sim |= is_sim(t, i);
		rc = add(c, p, t, i, report_int(t, i, "series"), q);
	}
	if (!rc && s.n) {
		page_legend(p, t, sim);
		draw_panels(p, &s, true);
	}
	free_panels(&s);
	return rc;
}

/* Is the load of row @row of v_load one that a real run stands for? @headroom says so by lock and design. */
static bool is_held(const struct az_table *headroom, const struct az_table *t, unsigned row)
{
	for (unsigned i = 0; i < headroom->nrows; i++)
		if (report_int(headroom, i, "ladder") == report_int(t, row, "ladder") &&
		    !strcmp(report_text(headroom, i, "lock"), report_text(t, row, "lock")) &&
		    !strcmp(report_text(headroom, i, "design"), report_text(t, row, "design")) &&
		    !is_unvalidated(headroom, i))
			return true;
	return false;
}

int page_load(struct page *p, const struct az_table *t)
{
	struct az_table *headroom;
	int rc = page_read(p, "headroom", NULL, &headroom);
	if (rc)
		return rc;
	struct panels s = { 0 };
	struct chart like = { .x = { "times the recorded rate", AZ_RATIO, true, false },
			      .y = { "wait, % of CPU time", AZ_PERCENT, true, false },
			      .ref = { 1, 5, 25 },
			      .refs = 3 };
	bool sim = false;
	for (unsigned i = 0; !rc && i < t->nrows; i++) {
		char title[2 * CHART_NAME];
		if (report_real(t, i, "wait_percent") <= 0 || report_real(t, i, "load_ratio") <= 0)
			continue;
		snprintf(title, sizeof(title), "%s, %lld threads, %s", report_text(t, i, "lock"),
			 (long long)report_int(t, i, "threads"), report_text(t, i, "lock_kind"));
		struct chart *c = panel(&s, title, &like);
		if (!c)
			continue;
		struct chart_point q = { .x = report_real(t, i, "load_ratio"),
					 .y = report_real(t, i, "wait_percent"),
					 .low = report_real(t, i, "low_wait_percent"),
					 .high = report_real(t, i, "high_wait_percent") };
		q.interval = q.high > q.low;
		q.hollow = is_sim(t, i) && !is_held(headroom, t, i);
		sim |= is_sim(t, i);
		rc = add(c, p, t, i, report_int(t, i, "ladder"), q);
	}
	if (!rc && s.n) {
		page_legend(p, t, sim);
		draw_panels(p, &s, true);
	}
	az_free(headroom);
	free_panels(&s);
	return rc;
}

#define BELOW_ONE 0.5 /* where 0 lies on an axis of logarithms */

int page_octaves(struct page *p, const struct az_table *t)
{
	struct panels s = { 0 };
	struct chart like = { .x = { "time", AZ_NS, true, false }, .y = { "share", AZ_PERCENT, false, false } };
	int rc = 0;
	for (unsigned i = 0; !rc && i < t->nrows; i++) {
		char title[2 * CHART_NAME];
		const char *mode = report_text(t, i, "mode"), *kind = report_text(t, i, "kind");
		if (report_int(t, i, "setting") != p->busiest)
			continue;
		snprintf(title, sizeof(title), "%s%s%s: %s", report_text(t, i, "lock"),
			 strcmp(mode, "exclusive") ? ", " : "", strcmp(mode, "exclusive") ? mode : "",
			 strcmp(kind, "wait") ? "hold, of all holds" : "wait, of those that waited");
		struct chart *c = panel(&s, title, &like);
		if (!c)
			continue;
		const char *design = report_text(t, i, "design");
		struct chart_line *l = chart_line(c, 0, design, page_style(p, design), false);
		if (!l)
			rc = -ENOMEM;
		double from = report_real(t, i, "lower_ns"), to = report_real(t, i, "upper_ns");
		double y = report_real(t, i, "percent");
		from = from < 1 ? BELOW_ONE : from;
		/* Back to the ground where an octave is empty, and at both ends. */
		bool after = !rc && l->n && l->p[l->n - 1].x == from;
		if (after)
			l->n--;
		else if (!rc && !chart_point(l, (struct chart_point){ .x = from }))
			rc = -ENOMEM;
		if (!rc)
			l->steps = true;
		if (!rc && (!chart_point(l, (struct chart_point){ .x = from, .y = y }) ||
			    !chart_point(l, (struct chart_point){ .x = to })))
			rc = -ENOMEM;
	}
	if (!rc && s.n) {
		fprintf(p->f, "<h3>Wait and hold times, ");
		html_text(p->f, p->busiest_name);
		fputs(", by powers of two <code>v_lock_octaves</code></h3>\n", p->f);
		page_legend(p, t, false);
		draw_panels(p, &s, false);
	}
	free_panels(&s);
	return rc;
}
