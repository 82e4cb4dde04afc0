/* One lock: how long it was waited for and held, as two histograms with their numbers. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "ui/app.h"

static const char *const keys[] = { "setting", "design", "lock", "mode" };

/* p->more: the lock's row of the Locks screen, for the numbers. */
static int read_view(struct page_screen *p, struct app *app, const char *name, struct az_table **t, struct mmr_err *e)
{
	const struct az_view *v = az_view_by_name(name);
	struct az_table *fresh = NULL;
	int rc = v ? az_read(app->db, v, p->filters, &fresh, e) : mmr_err(e, -ENOENT, "no view '%s'", name);
	if (rc < 0)
		return rc;
	az_free(*t);
	*t = fresh;
	return 0;
}

static int load(struct page_screen *p, struct app *app, struct mmr_err *e)
{
	struct az_table *numbers = p->more;
	int rc = read_view(p, app, "lock_octaves", &p->table, e);
	if (rc == 0)
		rc = read_view(p, app, "locks", &numbers, e);
	p->more = numbers;
	return rc;
}

static void release(struct page_screen *p)
{
	az_free(p->more);
}

static const char *text_of(const struct az_table *t, unsigned row, const char *name, char *buf, unsigned size)
{
	int col = az_find_column(t, name);
	buf[0] = '\0';
	if (col >= 0)
		az_format(&t->columns[col], az_cell(t, row, (unsigned)col), buf, size);
	return buf;
}

static double number_of(const struct az_table *t, unsigned row, const char *name)
{
	int col = az_find_column(t, name);
	const struct az_cell *c = col < 0 ? NULL : az_cell(t, row, (unsigned)col);
	return !c ? 0 : c->kind == AZ_INT ? (double)c->i : c->kind == AZ_REAL ? c->r : 0;
}

/* "from  to  count  %  cumulative %  bar": 49 columns of numbers, the bar has the rest. */
#define BAR_COL 51

static int draw_kind(const struct az_table *t, struct canvas *c, int row, const char *kind, const char *head)
{
	char text[64];
	double most = 0, upper = 0;
	unsigned n = 0;
	for (unsigned r = 0; r < t->nrows; r++) {
		if (strcmp(text_of(t, r, "kind", text, sizeof(text)), kind) != 0)
			continue;
		double percent = number_of(t, r, "percent");
		most = percent > most ? percent : most;
		n++;
	}
	canvas_put(c, row++, 1, c->cols - 1, ROLE_TITLE, head);
	if (!n) {
		canvas_put(c, row++, 3, c->cols - 3, ROLE_DIM, "none");
		return row + 1;
	}
	canvas_blank(c, row, 0, c->cols, ROLE_HEADER);
	canvas_put_right(c, row, 1, 8, ROLE_HEADER, "from");
	canvas_put_right(c, row, 10, 8, ROLE_HEADER, "below");
	canvas_put_right(c, row, 19, 11, ROLE_HEADER, "count");
	canvas_put_right(c, row, 31, 9, ROLE_HEADER, "share");
	canvas_put_right(c, row++, 41, 8, ROLE_HEADER, "sum");
	for (unsigned r = 0; r < t->nrows; r++) {
		if (strcmp(text_of(t, r, "kind", text, sizeof(text)), kind) != 0)
			continue;
		/* Empty lines of the picture are not stored: say so where some are left out. */
		if (upper > 0 && number_of(t, r, "lower_ns") > upper)
			canvas_put_right(c, row++, 1, 8, ROLE_DIM, "none");
		upper = number_of(t, r, "upper_ns");
		canvas_put_right(c, row, 1, 8, ROLE_NORMAL, text_of(t, r, "lower_ns", text, sizeof(text)));
		canvas_put_right(c, row, 10, 8, ROLE_NORMAL, text_of(t, r, "upper_ns", text, sizeof(text)));
		canvas_put_right(c, row, 19, 11, ROLE_NORMAL, text_of(t, r, "count", text, sizeof(text)));
		canvas_put_right(c, row, 31, 9, ROLE_NORMAL, text_of(t, r, "percent", text, sizeof(text)));
		canvas_put_right(c, row, 41, 8, ROLE_DIM, text_of(t, r, "cumulative_percent", text, sizeof(text)));
		if (most > 0)
			canvas_bar(c, row, BAR_COL, c->cols - BAR_COL - 1, number_of(t, r, "percent") / most, ROLE_BAR);
		row++;
	}
	return row + 1;
}

/* "title value" of some columns, in a line each. */
static int draw_numbers(const struct az_table *t, struct canvas *c)
{
	static const char *const lines[][7] = {
		{ "acquisitions", "contentions", "contention_percent", "acq_bounces", "con_bounces", "timed", NULL },
		{ "wait_avg_ns", "wait_p99_ns", "wait_max_ns", "wait_total_ns", "wait_share_percent", NULL },
		{ "hold_avg_ns", "hold_p50_ns", "hold_p99_ns", "hold_max_ns", "hold_total_ns", "utilisation_percent",
		  NULL },
	};
	char text[64];
	int row = 0;
	if (!t || !t->nrows)
		return 0;
	for (unsigned l = 0; l < sizeof(lines) / sizeof(*lines); l++, row++) {
		int x = 1;
		for (const char *const *name = lines[l]; *name; name++) {
			int col = az_find_column(t, *name);
			if (col < 0)
				continue;
			text_of(t, 0, *name, text, sizeof(text));
			int w = canvas_width(c, t->columns[col].title) + 1 + canvas_width(c, text);
			if (x > 1 && x + w > c->cols) {
				x = 3;
				row++;
			}
			x += canvas_put(c, row, x, c->cols - x, ROLE_DIM, t->columns[col].title) + 1;
			x += canvas_put(c, row, x, c->cols - x, ROLE_KEY, text) + 2;
		}
	}
	return row + 1;
}

static int draw_all(const struct page_screen *p, struct canvas *c)
{
	int row = draw_numbers(p->more, c);
	if (!p->table)
		return 1;
	row = draw_kind(p->table, c, row, "wait", "Waits, of the timed acquisitions that had to wait");
	return draw_kind(p->table, c, row, "hold", "Holds, of the timed acquisitions") - 1;
}

static void build(struct page_screen *p, struct app *app, struct canvas *tall, int cols)
{
	(void)app;
	if (canvas_resize(tall, 1, cols) == 0 && canvas_resize(tall, draw_all(p, tall), cols) == 0)
		draw_all(p, tall);
}

static const struct page_ops lock_ops = { load, build, release };

struct screen *lock_new(const struct grid *g, unsigned row)
{
	struct page_screen *p = page_new(&lock_ops, "");
	char lock[64], mode[32], design[64], threads[32];
	if (!p)
		return NULL;
	for (unsigned i = 0; i < sizeof(keys) / sizeof(*keys); i++)
		if (!filter_add(p->filters, keys[i], grid_cell(g, row, keys[i]))) {
			p->base.ops->free(&p->base);
			return NULL;
		}
	grid_text(g, row, "lock", lock, sizeof(lock));
	grid_text(g, row, "mode", mode, sizeof(mode));
	grid_text(g, row, "design", design, sizeof(design));
	grid_text(g, row, "threads", threads, sizeof(threads));
	snprintf(p->base.title, sizeof(p->base.title), "%s (%s) under %s, threads %s, all repeats together", lock, mode,
		 design, threads);
	return &p->base;
}
