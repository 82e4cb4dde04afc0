#include "analyze/compare_span.h"

#include <math.h>
#include <string.h>

#include "analyze/report.h"

const char *span_axis(enum axis a)
{
	static const char *const column[AXES] = { "lock_kind", "threads", "speed", "design" };
	return column[a];
}

static bool same_text(const struct az_table *t, unsigned a, unsigned b, const char *column)
{
	return !strcmp(report_text(t, a, column), report_text(t, b, column));
}

struct span span_at(const struct az_table *rows, unsigned first)
{
	struct span p = { rows, first, first + 1 };
	for (; p.last < rows->nrows && same_text(rows, first, p.last, "figure"); p.last++)
		for (unsigned i = 0; i < AXES; i++)
			if (!same_text(rows, first, p.last, span_axis(i)))
				return p;
	return p;
}

const char *span_text(const struct span *s, const char *column)
{
	return report_text(s->rows, s->first, column);
}

unsigned span_values(const struct span *s, double *v, bool log_of)
{
	unsigned n = 0;
	for (unsigned i = s->first; i < s->last && n < STATS_MAX; i++) {
		const double x = report_real(s->rows, i, "value");
		if (!log_of)
			v[n++] = x;
		else if (x > 0)
			v[n++] = log(x);
	}
	return n;
}

struct stats_change span_change(const struct span *a, const struct span *b, bool paired)
{
	double x[STATS_MAX], y[STATS_MAX];
	unsigned n = 0;
	if (!paired) {
		const unsigned na = span_values(a, x, true);
		return stats_unpaired(x, na, y, span_values(b, y, true));
	}
	/* Both in the order of the repeats. */
	for (unsigned i = a->first, j = b->first; i < a->last && j < b->last && n < STATS_MAX;) {
		const int64_t ra = report_int(a->rows, i, "repeat_no"), rb = report_int(b->rows, j, "repeat_no");
		const double va = report_real(a->rows, i, "value"), vb = report_real(b->rows, j, "value");
		if (ra == rb && va > 0 && vb > 0)
			x[n++] = log(vb / va);
		i += ra <= rb;
		j += rb <= ra;
	}
	return stats_paired(x, n);
}
