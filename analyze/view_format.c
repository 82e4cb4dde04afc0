/* Values as people read them. */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>

#include "analyze/view.h"
#include "schemas/safe.h"

/* Three significant digits, never in exponent form. */
static int three(char *buf, unsigned size, double v, const char *unit)
{
	double a = fabs(v);
	int digits = a >= 99.95 || v == 0 ? 0 : a >= 9.995 ? 1 : 2;
	return snprintf(buf, size, "%.*f%s%s", digits, v, *unit ? " " : "", unit);
}

static int scaled(char *buf, unsigned size, double v, double step, const char *const *units)
{
	/* 999.6 would become "1000": that is the next unit's. */
	while (units[1] && fabs(v) >= 0.9995 * step) {
		v /= step;
		units++;
	}
	return three(buf, size, v, *units);
}

static int percent(char *buf, unsigned size, double v)
{
	/* A lock that is hardly held: two digits that say something instead of 0.00. */
	if (fabs(v) >= 5e-9 && fabs(v) < 0.095)
		return snprintf(buf, size, "%.*f %%", (int)fmin(9, 1 - floor(log10(fabs(v)))), v);
	return snprintf(buf, size, "%.*f %%", fabs(v) >= 99.95 ? 0 : fabs(v) >= 9.995 ? 1 : 2, v);
}

int az_format(const struct az_column *col, const struct az_cell *c, char *buf, unsigned size)
{
	static const char *const ns[] = { "ns", "us", "ms", "s", NULL };
	static const char *const rate[] = { "/s", "k/s", "M/s", "G/s", NULL };
	static const char *const bytes[] = { "B", "KiB", "MiB", "GiB", "TiB", NULL };
	if (!size)
		return 0;
	if (c->kind == AZ_NULL)
		return snprintf(buf, size, "-");
	if (c->kind == AZ_STR)
		return (int)safe_copy(buf, size, c->s);
	double v = c->kind == AZ_INT ? (double)c->i : c->r;
	int n;
	if (!isfinite(v))
		n = snprintf(buf, size, "-");
	else if (col->unit == AZ_NS)
		n = scaled(buf, size, v, 1000, ns);
	else if (col->unit == AZ_RATE)
		n = scaled(buf, size, v, 1000, rate);
	else if (col->unit == AZ_BYTES)
		n = scaled(buf, size, v, 1024, bytes);
	else if (col->unit == AZ_PERCENT)
		n = percent(buf, size, v);
	else if (col->unit == AZ_RATIO)
		n = fabs(v) >= 100 ? snprintf(buf, size, "%.0fx", v) : snprintf(buf, size, "%.2fx", v);
	else if (c->kind == AZ_INT)
		n = snprintf(buf, size, "%" PRId64, c->i);
	else if (v == rint(v) && fabs(v) < 1e15)
		n = snprintf(buf, size, "%.0f", v);
	else
		n = snprintf(buf, size, "%.*g", fabs(v) >= 1000 ? 10 : 4, v);
	return n < (int)size ? n : (int)size - 1;
}
