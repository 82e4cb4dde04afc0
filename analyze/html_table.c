/* A table of a view as HTML. */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "analyze/html.h"
#include "analyze/html_number.h"
#include "analyze/view_table.h"

static bool on_list(const char *const *list, const char *name)
{
	for (; list && *list; list++)
		if (!strcmp(*list, name))
			return true;
	return false;
}

/* What an interval that is known makes of a ratio: a sign and its meaning; as the browser's Compare screen. */
static const char *mark_of(const struct az_table *t, unsigned row, const char **about)
{
	int beyond = az_find_column(t, "beyond_noise"), ratio = az_find_column(t, "ratio"),
	    better = az_find_column(t, "better");
	*about = "";
	if (beyond < 0 || ratio < 0 || az_cell(t, row, (unsigned)ratio)->kind == AZ_NULL)
		return "";
	const struct az_cell *b = az_cell(t, row, (unsigned)beyond);
	if (b->kind != AZ_INT) {
		*about = "unknown: nothing can be said";
		return "?";
	}
	if (!b->i) {
		*about = "within the noise";
		return "~";
	}
	const struct az_cell *want = better >= 0 ? az_cell(t, row, (unsigned)better) : NULL;
	bool higher = !want || want->kind != AZ_STR || !strcmp(want->s, "higher");
	bool good = (az_cell(t, row, (unsigned)ratio)->r > 1) == higher;
	*about = good ? "better, beyond the noise" : "worse, beyond the noise";
	return good ? "+" : "\xe2\x88\x92";
}

static void put_figure(FILE *f, const struct az_table *t, unsigned row, unsigned col, const struct html_scale *scale,
		       bool bar)
{
	const struct az_cell *c = az_cell(t, row, col);
	char number[HTML_NUMBER];
	const char *about = "", *mark = strcmp(t->columns[col].name, "ratio") ? "" : mark_of(t, row, &about);
	if (c->kind == AZ_NULL || (c->kind == AZ_REAL && !isfinite(c->r))) {
		fputs("<td class=\"n no\">-</td>", f);
		return;
	}
	if (bar && c->r > 0)
		fprintf(f, "<td class=\"n bar\" style=\"--p:%.2f%%\">", fmin(c->r, 100));
	else
		fputs("<td class=\"n\">", f);
	fputs(html_number(scale, c->r, number), f);
	if (*mark)
		fprintf(f, " <span class=\"mark\" title=\"%s\">%s</span>", about, mark);
	fputs("</td>", f);
}

static void put_cell(FILE *f, const struct az_table *t, unsigned row, unsigned col, const struct html_scale *scale,
		     bool bar)
{
	const struct az_cell *c = az_cell(t, row, col);
	if (c->kind != AZ_STR && t->columns[col].unit != AZ_TEXT) {
		put_figure(f, t, row, col, scale, bar);
		return;
	}
	fputs("<td>", f);
	if (c->kind == AZ_STR) {
		html_text(f, c->s);
	} else {
		char text[64];
		az_format(&t->columns[col], c, text, sizeof(text));
		html_text(f, text);
	}
	fputs("</td>", f);
}

static void put_header(FILE *f, const struct az_column *c, const struct html_scale *scale)
{
	fprintf(f, "<th scope=\"col\"%s title=\"", c->unit == AZ_TEXT ? "" : " class=\"n\"");
	html_text(f, c->about);
	fputs("\">", f);
	html_text(f, c->title);
	if (*scale->unit)
		fprintf(f, " <small>%s</small>", scale->unit);
	fputs("</th>", f);
}

int html_table(FILE *f, const struct az_table *t, const struct html_table *how)
{
	struct html_scale *scale = calloc(t->ncolumns + 1, sizeof(*scale));
	bool *shown = calloc(t->ncolumns + 1, sizeof(*shown));
	unsigned rows = how->most_rows && t->nrows > how->most_rows ? how->most_rows : t->nrows;
	for (unsigned i = 0; scale && shown && i < t->ncolumns; i++) {
		scale[i] = html_scale_of(t, i);
		shown[i] = az_table_shows(t, i) || on_list(how->also, t->columns[i].name);
	}
	int rc = scale && shown ? 0 : -ENOMEM;
	if (!rc) {
		fputs("<div class=\"scroll\" tabindex=\"0\"><table>\n<thead><tr>", f);
		for (unsigned i = 0; i < t->ncolumns; i++)
			if (shown[i])
				put_header(f, &t->columns[i], &scale[i]);
		fputs("</tr></thead>\n<tbody>\n", f);
		for (unsigned row = 0; row < rows; row++) {
			fputs("<tr>", f);
			for (unsigned i = 0; i < t->ncolumns; i++)
				if (shown[i])
					put_cell(f, t, row, i, &scale[i], on_list(how->bars, t->columns[i].name));
			fputs("</tr>\n", f);
		}
		fputs("</tbody></table></div>\n", f);
	}
	if (rows < t->nrows)
		fprintf(f,
			"<p class=\"about\">%u of %u rows; <code>mmreplay report --view %s</code> has them all.</p>\n",
			rows, t->nrows, how->view);
	free(scale);
	free(shown);
	return rc;
}
