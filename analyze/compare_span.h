/* compare_span.h - the repeats of one figure in one setting, as rows of a table. Internal to compare_*.c. */
#ifndef MMR_AZ_COMPARE_SPAN_H
#define MMR_AZ_COMPARE_SPAN_H

#include "analyze/compare.h"

struct span {
	const struct az_table *rows; /* of a side: its figures, or its reference */
	unsigned first, last; /* [first, last); last 0: none */
};

/* The column's name in the tables. */
const char *span_axis(enum axis a);
/* The span that begins at row @first. */
struct span span_at(const struct az_table *rows, unsigned first);
/* Of the span's first row. */
const char *span_text(const struct span *s, const char *column);
/* Its values, STATS_MAX at most; @log_of: the logarithms of those above 0. */
unsigned span_values(const struct span *s, double *v, bool log_of);

/* The change from @a to @b; @paired: of repeats with the same number. */
struct stats_change span_change(const struct span *a, const struct span *b, bool paired);

/*
 * Fills @l's noise, its source, and what the machine moved by. @a and @b: what the
 * line is of, its change known; @main: the same setting's events/s.
 */
void compare_noise(const struct compare *c, const struct span *a, const struct span *b, const struct span main[2],
		   struct compare_line *l);

#endif
