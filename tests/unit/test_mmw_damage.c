/* The workload file: nothing damaged, cut or hostile is taken for good. */
#include "tests/unit/mmw_fixture.h"

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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_byte_flipped_in_a_header_is_seen),
		cmocka_unit_test(a_header_that_lies_is_seen),
		cmocka_unit_test(ids_out_of_range_are_seen),
		cmocka_unit_test(times_never_go_back),
		cmocka_unit_test(a_damaged_block_is_seen),
		cmocka_unit_test(damaged_tables_are_seen),
		cmocka_unit_test(truncation_is_seen_at_every_length),
		cmocka_unit_test(a_file_that_shrinks_is_an_error),
		cmocka_unit_test(other_files_are_no_workloads),
	};
	return cmocka_run_group_tests_name("mmw_damage", tests, setup, teardown);
}
