/* The state of a table on a screen: loading, moving, sorting, marking. */
#include "ui/grid.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

unsigned grid_rows(const struct grid *g)
{
	return g->table ? g->table->nrows : 0;
}

/* The row's key as a string of its own, or NULL. */
static char *row_key(const struct grid *g, const struct az_table *t, unsigned row)
{
	char *text = NULL;
	size_t size = 0;
	if (!g->key || row >= t->nrows)
		return NULL;
	FILE *f = open_memstream(&text, &size);
	if (!f)
		return NULL;
	for (const char *const *k = g->key; *k; k++) {
		int col = az_find_column(t, *k);
		const struct az_cell *c = col < 0 ? NULL : az_cell(t, row, (unsigned)col);
		if (c && c->kind == AZ_INT)
			fprintf(f, "%" PRId64, c->i);
		else if (c && c->kind == AZ_REAL)
			fprintf(f, "%a", c->r);
		else if (c && c->kind == AZ_STR)
			fputs(c->s, f);
		fputc('\n', f);
	}
	fclose(f);
	return text;
}

static void sort_again(struct grid *g)
{
	if (g->sort > 0 && (unsigned)g->sort <= g->table->ncolumns)
		az_sort(g->table, (unsigned)g->sort - 1, g->descending);
	else
		g->sort = 0;
}

/* Put the cursor on the row whose key is @key; where it was when there is none. */
static void follow(struct grid *g, const char *key)
{
	for (unsigned r = 0; key && r < grid_rows(g); r++) {
		char *k = row_key(g, g->table, r);
		bool same = k && !strcmp(k, key);
		free(k);
		if (!same)
			continue;
		/* The row stays at its height on the screen. */
		unsigned above = g->cursor - g->top;
		g->top = r > above ? r - above : 0;
		g->cursor = r;
		return;
	}
	grid_goto(g, g->cursor);
}

static bool listed(const struct grid *g, const char *name)
{
	for (const char *const *f = g->first; f && *f; f++)
		if (!strcmp(*f, name))
			return true;
	return false;
}

/* Which of @t's columns are shown, and where. */
static unsigned *choose(const struct grid *g, const struct az_table *t, unsigned *count)
{
	unsigned *shown = calloc(t->ncolumns + 1, sizeof(*shown)), n = 0;
	for (const char *const *f = g->first; shown && f && *f; f++) {
		int col = az_find_column(t, *f);
		if (col >= 0)
			shown[n++] = (unsigned)col;
	}
	for (unsigned c = 0; shown && c < t->ncolumns; c++)
		if (!t->columns[c].hidden && !listed(g, t->columns[c].name))
			shown[n++] = c;
	*count = n;
	return shown;
}

int grid_load(struct grid *g, struct az_table *t)
{
	unsigned n, *shown = choose(g, t, &n);
	if (!shown) {
		az_free(t);
		return -ENOMEM;
	}
	char *key = g->table ? row_key(g, g->table, g->cursor) : NULL;
	az_free(g->table);
	free(g->width);
	free(g->shown);
	g->width = NULL;
	g->table = t;
	g->shown = shown;
	g->nshown = n;
	if (g->left >= n)
		g->left = 0;
	sort_again(g);
	/* A cursor in the first row stays there: new rows arrive at the top and want to be seen. */
	if (g->cursor == 0)
		grid_goto(g, 0);
	else
		follow(g, key);
	free(key);
	return 0;
}

void grid_free(struct grid *g)
{
	az_free(g->table);
	free(g->width);
	free(g->shown);
	grid_unmark(g);
	*g = (struct grid){ .key = g->key, .first = g->first, .pinned = g->pinned };
}

void grid_goto(struct grid *g, unsigned row)
{
	unsigned n = grid_rows(g);
	g->cursor = n == 0 ? 0 : row < n ? row : n - 1;
}

void grid_jump(struct grid *g, unsigned row)
{
	grid_goto(g, row);
	if (g->cursor < g->top || g->cursor >= g->top + g->page)
		g->top = g->cursor > g->page / 2 ? g->cursor - g->page / 2 : 0;
}

