/* Search in what a table shows. */
#include "ui/grid.h"

#include <ctype.h>
#include <string.h>

const char *grid_match(const char *text, const char *needle)
{
	if (!*needle)
		return NULL;
	for (const char *p = needle; *p; p++)
		if (isupper((unsigned char)*p))
			return strstr(text, needle);
	return strcasestr(text, needle);
}

static bool row_shows(const struct grid *g, unsigned row, const char *needle)
{
	char text[GRID_TEXT];
	for (unsigned i = 0; i < g->nshown; i++)
		if (grid_match(cell_text(g->table, row, g->shown[i], text, sizeof(text)), needle))
			return true;
	return false;
}

int grid_find(const struct grid *g, const char *needle, unsigned from, int step)
{
	unsigned n = grid_rows(g);
	for (unsigned i = 0, row = n ? from % n : 0; i < n; i++) {
		if (row_shows(g, row, needle))
			return (int)row;
		row = step > 0 ? (row + 1) % n : (row + n - 1) % n;
	}
	return -1;
}
