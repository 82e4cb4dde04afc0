/* The workload file: what is written is read, and nothing damaged is. */
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
static struct mmw_event sample(unsigned i)
{
	struct mmw_event ev = { .time_ns = 10ull * i,
				.task = i % 50 + 1,
				.arg = i % 49 + 1,
				.mm = i % 21 + 1,
				.comm = i % 4,
				.aux = i,
				.type = (uint8_t)(1 + i % (EV_NR - 1)),
				.flags = (uint8_t)(i % 64),
				.cpu = (uint16_t)(i % 7) };
	if (ev.type == EV_LOST)
		ev.aux = 3;
	return ev;
}

static struct mmw_writer *create(void)
{
	struct mmr_err e = { 0 };
	struct mmw_writer *w;
	if (mmw_create(t.file, &w, &e))
		fail_msg("%s", e.text);
	return w;
}

static void write_sample(void)
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

static unsigned files_left(void)
{
	unsigned n = 0;
	struct dirent *d;
	DIR *dir = opendir(t.dir);
	while ((d = readdir(dir)))
		n += strcmp(d->d_name, ".") && strcmp(d->d_name, "..");
	closedir(dir);
	return n;
}

static void put_image(const void *data, size_t n)
{
	int fd = open(t.file, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, data, n), n);
	close(fd);
}

/* Opens and reads to the end: 0, or the first error. */
static int read_all(struct mmr_err *e)
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

static int read_image(const void *data, size_t n)
{
	struct mmr_err e;
	put_image(data, n);
	return read_all(&e);
}

static unsigned char *copy_image(void)
{
	unsigned char *p = malloc(t.size);
	return memcpy(p, t.image, t.size);
}

static void seal_header(unsigned char *p)
{
	uint32_t crc = htole32(mmw_crc_without(p, MMW_HEADER_SIZE, offsetof(struct mmw_header, crc32)));
	memcpy(p + offsetof(struct mmw_header, crc32), &crc, 4);
}

static void seal_block(unsigned char *p, unsigned n)
{
	p += MMW_HEADER_SIZE + (size_t)n * MMW_BLOCK_SIZE;
	uint32_t crc = htole32(mmw_crc_without(p, MMW_BLOCK_SIZE, 4));
	memcpy(p + 4, &crc, 4);
}

static int setup(void **state)
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

static int teardown(void **state)
{
	(void)state;
	unlink(t.file);
	free(t.image);
	return rmdir(t.dir);
}

static void what_is_written_is_read(void **state)
{
	(void)state;
	struct mmr_err e = { 0 };
	struct mmw_reader *r;
	struct mmw_cursor *c;
	struct mmw_event ev;
	put_image(t.image, t.size);
	assert_int_equal(mmw_open(t.file, &r, &e), 0);
	const struct mmw_header *h = mmw_header(r);
	assert_int_equal(h->events, EVENTS);
	assert_int_equal(h->blocks, 3);
	assert_int_equal(h->strings, 3);
	assert_int_equal(h->tasks, 50);
	assert_int_equal(h->mms, 21);
	assert_int_equal(h->areas, 49);
	assert_int_equal(h->cpus, 7);
	assert_int_equal(h->peak_tasks, 17);
	assert_int_equal(h->peak_mms, 9);
	assert_int_equal(h->duration_ns, 10 * (EVENTS - 1));
	assert_int_equal(h->unresolved, 13);
	assert_int_equal(h->lost, 3 * h->count[EV_LOST]);
	assert_string_equal(mmw_path(r), t.file);
	assert_string_equal(mmw_comm(r, 0), "");
	assert_string_equal(mmw_comm(r, 1), "bash");
	assert_string_equal(mmw_comm(r, 3), "\xff\x1b[2J");
	assert_string_equal(mmw_comm(r, 4), "");
	assert_string_equal(mmw_comm(r, UINT32_MAX), "");
	assert_int_equal(h->infos, 5);
	assert_string_equal(mmw_source(r, "tracer"), "perf");
	assert_string_equal(mmw_source(r, "host"), "example");
	assert_null(mmw_source(r, "free_of_unknown_task"));
	struct mmw_info in = mmw_info(r, 2);
	assert_int_equal(in.group, MMW_INFO_UNRESOLVED);
	assert_string_equal(in.key, "exit_of_unknown_task");
	assert_string_equal(in.text, "12");
	assert_int_equal(in.count, 12);
	assert_string_equal(mmw_info(r, 99).key, "");

	uint64_t count[EV_MAX] = { 0 };
	assert_int_equal(mmw_cursor_open(r, &c, &e), 0);
	for (unsigned i = 0; i < EVENTS; i++) {
		struct mmw_event want = sample(i);
		assert_int_equal(mmw_next(c, &ev, &e), 1);
		assert_memory_equal(&ev, &want, sizeof(ev));
		count[ev.type]++;
	}
	assert_int_equal(mmw_next(c, &ev, &e), 0);
	assert_int_equal(mmw_next(c, &ev, &e), 0);
	assert_memory_equal(count, h->count, sizeof(count));
	mmw_cursor_close(c);
	mmw_close(r);
}

