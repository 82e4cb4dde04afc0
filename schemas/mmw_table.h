/*
 * mmw_table.h - byte strings numbered in the order they are first seen.
 *
 * Used by the .mmw writer for command names and for the keys of its
 * information table. Owned by its writer, used by one thread.
 */
#ifndef MMR_MMW_TABLE_H
#define MMR_MMW_TABLE_H

#include <stddef.h>
#include <stdint.h>

struct mmw_table {
	uint32_t count, max; /* entries are numbered 1..count; never more than max */
	uint32_t *slot; /* open addressing: entry numbers, 0 is free */
	uint32_t slots; /* a power of two */
	uint64_t *at; /* entry - 1: where it starts in bytes */
	uint16_t *length;
	uint32_t room; /* entries for which at and length have space */
	char *bytes;
	size_t used, size;
};

#define MMW_TABLE_FULL UINT32_MAX

/* An empty table for at most @max strings. No allocation yet. */
void mmw_table_init(struct mmw_table *t, uint32_t max);
void mmw_table_free(struct mmw_table *t);

/*
 * The number of the @n bytes at @s, which are copied when they are new;
 * MMW_TABLE_FULL when they are new and there is no room, in the table or in memory.
 */
uint32_t mmw_table_add(struct mmw_table *t, const void *s, uint16_t n);

/* Their number, 0 when they are not there. */
uint32_t mmw_table_find(const struct mmw_table *t, const void *s, uint16_t n);

#endif
