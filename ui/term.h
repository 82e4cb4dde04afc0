/*
 * term.h - the terminal: a canvas goes out, keys come in.
 *
 * The only part of the program that knows ncurses. There is one terminal, so
 * one term at a time, used by one thread. From term_open() to term_close() the
 * signals that end the program set *@stop, a second one ends it at once; both
 * leave the terminal as it was, and so does a crash.
 */
#ifndef MMR_UI_TERM_H
#define MMR_UI_TERM_H

#include <signal.h>
#include <stdbool.h>

#include "schemas/error.h"
#include "ui/canvas.h"

struct term;

/*
 * Whether stdin and stdout are a terminal that can place a cursor. If not,
 * @why says what the terminal lacks, or "" when there is none.
 */
bool term_usable(char *why, size_t size);

int term_open(struct term **t, volatile sig_atomic_t *stop, struct mmr_err *e);
void term_close(struct term *t);

void term_size(const struct term *t, int *rows, int *cols);
void term_flush(struct term *t, const struct canvas *c);

#define TERM_EOF (-1)
/* The next key; UK_NONE after @timeout_ms or when a signal came; TERM_EOF when the terminal is gone. */
int term_key(struct term *t, int timeout_ms);

#endif
