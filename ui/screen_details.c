/* One row, a line per column: what a table has no room for. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "ui/app.h"

#define BESIDE 26 /* columns a value has before its explanation begins */

/* A copy: the grid's table may be read again, or go. */
struct line {
	char *title, *value, *about;
	enum role role;
};

struct details {
	unsigned n;
	struct line line[];
};

static int draw_all(const struct details *d, struct canvas *c)
{
	int title = 0, row = 0;
	for (unsigned i = 0; i < d->n; i++) {
		int w = canvas_width(c, d->line[i].title);
		title = w > title ? w : title;
	}
	title = title > c->cols / 2 ? c->cols / 2 : title;
	for (unsigned i = 0; i < d->n; i++) {
		const struct line *l = &d->line[i];
		int x = title + 4, room = c->cols - x - 1;
		canvas_put(c, row, 2, title, ROLE_KEY, l->title);
		int lines = canvas_wrap(c, row, x, room, l->role, l->value);
		/* What it means, beside a short value. */
		if (lines == 1 && room > BESIDE + 20 && canvas_width(c, l->value) < BESIDE)
			lines = canvas_wrap(c, row, x + BESIDE, room - BESIDE, ROLE_DIM, l->about);
		row += lines;
	}
	return row;
}

static void build(struct page_screen *p, struct app *app, struct canvas *tall, int cols)
{
	(void)app;
	if (canvas_resize(tall, 1, cols) == 0 && canvas_resize(tall, draw_all(p->more, tall), cols) == 0)
		draw_all(p->more, tall);
}

static void release(struct page_screen *p)
{
	struct details *d = p->more;
	for (unsigned i = 0; d && i < d->n; i++) {
		free(d->line[i].title);
		free(d->line[i].value);
		free(d->line[i].about);
	}
	free(d);
}

static const struct page_ops details_ops = { NULL, build, release };

/* As in the table; a scaled number also as it is stored. */
static void exact(const struct az_table *t, unsigned row, unsigned col, char *buf, unsigned size)
{
	const struct az_cell *c = az_cell(t, row, col);
	enum az_unit unit = t->columns[col].unit;
	cell_text(t, row, col, buf, size);
	size_t n = strlen(buf);
	if (c->kind == AZ_INT && llabs(c->i) >= 1000 && (unit == AZ_NS || unit == AZ_BYTES))
		snprintf(buf + n, size - n, "  (%" PRId64 ")", c->i);
}

struct screen *details_new(const struct grid *g, unsigned row, const char *of)
{
	const struct az_table *t = g->table;
	char text[4096];
	struct page_screen *p = page_new(&details_ops, "");
	struct details *d = calloc(1, sizeof(*d) + t->ncolumns * sizeof(d->line[0]));
	if (!p || !d) {
		free(p);
		free(d);
		return NULL;
	}
	p->more = d;
	snprintf(p->base.title, sizeof(p->base.title), "Row %u of: %.200s", row + 1, of);
	for (; d->n < t->ncolumns; d->n++) {
		const struct az_column *col = &t->columns[d->n];
		exact(t, row, d->n, text, sizeof(text));
		d->line[d->n] = (struct line){ strdup(col->title ? col->title : col->name), strdup(text),
					       strdup(col->about ? col->about : ""), cell_role(t, row, d->n) };
		if (!d->line[d->n].title || !d->line[d->n].value || !d->line[d->n].about) {
			d->n++;
			p->base.ops->free(&p->base);
			return NULL;
		}
	}
	return &p->base;
}
