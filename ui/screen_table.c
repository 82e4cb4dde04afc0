/* A view, or a query, as a table with a cursor; optionally with a pane below. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "ui/app.h"

static struct table_screen *of(struct screen *s)
{
	return (struct table_screen *)s;
}

bool filter_add(struct az_filter *list, const char *column, const struct az_cell *value)
{
	unsigned n = 0;
	while (list[n].column)
		n++;
	if (n == TABLE_FILTERS || !value || value->kind == AZ_NULL)
		return false;
	struct az_cell copy = *value;
	if (value->kind == AZ_STR && !(copy.s = strdup(value->s)))
		return false;
	list[n] = (struct az_filter){ column, copy };
	list[n + 1] = (struct az_filter){ 0 };
	return true;
}

void filters_free(struct az_filter *list)
{
	for (; list->column; list++)
		if (list->value.kind == AZ_STR)
			free(list->value.s);
}

bool table_filter(struct table_screen *t, const char *column, const struct az_cell *value)
{
	return filter_add(t->filters, column, value);
}

static int read_view(struct app *app, const char *name, const struct az_filter *filters, struct az_table **t,
		     struct mmr_err *e)
{
	const struct az_view *v = az_view_by_name(name);
	return v ? az_read(app->db, v, filters, t, e) : mmr_err(e, -ENOENT, "no view '%s'", name);
}

static int load(struct screen *s, struct app *app, struct mmr_err *e)
{
	struct table_screen *t = of(s);
	const struct table_spec *spec = t->spec;
	struct az_table *fresh = NULL, *pane = NULL;
	int rc = t->sql ? az_sql(app->db, t->sql, &fresh, e) : read_view(app, spec->view, t->filters, &fresh, e);
	if (rc == 0 && spec && spec->pane_view)
		rc = read_view(app, spec->pane_view, t->filters, &pane, e);
	if (rc < 0) {
		az_free(fresh);
		return rc;
	}
	az_free(t->pane);
	t->pane = pane;
	if (grid_load(&t->grid, fresh) < 0)
		return mmr_err_sys(e, -ENOMEM, "%s", s->name);
	if (spec && spec->title)
		spec->title(t, app, s->title, sizeof(s->title));
	return 0;
}

static void draw_empty(const struct table_screen *t, struct canvas *c, int row, int rows)
{
	const char *text = t->spec && t->spec->empty ? t->spec->empty : "No rows";
	for (int i = 0; *text && i < rows; i++) {
		size_t n = strcspn(text, "\n");
		canvas_printf(c, row + i, 2, c->cols - 3, ROLE_NORMAL, "%.*s", (int)n, text);
		text += n + (text[n] == '\n');
	}
}

static void draw(struct screen *s, struct app *app, struct canvas *c, int row, int rows)
{
	struct table_screen *t = of(s);
	/* The pane gives way first: four rows of table are the least that is of use. */
	int pane = t->pane && grid_rows(&t->grid) ? t->spec->pane_rows : 0;
	if (rows - pane < 4)
		pane = rows - 4 >= 4 ? rows - 4 : 0;
	grid_draw(&t->grid, c, row, rows - pane);
	if (!grid_rows(&t->grid))
		draw_empty(t, c, row + 2, rows - 2);
	if (pane)
		t->spec->pane_draw(t, app, c, row + rows - pane, pane);
}

static void follow_link(struct table_screen *t, struct app *app,
			struct screen *(*link)(struct table_screen *, struct app *))
{
	if (grid_rows(&t->grid))
		app_push(app, link(t, app));
}

static bool act(struct screen *s, struct app *app, enum action a)
{
	struct table_screen *t = of(s);
	struct grid *g = &t->grid;
	struct mmr_err e = { 0 };
	if (grid_move(g, a))
		return true;
	switch (a) {
	case ACT_SORT_LEFT:
	case ACT_SORT_RIGHT:
		if (!grid_sort_step(g, a == ACT_SORT_LEFT ? -1 : 1) && load(s, app, &e) < 0)
			app_say(app, ROLE_BAD, "%s", e.text);
		return true;
	case ACT_INVERT:
		if (!grid_invert(g))
			app_say(app, ROLE_DIM, "Choose a column to sort by first: > and <");
		return true;
	case ACT_MARK:
		if (!grid_rows(g) || !grid_mark_toggle(g))
			return false;
		grid_move(g, ACT_DOWN);
		return true;
	case ACT_UNMARK:
		grid_unmark(g);
		return true;
	case ACT_DETAILS:
		if (!grid_rows(g))
			return false;
		app_push(app, details_new(g, g->cursor, s->title));
		return true;
	case ACT_OPEN:
		if (t->spec && t->spec->open)
			follow_link(t, app, t->spec->open);
		else if (grid_rows(g))
			app_push(app, details_new(g, g->cursor, s->title));
		return true;
	case ACT_COMPARE:
		if (!t->spec || !t->spec->compare)
			return false;
		follow_link(t, app, t->spec->compare);
		return true;
	default:
		return false;
	}
}

static void status(const struct screen *s, char *buf, unsigned size)
{
	const struct table_screen *t = (const struct table_screen *)s;
	const struct grid *g = &t->grid;
	const struct az_column *sort = grid_sort_column(g);
	unsigned n = grid_rows(g);
	int at = snprintf(buf, size, "%u/%u", n ? g->cursor + 1 : 0, n);
	if (at > 0 && (unsigned)at < size && g->nmarks)
		at += snprintf(buf + at, size - (unsigned)at, "  %u marked", g->nmarks);
	if (at > 0 && (unsigned)at < size)
		at += snprintf(buf + at, size - (unsigned)at, "  sort: %s%s", sort ? sort->title : "default",
			       !sort           ? ""
			       : g->descending ? " (descending)"
					       : " (ascending)");
	for (const struct az_filter *f = t->filters; f->column && at > 0 && (unsigned)at < size; f++) {
		char value[128];
		const struct az_column plain = { f->column, f->column, "", AZ_TEXT, false, false };
		az_format(&plain, &f->value, value, sizeof(value));
		at += snprintf(buf + at, size - (unsigned)at, "%s%s=%s", f == t->filters ? "  only: " : " ", f->column,
			       value);
	}
	if (g->needle[0] && at > 0 && (unsigned)at < size)
		snprintf(buf + at, size - (unsigned)at, "  /%s", g->needle);
}

static void release(struct screen *s)
{
	struct table_screen *t = of(s);
	az_free(t->pane);
	grid_free(&t->grid);
	filters_free(t->filters);
	free(t->sql);
	free(t);
}

static const struct screen_ops table_ops = { load, draw, act, status, release };

struct table_screen *table_new(const struct table_spec *spec)
{
	struct table_screen *t = calloc(1, sizeof(*t));
	if (!t)
		return NULL;
	t->base.ops = &table_ops;
	t->base.grid = &t->grid;
	t->base.name = spec ? spec->name : "query";
	t->spec = spec;
	t->grid.key = spec ? spec->key : NULL;
	t->grid.first = spec ? spec->first : NULL;
	t->grid.pinned = spec ? spec->pinned : 0;
	return t;
}

struct table_screen *table_new_sql(const char *sql)
{
	struct table_screen *t = table_new(NULL);
	if (!t)
		return NULL;
	t->base.by_hand = true;
	t->sql = strdup(sql);
	snprintf(t->base.title, sizeof(t->base.title), "SQL  %.200s", sql);
	if (!t->sql) {
		release(&t->base);
		return NULL;
	}
	return t;
}