static void an_empty_workload_is_a_workload(void **state)
{
	(void)state;
	struct mmr_err e = { 0 };
	struct mmw_writer *w = create();
	assert_int_equal(mmw_finish(w, &e), 0);
	assert_int_equal(read_all(&e), 0);
}

/* The bytes are fixed: a checker that knows only mmw.md must find them. */
static void the_bytes_are_those_of_the_table(void **state)
{
	(void)state;
	const unsigned char *p = t.image;
	assert_memory_equal(p, "MMWORK\r\n\1\0\0\0\0\x10\0\0\0\0\1\0\x20\0\0\0", 24);
	assert_int_equal(p[24] | p[25] << 8, EVENTS);
	assert_int_equal(p[32], 3);
	assert_memory_equal(p + 392, "\1\0\0\0", 4);
	p += MMW_HEADER_SIZE + MMW_BLOCK_SIZE;
	assert_memory_equal(p, "MMWB", 4);
	assert_int_equal(p[8] | p[9] << 8, 2046);
	assert_int_equal(p[16] | p[17] << 8, 2046);
	const struct mmw_event want = sample(2046 + 5);
	p += 64 + 5 * 32;
	assert_int_equal(p[0] | p[1] << 8 | p[2] << 16, want.time_ns);
	assert_int_equal(p[8], want.task);
	assert_int_equal(p[12], want.arg);
	assert_int_equal(p[16], want.mm);
	assert_int_equal(p[20], want.comm);
	assert_int_equal(p[24] | p[25] << 8, want.aux);
	assert_int_equal(p[28], want.type);
	assert_int_equal(p[29], want.flags);
	assert_int_equal(p[30], want.cpu);
	p = t.image + MMW_HEADER_SIZE + 3 * (size_t)MMW_BLOCK_SIZE;
	assert_memory_equal(p, "\4\0bash\3\0cc1\5\0\xff", 14);
	p += 6 + 5 + 7;
	assert_memory_equal(p, "\1\0\4\0\7\0\0\0hostexample", 19);
}

static void every_byte_flipped_in_a_header_is_seen(void **state)
{
	(void)state;
	unsigned char *p = copy_image();
	for (unsigned i = 0; i < MMW_HEADER_SIZE; i += i < sizeof(struct mmw_header) ? 1 : 61) {
		p[i] ^= 0x41;
		int ret = read_image(p, t.size);
		assert_int_equal(ret, i < 6 ? -EPROTO : i >= 8 && i < 12 ? -ENOTSUP : -EBADMSG);
		p[i] ^= 0x41;
	}
	free(p);
}

