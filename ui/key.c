#include "ui/key.h"

#include <stdio.h>
#include <string.h>
#include <stdlib.h>
#include <strings.h>
#include <wchar.h>

const struct binding bindings[] = {
	{ ACT_HELP, { UK_F1, '?' }, "Help", "this help" },
	{ ACT_UP, { UK_UP, 'k' }, NULL, "one row up" },
	{ ACT_DOWN, { UK_DOWN, 'j' }, NULL, "one row down" },
	{ ACT_LEFT, { UK_LEFT, 'h' }, NULL, "scroll to the columns on the left" },
	{ ACT_RIGHT, { UK_RIGHT, 'l' }, NULL, "scroll to the columns on the right" },
	{ ACT_PGUP, { UK_PGUP }, NULL, "one page up" },
	{ ACT_PGDN, { UK_PGDN }, NULL, "one page down" },
	{ ACT_FIRST, { UK_HOME, 'g' }, NULL, "first row" },
	{ ACT_LAST, { UK_END, 'G' }, NULL, "last row" },
	{ ACT_OPEN, { UK_ENTER }, "Open", "open what the row stands for" },
	{ ACT_DETAILS, { 'd' }, "Details", "every column of the row, hidden ones too, and what it means" },
	{ ACT_NEXT, { UK_TAB }, "Next", "next screen" },
	{ ACT_PREV, { UK_BACKTAB }, NULL, "previous screen" },
	{ ACT_SEARCH, { '/' }, "Search", "search in what the rows show; capitals count once you type one" },
	{ ACT_AGAIN, { 'n' }, NULL, "next row found" },
	{ ACT_AGAIN_BACK, { 'N' }, NULL, "previous row found" },
	{ ACT_SORT_LEFT, { '<' }, NULL, "sort by the column to the left; before the first: the view's own order" },
	{ ACT_SORT_RIGHT, { '>' }, "Sort", "sort by the column to the right" },
	{ ACT_INVERT, { 'I' }, NULL, "invert the order" },
	{ ACT_MARK, { UK_SPACE }, NULL, "mark the row, or unmark it" },
	{ ACT_UNMARK, { 'U' }, NULL, "unmark all rows" },
	{ ACT_COMPARE, { 'c' }, "Compare", "compare the marked runs, or the designs in this row's setting" },
	{ ACT_EXPORT, { 'e' }, "Export", "write this table to a CSV file, hidden columns too, exact numbers" },
	{ ACT_SQL, { ';' }, "SQL", "ask the store in SQL, read-only (Up: the query before)" },
	{ ACT_RELOAD, { UK_F5, 'r' }, NULL, "read the store again (done by itself when a replay adds to it)" },
	{ ACT_BACK, { UK_ESC }, NULL, "back to the screen before" },
	{ ACT_QUIT, { 'q' }, "Quit", "back; in a first screen: leave" },
	{ ACT_NONE, { UK_NONE }, NULL, NULL },
};

static const struct {
	int key;
	const char *name;
} names[] = {
	{ UK_TAB, "Tab" },         { UK_ENTER, "Enter" },         { UK_ESC, "Esc" },       { UK_SPACE, "Space" },
	{ UK_UP, "Up" },           { UK_DOWN, "Down" },           { UK_LEFT, "Left" },     { UK_RIGHT, "Right" },
	{ UK_PGUP, "PgUp" },       { UK_PGDN, "PgDn" },           { UK_HOME, "Home" },     { UK_END, "End" },
	{ UK_BACKTAB, "BackTab" }, { UK_BACKSPACE, "Backspace" }, { UK_DELETE, "Delete" }, { UK_F1, "F1" },
	{ UK_F5, "F5" },           { UK_RESIZE, "Resize" },
};

#define NNAMES (sizeof(names) / sizeof(*names))

enum action action_of(int key)
{
	if (key == UK_NONE)
		return ACT_NONE;
	for (const struct binding *b = bindings; b->action; b++)
		for (int i = 0; i < BINDING_KEYS && b->keys[i]; i++)
			if (b->keys[i] == key)
				return b->action;
	return ACT_NONE;
}

const char *key_text(int key, char *buf)
{
	for (size_t i = 0; i < NNAMES; i++)
		if (names[i].key == key) {
			snprintf(buf, 16, "%s", names[i].name);
			return buf;
		}
	snprintf(buf, 16, "%lc", (wint_t)key);
	return buf;
}

int key_by_name(const char *name)
{
	for (size_t i = 0; i < NNAMES; i++)
		if (!strcasecmp(names[i].name, name))
			return names[i].key;
	/* "^U": the key with Control held. */
	if (name[0] == '^' && name[1] >= '@' && name[1] <= '_' && !name[2])
		return name[1] & 0x1f;
	wchar_t ch[3];
	if (mbstowcs(ch, name, 3) == 1 && ch[0] > L' ' && ch[0] != 127)
		return ch[0];
	return UK_NONE;
}
