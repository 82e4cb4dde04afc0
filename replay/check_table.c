#include "replay/check_table.h"

#include <string.h>

#include "schemas/safe.h"

#define DESIGN_WIDTH 28
#define MATRIX_MAX 256

/* ---- one line each ---- */

void check_table_head(void)
{
	printf("%-*s %-21s %-9s %-12s %10s %8s\n", DESIGN_WIDTH, "design", "scenario", "lock", "verdict", "executions",
	       "seconds");
}

/* What an excluded cell has for a reason, or a broken one for a violation. */
static const char *why(const struct cell *c)
{
	switch (c->verdict) {
	case CHECK_EXCLUDED:
		return c->reason;
	case CHECK_BOUNDED:
		return "given up at the limit";
	case CHECK_BROKEN:
		return c->result.violation.what;
	case CHECK_HOLDS:
		break;
	}
	return NULL;
}

void check_table_cell(const struct cell *c)
{
	char scenario[64], design[80], verdict[32];
	scenario_full_name(c->scenario, scenario, sizeof(scenario));
	safe_copy(design, sizeof(design), c->design);
	snprintf(verdict, sizeof(verdict), c->verdict == CHECK_BROKEN ? "%s (%s)" : "%s", verdict_name(c->verdict),
		 c->result.violation.invariant);
	printf("%-*s %-21s %-9s %-12s", DESIGN_WIDTH, design, scenario, c->lock, verdict);
	if (c->verdict == CHECK_EXCLUDED)
		printf(" %10s %8s", "-", "-");
	else
		printf(" %10llu %8.3f", (unsigned long long)c->result.executions, c->seconds);
	printf("%s%s\n", why(c) ? "  " : "", why(c) ? why(c) : "");
}

/* ---- the matrix ---- */

static char letter(const struct cell *c)
{
	const char *inv = c->result.violation.invariant;
	switch (c->verdict) {
	case CHECK_HOLDS:
		return 'H';
	case CHECK_BOUNDED:
		return 'b';
	case CHECK_EXCLUDED:
		return 'x';
	case CHECK_BROKEN:
		break;
	}
	return *inv == 'I' && inv[1] >= '1' && inv[1] <= '9' ? inv[1] : 'B';
}

/* The scenarios in the order in which they first ran. */
static unsigned collect(const struct cell *cell, unsigned n, const struct scenario **s, unsigned room)
{
	unsigned count = 0;
	for (unsigned i = 0; i < n; i++) {
		unsigned j = 0;
		while (j < count && s[j] != cell[i].scenario)
			j++;
		if (j == count && count < room)
			s[count++] = cell[i].scenario;
	}
	return count;
}

static bool same_row(const struct cell *a, const struct cell *b)
{
	return a->design == b->design && !strcmp(a->lock, b->lock);
}

static void row_name(const struct cell *c, char *buf, size_t size)
{
	bool blocking = !strcmp(c->lock, "blocking");
	char text[320];
	snprintf(text, sizeof(text), "%s%s%s", c->design, blocking ? "" : ", ", blocking ? "" : c->lock);
	safe_copy(buf, size, text);
}

/* One line of letters, for the cells that share a row with @cell[0]. */
static void print_row(const struct cell *cell, unsigned n, const struct scenario *const *s, unsigned count, int width)
{
	char row[MATRIX_MAX], name[160];
	memset(row, ' ', sizeof(row));
	for (unsigned j = 0; j < n; j++)
		for (unsigned k = 0; k < count; k++)
			if (same_row(&cell[j], cell) && cell[j].scenario == s[k])
				row[k] = letter(&cell[j]);
	row_name(cell, name, sizeof(name));
	printf("%-*s", width, name);
	for (unsigned k = 0; k < count; k++)
		printf(" %c", row[k]);
	printf("\n");
}

void check_table_matrix(const struct cell *cell, unsigned n)
{
	const struct scenario *s[MATRIX_MAX];
	unsigned count = collect(cell, n, s, MATRIX_MAX);
	int width = 0;
	printf("\n");
	for (unsigned i = 0; i < count; i++) {
		char name[64];
		scenario_full_name(s[i], name, sizeof(name));
		printf("%3u  %-24s %s\n", i + 1, name, s[i]->about);
	}
	for (unsigned i = 0; i < n; i++) {
		char name[160];
		row_name(&cell[i], name, sizeof(name));
		width = width < (int)strlen(name) ? (int)strlen(name) : width;
	}
	printf("\n%-*s", width, "");
	for (unsigned i = 0; i < count; i++)
		printf(" %c", i + 1 >= 10 ? (char)('0' + (i + 1) / 10 % 10) : ' ');
	printf("\n%-*s", width, "");
	for (unsigned i = 0; i < count; i++)
		printf(" %c", (char)('0' + (i + 1) % 10));
	printf("\n");
	for (unsigned i = 0; i < n; i++) {
		bool done = false;
		for (unsigned j = 0; j < i && !done; j++)
			done = same_row(&cell[j], &cell[i]);
		if (!done)
			print_row(&cell[i], n - i, s, count, width);
	}
	printf("\nH holds, 1 to 7 broken (I1 to I7), b bounded, x excluded\n");
}

/* ---- for machines ---- */

void check_json_begin(void)
{
	printf("[");
}

static void member(const char *name, const char *value, const char *before)
{
	printf("%s\"%s\": ", before, name);
	if (value)
		json_string(stdout, value);
	else
		printf("null");
}

void check_json_cell(const struct cell *c, bool first)
{
	bool broken = c->verdict == CHECK_BROKEN;
	printf("%s\n", first ? "" : ",");
	member("design", c->design, "  {");
	member("scenario", c->scenario->name, ", ");
	member("range", c->scenario->range, ", ");
	member("policy", c->scenario->policy, ", ");
	member("lock", c->lock, ", ");
	member("memory", memory_name(c->memory), ", ");
	member("verdict", verdict_name(c->verdict), ", ");
	member("invariant", broken ? c->result.violation.invariant : NULL, ", ");
	member("reason", why(c), ", ");
	printf(", \"executions\": %llu, \"seconds\": %.6f}", (unsigned long long)c->result.executions, c->seconds);
}

void check_json_end(void)
{
	printf("\n]\n");
}
