/* The report as a page: the verdict, what was run, and a section for each view that says something about it. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "analyze/html.h"
#include "analyze/report_html.h"

#define MOST_ROWS 300 /* of a table in the report; of a view that was asked for: */
#define MOST_ROWS_ASKED 10000

static const char *const lock_details[] = { "acq_bounces",   "con_bounces", "wait_total_ns",
					    "hold_total_ns", "hold_p50_ns", NULL };
static const char *const bars[] = {
	"wait_percent",        "hold_percent",       "work_percent",       "stall_percent",
	"idle_percent",        "rcu_percent",        "harness_percent",    "surround_percent",
	"utilisation_percent", "caused_percent",     "share_percent",      "wait_share_percent",
	"op_percent",          "contention_percent", "efficiency_percent", NULL
};

/* In the order of the page. */
static const struct section {
	const char *view;
	const char *id, *title; /* NULL: the view's */
	const char *picture; /* a view whose picture stands above the table; NULL: this one's */
	enum { ALL, OF_VERDICT, OF_BUSIEST } of; /* settings: all; that of the verdict; that with most threads */
	bool text; /* with the sentences of the text report about predictions and scaling */
} sections[] = {
	{ "scaling", "speed", "Events/s by threads", NULL, ALL, false },
	{ "compare", NULL, NULL, NULL, ALL, false },
	{ "compare_figures", NULL, NULL, NULL, OF_VERDICT, false },
	{ "locks", NULL, NULL, "lock_octaves", ALL, false },
	{ "kernel", NULL, NULL, NULL, ALL, false },
	{ "kernel_waits", NULL, NULL, NULL, ALL, false },
	{ "time", NULL, NULL, NULL, ALL, false },
	{ "ops", NULL, NULL, NULL, ALL, false },
	{ "blockers", NULL, NULL, NULL, ALL, false },
	{ "fit", "scaling", "Scaling", NULL, ALL, true },
	{ "validation", NULL, NULL, NULL, ALL, false },
	{ "headroom", NULL, NULL, "load", ALL, false },
	{ "drift", NULL, NULL, NULL, ALL, false },
	{ "violations", NULL, NULL, NULL, ALL, false },
	{ "timeline", NULL, NULL, NULL, OF_BUSIEST, false },
	{ "comms", NULL, NULL, NULL, ALL, false },
	{ "slowest", NULL, NULL, NULL, OF_BUSIEST, false },
	{ "descheduled", NULL, NULL, NULL, ALL, false },
	{ "hygiene", NULL, NULL, NULL, ALL, false },
	{ "topologies", NULL, NULL, NULL, ALL, false },
};

static int put_table(struct page *p, const struct az_view *v, const struct az_table *t, unsigned most)
{
	const struct html_table how = {
		.also = strcmp(v->name, "locks") ? NULL : lock_details, .bars = bars, .most_rows = most, .view = v->name
	};
	return html_table(p->f, t, &how);
}

/* The lines about predictions and scaling that the text report has. */
static int put_text(struct page *p, const struct report *r)
{
	char *text = NULL;
	size_t size;
	FILE *f = open_memstream(&text, &size);
	if (!f)
		return -ENOMEM;
	report_print_prediction(r, f);
	int rc = fclose(f) ? -ENOMEM : 0;
	if (!rc)
		html_lines(p->f, "note", text);
	free(text);
	return rc;
}

static int put_picture(struct page *p, const struct section *s, const struct az_table *t)
{
	struct az_table *other;
	if (!s->picture)
		return page_picture(p, s->view, t);
	int rc = page_read(p, s->picture, has_column(az_view_by_name(s->picture), "setting") ? &p->busiest : NULL,
			   &other);
	if (rc)
		return rc;
	rc = page_picture(p, s->picture, other);
	if (!rc && other->nrows) {
		const struct az_view *v = az_view_by_name(s->picture);
		fprintf(p->f, "<details><summary>The figures of these <code>%s</code></summary>\n", v->sql_view);
		rc = put_table(p, v, other, MOST_ROWS);
		fputs("</details>\n", p->f);
	}
	az_free(other);
	return rc;
}

/* No violation: what that is worth. */
static void say_none(FILE *f, const struct report *r)
{
	unsigned unchecked = 0;
	for (unsigned i = 0; i < r->summary->nrows; i++)
		unchecked += !strcmp(report_text(r->summary, i, "verdict"), "unchecked");
	if (!unchecked)
		fputs("<p>No run broke an invariant.</p>\n", f);
	else
		fprintf(f,
			"<p>No run broke an invariant; but in %s of the settings and designs nothing changed during "
			"the "
			"runs that could be checked (<code>replay --inject hot_add:...</code>).</p>\n",
			unchecked == r->summary->nrows ? "all" : "some");
}

