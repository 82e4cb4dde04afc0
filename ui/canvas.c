#include "ui/canvas.h"

#include <errno.h>
#include <langinfo.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

int canvas_resize(struct canvas *c, int rows, int cols)
{
	rows = rows < 1 ? 1 : rows;
	cols = cols < 1 ? 1 : cols;
	struct cell *cells = calloc((size_t)rows * (size_t)cols, sizeof(*cells));
	if (!cells)
		return -ENOMEM;
	free(c->cells);
	c->cells = cells;
	c->rows = rows;
	c->cols = cols;
	c->utf8 = !strcmp(nl_langinfo(CODESET), "UTF-8");
	canvas_clear(c);
	return 0;
}

void canvas_free(struct canvas *c)
{
	free(c->cells);
	*c = (struct canvas){ 0 };
}

void canvas_clear(struct canvas *c)
{
	for (int i = 0; i < c->rows * c->cols; i++)
		c->cells[i] = (struct cell){ L' ', ROLE_NORMAL, false };
	c->cursor_row = c->cursor_col = -1;
}

struct cell *canvas_at(const struct canvas *c, int row, int col)
{
	if (row < 0 || col < 0 || row >= c->rows || col >= c->cols)
		return NULL;
	return &c->cells[(size_t)row * (size_t)c->cols + (size_t)col];
}

/*
 * The next character of *@s and its width in columns; L'?' for what has no
 * place on a screen: control characters, combining and direction marks (they
 * could make a name look like another), invalid bytes.
 */
static wchar_t next_char(const struct canvas *c, const char **s, int *width)
{
	unsigned char b = (unsigned char)**s;
	*width = 1;
	if (b < 0x80 || !c->utf8) {
		++*s;
		if (b >= 0x80) /* one '?' for a whole character */
			while (((unsigned char)**s & 0xc0) == 0x80)
				++*s;
		return b < 0x20 || b >= 0x7f ? L'?' : (wchar_t)b;
	}
	mbstate_t state = { 0 };
	wchar_t ch;
	size_t n = mbrtowc(&ch, *s, strlen(*s), &state);
	if (n == (size_t)-1 || n == (size_t)-2 || n == 0) {
		++*s;
		return L'?';
	}
	*s += n;
	int w = wcwidth(ch);
	if (w < 1)
		return L'?';
	*width = w;
	return ch;
}

int canvas_width(const struct canvas *c, const char *text)
{
	int total = 0, w;
	while (*text) {
		next_char(c, &text, &w);
		total += w;
	}
	return total;
}

/* Writing over half of a wide character leaves a blank, never a torn one. */
static void set(struct canvas *c, int row, int col, wchar_t ch, int width, enum role role)
{
	struct cell *at = canvas_at(c, row, col);
	if (!at)
		return;
	if (at->ch == 0 && col > 0)
		at[-1].ch = L' ';
	struct cell *after = canvas_at(c, row, col + width);
	if (after && after->ch == 0)
		after->ch = L' ';
	if (width == 2 && col + 1 >= c->cols)
		ch = L' ', width = 1;
	*at = (struct cell){ ch, (uint8_t)role, false };
	if (width == 2)
		at[1] = (struct cell){ 0, (uint8_t)role, false };
}

int canvas_put(struct canvas *c, int row, int col, int width, enum role role, const char *text)
{
	if (col < 0 || width <= 0)
		return 0;
	bool cut = canvas_width(c, text) > width;
	int room = cut ? width - 1 : width, used = 0, w;
	while (*text) {
		wchar_t ch = next_char(c, &text, &w);
		if (used + w > room)
			break;
		set(c, row, col + used, ch, w, role);
		used += w;
	}
	if (!cut)
		return used;
	canvas_blank(c, row, col + used, width - used, role);
	canvas_glyph(c, row, col + used, role, GLYPH_CUT);
	return width;
}

/* Bytes of @text that go into one line of @width columns: up to a blank where there is one. */
static size_t line_bytes(const struct canvas *c, const char *text, int width)
{
	const char *at = text, *blank = NULL;
	int used = 0, w;
	while (*at) {
		const char *before = at;
		next_char(c, &at, &w);
		if (used + w > width)
			return blank && blank > text ? (size_t)(blank - text) : (size_t)(before - text);
		used += w;
		if (*before == ' ')
			blank = before;
	}
	return (size_t)(at - text);
}