/* With a valid checksum, too: hostile, not damaged. */
static void a_header_that_lies_is_seen(void **state)
{
	(void)state;
	static const struct {
		size_t at, size;
	} fields[] = {
#define F(f) { offsetof(struct mmw_header, f), sizeof(((struct mmw_header *)0)->f) }
		F(header_size),  F(block_size),  F(record_size), F(events),     F(blocks),   F(strings_offset),
		F(strings_size), F(info_offset), F(info_size),   F(strings),    F(infos),    F(strings_crc32),
		F(info_crc32),   F(tasks),       F(mms),         F(areas),      F(cpus),     F(duration_ns),
		F(count[1]),     F(count[31]),   F(complete),    F(peak_tasks), F(peak_mms),
#undef F
	};
	static const uint64_t values[] = { 0,
					   1,
					   48,
					   0xffff,
					   0x10000,
					   0x7fffffff,
					   0xffffffff,
					   1ull << 32,
					   1ull << 48,
					   INT64_MAX,
					   (uint64_t)INT64_MAX + 1,
					   UINT64_MAX - 4095,
					   UINT64_MAX };
	for (unsigned i = 0; i < sizeof(fields) / sizeof(*fields); i++)
		for (unsigned v = 0; v < sizeof(values) / sizeof(*values); v++) {
			unsigned char *p = copy_image();
			uint64_t le = htole64(values[v]);
			memcpy(p + fields[i].at, &le, fields[i].size);
			if (!memcmp(p, t.image, MMW_HEADER_SIZE)) {
				free(p);
				continue;
			}
			seal_header(p);
			int ret = read_image(p, t.size);
			bool loose = fields[i].at == offsetof(struct mmw_header, peak_tasks) ||
				     fields[i].at == offsetof(struct mmw_header, peak_mms) ||
				     fields[i].at == offsetof(struct mmw_header, duration_ns) ||
				     fields[i].at == offsetof(struct mmw_header, tasks) ||
				     fields[i].at == offsetof(struct mmw_header, mms) ||
				     fields[i].at == offsetof(struct mmw_header, areas) ||
				     fields[i].at == offsetof(struct mmw_header, cpus);
			/* These bound others; a bound that is merely too wide does no harm. */
			if (!loose || ret)
				assert_true(ret == -EBADMSG || ret == -ENOTSUP);
			free(p);
		}
}

static void ids_out_of_range_are_seen(void **state)
{
	(void)state;
	static const struct {
		unsigned type;
		size_t at, size;
		bool good;
	} cases[] = {
#define F(t, f, g) { t, offsetof(struct mmw_event, f), sizeof(((struct mmw_event *)0)->f), g }
		F(EV_FORK, task, false),  F(EV_FORK, arg, false),     F(EV_FORK, mm, false),
		F(EV_FORK, comm, false),  F(EV_EXIT, cpu, false),     F(EV_EXIT, type, false),
		F(EV_EXIT, mm, false),    F(EV_VMALLOC, arg, false),  F(EV_VFREE, task, false),
		F(EV_SWITCH, arg, false), F(EV_EXEC, time_ns, false), F(EV_FORK, aux, true),
		F(EV_LOST, arg, true),    F(EV_VMALLOC, mm, true),    F(EV_FREE, mm, true),
		F(EV_EXIT, flags, true),
#undef F
	};
	for (unsigned i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		unsigned char *p = copy_image();
		/* The record of that type in block 1. */
		unsigned n = MMW_RECORDS_PER_BLOCK + 1;
		while (sample(n).type != cases[i].type)
			n++;
		unsigned char *rec =
			p + MMW_HEADER_SIZE + MMW_BLOCK_SIZE + 64 + (size_t)(n - MMW_RECORDS_PER_BLOCK) * 32;
		memset(rec + cases[i].at, 0xff, cases[i].size);
		seal_block(p, 1);
		assert_int_equal(read_image(p, t.size), cases[i].good ? 0 : -EBADMSG);
		free(p);
	}
}

static void times_never_go_back(void **state)
{
	(void)state;
	struct mmr_err e;
	unsigned char *p = copy_image();
	unsigned char *rec = p + MMW_HEADER_SIZE + 64 + 1000 * 32;
	memset(rec, 0, 8);
	seal_block(p, 0);
	put_image(p, t.size);
	assert_int_equal(read_all(&e), -EBADMSG);
	assert_non_null(strstr(e.text, "block 0, record 1000: time out of order"));
	/* Nor from one block to the next. */
	memcpy(p, t.image, t.size);
	rec = p + MMW_HEADER_SIZE + MMW_BLOCK_SIZE + 64;
	memset(rec, 0, 8);
	memset(p + MMW_HEADER_SIZE + MMW_BLOCK_SIZE + 24, 0, 8);
	seal_block(p, 1);
	put_image(p, t.size);
	assert_int_equal(read_all(&e), -EBADMSG);
	assert_non_null(strstr(e.text, "block 1, record 0: time out of order"));
	free(p);
}

