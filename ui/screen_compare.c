/*
 * Compare: each design against the baseline of its setting. The table says
 * which is faster and whether that is more than noise; the pane below it puts
 * the two designs of the cursor's row side by side, figure by figure.
 */
#include <inttypes.h>
#include <string.h>

#include "ui/app.h"
#include "ui/screens.h"

static const char *const key[] = { "setting", "design", NULL };

static const char *const first[] = { "session", "lock_kind", "threads", "baseline", "design", NULL };

static const struct az_cell *at(const struct az_table *t, unsigned row, const char *name)
{
	static const struct az_cell none = { .kind = AZ_NULL };
	int col = az_find_column(t, name);
	return col < 0 ? &none : az_cell(t, row, (unsigned)col);
}

static const char *string(const struct az_cell *c)
{
	return c->kind == AZ_STR ? c->s : "";
}

/* The figures of a pane have a unit each: rows, not columns, know theirs. */
static void format_as(const char *unit, const struct az_cell *c, char *buf, unsigned size)
{
	static const struct {
		const char *name;
		enum az_unit unit;
	} units[] = { { "ns", AZ_NS }, { "per_s", AZ_RATE }, { "ratio", AZ_RATIO } };
	struct az_column col = { "value", "value", "", AZ_COUNT, true, false };
	for (unsigned i = 0; i < sizeof(units) / sizeof(*units); i++)
		if (!strcmp(units[i].name, unit))
			col.unit = units[i].unit;
	az_format(&col, c, buf, size);
}

/* Where the pane's columns begin; one blank before each. */
struct places {
	int name, a, b, ratio, range, end;
};

static struct places places(int cols)
{
	/* Of a wide line the designs' names get more. */
	int wide = cols > 80 ? (cols - 80) / 3 : 0;
	wide = wide > 12 ? 12 : wide;
	struct places x = { .name = 1, .a = 24 };
	x.b = x.a + 14 + wide;
	x.ratio = x.b + 14 + wide;
	x.range = x.ratio + 10;
	x.end = x.range + 17;
	return x;
}

static void pane_header(const struct table_screen *t, struct canvas *c, int row, const struct places *x)
{
	char text[GRID_TEXT];
	unsigned r = t->grid.cursor;
	canvas_blank(c, row, 0, c->cols, ROLE_HEADER);
	canvas_put(c, row, x->name, x->a - x->name - 1, ROLE_HEADER, "side by side");
	canvas_put_right(c, row, x->a, x->b - x->a - 1, ROLE_HEADER,
			 grid_text(&t->grid, r, "baseline", text, sizeof(text)));
	canvas_put_right(c, row, x->b, x->ratio - x->b - 1, ROLE_HEADER,
			 grid_text(&t->grid, r, "design", text, sizeof(text)));
	canvas_put_right(c, row, x->ratio, x->range - x->ratio - 1, ROLE_HEADER, "ratio  ");
	canvas_put(c, row, x->range, c->cols - x->range, ROLE_HEADER, "95 % interval");
}

/* The oracle's word on both, and whether they ended in the same state. */
static void pane_verdict(const struct table_screen *t, struct canvas *c, int row, const struct places *x)
{
	static const char *const names[] = { "baseline_verdict", "verdict" };
	char text[GRID_TEXT];
	unsigned r = t->grid.cursor;
	canvas_put(c, row, x->name, x->a - x->name - 1, ROLE_NORMAL, "oracle");
	for (int i = 0; i < 2; i++) {
		int from = i ? x->b : x->a, to = i ? x->ratio : x->b, col = az_find_column(t->grid.table, names[i]);
		if (col >= 0)
			canvas_put_right(c, row, from, to - from - 1, cell_role(t->grid.table, r, (unsigned)col),
					 grid_text(&t->grid, r, names[i], text, sizeof(text)));
	}
	/* A violation anywhere in the session leaves every ratio of the design unjudged: say so. */
	int64_t broken = 0;
	for (int i = 0; i < 2; i++) {
		const struct az_cell *n = grid_cell(&t->grid, r, i ? "violations" : "baseline_violations");
		broken += n && n->kind == AZ_INT ? n->i : 0;
	}
	if (broken) {
		canvas_printf(c, row, x->ratio + 1, c->cols - x->ratio - 1, ROLE_BAD,
			      "%" PRId64 " run%s broke an invariant", broken, broken == 1 ? "" : "s");
		return;
	}
	const struct az_cell *same = grid_cell(&t->grid, r, "same_state");
	bool differ = same && same->kind == AZ_INT && !same->i;
	if (same && same->kind == AZ_INT)
		canvas_put(c, row, x->ratio + 1, c->cols - x->ratio - 1, differ ? ROLE_BAD : ROLE_GOOD,
			   differ ? "different states at the end" : "same state at the end");
}

