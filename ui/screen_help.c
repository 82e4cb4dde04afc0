/* Help: the keys, from their table; the columns of every root screen, from analyze's. */
#include "ui/app.h"

#define KEY_COL 2
#define TEXT_COL 19

static int keys(struct canvas *c, int row)
{
	char name[16];
	canvas_put(c, row++, 1, c->cols - 1, ROLE_TITLE, "Keys");
	for (const struct binding *b = bindings; b->action; b++) {
		int x = KEY_COL;
		for (int i = 0; i < BINDING_KEYS && b->keys[i]; i++)
			x += canvas_put(c, row, x, TEXT_COL - x, ROLE_KEY, key_text(b->keys[i], name)) + 1;
		row += canvas_wrap(c, row, TEXT_COL, c->cols - TEXT_COL, ROLE_NORMAL, b->help);
	}
	return row + 1;
}

static int signs(struct canvas *c, int row)
{
	static const char *const lines[][2] = {
		{ "+  -", "after a ratio: better, worse, by more than the noise (95 %)" },
		{ "~", "after a ratio: within the noise" },
		{ "?", "after a ratio: too few repeats, or a violation: no judgement" },
		{ "!", "after a number of threads: more threads than CPUs" },
		{ "-", "alone: not measured" },
	};
	canvas_put(c, row++, 1, c->cols - 1, ROLE_TITLE, "Signs");
	for (unsigned i = 0; i < sizeof(lines) / sizeof(*lines); i++) {
		canvas_put(c, row, KEY_COL, TEXT_COL - KEY_COL - 1, ROLE_KEY, lines[i][0]);
		row += canvas_wrap(c, row, TEXT_COL, c->cols - TEXT_COL, ROLE_NORMAL, lines[i][1]);
	}
	return row + 1;
}

static int columns(struct canvas *c, int row, const char *name)
{
	const struct az_view *v = az_view_by_name(name);
	if (!v)
		return row;
	canvas_printf(c, row++, 1, c->cols - 1, ROLE_TITLE, "Columns of %s: %s", v->title, v->about);
	for (const struct az_column *col = v->columns; col->name; col++) {
		if (col->hidden)
			continue;
		canvas_put(c, row, KEY_COL, TEXT_COL - KEY_COL - 1, ROLE_KEY, col->title);
		row += canvas_wrap(c, row, TEXT_COL, c->cols - TEXT_COL, ROLE_NORMAL, col->about);
	}
	return row + 1;
}

static int draw_all(struct canvas *c)
{
	static const char *const views[] = { "runs", "compare", "locks" };
	int row = signs(c, keys(c, 0));
	for (unsigned i = 0; i < sizeof(views) / sizeof(*views); i++)
		row = columns(c, row, views[i]);
	return row - 1;
}

static void build(struct page_screen *p, struct app *app, struct canvas *tall, int cols)
{
	(void)p;
	(void)app;
	/* Drawn twice: what is outside is clipped, so the first time tells the height. */
	if (canvas_resize(tall, 1, cols) == 0 && canvas_resize(tall, draw_all(tall), cols) == 0)
		draw_all(tall);
}

static const struct page_ops help_ops = { NULL, build, NULL };

struct screen *help_new(void)
{
	struct page_screen *p = page_new(&help_ops, "Help");
	return p ? &p->base : NULL;
}