static void a_damaged_block_is_seen(void **state)
{
	(void)state;
	struct mmr_err e;
	unsigned char *p = copy_image();
	for (size_t i = 0; i < MMW_BLOCK_SIZE; i += i < 70 ? 1 : 997) {
		size_t at = MMW_HEADER_SIZE + MMW_BLOCK_SIZE + i;
		p[at] ^= 1;
		put_image(p, t.size);
		assert_int_equal(read_all(&e), -EBADMSG);
		assert_non_null(strstr(e.text, "block 1: damaged"));
		p[at] ^= 1;
	}
	/* Checksum right, content of a block header wrong. */
	static const unsigned field[] = { 0, 8, 12, 16, 24, 32 };
	for (unsigned i = 0; i < sizeof(field) / sizeof(*field); i++) {
		size_t at = MMW_HEADER_SIZE + 2 * (size_t)MMW_BLOCK_SIZE + field[i];
		for (unsigned bit = 0; bit < 8; bit++) {
			p[at] ^= (unsigned char)(1 << bit);
			seal_block(p, 2);
			put_image(p, t.size);
			assert_int_equal(read_all(&e), -EBADMSG);
			p[at] ^= (unsigned char)(1 << bit);
			seal_block(p, 2);
		}
	}
	/* Two blocks changed places. */
	memcpy(p + MMW_HEADER_SIZE, t.image + MMW_HEADER_SIZE + MMW_BLOCK_SIZE, MMW_BLOCK_SIZE);
	memcpy(p + MMW_HEADER_SIZE + MMW_BLOCK_SIZE, t.image + MMW_HEADER_SIZE, MMW_BLOCK_SIZE);
	assert_int_equal(read_image(p, t.size), -EBADMSG);
	free(p);
}

static void damaged_tables_are_seen(void **state)
{
	(void)state;
	unsigned char *p = copy_image();
	struct mmw_header h;
	memcpy(&h, t.image, sizeof(h));
	mmw_swap_header(&h);
	for (size_t at = h.strings_offset; at < t.size; at++) {
		static const unsigned char values[] = { 0, 1, 5, 0x7f, 0xff };
		unsigned char was = p[at];
		for (unsigned v = 0; v < sizeof(values); v++) {
			if (was == values[v])
				continue;
			p[at] = values[v];
			assert_int_equal(read_image(p, t.size), -EBADMSG);
			/* With right checksums nothing may break, whatever it reads as. */
			uint32_t crc = htole32((uint32_t)crc32(0, p + h.strings_offset, (uInt)h.strings_size));
			memcpy(p + offsetof(struct mmw_header, strings_crc32), &crc, 4);
			crc = htole32((uint32_t)crc32(0, p + h.info_offset, (uInt)h.info_size));
			memcpy(p + offsetof(struct mmw_header, info_crc32), &crc, 4);
			seal_header(p);
			int ret = read_image(p, t.size);
			assert_true(ret == 0 || ret == -EBADMSG);
			/* The first length, wrong. */
			if (at == h.strings_offset)
				assert_int_equal(ret, -EBADMSG);
			memcpy(p, t.image, MMW_HEADER_SIZE);
		}
		p[at] = was;
	}
	free(p);
}

static void truncation_is_seen_at_every_length(void **state)
{
	(void)state;
	struct mmr_err e;
	for (size_t n = 0; n < t.size; n += n < 450 || n + 300 > t.size ? 1 : n < 5000 ? 97 : 4999) {
		put_image(t.image, n);
		int ret = read_all(&e);
		assert_int_equal(ret, n < 8 ? -EPROTO : -EBADMSG);
		if (n >= 8)
			assert_non_null(strstr(e.text, "truncated"));
	}
	unsigned char *p = malloc(t.size + 1);
	memcpy(p, t.image, t.size);
	p[t.size] = 0;
	assert_int_equal(read_image(p, t.size + 1), -EBADMSG);
	free(p);
}

