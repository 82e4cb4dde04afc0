/*
 * report_html.h - the report as a page: sections, each a view with its picture
 * and its table. Internal to analyze; one thread.
 */
#ifndef MMR_AZ_REPORT_HTML_H
#define MMR_AZ_REPORT_HTML_H

#include "analyze/html_chart.h"
#include "analyze/report.h"

#define PAGE_DESIGNS 64
#define PAGE_NAME 128
#define PAGE_PANELS 12 /* pictures of one kind; more are said to be left out */

struct page {
	FILE *f;
	struct az_db *db;
	struct mmr_err *e;
	int64_t session; /* 0: all of the store */
	/* Where the verdict on saturation is taken; and, of its series, the one with most threads that is not oversubscribed. */
	int64_t setting, busiest; /* 0: none */
	char setting_name[PAGE_NAME], busiest_name[PAGE_NAME]; /* those in words: "2 threads, ticket" */
	char design[PAGE_DESIGNS][CHART_NAME]; /* in the order of their styles */
	unsigned designs;
};

/* The style of a design: the same all over the page. */
unsigned page_style(struct page *p, const char *design);
/* The rows of a view that the page is about, @setting: of that one only, unless it is NULL. */
int page_read(struct page *p, const char *view, const int64_t *setting, struct az_table **t);
/* Find p->setting and p->busiest; there are none when no run is complete. */
int page_settings(struct page *p);
/* Designs that @t has, and what dashes and hollow marks mean where there are such. */
void page_legend(struct page *p, const struct az_table *t, bool predictions);

/* The picture that goes with a view, of its rows @t. 0, nothing drawn when there is none for it; -ENOMEM. */
int page_picture(struct page *p, const char *view, const struct az_table *t);

/* The verdict; and what was run. 0 or -ENOMEM. */
int page_top(struct page *p, const struct report *r, const struct verdict *v);
int page_run(struct page *p, const struct report *r);

/* report_html_lines.c, _rows.c, _heat.c: pictures. */
int page_scaling(struct page *p, const struct az_table *t);
int page_load(struct page *p, const struct az_table *t);
int page_octaves(struct page *p, const struct az_table *t);
int page_compare(struct page *p, const struct az_table *t);
int page_timeline(struct page *p, const struct az_table *t);
int page_ops(struct page *p, const struct az_table *t);

#endif
