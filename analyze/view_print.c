/* Whole tables as text, CSV and JSON. */
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "analyze/view_db.h"
#include "analyze/view_table.h"
#include "schemas/safe.h"

#define CELL_MAX 4096

/* Columns that @s takes on a terminal. Its bytes are valid UTF-8 (safe.h); a character counts as one. */
static int width_of(const char *s)
{
	int n = 0;
	for (; *s; s++)
		n += (*s & 0xc0) != 0x80;
	return n;
}

static bool is_left(const struct az_column *c)
{
	return c->unit == AZ_TEXT;
}

static void put_padded(FILE *f, const char *s, int width, bool left, bool last)
{
	int pad = width - width_of(s);
	if (!left)
		fprintf(f, "%*s", pad, "");
	fputs(s, f);
	if (left && !last)
		fprintf(f, "%*s", pad, "");
}

bool az_table_shows(const struct az_table *t, unsigned i)
{
	const struct az_column *c = &t->columns[i];
	if (c->hidden != AZ_VARIES)
		return c->hidden == AZ_SHOWN;
	/* A real machine has no topology: that is no difference between topologies. */
	const struct az_cell *first = NULL;
	for (unsigned row = 0; row < t->nrows; row++) {
		const struct az_cell *a = az_cell(t, row, i);
		if (a->kind == AZ_NULL || (a->kind == AZ_STR && !a->s[0]))
			continue;
		if (!first)
			first = a;
		if (a->kind != first->kind || (a->kind == AZ_STR ? strcmp(a->s, first->s) != 0 : a->r != first->r))
			return true;
	}
	return false;
}

void az_print_table(const struct az_table *t, FILE *f)
{
	char cell[CELL_MAX];
	int *width = calloc(t->ncolumns + 1, sizeof(*width)); /* 0: not shown */
	unsigned last = 0;
	if (!width)
		return;
	for (unsigned i = 0; i < t->ncolumns; i++) {
		if (!az_table_shows(t, i))
			continue;
		last = i;
		safe_copy(cell, sizeof(cell), t->columns[i].title);
		width[i] = width_of(cell);
		for (unsigned row = 0; row < t->nrows; row++) {
			az_format(&t->columns[i], az_cell(t, row, i), cell, sizeof(cell));
			if (width_of(cell) > width[i])
				width[i] = width_of(cell);
		}
	}
	for (int row = -1; row < (int)t->nrows; row++) {
		for (unsigned i = 0; i < t->ncolumns; i++) {
			const struct az_column *c = &t->columns[i];
			if (!width[i])
				continue;
			if (row < 0)
				safe_copy(cell, sizeof(cell), c->title);
			else
				az_format(c, az_cell(t, (unsigned)row, i), cell, sizeof(cell));
			put_padded(f, cell, width[i], is_left(c), i == last);
			fputs(i == last ? "\n" : "  ", f);
		}
	}
	free(width);
}

/* The shortest decimal that reads back as @v. */
static void put_real(FILE *f, double v)
{
	char text[40];
	for (int digits = 15; digits <= 17; digits++) {
		snprintf(text, sizeof(text), "%.*g", digits, v);
		if (strtod(text, NULL) == v)
			break;
	}
	fputs(text, f);
}

/* A line break is legal inside a quoted field; what a terminal would obey is not passed on, nor what is no UTF-8. */
static void put_csv_text(FILE *f, const char *s)
{
	char *clean = malloc(strlen(s) + 1), *to = clean;
	if (!clean)
		return;
	while (*s) {
		size_t n = safe_char(s);
		bool control = ((unsigned char)*s < 0x20 && *s != '\n' && *s != '\t') || *s == 0x7f;
		if (!n || control) {
			*to++ = '?';
			s++;
			continue;
		}
		memcpy(to, s, n);
		to += n;
		s += n;
	}
	*to = '\0';
	csv_field(f, clean);
	free(clean);
}

void az_print_csv(const struct az_table *t, FILE *f)
{
	for (unsigned i = 0; i < t->ncolumns; i++) {
		fputs(i ? "," : "", f);
		put_csv_text(f, t->columns[i].name);
	}
	fputc('\n', f);
	for (unsigned row = 0; row < t->nrows; row++) {
		for (unsigned i = 0; i < t->ncolumns; i++) {
			const struct az_cell *c = az_cell(t, row, i);
			fputs(i ? "," : "", f);
			if (c->kind == AZ_INT)
				fprintf(f, "%" PRId64, c->i);
			else if (c->kind == AZ_REAL && isfinite(c->r))
				put_real(f, c->r);
			else if (c->kind == AZ_STR)
				put_csv_text(f, c->s);
		}
		fputc('\n', f);
	}
}

void az_json_cell(FILE *f, const struct az_cell *c)
{
	if (c->kind == AZ_INT)
		fprintf(f, "%" PRId64, c->i);
	else if (c->kind == AZ_REAL && isfinite(c->r))
		put_real(f, c->r);
	else if (c->kind == AZ_STR)
		json_string(f, c->s);
	else
		fputs("null", f);
}

void az_json_row(FILE *f, const struct az_table *t, unsigned row)
{
	fputc('{', f);
	for (unsigned i = 0; i < t->ncolumns; i++) {
		fputs(i ? ", " : "", f);
		json_string(f, t->columns[i].name);
		fputs(": ", f);
		az_json_cell(f, az_cell(t, row, i));
	}
	fputc('}', f);
}

void az_json_rows(FILE *f, const struct az_table *t, const char *indent)
{
	fputc('[', f);
	for (unsigned row = 0; row < t->nrows; row++) {
		fprintf(f, "%s\n%s  ", row ? "," : "", indent);
		az_json_row(f, t, row);
	}
	if (t->nrows)
		fprintf(f, "\n%s", indent);
	fputc(']', f);
}

void az_print_json(const struct az_table *t, FILE *f)
{
	az_json_rows(f, t, "");
	fputc('\n', f);
}