static void a_file_that_shrinks_is_an_error(void **state)
{
	(void)state;
	struct mmr_err e = { 0 };
	struct mmw_reader *r;
	struct mmw_cursor *c;
	struct mmw_event ev;
	put_image(t.image, t.size);
	assert_int_equal(mmw_open(t.file, &r, &e), 0);
	assert_int_equal(mmw_cursor_open(r, &c, &e), 0);
	for (unsigned i = 0; i < MMW_RECORDS_PER_BLOCK; i++)
		assert_int_equal(mmw_next(c, &ev, &e), 1);
	assert_int_equal(truncate(t.file, MMW_HEADER_SIZE + MMW_BLOCK_SIZE + 100), 0);
	assert_int_equal(mmw_next(c, &ev, &e), -EBADMSG);
	mmw_cursor_close(c);
	mmw_close(r);
}

static void other_files_are_no_workloads(void **state)
{
	(void)state;
	struct mmr_err e;
	struct mmw_reader *r;
	unsigned char junk[5000];
	uint32_t x = 12345;
	for (unsigned round = 0; round < 50; round++) {
		for (unsigned i = 0; i < sizeof(junk); i++)
			junk[i] = (unsigned char)((x = x * 1664525 + 1013904223) >> 24);
		assert_int_equal(read_image(junk, round * 100), -EPROTO);
	}
	assert_int_equal(mmw_open(t.dir, &r, &e), -EPROTO);
	assert_int_equal(mmw_open("/dev/null", &r, &e), -EPROTO);
	assert_int_equal(mmw_open("/nonexistent/x", &r, &e), -ENOENT);
	unlink(t.file);
	assert_int_equal(mkfifo(t.file, 0600), 0);
	assert_int_equal(mmw_open(t.file, &r, &e), -EPROTO);
	unlink(t.file);
	/* Line ends changed in transfer. */
	unsigned char *p = copy_image();
	memmove(p + 6, p + 7, t.size - 7);
	put_image(p, t.size - 1);
	assert_int_equal(read_all(&e), -EBADMSG);
	assert_non_null(strstr(e.text, "text mode"));
	free(p);
}

static void the_writer_refuses_nonsense(void **state)
{
	(void)state;
	struct mmr_err e = { 0 };
	struct mmw_writer *w = create();
	struct mmw_event ev = { .time_ns = 10, .type = EV_FORK, .task = 1, .arg = 2, .mm = 1 };
	assert_int_equal(mmw_add(w, &ev, &e), 0);
	ev.time_ns = 9;
	assert_int_equal(mmw_add(w, &ev, &e), -EINVAL);
	assert_non_null(strstr(e.text, "before the last one's"));
	ev.time_ns = 10;
	assert_int_equal(mmw_add(w, &ev, &e), 0);
	ev.comm = 1;
	assert_int_equal(mmw_add(w, &ev, &e), -EINVAL);
	ev.comm = 0;
	ev.type = EV_NR;
	assert_int_equal(mmw_add(w, &ev, &e), -EINVAL);
	ev.type = EV_NONE;
	assert_int_equal(mmw_add(w, &ev, &e), -EINVAL);
	/* The refused ones left no trace. */
	assert_int_equal(mmw_finish(w, &e), 0);
	assert_int_equal(read_all(&e), 0);
	unlink(t.file);

	w = create();
	ev = (struct mmw_event){ .type = EV_EXIT, .task = 1000 };
	assert_int_equal(mmw_add(w, &ev, &e), 0);
	assert_int_equal(mmw_finish(w, &e), -EINVAL);
	assert_int_equal(files_left(), 0);
	w = create();
	mmw_set_peaks(w, 1, 0);
	assert_int_equal(mmw_finish(w, &e), -EINVAL);
	assert_int_equal(files_left(), 0);
}

