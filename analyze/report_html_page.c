/* What the sections of a page share: styles of designs, rows, legend, which picture belongs to which view. */
#include <errno.h>
#include <string.h>

#include "analyze/report_html.h"

unsigned page_style(struct page *p, const char *design)
{
	for (unsigned i = 0; i < p->designs; i++)
		if (!strncmp(p->design[i], design, CHART_NAME - 1))
			return i;
	/* Beyond that many, looks have been repeated long since. */
	if (p->designs == PAGE_DESIGNS)
		return PAGE_DESIGNS - 1;
	snprintf(p->design[p->designs], CHART_NAME, "%s", design);
	return p->designs++;
}

int page_read(struct page *p, const char *view, const int64_t *setting, struct az_table **t)
{
	const struct az_view *v = az_view_by_name(view);
	struct az_filter f[3] = { { 0 } };
	unsigned n = 0;
	if (p->session && has_column(v, "session"))
		f[n++] = (struct az_filter){ "session", { .kind = AZ_INT, .i = p->session } };
	if (setting)
		f[n++] = (struct az_filter){ "setting", { .kind = AZ_INT, .i = *setting } };
	return az_read(p->db, v, f, t, p->e);
}

static void name_setting(const struct az_table *t, unsigned row, char buf[PAGE_NAME])
{
	const char *engine = report_text(t, row, "engine");
	int64_t threads = report_int(t, row, "threads");
	bool native = !strcmp(engine, "native");
	snprintf(buf, PAGE_NAME, "%lld thread%s, %.60s%s%.20s", (long long)threads, threads == 1 ? "" : "s",
		 report_text(t, row, "lock_kind"), native ? "" : ", ", native ? "" : engine);
}

int page_settings(struct page *p)
{
	struct az_table *t, *all;
	int rc = page_read(p, "saturation", NULL, &t);
	if (rc)
		return rc;
	rc = page_read(p, "settings", NULL, &all);
	if (!rc && t->nrows) {
		int64_t most = report_int(t, 0, "threads");
		p->setting = p->busiest = report_int(t, 0, "setting");
		name_setting(t, 0, p->setting_name);
		name_setting(t, 0, p->busiest_name);
		for (unsigned i = 0; i < all->nrows; i++) {
			if (report_int(all, i, "series") != report_int(t, 0, "series") ||
			    report_int(all, i, "oversubscribed") || !report_int(all, i, "done") ||
			    report_int(all, i, "threads") <= most)
				continue;
			most = report_int(all, i, "threads");
			p->busiest = report_int(all, i, "setting");
			name_setting(all, i, p->busiest_name);
		}
	}
	if (!rc)
		az_free(all);
	az_free(t);
	return rc;
}

void page_legend(struct page *p, const struct az_table *t, bool predictions)
{
	chart_legend_begin(p->f);
	for (unsigned i = 0; i < t->nrows; i++) {
		const char *name = report_text(t, i, "design");
		bool said = false;
		for (unsigned j = 0; j < i && !said; j++)
			said = !strcmp(report_text(t, j, "design"), name);
		if (!said)
			chart_legend(p->f, name, page_style(p, name), false, false);
	}
	if (predictions) {
		chart_legend(p->f, "simulated, error known", 6, true, false);
		chart_legend(p->f, "simulated, unvalidated", 6, true, true);
	}
	chart_legend_end(p->f);
}

int page_picture(struct page *p, const char *view, const struct az_table *t)
{
	static const struct {
		const char *view;
		int (*draw)(struct page *p, const struct az_table *t);
	} pictures[] = {
		{ "scaling", page_scaling },      { "compare", page_compare }, { "load", page_load },
		{ "lock_octaves", page_octaves }, { "ops", page_ops },         { "timeline", page_timeline },
	};
	for (unsigned i = 0; i < sizeof(pictures) / sizeof(pictures[0]); i++)
		if (!strcmp(pictures[i].view, view))
			return pictures[i].draw(p, t);
	return 0;
}
