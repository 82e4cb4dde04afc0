/* Can this terminal show screens at all? Alone, because <term.h> defines "columns", "lines" and many more. */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <curses.h>
#include <term.h>

#include "ui/term.h"

bool term_usable(char *why, size_t size)
{
	const char *name = getenv("TERM");
	int found = 0;
	snprintf(why, size, "%s", "");
	if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO))
		return false;
	if (!name || !*name) {
		snprintf(why, size, "TERM is not set");
		return false;
	}
	if (setupterm(name, STDOUT_FILENO, &found) == ERR) {
		snprintf(why, size, "the terminal type '%.60s' is not known", name);
		return false;
	}
	const char *place = tigetstr("cup");
	bool ok = place && place != (const char *)-1 && *place;
	del_curterm(cur_term);
	if (!ok) {
		snprintf(why, size, "the terminal type '%.60s' cannot place the cursor", name);
	}
	return ok;
}