static void tables_are_bounded(void **state)
{
	(void)state;
	struct mmr_err e = { 0 };
	struct mmw_reader *r;
	struct mmw_writer *w = create();
	char name[600], key[300];
	memset(name, 'x', sizeof(name));
	for (unsigned i = 0; i < MMW_STRINGS_MAX + 10; i++) {
		snprintf(name, sizeof(name), "name %u", i);
		assert_int_equal(mmw_string(w, name), i < MMW_STRINGS_MAX ? i + 1 : 0);
	}
	assert_int_equal(mmw_string(w, "name 77"), 78);
	memset(key, 'k', sizeof(key) - 1);
	key[sizeof(key) - 1] = '\0';
	mmw_info_count(w, MMW_INFO_UNRESOLVED, key, UINT64_MAX);
	mmw_info_count(w, MMW_INFO_UNRESOLVED, key, 1);
	for (unsigned i = 0; i < 6000; i++) {
		snprintf(name, sizeof(name), "event %u", i);
		mmw_info_count(w, MMW_INFO_SOURCE_EVENT, name, 1);
	}
	char *text = malloc(10000);
	memset(text, 't', 9999);
	text[9999] = '\0';
	mmw_info_text(w, MMW_INFO_SOURCE, "late", text);
	assert_int_equal(mmw_finish(w, &e), 0);
	assert_int_equal(mmw_open(t.file, &r, &e), 0);
	const struct mmw_header *h = mmw_header(r);
	assert_int_equal(h->strings, MMW_STRINGS_MAX);
	assert_string_equal(mmw_comm(r, MMW_STRINGS_MAX), "name 65535");
	assert_true(h->unresolved == UINT64_MAX);
	assert_int_equal(strlen(mmw_info(r, 0).key), MMW_INFO_KEY_MAX);
	uint64_t sum = 0, left_out = 0;
	for (uint32_t i = 0; i < h->infos; i++) {
		struct mmw_info in = mmw_info(r, i);
		if (in.group == MMW_INFO_SOURCE_EVENT)
			sum += in.count;
		if (in.group == MMW_INFO_ASSUMED) /* the table is full: under "(other)" */
			left_out = in.count;
	}
	assert_int_equal(sum, 6000);
	assert_int_equal(left_out, 10);
	mmw_close(r);
	free(text);
}

static void a_long_text_is_cut(void **state)
{
	(void)state;
	struct mmr_err e = { 0 };
	struct mmw_reader *r;
	struct mmw_writer *w = create();
	char *text = malloc(10000);
	memset(text, 't', 9999);
	text[9999] = '\0';
	mmw_info_text(w, MMW_INFO_SOURCE, "command", text);
	mmw_string(w, text);
	assert_int_equal(mmw_finish(w, &e), 0);
	assert_int_equal(mmw_open(t.file, &r, &e), 0);
	assert_int_equal(strlen(mmw_source(r, "command")), MMW_INFO_VALUE_MAX);
	assert_int_equal(strlen(mmw_comm(r, 1)), MMW_COMM_MAX);
	mmw_close(r);
	free(text);
}

static void a_trace_lasts_longer_than_its_events(void **state)
{
	(void)state;
	static const uint64_t set[] = { 0, 99, 100, 5000 };
	for (unsigned i = 0; i < 4; i++) {
		struct mmr_err e = { 0 };
		struct mmw_reader *r;
		struct mmw_writer *w = create();
		struct mmw_event ev = { .time_ns = 100, .type = EV_SYNC };
		mmw_set_duration(w, set[i]);
		assert_int_equal(mmw_add(w, &ev, &e), 0);
		assert_int_equal(mmw_add(w, &ev, &e), 0);
		assert_int_equal(mmw_finish(w, &e), 0);
		assert_int_equal(read_all(&e), 0);
		assert_int_equal(mmw_open(t.file, &r, &e), 0);
		assert_int_equal(mmw_header(r)->duration_ns, set[i] < 100 ? 100 : set[i]);
		mmw_close(r);
	}
}

static void an_abort_leaves_nothing(void **state)
{
	(void)state;
	unlink(t.file);
	for (unsigned n = 0; n < 2 * EVENTS; n += EVENTS) {
		struct mmw_writer *w = create();
		for (unsigned i = 0; i < n; i++) {
			struct mmw_event ev = sample(i);
			ev.comm = 0;
			assert_int_equal(mmw_add(w, &ev, NULL), 0);
		}
		mmw_info_text(w, MMW_INFO_SOURCE, "host", "h");
		mmw_abort(w);
		assert_int_equal(files_left(), 0);
	}
	mmw_abort(NULL);
	/* What was there before stays. */
	put_image(t.image, t.size);
	mmw_abort(create());
	struct mmr_err e;
	assert_int_equal(read_all(&e), 0);
}

