/* Sorting a table by one column. */
#include <stdlib.h>
#include <string.h>

#include "analyze/view.h"

struct by {
	const struct az_cell *cell;
	unsigned row;
};

static int compare_cells(const struct az_cell *a, const struct az_cell *b)
{
	/* As SQLite orders: numbers before texts. */
	if ((a->kind == AZ_STR) != (b->kind == AZ_STR))
		return a->kind == AZ_STR ? 1 : -1;
	if (a->kind == AZ_STR)
		return strcmp(a->s, b->s);
	if (a->kind == AZ_INT && b->kind == AZ_INT)
		return (a->i > b->i) - (a->i < b->i);
	return (a->r > b->r) - (a->r < b->r);
}

static int compare(const void *pa, const void *pb, void *arg)
{
	const struct by *a = pa, *b = pb;
	bool a_null = a->cell->kind == AZ_NULL, b_null = b->cell->kind == AZ_NULL;
	int c = a_null || b_null ? a_null - b_null : compare_cells(a->cell, b->cell);
	if (!a_null && !b_null && *(bool *)arg)
		c = -c;
	return c ? c : (a->row > b->row) - (a->row < b->row);
}

void az_sort(struct az_table *t, unsigned col, bool descending)
{
	size_t width = t->ncolumns * sizeof(*t->cells);
	struct by *order = malloc((t->nrows + 1) * sizeof(*order));
	struct az_cell *cells = malloc(t->nrows * width + 1);
	/* Without memory the order stays as it is: nothing is lost. */
	if (order && cells && t->nrows) {
		for (unsigned i = 0; i < t->nrows; i++)
			order[i] = (struct by){ az_cell(t, i, col), i };
		qsort_r(order, t->nrows, sizeof(*order), compare, &descending);
		for (unsigned i = 0; i < t->nrows; i++)
			memcpy(cells + (size_t)i * t->ncolumns, az_cell(t, order[i].row, 0), width);
		memcpy(t->cells, cells, t->nrows * width);
	}
	free(order);
	free(cells);
}
