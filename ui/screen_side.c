/* Marked runs of different settings side by side: what differs is shown, nothing is computed. */
#include <stdlib.h>
#include <string.h>

#include "ui/app.h"
#include "ui/screens.h"

#define SIDE_MAX 8

/* Copies of the cells, so that the runs may be read again or go. */
struct side {
	unsigned nruns, nlines;
	struct side_line {
		char *title, *value[SIDE_MAX];
		enum role role[SIDE_MAX];
		bool differs;
	} * line;
};

static int max_width(const struct side *s, const struct canvas *c, unsigned run)
{
	int most = 0;
	for (unsigned i = 0; i < s->nlines; i++) {
		int w = canvas_width(c, s->line[i].value[run]);
		most = w > most ? w : most;
	}
	return most > 24 ? 24 : most;
}

static int draw_all(const struct side *s, struct canvas *c)
{
	int title = 0, row = 0;
	for (unsigned i = 0; i < s->nlines; i++) {
		int w = canvas_width(c, s->line[i].title);
		title = w > title ? w : title;
	}
	/* What differs comes first: that is what one wants to see. */
	for (int same = 0; same < 2; same++) {
		const char *head = same ? "The same in all" : "Different";
		canvas_blank(c, row, 0, c->cols, ROLE_HEADER);
		canvas_put(c, row++, 1, c->cols - 1, ROLE_HEADER, head);
		for (unsigned i = 0; i < s->nlines; i++) {
			const struct side_line *l = &s->line[i];
			if (l->differs == same)
				continue;
			int x = title + 4;
			canvas_put(c, row, 2, title, ROLE_KEY, l->title);
			for (unsigned r = 0; r < (same ? 1 : s->nruns); r++) {
				int w = same ? c->cols - x : max_width(s, c, r);
				w = w > c->cols - x ? c->cols - x : w;
				if (same)
					canvas_put(c, row, x, w, l->role[r], l->value[r]);
				else
					canvas_put_right(c, row, x, w, l->role[r], l->value[r]);
				x += w + 2;
			}
			row++;
		}
		row++;
	}
	return row - 1;
}

static void build(struct page_screen *p, struct app *app, struct canvas *tall, int cols)
{
	(void)app;
	if (canvas_resize(tall, 1, cols) == 0 && canvas_resize(tall, draw_all(p->more, tall), cols) == 0)
		draw_all(p->more, tall);
}

static void release(struct page_screen *p)
{
	struct side *s = p->more;
	for (unsigned i = 0; s && i < s->nlines; i++) {
		free(s->line[i].title);
		for (unsigned r = 0; r < s->nruns; r++)
			free(s->line[i].value[r]);
	}
	if (s)
		free(s->line);
	free(s);
}

static const struct page_ops side_ops = { NULL, build, release };

static bool take(struct side *s, const struct grid *g, const unsigned *rows)
{
	char text[GRID_TEXT];
	for (unsigned col = 0; col < g->table->ncolumns; col++) {
		struct side_line *l = &s->line[s->nlines++];
		l->title = strdup(g->table->columns[col].title);
		if (!l->title)
			return false;
		for (unsigned r = 0; r < s->nruns; r++) {
			l->value[r] = strdup(cell_text(g->table, rows[r], col, text, sizeof(text)));
			l->role[r] = cell_role(g->table, rows[r], col);
			if (!l->value[r])
				return false;
			l->differs |= strcmp(l->value[0], l->value[r]) != 0;
		}
	}
	return true;
}

struct screen *side_by_side(const struct grid *g)
{
	unsigned rows[SIDE_MAX] = { 0 }, n = 0;
	for (unsigned r = 0; r < grid_rows(g) && n < SIDE_MAX; r++)
		if (grid_marked(g, r))
			rows[n++] = r;
	if (!n)
		return NULL;
	struct page_screen *p = page_new(&side_ops, "");
	struct side *s = calloc(1, sizeof(*s));
	if (!p || !s || !(s->line = calloc(g->table->ncolumns, sizeof(*s->line)))) {
		free(p);
		free(s);
		return NULL;
	}
	p->more = s;
	s->nruns = n;
	snprintf(p->base.title, sizeof(p->base.title), "%u marked runs of different settings side by side%s", n,
		 g->nmarks > n ? " (the first ones)" : "");
	if (!take(s, g, rows)) {
		p->base.ops->free(&p->base);
		return NULL;
	}
	return &p->base;
}
