/*
 * key.h - keys, and what they do.
 *
 * A key is a Unicode character or one of enum ui_key. One table (key.c) binds
 * keys to actions; the help screen, the bar at the bottom and scripts take
 * their texts from it. All of this is constant: any thread may use it.
 */
#ifndef MMR_UI_KEY_H
#define MMR_UI_KEY_H

#include <stdbool.h>

enum ui_key {
	UK_NONE = 0,
	UK_TAB = '\t',
	UK_ENTER = '\n',
	UK_ESC = 27,
	UK_SPACE = ' ',
	UK_BASE = 0x110000, /* past the last character */
	UK_UP,
	UK_DOWN,
	UK_LEFT,
	UK_RIGHT,
	UK_PGUP,
	UK_PGDN,
	UK_HOME,
	UK_END,
	UK_BACKTAB,
	UK_BACKSPACE,
	UK_DELETE,
	UK_F1,
	UK_F5,
	UK_RESIZE, /* the terminal has another size */
};

enum action {
	ACT_NONE,
	ACT_UP,
	ACT_DOWN,
	ACT_LEFT,
	ACT_RIGHT,
	ACT_PGUP,
	ACT_PGDN,
	ACT_FIRST,
	ACT_LAST,
	ACT_OPEN,
	ACT_BACK,
	ACT_QUIT,
	ACT_NEXT,
	ACT_PREV,
	ACT_DETAILS,
	ACT_SEARCH,
	ACT_AGAIN,
	ACT_AGAIN_BACK,
	ACT_SORT_LEFT,
	ACT_SORT_RIGHT,
	ACT_INVERT,
	ACT_MARK,
	ACT_UNMARK,
	ACT_COMPARE,
	ACT_EXPORT,
	ACT_SQL,
	ACT_RELOAD,
	ACT_HELP,
};

#define BINDING_KEYS 3

struct binding {
	enum action action;
	int keys[BINDING_KEYS]; /* UK_NONE past the last */
	const char *bar; /* a word for the bar at the bottom, or NULL */
	const char *help;
};

/* In the order of the help screen; ends with ACT_NONE. */
extern const struct binding bindings[];

enum action action_of(int key);

/* "PgDn", "Enter", "k"...; @buf of at least 16 bytes. Returns @buf. */
const char *key_text(int key, char *buf);
/* The key called @name (as key_text() says it, or a single character), or UK_NONE. */
int key_by_name(const char *name);

#endif
