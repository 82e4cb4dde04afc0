/* term_internal.h - what the term_*.c files share. Included by them only. */
#ifndef MMR_UI_TERM_INTERNAL_H
#define MMR_UI_TERM_INTERNAL_H

#include <signal.h>
#include <stdbool.h>

#include <curses.h>

#include "ui/canvas.h"

/* How a role looks; term_style.c. */
struct term_styles {
	attr_t attr[2][ROLE_COUNT]; /* [selected][role] */
	short pair[2][ROLE_COUNT]; /* 0: the terminal's own colours */
};
/* After newterm(). Monochrome when the terminal is, or NO_COLOR is set. */
void term_styles_init(struct term_styles *s);

/* Restoring the terminal from a signal handler; term_signal.c. */
void term_signals_begin(volatile sig_atomic_t *stop); /* before newterm() */
void term_signals_learn(void); /* after newterm(): how to leave this terminal */
void term_signals_end(void);

#endif
