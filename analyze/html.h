/*
 * html.h - a page without any outside reference: no script, no URL, its style
 * sheet (report.css) and its pictures (SVG) inside. What is written here is
 * well-formed XML, too, so that any parser may read it. Internal to analyze.
 *
 * Whatever came from a store goes through html_text(): escaped, valid UTF-8,
 * without control characters, bounded. Nothing here computes a figure.
 * Errors show in the stream.
 */
#ifndef MMR_AZ_HTML_H
#define MMR_AZ_HTML_H

#include <stdio.h>

#include "analyze/view.h"

#define HTML_TEXT 300 /* bytes of a name or a cell; what is cut off ends in an ellipsis */

/* @s as text or within a quoted attribute; html_cut: at most @max bytes of it, at most 4095. */
void html_text(FILE *f, const char *s);
void html_cut(FILE *f, const char *s, unsigned max);

/* From the doctype into <main>, and out of it. */
void html_begin(FILE *f, const char *title);
void html_end(FILE *f);

/* A section under its title, with a line about what it shows and the SQL view that it is from (may be NULL). */
void html_section(FILE *f, const char *id, const char *title, const char *about, const char *sql_view);
void html_section_end(FILE *f);

/* A paragraph for each line of @text. */
void html_lines(FILE *f, const char *class, const char *text);

struct html_table {
	const char *const
		*also; /* names of columns that tables leave out and this one has; ends with NULL; may be NULL */
	const char *const *bars; /* columns of percents that get a bar behind the figure; the same */
	unsigned most_rows; /* 0: all; a line says how many are left out */
	const char *view; /* where all rows are to be had, for that line */
};
/* The rows of @t in a box that scrolls by itself: a unit for each column, in its header. 0 or -ENOMEM. */
int html_table(FILE *f, const struct az_table *t, const struct html_table *how);

#endif
