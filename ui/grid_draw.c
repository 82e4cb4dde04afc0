/* How a table is laid out: the pinned columns stay, the others scroll. */
#include "ui/grid.h"

#include <stdlib.h>
#include <string.h>

#define WIDTH_SAMPLE 2000 /* rows that decide the widths */
#define TEXT_MIN 6 /* a text column is cut to no less */
#define TEXT_MAX 40 /* ...and is wider only when it has the rest of the line */

/* Where a shown column is placed; column 0 of the canvas is for marks. */
struct slot {
	unsigned place; /* in g->shown */
	int x, width;
};

static const struct az_column *column(const struct grid *g, unsigned place)
{
	return &g->table->columns[g->shown[place]];
}

static bool is_text(const struct grid *g, unsigned place)
{
	return column(g, place)->unit == AZ_TEXT;
}

static int measure(struct grid *g, const struct canvas *c)
{
	const struct az_table *t = g->table;
	char text[GRID_TEXT];
	g->width = calloc(g->nshown + 1, sizeof(*g->width));
	if (!g->width)
		return -1;
	for (unsigned i = 0; i < g->nshown; i++) {
		g->width[i] = canvas_width(c, column(g, i)->title);
		for (unsigned r = 0; r < t->nrows && r < WIDTH_SAMPLE; r++) {
			int w = canvas_width(c, cell_text(t, r, g->shown[i], text, sizeof(text)));
			g->width[i] = w > g->width[i] ? w : g->width[i];
		}
	}
	return 0;
}

static int natural(const struct grid *g, unsigned place, int cols)
{
	int max = place == 0 && TEXT_MAX > cols / 2 ? cols / 2 : TEXT_MAX;
	return g->width[place] > max ? max : g->width[place];
}

/* Two blanks between columns when all of them fit with two, else one. */
static int gap_of(const struct grid *g, int cols)
{
	int x = 1;
	for (unsigned i = 0; i < g->nshown; i++)
		x += natural(g, i, cols) + 2;
	return x - 2 <= cols ? 2 : 1;
}

/* The pinned columns, or only the first when those would take most of the line. */
static unsigned pinned(const struct grid *g, int cols, int gap)
{
	int x = 1;
	for (unsigned i = 0; i < g->pinned && i < g->nshown; i++)
		x += natural(g, i, cols) + gap;
	return g->pinned && x <= cols * 2 / 3 ? g->pinned : 1;
}

/*
 * Place the columns in @cols columns, from g->left on. Returns how many are in
 * @out and says in more_right whether some were left over.
 */
static unsigned place_all(struct grid *g, int cols, struct slot *out)
{
	unsigned n = 0;
	int gap = gap_of(g, cols), x = 1;
	g->free = pinned(g, cols, gap);
	g->more_right = false;
	g->left = g->left < g->free ? g->free : g->left;
	for (unsigned i = 0; i < g->nshown; i = i + 1 == g->free ? g->left : i + 1) {
		/* The sign for more columns takes one on the right. */
		int room = cols - x - (i + 1 < g->nshown), w = natural(g, i, cols);
		if (w > room && n > 1 && !(is_text(g, i) && room >= TEXT_MIN)) {
			g->more_right = true;
			break;
		}
		/* Cut: scrolling on shows more of it, until it is the only one left. */
		if (w > room) {
			room = cols - x - 1;
			w = room;
			g->more_right = i > g->left || i + 1 < g->nshown;
		}
		if (w <= 0)
			break;
		out[n++] = (struct slot){ i, x, w };
		x += w + gap;
	}
	/* A text column at the end takes what is left. */
	if (n && is_text(g, out[n - 1].place)) {
		int want = g->width[out[n - 1].place], room = cols - out[n - 1].x - g->more_right;
		out[n - 1].width = want < room ? want : room;
	}
	return n;
}

