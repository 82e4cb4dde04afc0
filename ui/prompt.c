#include "ui/prompt.h"

#include <string.h>
#include <limits.h>
#include <wchar.h>

#include "schemas/safe.h"
#include "ui/key.h"

#define CTRL(c) ((c)&0x1f)

void prompt_start(struct prompt *p, const char *label, const char *text, bool ascii)
{
	p->label = label;
	p->ascii = ascii;
	safe_copy(p->text, sizeof(p->text), text ? text : "");
	p->at = (unsigned)strlen(p->text);
}

static bool inside(const struct prompt *p, unsigned i)
{
	return ((unsigned char)p->text[i] & 0xc0) == 0x80;
}

static unsigned before(const struct prompt *p, unsigned i)
{
	if (i)
		for (i--; i && inside(p, i);)
			i--;
	return i;
}

static unsigned after(const struct prompt *p, unsigned i)
{
	if (p->text[i])
		for (i++; inside(p, i);)
			i++;
	return i;
}

static enum prompt_event erase(struct prompt *p, unsigned from, unsigned to)
{
	if (from == to)
		return PROMPT_NOTHING;
	memmove(p->text + from, p->text + to, strlen(p->text + to) + 1);
	p->at = from;
	return PROMPT_CHANGED;
}

static enum prompt_event insert(struct prompt *p, int key)
{
	char bytes[MB_LEN_MAX + 1];
	size_t n = 1, len = strlen(p->text);
	mbstate_t state = { 0 };
	if (key < ' ' || key == 127 || key >= UK_BASE || (p->ascii && key > 126))
		return PROMPT_NOTHING;
	if (key < 127)
		bytes[0] = (char)key;
	else
		n = wcrtomb(bytes, (wchar_t)key, &state);
	if (n == (size_t)-1 || len + n >= sizeof(p->text))
		return PROMPT_NOTHING;
	/* C1 controls and other things that a terminal would obey. */
	char safe[MB_LEN_MAX + 1];
	bytes[n] = '\0';
	safe_copy(safe, sizeof(safe), bytes);
	if (strcmp(safe, bytes) != 0)
		return PROMPT_NOTHING;
	memmove(p->text + p->at + n, p->text + p->at, len - p->at + 1);
	memcpy(p->text + p->at, bytes, n);
	p->at += (unsigned)n;
	return PROMPT_CHANGED;
}

enum prompt_event prompt_key(struct prompt *p, int key)
{
	unsigned end = (unsigned)strlen(p->text), i;
	switch (key) {
	case UK_ENTER:
		return PROMPT_DONE;
	case UK_ESC:
		return PROMPT_CANCELLED;
	case UK_LEFT:
		p->at = before(p, p->at);
		return PROMPT_NOTHING;
	case UK_RIGHT:
		p->at = after(p, p->at);
		return PROMPT_NOTHING;
	case UK_HOME:
	case CTRL('A'):
		p->at = 0;
		return PROMPT_NOTHING;
	case UK_END:
	case CTRL('E'):
		p->at = end;
		return PROMPT_NOTHING;
	case UK_BACKSPACE:
		return erase(p, before(p, p->at), p->at);
	case UK_DELETE:
		i = p->at;
		return erase(p, i, after(p, i));
	case CTRL('U'):
		return erase(p, 0, p->at);
	case CTRL('K'):
		return erase(p, p->at, end);
	case CTRL('W'):
		for (i = p->at; i && p->text[i - 1] == ' ';)
			i--;
		while (i && p->text[i - 1] != ' ')
			i--;
		return erase(p, i, p->at);
	default:
		return insert(p, key);
	}
}

void prompt_draw(const struct prompt *p, struct canvas *c, int row)
{
	char head[PROMPT_TEXT];
	unsigned from = 0;
	canvas_blank(c, row, 0, c->cols, ROLE_PROMPT);
	int x = canvas_put(c, row, 0, c->cols - 2, ROLE_PROMPT, p->label);
	int room = c->cols - x - 1;
	for (;; from = after(p, from)) {
		memcpy(head, p->text + from, p->at - from);
		head[p->at - from] = '\0';
		if (canvas_width(c, head) <= room || from >= p->at)
			break;
	}
	canvas_put(c, row, x, room, ROLE_NORMAL, p->text + from);
	c->cursor_row = row;
	c->cursor_col = x + canvas_width(c, head);
}
