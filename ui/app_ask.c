/* What the line at the bottom asks for: a search, a file name, a query. */
#include <errno.h>
#include <string.h>

#include "schemas/safe.h"
#include "ui/app.h"
#include "ui/export.h"

void app_ask_start(struct app *app, enum ask what)
{
	struct screen *s = app_screen(app);
	char name[64];
	if ((what == ASK_SEARCH || what == ASK_EXPORT) && (!s->grid || !s->grid->table)) {
		app_say(app, ROLE_DIM, "No table here to %s", what == ASK_SEARCH ? "search in" : "export");
		return;
	}
	bool ascii = !app->canvas.utf8;
	switch (what) {
	case ASK_SEARCH:
		app->ask_cursor = s->grid->cursor;
		prompt_start(&app->prompt, "Search: ", NULL, ascii);
		break;
	case ASK_EXPORT:
		snprintf(name, sizeof(name), "%s.csv", s->name ? s->name : "table");
		prompt_start(&app->prompt, "Write CSV to: ", name, ascii);
		break;
	case ASK_OVERWRITE:
		prompt_start(&app->prompt, "That file is there already. Overwrite it? (y/n) ", NULL, ascii);
		break;
	case ASK_SQL:
		prompt_start(&app->prompt, "SQL> ", NULL, ascii);
		break;
	case ASK_NOTHING:
		break;
	}
	app->ask = what;
}

static void search_event(struct app *app, enum prompt_event ev)
{
	struct grid *g = app_screen(app)->grid;
	const char *text = app->prompt.text;
	if (ev == PROMPT_CANCELLED) {
		g->needle[0] = '\0';
		grid_jump(g, app->ask_cursor);
		return;
	}
	/* As one types: the first row from where the search began. */
	safe_copy(g->needle, sizeof(g->needle), text);
	int row = *text ? grid_find(g, g->needle, app->ask_cursor, 1) : -1;
	grid_jump(g, row >= 0 ? (unsigned)row : app->ask_cursor);
	if (row < 0 && *text && ev == PROMPT_DONE)
		app_say(app, ROLE_WARN, "Not found: %s", text);
}

void app_search_again(struct app *app, int step)
{
	struct grid *g = app_screen(app)->grid;
	if (!g || !g->needle[0]) {
		app_say(app, ROLE_DIM, "Nothing was searched for: / searches");
		return;
	}
	unsigned n = grid_rows(g), was = g->cursor;
	int row = n ? grid_find(g, g->needle, step > 0 ? was + 1 : was + n - 1, step) : -1;
	if (row < 0) {
		app_say(app, ROLE_WARN, "Not found: %s", g->needle);
		return;
	}
	grid_jump(g, (unsigned)row);
	if (step > 0 ? (unsigned)row <= was : (unsigned)row >= was)
		app_say(app, ROLE_DIM,
			(unsigned)row == was ? "The only one"
			: step > 0           ? "Went on from the top"
					     : "Went on from the bottom");
}

static void write_csv(struct app *app, bool overwrite)
{
	struct mmr_err e = { 0 };
	const struct az_table *t = app_screen(app)->grid->table;
	int rc = export_csv(t, app->export_path, overwrite, &e);
	if (rc == -EEXIST && !overwrite)
		app_ask_start(app, ASK_OVERWRITE);
	else if (rc < 0)
		app_say(app, ROLE_BAD, "%s", e.text);
	else
		app_say(app, ROLE_GOOD, "Wrote %u rows to %s", t->nrows, app->export_path);
}

static void ask_sql(struct app *app)
{
	snprintf(app->last_sql, sizeof(app->last_sql), "%s", app->prompt.text);
	struct table_screen *t = table_new_sql(app->prompt.text);
	app_push(app, t ? &t->base : NULL);
}

void app_ask_key(struct app *app, int key)
{
	enum ask what = app->ask;
	if (what == ASK_OVERWRITE) {
		app->ask = ASK_NOTHING;
		if (key == 'y' || key == 'Y')
			write_csv(app, true);
		else
			app_say(app, ROLE_DIM, "Nothing written");
		return;
	}
	if (what == ASK_SQL && key == UK_UP) { /* the query before, to be changed */
		prompt_start(&app->prompt, "SQL> ", app->last_sql, app->prompt.ascii);
		return;
	}
	enum prompt_event ev = prompt_key(&app->prompt, key);
	if (ev == PROMPT_DONE || ev == PROMPT_CANCELLED)
		app->ask = ASK_NOTHING;
	if (what == ASK_SEARCH && ev != PROMPT_NOTHING)
		search_event(app, ev);
	if (ev != PROMPT_DONE || !app->prompt.text[0])
		return;
	if (what == ASK_EXPORT) {
		snprintf(app->export_path, sizeof(app->export_path), "%s", app->prompt.text);
		write_csv(app, false);
	} else if (what == ASK_SQL) {
		ask_sql(app);
	}
}