/* Scroll until the column just chosen to sort by is placed. */
static unsigned place_sort(struct grid *g, int cols, struct slot *out)
{
	unsigned n = place_all(g, cols, out), sort = 0;
	if (!g->show_sort || !g->sort)
		return n;
	g->show_sort = false;
	while (sort < g->nshown && (int)g->shown[sort] + 1 != g->sort)
		sort++;
	if (sort < g->free)
		return n;
	if (sort < g->left)
		g->left = sort;
	for (;;) {
		n = place_all(g, cols, out);
		for (unsigned i = 0; i < n; i++)
			if (out[i].place == sort)
				return n;
		if (!g->more_right || g->left + 1 >= g->nshown)
			return n;
		g->left++;
	}
}

static void draw_header(const struct grid *g, struct canvas *c, int row, const struct slot *slots, unsigned n)
{
	canvas_blank(c, row, 0, c->cols, ROLE_HEADER);
	for (unsigned i = 0; i < n; i++) {
		const struct slot *s = &slots[i];
		const char *title = column(g, s->place)->title;
		bool sorted = (int)g->shown[s->place] + 1 == g->sort;
		enum role role = sorted ? ROLE_SORT : ROLE_HEADER;
		int w = canvas_width(c, title), x = s->x;
		if (!is_text(g, s->place) && w < s->width)
			x += s->width - w;
		w = canvas_put(c, row, x, s->x + s->width - x, role, title);
		/* The arrow stands in the gap, so that no column is wider for it. */
		if (sorted)
			canvas_glyph(c, row, x + w, role, g->descending ? GLYPH_DOWN : GLYPH_UP);
		if (i && s->place > slots[i - 1].place + 1)
			canvas_glyph(c, row, s->x - 1, ROLE_KEY, GLYPH_LEFT);
	}
	if (g->more_right)
		canvas_glyph(c, row, c->cols - 1, ROLE_KEY, GLYPH_RIGHT);
}

static void draw_cell(const struct grid *g, struct canvas *c, int row, unsigned r, const struct slot *s)
{
	char text[GRID_TEXT], before[GRID_TEXT];
	cell_text(g->table, r, g->shown[s->place], text, sizeof(text));
	int w = canvas_width(c, text), x = s->x;
	if (!is_text(g, s->place) && w < s->width)
		x += s->width - w;
	canvas_put(c, row, x, s->x + s->width - x, cell_role(g->table, r, g->shown[s->place]), text);

	const char *hit = grid_match(text, g->needle);
	if (!hit)
		return;
	snprintf(before, sizeof(before), "%.*s", (int)(hit - text), text);
	int at = x + canvas_width(c, before), end = at + canvas_width(c, g->needle);
	for (; at < end && at < s->x + s->width; at++)
		canvas_role(c, row, at, 1, ROLE_MATCH);
}

static void draw_mark(struct canvas *c, int row)
{
	for (int x = 0; x < c->cols; x++)
		if (canvas_at(c, row, x) && canvas_at(c, row, x)->role == ROLE_NORMAL)
			canvas_role(c, row, x, 1, ROLE_MARK);
	canvas_glyph(c, row, 0, ROLE_MARK, GLYPH_MARK);
}

/* The cursor's row is on the screen, and no room is wasted below the last row. */
static void scroll(struct grid *g)
{
	unsigned n = grid_rows(g);
	if (g->top + g->page > n)
		g->top = n > g->page ? n - g->page : 0;
	if (g->cursor < g->top)
		g->top = g->cursor;
	if (g->page && g->cursor >= g->top + g->page)
		g->top = g->cursor - g->page + 1;
}

void grid_draw(struct grid *g, struct canvas *c, int row, int rows)
{
	if (!g->table || rows < 1 || (!g->width && measure(g, c) < 0))
		return;
	struct slot *slots = calloc(g->nshown + 1, sizeof(*slots));
	if (!slots)
		return;
	g->page = rows > 1 ? (unsigned)rows - 1 : 0;
	scroll(g);
	unsigned n = place_sort(g, c->cols, slots);
	draw_header(g, c, row, slots, n);
	for (unsigned i = 0; i < g->page && g->top + i < grid_rows(g); i++) {
		unsigned r = g->top + i;
		int at = row + 1 + (int)i;
		for (unsigned k = 0; k < n; k++)
			draw_cell(g, c, at, r, &slots[k]);
		if (grid_marked(g, r))
			draw_mark(c, at);
		if (r == g->cursor)
			canvas_select(c, at, 0, c->cols);
	}
	free(slots);
}