static void pane_figure(const struct az_table *t, unsigned r, struct canvas *c, int row, const struct places *x)
{
	char text[GRID_TEXT], low[32], high[32];
	int ratio = az_find_column(t, "ratio");
	const char *unit = string(at(t, r, "unit"));
	canvas_put(c, row, x->name, x->a - x->name - 1, ROLE_NORMAL, string(at(t, r, "figure")));
	format_as(unit, at(t, r, "baseline_value"), text, sizeof(text));
	canvas_put_right(c, row, x->a, x->b - x->a - 1, ROLE_NORMAL, text);
	format_as(unit, at(t, r, "value"), text, sizeof(text));
	canvas_put_right(c, row, x->b, x->ratio - x->b - 1, ROLE_NORMAL, text);
	if (ratio < 0 || at(t, r, "ratio")->kind == AZ_NULL) {
		canvas_put_right(c, row, x->ratio, x->range - x->ratio - 3, ROLE_DIM, "-");
		return;
	}
	canvas_put_right(c, row, x->ratio, x->range - x->ratio - 1, cell_role(t, r, (unsigned)ratio),
			 cell_text(t, r, (unsigned)ratio, text, sizeof(text)));
	if (at(t, r, "ratio_low")->kind == AZ_NULL)
		return;
	format_as("ratio", at(t, r, "ratio_low"), low, sizeof(low));
	format_as("ratio", at(t, r, "ratio_high"), high, sizeof(high));
	canvas_printf(c, row, x->range, x->end - x->range, ROLE_DIM, "%s .. %s", low, high);
}

/* Does row @r of the pane's table belong to the cursor's row? */
static bool is_about(const struct table_screen *t, unsigned r)
{
	unsigned cursor = t->grid.cursor;
	const struct az_cell *setting = grid_cell(&t->grid, cursor, "setting");
	const struct az_cell *design = grid_cell(&t->grid, cursor, "design");
	return setting && design && setting->i == at(t->pane, r, "setting")->i &&
	       !strcmp(string(design), string(at(t->pane, r, "design")));
}

static void pane_draw(struct table_screen *t, struct app *app, struct canvas *c, int row, int rows)
{
	struct places x = places(c->cols);
	int used = 2;
	(void)app;
	pane_header(t, c, row, &x);
	if (rows > 1)
		pane_verdict(t, c, row + 1, &x);
	for (unsigned r = 0; r < t->pane->nrows && used < rows; r++)
		if (is_about(t, r))
			pane_figure(t->pane, r, c, row + used++, &x);
}

static struct screen *open_locks(struct table_screen *t, struct app *app)
{
	const struct az_cell *setting = grid_cell(&t->grid, t->grid.cursor, "setting");
	(void)app;
	return setting ? locks_of_setting(setting) : NULL;
}

static void title(struct table_screen *t, struct app *app, char *buf, unsigned size)
{
	(void)t;
	(void)app;
	snprintf(buf, size, "Designs against baseline, medians   + better  - worse  ~ noise  ? unknown");
}

const struct table_spec compare_spec = {
	.name = "compare",
	.view = "compare",
	.key = key,
	.first = first,
	.pinned = 5,
	.open = open_locks,
	.title = title,
	.empty = "Nothing to compare yet: that takes two designs run by one replay, for example\n\n"
		 "  mmreplay replay WORKLOAD.mmw --db THIS-FILE --design A,B",
	.pane_rows = 13,
	.pane_view = "compare_figures",
	.pane_draw = pane_draw,
};

struct screen *compare_of_setting(const struct az_cell *setting)
{
	struct table_screen *t = table_new(&compare_spec);
	if (t && !table_filter(t, "setting", setting)) {
		t->base.ops->free(&t->base);
		return NULL;
	}
	return t ? &t->base : NULL;
}