bool grid_move(struct grid *g, enum action a)
{
	unsigned page = g->page > 1 ? g->page - 1 : 1;
	switch (a) {
	case ACT_UP:
		grid_goto(g, g->cursor ? g->cursor - 1 : 0);
		return true;
	case ACT_DOWN:
		grid_goto(g, g->cursor + 1);
		return true;
	case ACT_PGUP:
		g->top = g->top > page ? g->top - page : 0;
		grid_goto(g, g->cursor > page ? g->cursor - page : 0);
		return true;
	case ACT_PGDN:
		g->top += page;
		grid_goto(g, g->cursor + page);
		return true;
	case ACT_FIRST:
		grid_goto(g, 0);
		return true;
	case ACT_LAST:
		grid_goto(g, grid_rows(g));
		return true;
	case ACT_LEFT:
		if (g->left > g->free)
			g->left--;
		return true;
	case ACT_RIGHT:
		if (g->more_right && g->left + 1 < g->nshown)
			g->left++;
		return true;
	default:
		return false;
	}
}

bool grid_sort_step(struct grid *g, int step)
{
	int at = -1, n = (int)g->nshown;
	for (int i = 0; i < n; i++)
		if ((int)g->shown[i] + 1 == g->sort)
			at = i;
	at += step;
	if (!g->table || at >= n || at < -1)
		return true; /* stays as it is */
	g->sort = at < 0 ? 0 : (int)g->shown[at] + 1;
	g->show_sort = true;
	if (!g->sort)
		return false;
	g->descending = g->table->columns[g->sort - 1].descending;
	sort_again(g);
	grid_goto(g, 0);
	return true;
}

bool grid_invert(struct grid *g)
{
	if (!g->table || !g->sort)
		return false;
	g->descending = !g->descending;
	sort_again(g);
	return true;
}

const struct az_column *grid_sort_column(const struct grid *g)
{
	return g->table && g->sort ? &g->table->columns[g->sort - 1] : NULL;
}

static int mark_index(const struct grid *g, unsigned row)
{
	if (!g->nmarks)
		return -1;
	char *key = row_key(g, g->table, row);
	int found = -1;
	for (unsigned i = 0; key && i < g->nmarks && found < 0; i++)
		if (!strcmp(g->marks[i], key))
			found = (int)i;
	free(key);
	return found;
}

bool grid_marked(const struct grid *g, unsigned row)
{
	return mark_index(g, row) >= 0;
}

bool grid_mark_toggle(struct grid *g)
{
	if (!g->key || g->cursor >= grid_rows(g))
		return false;
	int i = mark_index(g, g->cursor);
	if (i >= 0) {
		free(g->marks[i]);
		g->marks[i] = g->marks[--g->nmarks];
		return true;
	}
	char **grown = realloc(g->marks, (g->nmarks + 1) * sizeof(*grown));
	if (!grown)
		return false;
	g->marks = grown;
	g->marks[g->nmarks] = row_key(g, g->table, g->cursor);
	if (!g->marks[g->nmarks])
		return false;
	g->nmarks++;
	return true;
}

void grid_unmark(struct grid *g)
{
	for (unsigned i = 0; i < g->nmarks; i++)
		free(g->marks[i]);
	free(g->marks);
	g->marks = NULL;
	g->nmarks = 0;
}

const struct az_cell *grid_cell(const struct grid *g, unsigned row, const char *name)
{
	int col = g->table ? az_find_column(g->table, name) : -1;
	return col < 0 || row >= grid_rows(g) ? NULL : az_cell(g->table, row, (unsigned)col);
}

const char *grid_text(const struct grid *g, unsigned row, const char *name, char *buf, unsigned size)
{
	buf[0] = '\0';
	if (grid_cell(g, row, name))
		cell_text(g->table, row, (unsigned)az_find_column(g->table, name), buf, size);
	return buf;
}
