/*
 * grid.h - a table on a screen: a cursor, scrolling, sorting, search, marks.
 *
 * A grid owns the az_table it shows. Rows are known by a key (the values of
 * the columns named in @key), so that cursor and marks stay on their rows when
 * the table is read again. One thread. Start with a zeroed grid, then set @key.
 */
#ifndef MMR_UI_GRID_H
#define MMR_UI_GRID_H

#include <stdbool.h>

#include "analyze/view.h"
#include "ui/canvas.h"
#include "ui/key.h"

#define GRID_TEXT 256 /* bytes of a cell, as shown */

struct grid {
	/* Set once, constant: */
	const char *const *key; /* names of the key columns, ends with NULL; NULL: rows have none */
	const char *const *first; /* columns shown first, hidden ones too, ends with NULL; the others follow */
	unsigned pinned; /* how many of the shown columns do not scroll; 0 stands for 1 */

	struct az_table *table; /* NULL until grid_load() */
	unsigned *shown, nshown; /* the table's columns that are shown, in order */
	int *width; /* their natural widths; NULL until drawn */
	unsigned cursor, top; /* rows */
	unsigned left; /* place in shown of the first column after the pinned ones */
	int sort; /* index + 1 of the table's column sorted by; 0: the view's own order */
	bool descending; /* the way it is sorted */
	bool show_sort; /* the sort column is to be scrolled to */
	char needle[128]; /* what was searched for; "" when nothing */
	char **marks; /* keys of the marked rows */
	unsigned nmarks;

	/* As last drawn: */
	unsigned page; /* rows of the table */
	unsigned free; /* place in shown of the first column that scrolls */
	bool more_right; /* columns are left over on the right */
};

/* Take @t over: sort it as before, and find the cursor's row again. -ENOMEM: @t is freed, the old one stays. */
int grid_load(struct grid *g, struct az_table *t);
void grid_free(struct grid *g);
unsigned grid_rows(const struct grid *g);

/* Cursor and scrolling actions; false when @a is none of them. */
bool grid_move(struct grid *g, enum action a);
/* Put the cursor at @row; it is kept within the table. */
void grid_goto(struct grid *g, unsigned row);
/* The same for a jump: a row that is not on the screen comes to its middle. */
void grid_jump(struct grid *g, unsigned row);

/*
 * Sort by the next shown column in direction @step (1 or -1). Returns false
 * when that leads to the view's own order: the caller reads the table again.
 */
bool grid_sort_step(struct grid *g, int step);
/* Invert the order; false when no column is sorted by. */
bool grid_invert(struct grid *g);
const struct az_column *grid_sort_column(const struct grid *g); /* NULL: the view's own order */

/* Rows without a key cannot be marked: false. */
bool grid_mark_toggle(struct grid *g);
void grid_unmark(struct grid *g);
bool grid_marked(const struct grid *g, unsigned row);

/*
 * First row from @from on (inclusive, wrapping; @step 1 or -1) that shows
 * @needle; -1 when none does. Case counts when @needle has capitals.
 */
int grid_find(const struct grid *g, const char *needle, unsigned from, int step);
/* Where @needle begins in @text, or NULL. */
const char *grid_match(const char *text, const char *needle);

/* Header at @row, then @rows - 1 rows of the table; the whole width of @c. */
void grid_draw(struct grid *g, struct canvas *c, int row, int rows);

/* Cell of the cursor's row in the column called @name; NULL when there is none. */
const struct az_cell *grid_cell(const struct grid *g, unsigned row, const char *name);
const char *grid_text(const struct grid *g, unsigned row, const char *name, char *buf, unsigned size);

/* cell.c: what a value deserves (a violation is bad, an unchecked run a warning...), and how it reads. */
enum role cell_role(const struct az_table *t, unsigned row, unsigned col);
const char *cell_text(const struct az_table *t, unsigned row, unsigned col, char *buf, unsigned size);

#endif