static void a_link_is_followed(void **state)
{
	(void)state;
	struct mmr_err e = { 0 };
	struct mmw_writer *w;
	struct stat st;
	char link[128];
	snprintf(link, sizeof(link), "%s/link", t.dir);
	put_image("old", 3);
	assert_int_equal(symlink("w.mmw", link), 0);
	assert_int_equal(mmw_create(link, &w, &e), 0);
	assert_int_equal(mmw_finish(w, &e), 0);
	assert_int_equal(lstat(link, &st), 0);
	assert_true(S_ISLNK(st.st_mode));
	assert_int_equal(read_all(&e), 0);
	unlink(t.file);
	assert_int_equal(mmw_create(link, &w, &e), -ENOENT);
	assert_non_null(strstr(e.text, "symbolic link"));
	unlink(link);
}

static void what_cannot_be_written_says_so(void **state)
{
	(void)state;
	struct mmr_err e = { 0 };
	struct mmw_writer *w;
	assert_int_equal(mmw_create(t.dir, &w, &e), -EISDIR);
	assert_null(w);
	assert_int_equal(mmw_create("/nonexistent/dir/x.mmw", &w, &e), -ENOENT);
	assert_int_equal(mmw_create("", &w, &e), -EINVAL);
	unlink(t.file);
	assert_int_equal(mkfifo(t.file, 0600), 0);
	assert_int_equal(mmw_create(t.file, &w, &e), -EINVAL);
	unlink(t.file);

	assert_int_equal(mmw_create("/dev/full", &w, &e), 0);
	assert_int_equal(mmw_finish(w, &e), -ENOSPC);
	assert_non_null(strstr(e.text, "/dev/full: cannot write: No space left"));
	assert_int_equal(mmw_create("/dev/full", &w, &e), 0);
	struct mmw_event ev = { .type = EV_SYNC };
	unsigned n = 0;
	while (!mmw_add(w, &ev, &e))
		assert_true(n++ < MMW_RECORDS_PER_BLOCK);
	assert_int_equal(e.code, -ENOSPC);
	assert_int_equal(mmw_add(w, &ev, &e), -ENOSPC);
	assert_int_equal(mmw_finish(w, &e), -ENOSPC);
	assert_int_equal(access("/dev/full", F_OK), 0);

	assert_int_equal(mmw_create("/dev/null", &w, &e), 0);
	assert_int_equal(mmw_add(w, &ev, &e), 0);
	assert_int_equal(mmw_finish(w, &e), 0);
	struct stat st;
	assert_int_equal(lstat("/dev/null", &st), 0);
	assert_true(S_ISCHR(st.st_mode));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_written_is_read),
		cmocka_unit_test(an_empty_workload_is_a_workload),
		cmocka_unit_test(the_bytes_are_those_of_the_table),
		cmocka_unit_test(every_byte_flipped_in_a_header_is_seen),
		cmocka_unit_test(a_header_that_lies_is_seen),
		cmocka_unit_test(ids_out_of_range_are_seen),
		cmocka_unit_test(times_never_go_back),
		cmocka_unit_test(a_damaged_block_is_seen),
		cmocka_unit_test(damaged_tables_are_seen),
		cmocka_unit_test(truncation_is_seen_at_every_length),
		cmocka_unit_test(a_file_that_shrinks_is_an_error),
		cmocka_unit_test(other_files_are_no_workloads),
		cmocka_unit_test(the_writer_refuses_nonsense),
		cmocka_unit_test(tables_are_bounded),
		cmocka_unit_test(a_long_text_is_cut),
		cmocka_unit_test(a_trace_lasts_longer_than_its_events),
		cmocka_unit_test(an_abort_leaves_nothing),
		cmocka_unit_test(a_link_is_followed),
		cmocka_unit_test(what_cannot_be_written_says_so),
	};
	return cmocka_run_group_tests_name("mmw", tests, setup, teardown);
}
