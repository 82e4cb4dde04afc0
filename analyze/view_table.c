#include "analyze/view_table.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "analyze/view_db.h"

void az_free(struct az_table *t)
{
	if (!t)
		return;
	struct table *own = (struct table *)t;
	for (size_t i = 0; i < (size_t)t->nrows * t->ncolumns; i++)
		free(t->cells[i].s);
	free(t->cells);
	for (unsigned i = 0; own->columns && i < t->ncolumns; i++)
		free((char *)own->columns[i].name);
	free(own->columns);
	free(own);
}

struct az_table *az_table_new(const struct az_column *columns)
{
	struct table *own = calloc(1, sizeof(*own));
	if (!own)
		return NULL;
	own->t.columns = columns;
	while (columns && columns[own->t.ncolumns].name)
		own->t.ncolumns++;
	return &own->t;
}

bool az_table_row(struct az_table *t)
{
	struct table *own = (struct table *)t;
	size_t used = (size_t)t->nrows * t->ncolumns;
	assert(t->ncolumns);
	if (used + t->ncolumns > own->room) {
		size_t room = own->room ? 2 * own->room : 64 * (size_t)t->ncolumns;
		struct az_cell *more = realloc(t->cells, room * sizeof(*more));
		if (!more)
			return false;
		t->cells = more;
		own->room = room;
	}
	memset(&t->cells[used], 0, t->ncolumns * sizeof(*t->cells));
	t->nrows++;
	return true;
}

static struct az_cell *cell(struct az_table *t, const char *column)
{
	int col = az_find_column(t, column);
	assert(col >= 0 && t->nrows);
	return &t->cells[(size_t)(t->nrows - 1) * t->ncolumns + (unsigned)col];
}

void az_table_int(struct az_table *t, const char *column, int64_t v)
{
	*cell(t, column) = (struct az_cell){ .kind = AZ_INT, .i = v, .r = (double)v };
}

void az_table_real(struct az_table *t, const char *column, double v)
{
	if (isfinite(v))
		*cell(t, column) = (struct az_cell){ .kind = AZ_REAL, .r = v };
}

bool az_table_text(struct az_table *t, const char *column, const char *v)
{
	struct az_cell *c = cell(t, column);
	c->s = strdup(v);
	c->kind = c->s ? AZ_STR : AZ_NULL;
	return c->s;
}

bool az_table_copy(struct az_table *t, const char *column, const struct az_cell *from)
{
	if (from->kind == AZ_STR)
		return az_table_text(t, column, from->s);
	*cell(t, column) = *from;
	return true;
}
