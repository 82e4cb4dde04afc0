/*
 * screen.h - what a screen is to the application, and the two kinds there are:
 * tables (a view or a query in a grid) and pages (a tall picture, scrolled).
 *
 * A screen belongs to the application's stack, which frees it. It reads the
 * store only in its load function; it draws from what it holds.
 */
#ifndef MMR_UI_SCREEN_H
#define MMR_UI_SCREEN_H

#include <stdint.h>

#include "analyze/view.h"
#include "ui/canvas.h"
#include "ui/grid.h"
#include "ui/key.h"

struct app;
struct screen;

struct screen_ops {
	/* Read the store (again). On error the screen keeps what it held. May be NULL. */
	int (*load)(struct screen *s, struct app *app, struct mmr_err *e);
	/* Draw in @rows rows from @row, over the whole width. */
	void (*draw)(struct screen *s, struct app *app, struct canvas *c, int row, int rows);
	/* True when @a means something here and was done. */
	bool (*act)(struct screen *s, struct app *app, enum action a);
	/* "3/120", and what else belongs into the status line. */
	void (*status)(const struct screen *s, char *buf, unsigned size);
	void (*free)(struct screen *s);
};

struct screen {
	const struct screen_ops *ops;
	char title[512]; /* the second line of the display */
	struct grid *grid; /* what is searched, sorted, exported; NULL: nothing */
	const char *name; /* a word for file names: "runs" */
	uint64_t loaded; /* the store's change counter then */
	bool is_loaded;
	bool by_hand; /* read again only when asked to */
};

/* ---- tables ---- */

#define TABLE_FILTERS 8

struct table_screen;

/* A table screen's own parts; any may be NULL. */
struct table_spec {
	const char *name; /* for file names: "runs" */
	const char *view; /* az_view_by_name() */
	const char *const *key; /* columns that name a row, ends with NULL */
	const char *const *first; /* columns shown first, ends with NULL; then the others of the view */
	unsigned pinned; /* shown columns that do not scroll; 0 stands for 1 */
	/* The screen that Enter or `c` leads to, or NULL with a message shown. */
	struct screen *(*open)(struct table_screen *t, struct app *app);
	struct screen *(*compare)(struct table_screen *t, struct app *app);
	/* The title; @t is loaded. */
	void (*title)(struct table_screen *t, struct app *app, char *buf, unsigned size);
	/* What to say instead of an empty table: up to three lines, separated by newlines. */
	const char *empty;
	/* A pane of @pane_rows rows below the table, about the cursor's row, from another view (read with the same filters). */
	int pane_rows;
	const char *pane_view;
	void (*pane_draw)(struct table_screen *t, struct app *app, struct canvas *c, int row, int rows);
};

struct table_screen {
	struct screen base;
	const struct table_spec *spec;
	struct grid grid;
	struct az_filter filters[TABLE_FILTERS + 1]; /* ends with column NULL; strings are the screen's */
	char *sql; /* instead of a view */
	struct az_table *pane; /* of spec->pane_view */
};

/* NULL when there is no memory. */
struct table_screen *table_new(const struct table_spec *spec);
struct table_screen *table_new_sql(const char *sql);
/* Show only rows whose @column is @value; false when there is no room. */
bool table_filter(struct table_screen *t, const char *column, const struct az_cell *value);

/* ---- pages ---- */

struct page_screen;

struct page_ops {
	/* Read what the page shows into @p->table; may be NULL. */
	int (*load)(struct page_screen *p, struct app *app, struct mmr_err *e);
	/* Resize @tall to the rows needed (its width is given) and draw it all. */
	void (*build)(struct page_screen *p, struct app *app, struct canvas *tall, int cols);
	void (*free)(struct page_screen *p);
};

struct page_screen {
	struct screen base;
	const struct page_ops *ops;
	struct canvas tall;
	int top, page;
	struct az_table *table; /* freed with the page */
	struct az_filter filters[TABLE_FILTERS + 1];
	void *more; /* the page's own */
};

struct page_screen *page_new(const struct page_ops *ops, const char *title);

/* Append to a list of filters; the value is copied. false: no room, or no memory. */
bool filter_add(struct az_filter *list, const char *column, const struct az_cell *value);
void filters_free(struct az_filter *list);

/* ---- the screens ---- */

enum { ROOT_RUNS, ROOT_COMPARE, ROOT_LOCKS, ROOTS };
extern const char *const root_names[ROOTS];
struct screen *root_new(unsigned which);

struct screen *help_new(void);
/* Every column of row @row of @g. */
struct screen *details_new(const struct grid *g, unsigned row, const char *of);
/* Histograms of the lock in the cursor's row of @g (columns setting, design, lock, mode). */
struct screen *lock_new(const struct grid *g, unsigned row);

#endif
