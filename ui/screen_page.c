/* A tall picture of which a part is on the screen. */
#include <stdlib.h>
#include <string.h>

#include "ui/app.h"

static struct page_screen *of(struct screen *s)
{
	return (struct page_screen *)s;
}

static int load(struct screen *s, struct app *app, struct mmr_err *e)
{
	struct page_screen *p = of(s);
	return p->ops->load ? p->ops->load(p, app, e) : 0;
}

static void draw(struct screen *s, struct app *app, struct canvas *c, int row, int rows)
{
	struct page_screen *p = of(s);
	p->ops->build(p, app, &p->tall, c->cols);
	int last = p->tall.rows > rows ? p->tall.rows - rows : 0;
	p->page = rows;
	p->top = p->top > last ? last : p->top < 0 ? 0 : p->top;
	for (int r = 0; r < rows; r++)
		for (int i = 0; i < c->cols; i++) {
			const struct cell *from = canvas_at(&p->tall, p->top + r, i);
			struct cell *to = canvas_at(c, row + r, i);
			if (from && to)
				*to = *from;
		}
}

static bool act(struct screen *s, struct app *app, enum action a)
{
	struct page_screen *p = of(s);
	(void)app;
	switch (a) {
	case ACT_UP:
		p->top--;
		return true;
	case ACT_DOWN:
		p->top++;
		return true;
	case ACT_PGUP:
		p->top -= p->page - 1;
		return true;
	case ACT_PGDN:
	case ACT_OPEN:
		p->top += p->page - 1;
		return true;
	case ACT_FIRST:
		p->top = 0;
		return true;
	case ACT_LAST:
		p->top = p->tall.rows;
		return true;
	default:
		return false;
	}
}

static void status(const struct screen *s, char *buf, unsigned size)
{
	const struct page_screen *p = (const struct page_screen *)s;
	int end = p->top + p->page < p->tall.rows ? p->top + p->page : p->tall.rows;
	snprintf(buf, size, "lines %d-%d/%d%s", p->top + 1, end, p->tall.rows,
		 end < p->tall.rows ? "  more below" : "");
}

static void release(struct screen *s)
{
	struct page_screen *p = of(s);
	if (p->ops->free)
		p->ops->free(p);
	az_free(p->table);
	filters_free(p->filters);
	canvas_free(&p->tall);
	free(p);
}

static const struct screen_ops page_screen_ops = { load, draw, act, status, release };

struct page_screen *page_new(const struct page_ops *ops, const char *title)
{
	struct page_screen *p = calloc(1, sizeof(*p));
	if (!p)
		return NULL;
	p->base.ops = &page_screen_ops;
	p->ops = ops;
	snprintf(p->base.title, sizeof(p->base.title), "%s", title);
	return p;
}
