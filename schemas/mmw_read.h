/* mmw_read.h - what the event cursor needs of the reader. Private to mmw_*.c. */
#ifndef MMR_MMW_READ_H
#define MMR_MMW_READ_H

#include "schemas/mmw.h"

/* @n bytes from offset @at: 0, -ENODATA when the file ends before, another -errno. Thread-safe. */
int mmw_read_at(const struct mmw_reader *r, void *data, size_t n, uint64_t at);

/* Decimal without sign and leading zeros, as the writer makes it. */
bool mmw_read_count(const char *s, uint64_t *out);

/* mmw_contention.c: the rows that an information table holds. */
struct mmw_contentions {
	struct mmw_contention *row; /* names inside text */
	char *text;
	uint32_t rows;
	struct mmw_contention_slice *slice; /* of all rows */
	struct mmw_contention_time time;
};
/* 0, -ENOMEM, or -EBADMSG for one that makes no sense; mmw_free_contention() in any case. */
int mmw_read_contention(const struct mmw_info *info, uint32_t infos, struct mmw_contentions *out);
void mmw_free_contention(struct mmw_contentions *c);
/* mmw_contention_time.c: the slices of rows that are read. As mmw_read_contention(), which calls it. */
int mmw_read_contention_time(const struct mmw_info *info, uint32_t infos, struct mmw_contentions *out);
void mmw_write_contention_slices(struct mmw_writer *w, uint32_t row, const struct mmw_contention *c);
/* Is the entry about slices? */
bool mmw_is_contention_time(const struct mmw_info *in);

#endif
