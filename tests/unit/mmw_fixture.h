/*
 * mmw_fixture.h - a good workload file of several blocks, its bytes, and ways to
 * spoil them. Included once by each test of the file format; one thread.
 */
#ifndef MMR_TEST_MMW_FIXTURE_H
#define MMR_TEST_MMW_FIXTURE_H

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

#include "schemas/mmw_format.h"

static struct {
	char dir[64], file[96];
	unsigned char *image; /* the bytes of a good file */
	size_t size;
} t;

#define EVENTS (MMW_RECORDS_PER_BLOCK * 2 + 100)

/* Event @i of the test file: every type, every field in use. */
static inline struct mmw_event sample(unsigned i)
{
	struct mmw_event ev = { .time_ns = 10ull * i,
				.task = i % 50 + 1,
				.arg = i / (EV_NR - 1) % 49 + 1,
				.mm = i / (EV_NR - 1) % 21 + 1,
				.comm = i % 4,
				.aux = i,
				.type = (uint8_t)(1 + i % (EV_NR - 1)),
				.flags = (uint8_t)(i % 64),
				.cpu = (uint16_t)(i % 7) };
	if (ev.type == EV_LOST)
		ev.aux = 3;
	return ev;
}

static inline struct mmw_writer *create(void)
{
	struct mmr_err e = { 0 };
	struct mmw_writer *w;
	if (mmw_create(t.file, &w, &e))
		fail_msg("%s", e.text);
	return w;
}

static inline void write_sample(void)
{
	struct mmr_err e = { 0 };
	struct mmw_writer *w = create();
	assert_int_equal(mmw_string(w, "bash"), 1);
	assert_int_equal(mmw_string(w, "cc1"), 2);
	assert_int_equal(mmw_string(w, "bash"), 1);
	assert_int_equal(mmw_string(w, ""), 0);
	assert_int_equal(mmw_string(w, "\xff\x1b[2J"), 3);
	for (unsigned i = 0; i < EVENTS; i++) {
		struct mmw_event ev = sample(i);
		if (mmw_add(w, &ev, &e))
			fail_msg("%s", e.text);
	}
	mmw_info_text(w, MMW_INFO_SOURCE, "host", "example");
	mmw_info_text(w, MMW_INFO_SOURCE, "tracer", "first");
	mmw_info_text(w, MMW_INFO_SOURCE, "tracer", "perf");
	mmw_info_count(w, MMW_INFO_UNRESOLVED, "exit_of_unknown_task", 5);
	mmw_info_count(w, MMW_INFO_UNRESOLVED, "exit_of_unknown_task", 7);
	mmw_info_count(w, MMW_INFO_UNRESOLVED, "free_of_unknown_task", 1);
	mmw_info_count(w, MMW_INFO_LOST, "host", 2);
	mmw_set_peaks(w, 17, 9);
	if (mmw_finish(w, &e))
		fail_msg("%s", e.text);
}

static inline unsigned files_left(void)
{
	unsigned n = 0;
	struct dirent *d;
	DIR *dir = opendir(t.dir);
	while ((d = readdir(dir)))
		n += strcmp(d->d_name, ".") && strcmp(d->d_name, "..");
	closedir(dir);
	return n;
}

static inline void put_image(const void *data, size_t n)
{
	int fd = open(t.file, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, data, n), n);
	close(fd);
}

/* Opens and reads to the end: 0, or the first error. */
static inline int read_all(struct mmr_err *e)
{
	struct mmw_reader *r;
	struct mmw_cursor *c;
	struct mmw_event ev;
	*e = (struct mmr_err){ 0 };
	int ret = mmw_open(t.file, &r, e);
	if (ret) {
		assert_null(r);
	} else {
		assert_int_equal(mmw_cursor_open(r, &c, e), 0);
		while ((ret = mmw_next(c, &ev, e)) > 0)
			;
		/* An error stays. */
		if (ret)
			assert_int_equal(mmw_next(c, &ev, e), ret);
		mmw_cursor_close(c);
		mmw_close(r);
	}
	assert_int_equal(ret, e->code);
	if (ret)
		assert_memory_equal(e->text, t.file, strlen(t.file));
	return ret;
}

static inline int read_image(const void *data, size_t n)
{
	struct mmr_err e;
	put_image(data, n);
	return read_all(&e);
}

static inline unsigned char *copy_image(void)
{
	unsigned char *p = malloc(t.size);
	return memcpy(p, t.image, t.size);
}

static inline void seal_header(unsigned char *p)
{
	uint32_t crc = htole32(mmw_crc_without(p, MMW_HEADER_SIZE, offsetof(struct mmw_header, crc32)));
	memcpy(p + offsetof(struct mmw_header, crc32), &crc, 4);
}

static inline void seal_block(unsigned char *p, unsigned n)
{
	p += MMW_HEADER_SIZE + (size_t)n * MMW_BLOCK_SIZE;
	uint32_t crc = htole32(mmw_crc_without(p, MMW_BLOCK_SIZE, 4));
	memcpy(p + 4, &crc, 4);
}

static inline int setup(void **state)
{
	(void)state;
	strcpy(t.dir, "/tmp/test_mmw.XXXXXX");
	if (!mkdtemp(t.dir))
		return -1;
	snprintf(t.file, sizeof(t.file), "%s/w.mmw", t.dir);
	write_sample();
	struct stat st;
	int fd = open(t.file, O_RDONLY);
	fstat(fd, &st);
	t.size = (size_t)st.st_size;
	t.image = malloc(t.size);
	ssize_t n = read(fd, t.image, t.size);
	close(fd);
	return n == st.st_size ? 0 : -1;
}

static inline int teardown(void **state)
{
	(void)state;
	unlink(t.file);
	free(t.image);
	return rmdir(t.dir);
}

#endif
