/* What surrounds every screen: title, status line, keys. */
#include <string.h>

#include "ui/app.h"

static void draw_title(struct app *app, struct canvas *c)
{
	canvas_blank(c, 0, 0, c->cols, ROLE_TITLE);
	int x = canvas_put(c, 0, 1, c->cols, ROLE_TITLE, "mmreplay") + 2;
	for (unsigned i = 0; i < ROOTS; i++) {
		enum role role = i == app->root ? ROLE_TAB : ROLE_TITLE;
		x += canvas_printf(c, 0, x, c->cols - x, role, " %s ", root_names[i]);
	}
	int room = c->cols - x - 2;
	if (room <= 8)
		return;
	/* Of a long path the end says more. */
	const char *path = app->path;
	while (canvas_width(c, path) > room - 1 && *path)
		path += strcspn(path + 1, "/") + 1;
	if (!*path || path == app->path)
		canvas_put_right(c, 0, x + 1, room, ROLE_TITLE, app->path);
	else if (canvas_width(c, path) < room) {
		canvas_put_right(c, 0, x + 1, room, ROLE_TITLE, path);
		canvas_glyph(c, 0, x + room - canvas_width(c, path), ROLE_TITLE, GLYPH_CUT);
	}
}

static void draw_status(struct app *app, struct canvas *c, int row)
{
	struct screen *s = app_screen(app);
	char text[512] = "";
	canvas_blank(c, row, 0, c->cols, ROLE_STATUS);
	if (s->ops->status)
		s->ops->status(s, text, sizeof(text));
	canvas_put(c, row, 1, c->cols - 2, ROLE_STATUS, text);
}

/* As many keys as there is room for; how to leave is always among them. */
static void draw_keys(struct canvas *c, int row)
{
	char name[16];
	int x = 0, quit = 0;
	for (const struct binding *b = bindings; b->action; b++)
		if (b->action == ACT_QUIT)
			quit = canvas_width(c, key_text(b->keys[0], name)) + canvas_width(c, b->bar);
	for (const struct binding *b = bindings; b->action; b++) {
		if (!b->bar)
			continue;
		key_text(b->keys[0], name);
		int w = canvas_width(c, name) + canvas_width(c, b->bar) + 1;
		if (x + w + (b->action == ACT_QUIT ? 0 : quit) > c->cols + 1)
			continue;
		x += canvas_put(c, row, x, c->cols - x, ROLE_KEY, name);
		x += canvas_put(c, row, x, c->cols - x, ROLE_LABEL, b->bar) + 1;
	}
}

static void draw_small(struct canvas *c)
{
	static const char *const lines[] = { "mmreplay: terminal too small", NULL, "q quits" };
	for (int i = 0; i < 3; i++)
		if (lines[i])
			canvas_put(c, i, 0, c->cols, ROLE_WARN, lines[i]);
		else
			canvas_printf(c, i, 0, c->cols, ROLE_NORMAL, "%dx%d, needs %dx%d", c->cols, c->rows,
				      APP_MIN_COLS, APP_MIN_ROWS);
}

void app_draw(struct app *app)
{
	struct canvas *c = &app->canvas;
	struct screen *s = app_screen(app);
	canvas_clear(c);
	if (c->rows < APP_MIN_ROWS || c->cols < APP_MIN_COLS) {
		draw_small(c);
		return;
	}
	draw_title(app, c);
	canvas_put(c, 1, 1, c->cols - 2, ROLE_DIM, s->title);
	s->ops->draw(s, app, c, 2, c->rows - 4);
	draw_status(app, c, c->rows - 2);
	if (app->ask)
		prompt_draw(&app->prompt, c, c->rows - 1);
	else if (app->message[0])
		canvas_put(c, c->rows - 1, 0, c->cols, app->message_role, app->message);
	else
		draw_keys(c, c->rows - 1);
}
