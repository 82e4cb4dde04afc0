#include "analyze/html_number.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MOST_DIGITS 9

/* The unit in which @typical has five figures before the point at most. */
static struct html_scale step_up(const char *const *units, double step, double typical)
{
	struct html_scale s = { .divide = 1 };
	while (units[1] && typical / s.divide >= 1e5) {
		s.divide *= step;
		units++;
	}
	s.unit = *units;
	return s;
}

struct html_scale html_scale_for(enum az_unit unit, double typical)
{
	static const char *const ns[] = { "ns", "\xc2\xb5s", "ms", "s", NULL };
	static const char *const rate[] = { "/s", "k/s", "M/s", "G/s", NULL };
	static const char *const bytes[] = { "B", "KiB", "MiB", "GiB", "TiB", NULL };
	struct html_scale s = { .unit = "", .divide = 1 };
	if (unit == AZ_NS)
		s = step_up(ns, 1000, typical);
	else if (unit == AZ_RATE)
		s = step_up(rate, 1000, typical);
	else if (unit == AZ_BYTES)
		s = step_up(bytes, 1024, typical);
	else if (unit == AZ_PERCENT)
		s.unit = "%";
	else if (unit == AZ_RATIO)
		s.unit = "\xc3\x97";
	double v = fabs(typical) / s.divide;
	s.digits = v >= 100 || v == 0 ? 0 : v >= 10 ? 1 : 2;
	if (unit == AZ_RATIO && v < 10)
		s.digits = 3;
	return s;
}

static int ascending(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;
	return x < y ? -1 : x > y;
}

struct html_scale html_scale_of(const struct az_table *t, unsigned col)
{
	double *v = calloc(t->nrows + 1, sizeof(*v)), typical = 0;
	unsigned n = 0;
	bool whole = true;
	for (unsigned row = 0; v && row < t->nrows; row++) {
		const struct az_cell *c = az_cell(t, row, col);
		if ((c->kind != AZ_INT && c->kind != AZ_REAL) || !isfinite(c->r) || c->r == 0)
			continue;
		whole &= c->r == rint(c->r);
		v[n++] = fabs(c->r);
	}
	if (n) {
		qsort(v, n, sizeof(*v), ascending);
		typical = v[n / 2];
	}
	free(v);
	struct html_scale s = html_scale_for(t->columns[col].unit, typical);
	if (whole && s.divide == 1 && t->columns[col].unit != AZ_RATIO && t->columns[col].unit != AZ_PERCENT)
		s.digits = 0;
	return s;
}

/* 1234567.8 -> 1,234,567.8 */
static void group(const char *plain, char *to)
{
	if (*plain == '-')
		*to++ = *plain++;
	size_t whole = strspn(plain, "0123456789");
	for (size_t i = 0; i < whole; i++) {
		if (i && (whole - i) % 3 == 0)
			*to++ = ',';
		*to++ = plain[i];
	}
	strcpy(to, plain + whole);
}

const char *html_number(const struct html_scale *s, double v, char buf[HTML_NUMBER])
{
	char plain[HTML_NUMBER];
	double a = fabs(v / s->divide);
	int digits = s->digits;
	if (!isfinite(v) || a >= 1e15)
		return strcpy(buf, isfinite(v) ? "(huge)" : "-");
	if (a > 0 && a < 10 && a != rint(a) && digits < MOST_DIGITS) {
		int need = (int)ceil(-log10(a)) + 1;
		digits = need > digits ? need : digits;
		digits = digits > MOST_DIGITS ? MOST_DIGITS : digits;
	}
	snprintf(plain, sizeof(plain), "%.*f", digits, v / s->divide);
	group(plain, buf);
	return buf;
}

const char *html_number_unit(const struct html_scale *s, double v, char buf[HTML_NUMBER])
{
	html_number(s, v, buf);
	size_t n = strlen(buf);
	bool apart = *s->unit && strcmp(s->unit, "\xc3\x97") != 0;
	snprintf(buf + n, HTML_NUMBER - n, "%s%s", apart ? " " : "", s->unit);
	return buf;
}
