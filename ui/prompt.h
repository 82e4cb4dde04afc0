/*
 * prompt.h - the line at the bottom in which a screen asks for something.
 *
 * One line editor: it knows keys and text, not what the text is for.
 */
#ifndef MMR_UI_PROMPT_H
#define MMR_UI_PROMPT_H

#include <stdbool.h>

#include "ui/canvas.h"

#define PROMPT_TEXT 1024

struct prompt {
	const char *label; /* "Search: " */
	char text[PROMPT_TEXT];
	unsigned at; /* cursor, in bytes */
	bool ascii; /* only ASCII can be typed (the locale has no more) */
};

enum prompt_event { PROMPT_NOTHING, PROMPT_CHANGED, PROMPT_DONE, PROMPT_CANCELLED };

/* Ask with @label; @text (may be NULL) is there to be changed. */
void prompt_start(struct prompt *p, const char *label, const char *text, bool ascii);
enum prompt_event prompt_key(struct prompt *p, int key);
/* Draws in row @row, scrolled so that the cursor shows; sets the canvas's cursor. */
void prompt_draw(const struct prompt *p, struct canvas *c, int row);

#endif
