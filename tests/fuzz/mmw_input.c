/*
 * Changes that get somewhere: random ones rarely get past a checksum, so three
 * of four inputs have theirs put right afterwards; and most of a file is
 * records, so half of the changes go to the header's fields and the tables.
 */
#include "tests/fuzz/mmw_input.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "schemas/mmw_format.h"

#define RECORDS (MMW_HEADER_SIZE + sizeof(struct mmw_block_header))

static void put32(uint8_t *at, uint32_t v)
{
	v = htole32(v);
	memcpy(at, &v, 4);
}

static void seal(uint8_t *p, size_t size)
{
	struct mmw_header h;
	if (size < MMW_HEADER_SIZE)
		return;
	memcpy(&h, p, sizeof(h));
	mmw_swap_header(&h);
	for (size_t at = MMW_HEADER_SIZE; size - at >= MMW_BLOCK_SIZE && at < h.strings_offset; at += MMW_BLOCK_SIZE)
		put32(p + at + 4, mmw_crc_without(p + at, MMW_BLOCK_SIZE, 4));
	if (h.strings_offset <= size && h.strings_size <= size - h.strings_offset)
		put32(p + offsetof(struct mmw_header, strings_crc32),
		      (uint32_t)crc32(0, p + h.strings_offset, (uInt)h.strings_size));
	if (h.info_offset <= size && h.info_size <= size - h.info_offset)
		put32(p + offsetof(struct mmw_header, info_crc32),
		      (uint32_t)crc32(0, p + h.info_offset, (uInt)h.info_size));
	put32(p + offsetof(struct mmw_header, crc32),
	      mmw_crc_without(p, MMW_HEADER_SIZE, offsetof(struct mmw_header, crc32)));
}

/* The header's counts follow the records, or changed types would go no further than open. */
static void recount(uint8_t *p, size_t size)
{
	struct mmw_header h;
	if (size < MMW_HEADER_SIZE + MMW_BLOCK_SIZE)
		return;
	memcpy(&h, p, sizeof(h));
	mmw_swap_header(&h);
	memset(h.count, 0, sizeof(h.count));
	for (uint64_t i = 0; i < h.events; i++) {
		uint64_t at = RECORDS + i / MMW_RECORDS_PER_BLOCK * MMW_BLOCK_SIZE + i % MMW_RECORDS_PER_BLOCK * 32;
		if (at >= size - 32)
			return;
		h.count[p[at + 28] % EV_MAX]++;
	}
	mmw_swap_header(&h);
	memcpy(p, &h, sizeof(h));
}

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max, unsigned seed)
{
	unsigned where = seed % 4;
	if (size <= RECORDS + 32 || where == 0) {
		size = LLVMFuzzerMutate(data, size, max);
	} else if (where == 1) {
		LLVMFuzzerMutate(data, sizeof(struct mmw_header), sizeof(struct mmw_header));
	} else if (where == 2) {
		uint64_t at;
		memcpy(&at, data + offsetof(struct mmw_header, strings_offset), sizeof(at));
		at = le64toh(at);
		if (at < size)
			LLVMFuzzerMutate(data + at, size - at, size - at);
	} else {
		/* A few records among the first: ids, types, times. */
		size_t at = RECORDS + (size_t)(seed >> 8) % 64 * 32;
		if (at + 96 <= size)
			LLVMFuzzerMutate(data + at, 96, 96);
		recount(data, size);
	}
	if ((seed >> 4) % 4)
		seal(data, size);
	return size;
}

const char *mmw_input(const uint8_t *data, size_t size)
{
	static struct {
		int fd;
		char path[64];
	} file = { -1, "" };
	if (file.fd < 0) {
		file.fd = memfd_create("mmw", MFD_CLOEXEC);
		snprintf(file.path, sizeof(file.path), "/proc/self/fd/%d", file.fd);
	}
	if (ftruncate(file.fd, 0) || pwrite(file.fd, data, size, 0) != (ssize_t)size)
		abort();
	return file.path;
}
