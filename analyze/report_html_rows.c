/* Pictures with rows: designs against the baseline, operations from the median to the tail. */
#include <errno.h>
#include <string.h>

#include "analyze/html.h"
#include "analyze/report_html.h"

#define MOST_ROWS 48 /* in one picture */

/* "2 threads, ticket", with what makes it another setting than its neighbours. */
static void setting_name(const struct az_table *t, unsigned row, char buf[CHART_NAME])
{
	const char *engine = report_text(t, row, "engine");
	int64_t threads = report_int(t, row, "threads");
	int n = snprintf(buf, CHART_NAME, "%lld thread%s%s, %s", (long long)threads, threads == 1 ? "" : "s",
			 report_int(t, row, "oversubscribed") ? " (oversubscribed)" : "",
			 report_text(t, row, "lock_kind"));
	if (n < CHART_NAME && strcmp(engine, "native") != 0)
		snprintf(buf + n, CHART_NAME - (size_t)n, ", %s", engine);
}

static struct chart_row *row_of(struct chart_rows *c, const char *label, bool heading)
{
	struct chart_row *r = chart_row(c);
	if (!r)
		return NULL;
	snprintf(r->label, sizeof(r->label), "%s", label);
	r->heading = heading;
	return r;
}

static void say_ratio(const struct az_table *t, unsigned row, struct chart_row *r)
{
	const char *mark = "?";
	if (!report_null(t, row, "beyond_noise"))
		mark = !report_int(t, row, "beyond_noise") ? "~" : r->mid > 1 ? "+" : "\xe2\x88\x92";
	snprintf(r->figures, sizeof(r->figures), "%.3f\xc3\x97 %s", r->mid, mark);
}

int page_compare(struct page *p, const struct az_table *t)
{
	struct chart_rows c = { .axis = { "events/s, times the baseline's", AZ_RATIO, true, false },
				.ref = 1,
				.has_ref = true };
	snprintf(c.title, sizeof(c.title), "Ratio of events/s with its 95 %% interval");
	int64_t setting = -1;
	int rc = 0;
	for (unsigned i = 0; !rc && i < t->nrows && c.n < MOST_ROWS; i++) {
		char name[CHART_NAME];
		struct chart_row *r;
		/* At a pace that was asked for, throughput is no result. */
		if (report_null(t, i, "ratio") || report_real(t, i, "ratio") <= 0 ||
		    strcmp(report_text(t, i, "pace"), "asap") != 0)
			continue;
		if (report_int(t, i, "setting") != setting) {
			setting_name(t, i, name);
			r = row_of(&c, name, true);
			if (!r) {
				rc = -ENOMEM;
				break;
			}
			setting = report_int(t, i, "setting");
		}
		const char *design = report_text(t, i, "design");
		r = row_of(&c, design, false);
		if (!r) {
			rc = -ENOMEM;
			break;
		}
		r->style = page_style(p, design);
		r->mid = report_real(t, i, "ratio");
		r->has_span = !report_null(t, i, "ratio_low");
		r->low = report_real(t, i, "ratio_low");
		r->high = report_real(t, i, "ratio_high");
		r->hollow = report_null(t, i, "beyond_noise");
		say_ratio(t, i, r);
	}
	if (!rc && c.n) {
		fputs("<p class=\"about\">+ better, \xe2\x88\x92 worse, beyond the noise; ~ within it; ? nothing can "
		      "be "
		      "said</p>\n<div class=\"figures\">\n",
		      p->f);
		chart_rows_draw(p->f, &c);
		fputs("</div>\n", p->f);
	}
	chart_rows_free(&c);
	return rc;
}

/* The rows of one operation. */
static int op_rows(struct page *p, const struct az_table *t, const char *op, struct chart_rows *c)
{
	for (unsigned i = 0; i < t->nrows; i++) {
		char p50[CHART_LABEL], p99[CHART_LABEL];
		if (report_int(t, i, "setting") != p->busiest || strcmp(report_text(t, i, "op"), op) != 0 ||
		    report_null(t, i, "p50_ns"))
			continue;
		const char *design = report_text(t, i, "design");
		struct chart_row *r = row_of(c, design, false);
		if (!r)
			return -ENOMEM;
		r->style = page_style(p, design);
		r->low = r->mid = report_real(t, i, "p50_ns");
		r->high = report_real(t, i, "p999_ns");
		r->has_span = !report_null(t, i, "p999_ns");
		snprintf(r->figures, sizeof(r->figures), "%s / %s", chart_label(AZ_NS, r->mid, p50),
			 chart_label(AZ_NS, report_real(t, i, "p99_ns"), p99));
	}
	return 0;
}

int page_ops(struct page *p, const struct az_table *t)
{
	struct chart_rows c = { .axis = { "latency", AZ_NS, true, false } };
	int rc = 0;
	snprintf(c.title, sizeof(c.title), "Median (mark) to p99.9 (end of the line), p50 / p99 beside: %.90s",
		 p->busiest_name);
	for (unsigned i = 0; !rc && i < t->nrows && c.n < MOST_ROWS; i++) {
		const char *op = report_text(t, i, "op");
		bool seen = report_int(t, i, "setting") != p->busiest || report_null(t, i, "p50_ns");
		for (unsigned j = 0; j < c.n && !seen; j++)
			seen = c.row[j].heading && !strcmp(c.row[j].label, op);
		if (seen)
			continue;
		rc = row_of(&c, op, true) ? op_rows(p, t, op, &c) : -ENOMEM;
	}
	if (!rc && c.n) {
		fputs("<div class=\"figures\">\n", p->f);
		chart_rows_draw(p->f, &c);
		fputs("</div>\n", p->f);
	}
	chart_rows_free(&c);
	return rc;
}
