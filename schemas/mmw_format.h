/*
 * mmw_format.h - what the writer and the reader of .mmw share: byte order,
 * checksums, and which field of which event holds an id. Private to mmw_*.c
 * and their tests; the byte table is mmw.md.
 */
#ifndef MMR_MMW_FORMAT_H
#define MMR_MMW_FORMAT_H

#include <endian.h>
#include <zlib.h>

#include "schemas/mmw.h"

_Static_assert(sizeof(struct mmw_event) == 32, "an event is 32 bytes");
_Static_assert(sizeof(struct mmw_block_header) == 64, "a block header is 64 bytes");
_Static_assert(sizeof(struct mmw_header) == 400, "the header's fields take 400 bytes");
_Static_assert(offsetof(struct mmw_header, count) == 120, "no holes before the counts");
_Static_assert(offsetof(struct mmw_header, crc32) == 396, "the header's checksum is its last field");
_Static_assert(sizeof(struct mmw_block_header) + MMW_RECORDS_PER_BLOCK * sizeof(struct mmw_event) == MMW_BLOCK_SIZE,
	       "records fill a block");
_Static_assert(EV_NR <= EV_MAX && EV_MAX == 32, "the header has room for all types");

/* One block as it lies in the file. */
struct mmw_block {
	struct mmw_block_header h;
	struct mmw_event ev[MMW_RECORDS_PER_BLOCK];
};
_Static_assert(sizeof(struct mmw_block) == MMW_BLOCK_SIZE, "a block has no padding");

#define MMW_INFO_MAX 4096 /* entries; further counts are added up under MMW_INFO_OTHER, further texts left out */
#define MMW_INFO_OTHER "(other)"
#define MMW_INFO_HEADER 8 /* bytes before key and value */
#define MMW_STRING_HEADER 2
#define MMW_STRINGS_SIZE_MAX ((uint64_t)MMW_STRINGS_MAX * (MMW_STRING_HEADER + MMW_COMM_MAX))
#define MMW_INFO_SIZE_MAX ((uint64_t)MMW_INFO_MAX * (MMW_INFO_HEADER + MMW_INFO_KEY_MAX + MMW_INFO_VALUE_MAX))

/* Bit sets of event types: where arg is a task, where it is an area, where mm is an mm. */
#define MMW_ARG_TASK                                                                                                   \
	(1u << EV_PRESENT | 1u << EV_FORK | 1u << EV_VFORK | 1u << EV_THREAD | 1u << EV_EXEC | 1u << EV_EXIT |         \
	 1u << EV_FREE | 1u << EV_SWITCH | 1u << EV_PARENT)
#define MMW_ARG_AREA (1u << EV_VMALLOC | 1u << EV_VFREE)
#define MMW_MM_MM (1u << EV_PRESENT | 1u << EV_FORK | 1u << EV_VFORK | 1u << EV_THREAD | 1u << EV_EXEC | 1u << EV_EXIT)

/* CRC of @size bytes as if the four at @at were 0. */
static inline uint32_t mmw_crc_without(const void *data, size_t size, size_t at)
{
	static const unsigned char zero[4];
	const unsigned char *p = data;
	uLong c = crc32(0, p, (uInt)at);
	c = crc32(c, zero, 4);
	return (uint32_t)crc32(c, p + at + 4, (uInt)(size - at - 4));
}

/* Between host and file order, either way; nothing on a little-endian host. */
static inline void mmw_swap_event(struct mmw_event *ev)
{
	ev->time_ns = htole64(ev->time_ns);
	ev->task = htole32(ev->task);
	ev->arg = htole32(ev->arg);
	ev->mm = htole32(ev->mm);
	ev->comm = htole32(ev->comm);
	ev->aux = htole32(ev->aux);
	ev->cpu = htole16(ev->cpu);
}

static inline void mmw_swap_block_header(struct mmw_block_header *h)
{
	h->magic = htole32(h->magic);
	h->crc32 = htole32(h->crc32);
	h->count = htole32(h->count);
	h->reserved = htole32(h->reserved);
	h->first_event = htole64(h->first_event);
	h->first_time_ns = htole64(h->first_time_ns);
	h->last_time_ns = htole64(h->last_time_ns);
}

static inline void mmw_swap_header(struct mmw_header *h)
{
	uint32_t *const w32[] = { &h->version,    &h->header_size, &h->block_size,    &h->record_size,
				  &h->strings,    &h->infos,       &h->strings_crc32, &h->info_crc32,
				  &h->tasks,      &h->mms,         &h->areas,         &h->cpus,
				  &h->peak_tasks, &h->peak_mms,    &h->complete,      &h->crc32 };
	uint64_t *const w64[] = { &h->events,    &h->blocks,      &h->strings_offset, &h->strings_size, &h->info_offset,
				  &h->info_size, &h->duration_ns, &h->lost,           &h->unresolved };
	for (size_t i = 0; i < sizeof(w32) / sizeof(*w32); i++)
		*w32[i] = htole32(*w32[i]);
	for (size_t i = 0; i < sizeof(w64) / sizeof(*w64); i++)
		*w64[i] = htole64(*w64[i]);
	for (size_t i = 0; i < EV_MAX; i++)
		h->count[i] = htole64(h->count[i]);
}

/* An entry of the information table as it lies in the file; key and value follow. */
struct mmw_info_entry {
	uint8_t group, reserved;
	uint16_t key_length;
	uint32_t value_length;
};
_Static_assert(sizeof(struct mmw_info_entry) == MMW_INFO_HEADER, "an information entry starts with 8 bytes");

#endif