#define SECTIONS (sizeof(sections) / sizeof(sections[0]))

/* Is there anything to say in @s, of which @t has the rows? */
static bool is_said(const struct section *s, const struct az_table *t, const struct report *r)
{
	/* That nothing broke is news, too. */
	if (!strcmp(s->view, "violations"))
		return true;
	return t->nrows && (r->kernel || strcmp(s->view, "kernel") != 0);
}

static int put_section(struct page *p, const struct section *s, const struct az_table *t, const struct report *r)
{
	const struct az_view *v = az_view_by_name(s->view);
	int rc = 0;
	if (!is_said(s, t, r))
		return 0;
	html_section(p->f, s->id ? s->id : v->name, s->title ? s->title : v->title, v->about, v->sql_view);
	if (s->of != ALL && strcmp(s->view, "timeline") != 0) {
		fputs("<p class=\"about\">", p->f);
		html_text(p->f, s->of == OF_VERDICT ? p->setting_name : p->busiest_name);
		fputs("</p>\n", p->f);
	}
	if (s->text)
		rc = put_text(p, r);
	if (!rc)
		rc = put_picture(p, s, t);
	if (!rc && t->nrows)
		rc = put_table(p, v, t, MOST_ROWS);
	else if (!rc)
		say_none(p->f, r);
	html_section_end(p->f);
	return rc;
}

static void put_contents(FILE *f, struct az_table *const *t, const struct report *r)
{
	fputs("<nav aria-label=\"Sections\">", f);
	for (unsigned i = 0; i < SECTIONS; i++) {
		const struct section *s = &sections[i];
		const struct az_view *v = az_view_by_name(s->view);
		if (is_said(s, t[i], r))
			fprintf(f, "<a href=\"#%s\">%s</a> ", s->id ? s->id : v->name, s->title ? s->title : v->title);
	}
	fputs("</nav>\n", f);
}

static int put_report(struct page *p, struct az_table *const *t, const struct report *r, const struct verdict *v)
{
	char title[HTML_TEXT];
	for (unsigned i = 0; i < r->summary->nrows; i++)
		page_style(p, report_text(r->summary, i, "design"));
	snprintf(title, sizeof(title), "%s: session %lld - mmreplay", report_text(r->session, 0, "workload"),
		 (long long)p->session);
	html_begin(p->f, title);
	int rc = page_top(p, r, v);
	put_contents(p->f, t, r);
	if (!rc)
		rc = page_run(p, r);
	for (unsigned i = 0; !rc && i < SECTIONS; i++)
		rc = put_section(p, &sections[i], t[i], r);
	html_end(p->f);
	return rc == -ENOMEM && p->e->code != rc ? mmr_err_sys(p->e, rc, "%s", "report") : rc;
}

int report_html(struct az_db *db, const struct report *r, const struct verdict *v, FILE *f, struct mmr_err *e)
{
	struct page p = { .f = f, .db = db, .e = e, .session = report_int(r->session, 0, "session") };
	const int64_t *const of[] = { [ALL] = NULL, [OF_VERDICT] = &p.setting, [OF_BUSIEST] = &p.busiest };
	struct az_table *t[SECTIONS] = { 0 };
	int rc = page_settings(&p);
	for (unsigned i = 0; !rc && i < SECTIONS; i++)
		rc = page_read(&p, sections[i].view, of[sections[i].of], &t[i]);
	if (!rc)
		rc = put_report(&p, t, r, v);
	for (unsigned i = 0; i < SECTIONS; i++)
		az_free(t[i]);
	return rc;
}

int view_html(struct az_db *db, const struct view_report *r, int64_t session, FILE *f, struct mmr_err *e)
{
	struct page p = { .f = f, .db = db, .e = e, .session = session };
	int rc = page_settings(&p);
	if (rc)
		return rc;
	html_begin(f, r->part[0].view->title);
	for (unsigned i = 0; !rc && i < r->n; i++) {
		const struct view_part *part = &r->part[i];
		/* What is empty beside it says nothing. */
		if (i && !part->t->nrows)
			continue;
		html_section(f, part->view->name, part->view->title, part->view->about, part->view->sql_view);
		rc = page_picture(&p, part->view->name, part->t);
		if (!rc)
			rc = put_table(&p, part->view, part->t, MOST_ROWS_ASKED);
		html_section_end(f);
	}
	html_end(f);
	return rc == -ENOMEM && e->code != rc ? mmr_err_sys(e, rc, "%s", "report") : rc;
}
