#include "ui/term.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <unistd.h>

#include "ui/key.h"
#include "ui/term_internal.h"

struct term {
	SCREEN *screen;
	struct term_styles styles;
	unsigned empty_reads; /* in a row: the terminal says "readable" and holds nothing */
};

int term_open(struct term **out, volatile sig_atomic_t *stop, struct mmr_err *e)
{
	struct term *t = calloc(1, sizeof(*t));
	if (!t)
		return mmr_err_sys(e, -ENOMEM, "terminal");
	term_signals_begin(stop);
	set_escdelay(25);
	t->screen = newterm(NULL, stdout, stdin);
	if (!t->screen) {
		term_signals_end();
		free(t);
		const char *name = getenv("TERM");
		return mmr_err(e, -ENOTTY, "the terminal type '%s' cannot be used", name ? name : "");
	}
	term_signals_learn();
	cbreak();
	noecho();
	nonl();
	keypad(stdscr, TRUE);
	intrflush(stdscr, FALSE);
	timeout(0);
	term_styles_init(&t->styles);
	*out = t;
	return 0;
}

void term_close(struct term *t)
{
	if (!t)
		return;
	endwin();
	delscreen(t->screen);
	term_signals_end();
	free(t);
}

void term_size(const struct term *t, int *rows, int *cols)
{
	(void)t;
	getmaxyx(stdscr, *rows, *cols);
}

void term_flush(struct term *t, const struct canvas *c)
{
	for (int r = 0; r < c->rows; r++)
		for (int i = 0; i < c->cols; i++) {
			const struct cell *at = canvas_at(c, r, i);
			if (!at->ch)
				continue;
			wchar_t text[2] = { at->ch, 0 };
			cchar_t out;
			setcchar(&out, text, t->styles.attr[at->selected][at->role],
				 t->styles.pair[at->selected][at->role], NULL);
			mvadd_wch(r, i, &out);
		}
	if (c->cursor_row >= 0) {
		curs_set(1);
		move(c->cursor_row, c->cursor_col);
	} else if (curs_set(0) == ERR) {
		/* A cursor that cannot be hidden waits where it disturbs least. */
		move(c->rows - 1, c->cols - 1);
	}
	refresh();
}

static int function_key(wint_t k)
{
	static const struct {
		int curses, key;
	} map[] = {
		{ KEY_UP, UK_UP },
		{ KEY_DOWN, UK_DOWN },
		{ KEY_LEFT, UK_LEFT },
		{ KEY_RIGHT, UK_RIGHT },
		{ KEY_PPAGE, UK_PGUP },
		{ KEY_NPAGE, UK_PGDN },
		{ KEY_HOME, UK_HOME },
		{ KEY_END, UK_END },
		{ KEY_BTAB, UK_BACKTAB },
		{ KEY_DC, UK_DELETE },
		{ KEY_BACKSPACE, UK_BACKSPACE },
		{ KEY_ENTER, UK_ENTER },
		{ KEY_RESIZE, UK_RESIZE },
		{ KEY_F(1), UK_F1 },
		{ KEY_F(5), UK_F5 },
		{ KEY_FIND, UK_HOME },
		{ KEY_SELECT, UK_END },
		{ KEY_A1, UK_HOME },
		{ KEY_C1, UK_END },
		{ KEY_A3, UK_PGUP },
		{ KEY_C3, UK_PGDN },
	};
	for (size_t i = 0; i < sizeof(map) / sizeof(*map); i++)
		if ((wint_t)map[i].curses == k)
			return map[i].key;
	return UK_NONE;
}

static int character(wint_t ch)
{
	switch (ch) {
	case '\r':
	case '\n':
		return UK_ENTER;
	case 8:
	case 127:
		return UK_BACKSPACE;
	case 12: /* ^L: draw everything again */
		clearok(curscr, TRUE);
		return UK_NONE;
	default:
		return (int)ch;
	}
}

int term_key(struct term *t, int timeout_ms)
{
	wint_t ch;
	for (int tries = 0; tries < 2; tries++) {
		int kind = get_wch(&ch);
		if (kind != ERR) {
			t->empty_reads = 0;
			return kind == KEY_CODE_YES ? function_key(ch) : character(ch);
		}
		if (tries)
			break;
		/* ncurses would wait on after a signal: wait for it here. */
		struct pollfd p = { .fd = STDIN_FILENO, .events = POLLIN };
		int n = poll(&p, 1, timeout_ms);
		if (n == 0)
			return UK_NONE;
		if (n > 0 && (p.revents & (POLLERR | POLLNVAL)))
			return TERM_EOF;
		if (n > 0 && ++t->empty_reads > 16)
			return TERM_EOF;
	}
	return UK_NONE;
}