int canvas_wrap(struct canvas *c, int row, int col, int width, enum role role, const char *text)
{
	int rows = 0;
	if (width < 2)
		return 1;
	do {
		char line[1024];
		size_t n = line_bytes(c, text, width);
		snprintf(line, sizeof(line), "%.*s", (int)n, text);
		canvas_put(c, row + rows++, col, width, role, line);
		text += n;
		text += strspn(text, " ");
	} while (*text);
	return rows;
}

void canvas_put_right(struct canvas *c, int row, int col, int width, enum role role, const char *text)
{
	int w = canvas_width(c, text);
	int pad = w < width ? width - w : 0;
	canvas_put(c, row, col + pad, width - pad, role, text);
}

int canvas_printf(struct canvas *c, int row, int col, int width, enum role role, const char *fmt, ...)
{
	char text[1024];
	va_list ap;
	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	return canvas_put(c, row, col, width, role, text);
}

const char *canvas_glyph_text(const struct canvas *c, enum glyph g)
{
	static const struct {
		const char *utf8, *ascii;
	} glyphs[] = {
		[GLYPH_UP] = { "▲", "^" },    [GLYPH_DOWN] = { "▼", "v" }, [GLYPH_LEFT] = { "◀", "<" },
		[GLYPH_RIGHT] = { "▶", ">" }, [GLYPH_CUT] = { "…", "~" },  [GLYPH_HLINE] = { "─", "-" },
		[GLYPH_VLINE] = { "│", "|" }, [GLYPH_MARK] = { "●", "*" },
	};
	return c->utf8 ? glyphs[g].utf8 : glyphs[g].ascii;
}

void canvas_glyph(struct canvas *c, int row, int col, enum role role, enum glyph g)
{
	canvas_put(c, row, col, 1, role, canvas_glyph_text(c, g));
}

void canvas_role(struct canvas *c, int row, int col, int width, enum role role)
{
	for (int i = 0; i < width; i++) {
		struct cell *at = canvas_at(c, row, col + i);
		if (at)
			at->role = (uint8_t)role;
	}
}

void canvas_blank(struct canvas *c, int row, int col, int width, enum role role)
{
	for (int i = 0; i < width; i++)
		set(c, row, col + i, L' ', 1, role);
}

void canvas_select(struct canvas *c, int row, int col, int width)
{
	for (int i = 0; i < width; i++) {
		struct cell *at = canvas_at(c, row, col + i);
		if (at)
			at->selected = true;
	}
}

void canvas_bar(struct canvas *c, int row, int col, int width, double fraction, enum role role)
{
	fraction = fraction > 1 ? 1 : fraction;
	if (!(fraction > 0) || width <= 0)
		return;
	int halves = (int)(fraction * 2 * width + 0.5);
	halves = halves < 1 ? 1 : halves;
	for (int i = 0; i < halves / 2; i++)
		canvas_put(c, row, col + i, 1, role, c->utf8 ? "█" : "#");
	if (halves % 2)
		canvas_put(c, row, col + halves / 2, 1, role, c->utf8 ? "▌" : halves == 1 ? "|" : "#");
}

void canvas_dump(const struct canvas *c, FILE *f)
{
	for (int r = 0; r < c->rows; r++) {
		int end = c->cols;
		while (end > 0 && canvas_at(c, r, end - 1)->ch == L' ')
			end--;
		for (int i = 0; i < end; i++)
			if (canvas_at(c, r, i)->ch)
				fprintf(f, "%lc", (wint_t)canvas_at(c, r, i)->ch);
		fputc('\n', f);
	}
}

void canvas_dump_roles(const struct canvas *c, FILE *f)
{
	static const char letters[ROLE_COUNT + 1] = ".TAHSgwbdm/skl#p";
	for (int r = 0; r < c->rows; r++) {
		for (int i = 0; i < c->cols; i++) {
			const struct cell *at = canvas_at(c, r, i);
			char letter = letters[at->role];
			if (at->selected)
				letter = at->role == ROLE_BAD ? 'B' : at->role == ROLE_WARN ? 'W' : '@';
			fputc(letter, f);
		}
		fputc('\n', f);
	}
}
