/*
 * The kernel's own waits, of a stretch of the time. The input sums them up in
 * slices: those whose middle lies within are the stretch's, so that at either
 * end half a slice may be too much or too little.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "tracegen/subset_parts.h"

bool sub_is_stretch(const struct sub *s)
{
	return s->o->from.from != SUB_UNSET || s->o->to.from != SUB_UNSET;
}

/* The kernel's own functions are no secret, those of modules may be. */
static void put(struct sub *s, uint32_t row, struct mmw_contention c)
{
	if (s->o->anonymise && strchr(c.caller, '['))
		c.caller = "[module]";
	if (s->o->anonymise && strchr(c.within, '['))
		c.within = "[module]";
	mmw_add_contention(s->w, row, &c);
}

/* Does slice @i of the input belong to the stretch? */
static bool is_within(const struct sub *s, const struct mmw_contention_time *t, uint32_t i)
{
	uint64_t end = t->first_end_ns + i * t->length_ns, half = t->length_ns / 2;
	/* The middle of one that began before time 0 may lie there, too. */
	uint64_t middle = end > half ? end - half : 0;
	return middle >= s->from && (s->to_the_end || middle < s->to);
}

/* What of @from is of the stretch; its slices, @slice, are counted from slice @first on. */
static struct mmw_contention cut(const struct sub *s, const struct mmw_contention_time *t,
				 const struct mmw_contention *from, uint32_t first, struct mmw_contention_slice *slice)
{
	struct mmw_contention c = {
		.caller = from->caller, .within = from->within, .flags = from->flags, .slice = slice
	};
	for (uint32_t i = 0; i < from->slices; i++) {
		const struct mmw_contention_slice *in = &from->slice[i];
		if (!is_within(s, t, in->index))
			continue;
		slice[c.slices] = *in;
		slice[c.slices].index -= first;
		if (!c.slices++ || in->wait_min_ns < c.wait_min_ns)
			c.wait_min_ns = in->wait_min_ns;
		if (in->wait_max_ns > c.wait_max_ns)
			c.wait_max_ns = in->wait_max_ns;
		c.contentions += in->contentions;
		if (__builtin_add_overflow(c.wait_total_ns, in->wait_total_ns, &c.wait_total_ns))
			c.wait_total_ns = UINT64_MAX;
	}
	return c;
}

/* The longest total first; the sum of the others, which has no place among them, last. */
static int by_total(const void *a, const void *b)
{
	const struct mmw_contention *x = a, *y = b;
	bool rest_x = !strcmp(x->caller, MMW_CONTENTION_OTHER), rest_y = !strcmp(y->caller, MMW_CONTENTION_OTHER);
	if (rest_x != rest_y)
		return rest_x ? 1 : -1;
	if (x->wait_total_ns != y->wait_total_ns)
		return x->wait_total_ns < y->wait_total_ns ? 1 : -1;
	int order = strcmp(x->caller, y->caller);
	return order ? order : strcmp(x->within, y->within);
}

static int write_stretch(struct sub *s, const struct mmw_contention_time *t)
{
	uint32_t rows = mmw_contentions(s->r), n = 0, first = 0;
	struct mmw_contention *row = calloc(rows, sizeof(*row));
	struct mmw_contention_slice *slice = calloc((size_t)rows * MMW_CONTENTION_SLICES, sizeof(*slice));
	while (first < MMW_CONTENTION_SLICES && !is_within(s, t, first))
		first++;
	if (!row || !slice) {
		free(row);
		free(slice);
		return sub_no_memory(s);
	}
	for (uint32_t i = 0; i < rows; i++) {
		row[n] = cut(s, t, mmw_contention(s->r, i), first, &slice[(size_t)n * MMW_CONTENTION_SLICES]);
		n += row[n].slices > 0;
	}
	if (n) {
		qsort(row, n, sizeof(*row), by_total);
		for (uint32_t i = 0; i < n; i++)
			put(s, i, row[i]);
		uint64_t end = t->first_end_ns + first * t->length_ns;
		mmw_set_contention_time(
			s->w, &(struct mmw_contention_time){ end > s->from ? end - s->from : 0, t->length_ns });
		s->result->contention_slice_ns = t->length_ns;
	}
	s->result->contention_none = !n;
	free(row);
	free(slice);
	return 0;
}

int sub_contention_write(struct sub *s)
{
	uint32_t rows = mmw_contentions(s->r);
	struct mmw_contention_time t = mmw_contention_time(s->r);
	bool known = t.length_ns;
	for (uint32_t i = 0; i < rows; i++)
		known &= mmw_contention(s->r, i)->slices > 0;
	if (!rows)
		return 0;
	/* Who of a tree waited is not known. */
	if (s->o->roots || (sub_is_stretch(s) && !known)) {
		s->result->contention_left_out = true;
	} else if (sub_is_stretch(s)) {
		return write_stretch(s, &t);
	} else {
		for (uint32_t i = 0; i < rows; i++)
			put(s, i, *mmw_contention(s->r, i));
		if (known)
			mmw_set_contention_time(s->w, &t);
	}
	return 0;
}
