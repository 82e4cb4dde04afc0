#include "ui/app.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

struct screen *app_screen(struct app *app)
{
	return app->depth ? app->stack[app->depth - 1] : app->roots[app->root];
}

void app_say(struct app *app, enum role role, const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	vsnprintf(app->message, sizeof(app->message), fmt, ap);
	va_end(ap);
	app->message_role = role;
}

static bool load(struct app *app, struct screen *s)
{
	struct mmr_err e = { 0 };
	/* Taken before reading: what is committed meanwhile is read the next time. */
	s->loaded = az_change_counter(app->db);
	int rc = s->ops->load ? s->ops->load(s, app, &e) : 0;
	if (rc == -EINTR && s->by_hand) {
		app->interrupted = true;
		app_say(app, ROLE_WARN, "Stopped");
		return false;
	}
	if (rc < 0) {
		app_say(app, ROLE_BAD, "%s", e.text);
		return false;
	}
	s->is_loaded = true;
	return true;
}

/* A screen that comes to the top shows the store as it is now. */
static void shown(struct app *app)
{
	struct screen *s = app_screen(app);
	if (!s->is_loaded || s->loaded != az_change_counter(app->db))
		load(app, s);
}

static void screen_free(struct screen *s)
{
	if (s)
		s->ops->free(s);
}

static void pop(struct app *app)
{
	screen_free(app->stack[--app->depth]);
	app->stack[app->depth] = NULL;
	shown(app);
}

void app_push(struct app *app, struct screen *s)
{
	if (!s)
		return;
	if (app->depth == APP_STACK) {
		app_say(app, ROLE_WARN, "Too many screens are open: q goes back");
		screen_free(s);
	} else if (!load(app, s)) {
		screen_free(s);
	} else {
		app->stack[app->depth++] = s;
	}
}

int app_init(struct app *app, struct az_db *db, const char *path, int rows, int cols)
{
	*app = (struct app){ .db = db, .path = path };
	if (canvas_resize(&app->canvas, rows, cols) < 0)
		return -ENOMEM;
	for (unsigned i = 0; i < ROOTS; i++) {
		app->roots[i] = root_new(i);
		if (!app->roots[i]) {
			app_free(app);
			return -ENOMEM;
		}
	}
	shown(app);
	if (az_left_out(db) && !app->message[0])
		app_say(app, ROLE_WARN, "Older runs: %lld, left out; --session N or all shows them",
			(long long)az_left_out(db));
	return 0;
}

void app_free(struct app *app)
{
	while (app->depth)
		screen_free(app->stack[--app->depth]);
	for (unsigned i = 0; i < ROOTS; i++)
		screen_free(app->roots[i]);
	canvas_free(&app->canvas);
	*app = (struct app){ 0 };
}

int app_resize(struct app *app, int rows, int cols)
{
	return canvas_resize(&app->canvas, rows, cols);
}

bool app_tick(struct app *app)
{
	struct screen *s = app_screen(app);
	/* Rows do not move under someone who is typing; a query may be dear: it is run again on demand only. */
	if (app->ask || s->by_hand || s->loaded == az_change_counter(app->db))
		return false;
	load(app, s);
	return true;
}

static void next_root(struct app *app, unsigned step)
{
	while (app->depth)
		screen_free(app->stack[--app->depth]);
	app->root = (app->root + step) % ROOTS;
	shown(app);
}

static void act(struct app *app, enum action a)
{
	switch (a) {
	case ACT_NONE:
		return;
	case ACT_BACK:
		if (app->depth)
			pop(app);
		else
			app_say(app, ROLE_DIM, "q leaves");
		return;
	case ACT_QUIT:
		if (app->depth)
			pop(app);
		else
			app->quit = true;
		return;
	case ACT_NEXT:
		next_root(app, 1);
		return;
	case ACT_PREV:
		next_root(app, ROOTS - 1);
		return;
	case ACT_HELP:
		app_push(app, help_new());
		return;
	case ACT_RELOAD:
		if (load(app, app_screen(app)))
			app_say(app, ROLE_DIM, "Read again");
		return;
	case ACT_SEARCH:
		app_ask_start(app, ASK_SEARCH);
		return;
	case ACT_AGAIN:
		app_search_again(app, 1);
		return;
	case ACT_AGAIN_BACK:
		app_search_again(app, -1);
		return;
	case ACT_EXPORT:
		app_ask_start(app, ASK_EXPORT);
		return;
	case ACT_SQL:
		app_ask_start(app, ASK_SQL);
		return;
	default:
		break;
	}
	struct screen *s = app_screen(app);
	if (!s->ops->act(s, app, a) && !app->message[0])
		app_say(app, ROLE_DIM, "Nothing to do here for that key: ? helps");
}

void app_key(struct app *app, int key)
{
	app->message[0] = '\0';
	/* Nothing is shown below the minimum, so nothing but leaving works. */
	bool small = app->canvas.rows < APP_MIN_ROWS || app->canvas.cols < APP_MIN_COLS;
	if (small && key == 'q')
		app->quit = true;
	if (small)
		return;
	if (app->ask)
		app_ask_key(app, key);
	else
		act(app, action_of(key));
}
