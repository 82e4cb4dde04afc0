/* When the kernel's waits for its locks began: slices of the rows, a text for each row. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "schemas/mmw_read.h"

#define TIME_KEY "contention_slices"
#define PREFIX "contention_at."

bool mmw_is_contention_time(const struct mmw_info *in)
{
	return in->group == MMW_INFO_SOURCE &&
	       (!strcmp(in->key, TIME_KEY) || !strncmp(in->key, PREFIX, sizeof(PREFIX) - 1));
}

void mmw_set_contention_time(struct mmw_writer *w, const struct mmw_contention_time *t)
{
	char value[64];
	snprintf(value, sizeof(value), "%" PRIu64 " %" PRIu64, t->first_end_ns, t->length_ns);
	mmw_info_text(w, MMW_INFO_SOURCE, TIME_KEY, value);
}

void mmw_write_contention_slices(struct mmw_writer *w, uint32_t row, const struct mmw_contention *c)
{
	char key[40], value[MMW_INFO_VALUE_MAX + 1];
	size_t n = 0;
	for (uint32_t i = 0; i < c->slices && n < sizeof(value); i++) {
		const struct mmw_contention_slice *s = &c->slice[i];
		n += (size_t)snprintf(value + n, sizeof(value) - n,
				      "%s%" PRIu32 " %" PRIu64 " %" PRIu64 " %" PRIu64 " %" PRIu64, i ? " " : "",
				      s->index, s->contentions, s->wait_total_ns, s->wait_min_ns, s->wait_max_ns);
	}
	/* Some of them would not be the row's waits; it takes waits of centuries to get there. */
	if (!n || n >= sizeof(value))
		return;
	snprintf(key, sizeof(key), PREFIX "%" PRIu32, row);
	mmw_info_text(w, MMW_INFO_SOURCE, key, value);
}

/* The number at *@at, up to a blank or the end; *@at goes on behind it. */
static bool number(const char **at, uint64_t *v)
{
	char text[24];
	size_t n = strcspn(*at, " ");
	if (n >= sizeof(text))
		return false;
	memcpy(text, *at, n);
	text[n] = '\0';
	*at += n;
	/* One blank between two; none at the end. */
	if (**at && !*++*at)
		return false;
	return mmw_read_count(text, v);
}

static bool parse_slice(const char **text, struct mmw_contention_slice *s)
{
	uint64_t index;
	if (!number(text, &index) || !number(text, &s->contentions) || !number(text, &s->wait_total_ns) ||
	    !number(text, &s->wait_min_ns) || !number(text, &s->wait_max_ns))
		return false;
	s->index = (uint32_t)index;
	return index < MMW_CONTENTION_SLICES && s->contentions && s->wait_min_ns <= s->wait_max_ns &&
	       s->wait_max_ns <= s->wait_total_ns;
}

/* The slices of @row from @text, which go to *@to; it goes on behind them. */
static bool parse(const char *text, struct mmw_contention *row, struct mmw_contention_slice **to)
{
	uint64_t n = 0, total = 0;
	if (row->slices)
		return false;
	row->slice = *to;
	while (*text) {
		struct mmw_contention_slice *s = *to;
		if (row->slices == MMW_CONTENTION_SLICES || !parse_slice(&text, s) ||
		    (row->slices && s->index <= s[-1].index) || __builtin_add_overflow(n, s->contentions, &n))
			return false;
		if (__builtin_add_overflow(total, s->wait_total_ns, &total))
			total = UINT64_MAX;
		row->slices++;
		++*to;
	}
	return row->slices && n == row->contentions && total == row->wait_total_ns;
}

static bool parse_time(const char *text, struct mmw_contention_time *t)
{
	uint64_t last;
	return !t->length_ns && number(&text, &t->first_end_ns) && number(&text, &t->length_ns) && !*text &&
	       t->length_ns &&
	       /* Every end is a time. */
	       !__builtin_mul_overflow(t->length_ns, (uint64_t)MMW_CONTENTION_SLICES, &last) &&
	       !__builtin_add_overflow(last, t->first_end_ns, &last) && last <= INT64_MAX;
}

int mmw_read_contention_time(const struct mmw_info *info, uint32_t infos, struct mmw_contentions *out)
{
	out->slice = calloc((size_t)out->rows * MMW_CONTENTION_SLICES + 1, sizeof(*out->slice));
	struct mmw_contention_slice *to = out->slice;
	if (!to)
		return -ENOMEM;
	for (uint32_t i = 0; i < infos; i++) {
		uint64_t row;
		if (!mmw_is_contention_time(&info[i]))
			continue;
		if (!strcmp(info[i].key, TIME_KEY)) {
			if (!parse_time(info[i].text, &out->time))
				return -EBADMSG;
			continue;
		}
		if (!mmw_read_count(info[i].key + sizeof(PREFIX) - 1, &row) || row >= out->rows ||
		    !parse(info[i].text, &out->row[row], &to))
			return -EBADMSG;
	}
	return 0;
}
