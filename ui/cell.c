/* What a value deserves, and how it reads, wherever its column turns up. */
#include <stdlib.h>
#include <string.h>

#include "ui/grid.h"

/* Columns of 0 and 1. */
static const char *const yes_no[] = { "beyond_noise", "oversubscribed", "saturated", "same_state", "is_baseline" };

static const struct {
	const char *column, *value;
	enum role role;
} words[] = {
	{ "status", "running", ROLE_WARN },
	{ "status", "interrupted", ROLE_WARN },
	{ "status", "failed", ROLE_BAD },
	{ "verdict", "pass", ROLE_GOOD },
	{ "verdict", "unchecked", ROLE_WARN },
	{ "verdict", "violation", ROLE_BAD },
	{ "baseline_verdict", "pass", ROLE_GOOD },
	{ "baseline_verdict", "unchecked", ROLE_WARN },
	{ "baseline_verdict", "violation", ROLE_BAD },
};

/* Counts of which any is too many. */
static const struct {
	const char *column;
	enum role role;
} alarms[] = {
	{ "lost", ROLE_WARN },       { "unresolved", ROLE_WARN },
	{ "running", ROLE_WARN },    { "interrupted", ROLE_WARN },
	{ "failed", ROLE_BAD },      { "violations", ROLE_BAD },
	{ "saturated", ROLE_BAD },   { "oversubscribed", ROLE_WARN },
	{ "incomplete", ROLE_WARN }, { "baseline_violations", ROLE_BAD },
};

#define COUNT(a) (sizeof(a) / sizeof(*(a)))

static const struct az_cell *beside(const struct az_table *t, unsigned row, const char *name)
{
	int col = az_find_column(t, name);
	return col < 0 ? NULL : az_cell(t, row, (unsigned)col);
}

/* A ratio to a baseline, judged: '+' better, '-' worse, '~' within the noise, '?' nothing can be said; 0: no ratio. */
static char judge(const struct az_table *t, unsigned row, unsigned col)
{
	const struct az_cell *ratio = az_cell(t, row, col), *beyond = beside(t, row, "beyond_noise");
	if (strcmp(t->columns[col].name, "ratio") != 0 || !beyond || ratio->kind != AZ_REAL)
		return 0;
	if (beyond->kind != AZ_INT)
		return '?';
	const struct az_cell *better = beside(t, row, "better");
	bool higher = !better || better->kind != AZ_STR || !strcmp(better->s, "higher");
	return !beyond->i ? '~' : (ratio->r > 1) == higher ? '+' : '-';
}

static enum role judge_role(char judgement)
{
	switch (judgement) {
	case '+':
		return ROLE_GOOD;
	case '-':
		return ROLE_BAD;
	case '~':
		return ROLE_DIM;
	default:
		return ROLE_WARN;
	}
}

/* More threads than CPUs: the figures say less. */
static bool crowded(const struct az_table *t, unsigned row)
{
	const struct az_cell *over = beside(t, row, "oversubscribed");
	return over && over->kind == AZ_INT && over->i;
}

enum role cell_role(const struct az_table *t, unsigned row, unsigned col)
{
	const char *name = t->columns[col].name;
	const struct az_cell *c = az_cell(t, row, col);
	if (c->kind == AZ_NULL)
		return ROLE_DIM;
	if (c->kind == AZ_STR)
		for (size_t i = 0; i < COUNT(words); i++)
			if (!strcmp(name, words[i].column) && !strcmp(c->s, words[i].value))
				return words[i].role;
	if (c->kind == AZ_INT && c->i > 0)
		for (size_t i = 0; i < COUNT(alarms); i++)
			if (!strcmp(name, alarms[i].column))
				return alarms[i].role;
	if (!strcmp(name, "threads") && crowded(t, row))
		return ROLE_WARN;
	char judgement = judge(t, row, col);
	return judgement ? judge_role(judgement) : ROLE_NORMAL;
}

const char *cell_text(const struct az_table *t, unsigned row, unsigned col, char *buf, unsigned size)
{
	const struct az_cell *c = az_cell(t, row, col);
	int n = az_format(&t->columns[col], c, buf, size);
	char judgement = judge(t, row, col);
	if (c->kind == AZ_INT && !strcmp(t->columns[col].name, "threads") && crowded(t, row))
		judgement = '!';
	if (judgement && n > 0 && (unsigned)n < size)
		snprintf(buf + n, size - (unsigned)n, judgement == '!' ? "%c" : " %c", judgement);
	if (c->kind == AZ_INT && (c->i == 0 || c->i == 1))
		for (size_t i = 0; i < COUNT(yes_no); i++)
			if (!strcmp(t->columns[col].name, yes_no[i]))
				snprintf(buf, size, "%s", c->i ? "yes" : "no");
	return buf;
}
