#include "replay/check_table.h"

#include <string.h>

#include "schemas/safe.h"

#define DESIGN_WIDTH 28

/* ---- one line each ---- */

void check_table_head(void)
{
	printf("%-*s %-24s %-9s %-8s %-28s %10s %8s\n", DESIGN_WIDTH, "design", "scenario", "lock", "verdict", "why",
	       "executions", "seconds");
}

static void why(const struct cell *c, char *buf, size_t size)
{
	const struct check_violation *v = &c->result.violation;
	*buf = '\0';
	if (c->verdict == CHECK_EXCLUDED)
		snprintf(buf, size, "%s", c->reason);
	else if (c->verdict == CHECK_BOUNDED)
		snprintf(buf, size, "given up at the limit");
	else if (c->verdict == CHECK_BROKEN)
		snprintf(buf, size, "%s: %s", v->invariant, v->what);
}

void check_table_cell(const struct cell *c)
{
	char scenario[64], reason[160], design[80];
	scenario_full_name(c->scenario, scenario, sizeof(scenario));
	why(c, reason, sizeof(reason));
	safe_copy(design, sizeof(design), c->design);
	/* What breaks is told whole, at the end of the line; the columns before it stay. */
	bool broken = c->verdict == CHECK_BROKEN;
	printf("%-*s %-24s %-9s %-8s %-28s", DESIGN_WIDTH, design, scenario, c->ops->lock, verdict_name(c->verdict),
	       broken ? c->result.violation.invariant : reason);
	if (c->verdict != CHECK_EXCLUDED)
		printf(" %10llu %8.3f", (unsigned long long)c->result.executions, c->seconds);
	printf("%s%s\n", broken ? "  " : "", broken ? c->result.violation.what : "");
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
	return a->design == b->design && !strcmp(a->ops->lock, b->ops->lock);
}

void check_table_matrix(const struct cell *cell, unsigned n)
{
	const struct scenario *s[256];
	unsigned count = collect(cell, n, s, 256);
	printf("\n");
	for (unsigned i = 0; i < count; i++) {
		char name[64];
		scenario_full_name(s[i], name, sizeof(name));
		printf("%3u  %-24s %s\n", i + 1, name, s[i]->about);
	}
	printf("\n%-*s", DESIGN_WIDTH, "");
	for (unsigned i = 0; i < count; i++)
		printf(" %c", i + 1 >= 10 ? (char)('0' + (i + 1) / 10 % 10) : ' ');
	printf("\n%-*s", DESIGN_WIDTH, "");
	for (unsigned i = 0; i < count; i++)
		printf(" %c", (char)('0' + (i + 1) % 10));
	printf("\n");
	for (unsigned i = 0; i < n; i++) {
		bool done = false;
		for (unsigned j = 0; j < i && !done; j++)
			done = same_row(&cell[j], &cell[i]);
		if (done)
			continue;
		char row[256], name[160];
		memset(row, ' ', sizeof(row));
		for (unsigned j = i; j < n; j++)
			for (unsigned k = 0; k < count; k++)
				if (same_row(&cell[j], &cell[i]) && cell[j].scenario == s[k])
					row[k] = letter(&cell[j]);
		bool blocking = !strcmp(cell[i].ops->lock, "blocking");
		snprintf(name, sizeof(name), "%s%s%s", cell[i].design, blocking ? "" : " ",
			 blocking ? "" : cell[i].ops->lock);
		safe_copy(name, sizeof(name), name);
		printf("%-*s", DESIGN_WIDTH, name);
		for (unsigned k = 0; k < count; k++)
			printf(" %c", row[k]);
		printf("\n");
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
	char reason[160];
	why(c, reason, sizeof(reason));
	printf("%s\n", first ? "" : ",");
	member("design", c->design, "  {");
	member("scenario", c->scenario->name, ", ");
	member("range", c->scenario->range, ", ");
	member("policy", c->scenario->policy, ", ");
	member("lock", c->ops->lock, ", ");
	member("memory", memory_name(c->memory), ", ");
	member("verdict", verdict_name(c->verdict), ", ");
	member("invariant", broken ? c->result.violation.invariant : NULL, ", ");
	member("reason", broken ? c->result.violation.what : *reason ? reason : NULL, ", ");
	printf(", \"executions\": %llu, \"seconds\": %.6f}", (unsigned long long)c->result.executions, c->seconds);
}

void check_json_end(void)
{
	printf("\n]\n");
}
