/*
 * canvas.h - what a screen draws on: a grid of characters, each with a role.
 *
 * Screens know roles ("bad", "header"), never colours; the terminal turns them
 * into colours or attributes (term_style.c), a headless run prints them as
 * text. A canvas belongs to one thread. Everything drawn is clipped.
 *
 * The canvas is Unicode when the locale is (setlocale() must have been
 * called), else pure ASCII: every other character of a text becomes '?', and
 * boxes and bars have ASCII stand-ins.
 */
#ifndef MMR_UI_CANVAS_H
#define MMR_UI_CANVAS_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <wchar.h>

/* What a character means. The letters are those of canvas_dump_roles(). */
enum role {
	ROLE_NORMAL, /* . */
	ROLE_TITLE, /* T  the line at the top */
	ROLE_TAB, /* A  the screen that is open, in it */
	ROLE_HEADER, /* H  column titles */
	ROLE_SORT, /* S  the title of the column sorted by */
	ROLE_GOOD, /* g */
	ROLE_WARN, /* w */
	ROLE_BAD, /* b */
	ROLE_DIM, /* d  of less interest */
	ROLE_MARK, /* m  a marked row */
	ROLE_MATCH, /* /  what was searched for */
	ROLE_STATUS, /* s  the status line */
	ROLE_KEY, /* k  a key's name */
	ROLE_LABEL, /* l  what the key does */
	ROLE_BAR, /* #  pictures */
	ROLE_PROMPT, /* p  being asked */
	ROLE_COUNT
};

struct cell {
	wchar_t ch; /* 0: the right half of the wide character before it */
	uint8_t role; /* enum role */
	bool selected; /* in the selected row: shown over the role */
};

struct canvas {
	int rows, cols;
	bool utf8;
	int cursor_row, cursor_col; /* where the cursor shows; row -1: hidden */
	struct cell *cells; /* row by row */
};

/* Glyphs that have an ASCII stand-in. */
enum glyph { GLYPH_UP, GLYPH_DOWN, GLYPH_LEFT, GLYPH_RIGHT, GLYPH_CUT, GLYPH_HLINE, GLYPH_VLINE, GLYPH_MARK };

/* 0 or -ENOMEM (the canvas keeps its old size then). Content is lost; start with a zeroed canvas. */
int canvas_resize(struct canvas *c, int rows, int cols);
void canvas_free(struct canvas *c);
void canvas_clear(struct canvas *c);

/* Cell at @row, @col, or NULL outside. */
struct cell *canvas_at(const struct canvas *c, int row, int col);

/* Columns that @text takes. */
int canvas_width(const struct canvas *c, const char *text);

/*
 * Write @text in at most @width columns from @row, @col; what does not fit is
 * cut and the last column says so. Control characters become '?'. Returns the
 * columns used.
 */
int canvas_put(struct canvas *c, int row, int col, int width, enum role role, const char *text);
/* The same, right-aligned in @width columns. */
void canvas_put_right(struct canvas *c, int row, int col, int width, enum role role, const char *text);
int canvas_printf(struct canvas *c, int row, int col, int width, enum role role, const char *fmt, ...)
	__attribute__((format(printf, 6, 7)));

/* Write all of @text in lines of at most @width columns, broken at blanks. Returns the rows used, at least 1. */
int canvas_wrap(struct canvas *c, int row, int col, int width, enum role role, const char *text);

void canvas_glyph(struct canvas *c, int row, int col, enum role role, enum glyph g);
const char *canvas_glyph_text(const struct canvas *c, enum glyph g);
/* Give @width cells a role, or make them blank with it. */
void canvas_role(struct canvas *c, int row, int col, int width, enum role role);
void canvas_blank(struct canvas *c, int row, int col, int width, enum role role);
void canvas_select(struct canvas *c, int row, int col, int width);
/* A bar of @fraction (0..1) of @width columns, half a column fine; more than nothing shows something. */
void canvas_bar(struct canvas *c, int row, int col, int width, double fraction, enum role role);

/* As plain text, a line a row, trailing blanks dropped. */
void canvas_dump(const struct canvas *c, FILE *f);
/* The roles instead of the characters; selected ones as '@', or B and W where bad or warn. */
void canvas_dump_roles(const struct canvas *c, FILE *f);

#endif
