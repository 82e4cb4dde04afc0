#include "replay/timeline.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "schemas/result.h"

int timeline_make(struct timeline *t, uint32_t rows, uint64_t length)
{
	const size_t size = (size_t)rows * TIMELINE_INTERVALS * sizeof(*t->cell);
	*t = (struct timeline){ .length = length, .until = length, .rows = rows };
	t->was = calloc(rows, sizeof(*t->was));
	t->cell = malloc(size);
	if (!t->was || !t->cell) {
		timeline_free(t);
		return -ENOMEM;
	}
	/* So that no page fault falls into the run. */
	memset(t->cell, 0, size);
	return 0;
}

void timeline_free(struct timeline *t)
{
	free(t->was);
	free(t->cell);
	*t = (struct timeline){ 0 };
}

static void add(struct timeline_cell *to, const struct timeline_cell *from)
{
	to->acquisitions += from->acquisitions;
	to->contentions += from->contentions;
	to->timed += from->timed;
	to->wait += from->wait;
	to->hold += from->hold;
}

void timeline_book(struct timeline *t, uint32_t row, const struct timeline_cell *is)
{
	struct timeline_cell *was = &t->was[row];
	if (!memcmp(is, was, sizeof(*is)))
		return;
	const struct timeline_cell gained = { is->acquisitions - was->acquisitions, is->contentions - was->contentions,
					      is->timed - was->timed, is->wait - was->wait, is->hold - was->hold };
	add(&t->cell[row * TIMELINE_INTERVALS + t->at], &gained);
	*was = *is;
}

static void fold(struct timeline *t)
{
	for (uint32_t row = 0; row < t->rows; row++) {
		struct timeline_cell *c = &t->cell[row * TIMELINE_INTERVALS];
		/* Locks that were never taken are most. */
		if (!t->was[row].acquisitions && !t->was[row].contentions)
			continue;
		for (uint32_t i = 0; i < TIMELINE_INTERVALS / 2; i++) {
			struct timeline_cell both = c[2 * i];
			add(&both, &c[2 * i + 1]);
			c[i] = both;
		}
		memset(c + TIMELINE_INTERVALS / 2, 0, TIMELINE_INTERVALS / 2 * sizeof(*c));
	}
	t->length *= 2;
}

void timeline_go_on(struct timeline *t, uint64_t now)
{
	while (now / t->length >= TIMELINE_INTERVALS)
		fold(t);
	t->at = (uint32_t)(now / t->length);
	t->until = (t->at + 1ull) * t->length;
}

void timeline_stretch(struct timeline *t, uint64_t length)
{
	while (t->length < length)
		fold(t);
}

void timeline_sum(const struct timeline *t, uint32_t row, struct timeline_cell *sum)
{
	for (uint32_t i = 0; i < TIMELINE_INTERVALS && row < t->rows; i++)
		add(&sum[i], &t->cell[row * TIMELINE_INTERVALS + i]);
}

unsigned timeline_rows(const struct timeline_cell *cells, uint64_t length_ns, uint64_t end_ns,
		       struct result_interval *rows)
{
	const uint64_t last = length_ns && end_ns ? (end_ns - 1) / length_ns : 0;
	unsigned n = 0;
	for (uint64_t i = 0; i < TIMELINE_INTERVALS; i++) {
		const struct timeline_cell *c = &cells[i];
		/* The run is counted from its first worker's begin, which is a little later than the clock's zero. */
		const uint64_t seq = i < last ? i : last, begin = seq * length_ns;
		if (!c->acquisitions && !c->contentions && !c->timed)
			continue;
		if (!n || rows[n - 1].seq != seq)
			rows[n++] = (struct result_interval){
				.seq = (unsigned)seq,
				.begin_ns = begin,
				.length_ns = seq < last || end_ns <= begin ? length_ns : end_ns - begin,
			};
		struct result_interval *to = &rows[n - 1];
		to->acquisitions += c->acquisitions;
		to->contentions += c->contentions;
		to->timed += c->timed;
		to->wait_ns += c->wait;
		to->hold_ns += c->hold;
	}
	return n;
}
