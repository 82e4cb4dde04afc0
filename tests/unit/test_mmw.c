/* The workload file: what is written is read, and lies where mmw.md says. */
#include "tests/unit/mmw_fixture.h"

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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_written_is_read),
		cmocka_unit_test(an_empty_workload_is_a_workload),
		cmocka_unit_test(the_bytes_are_those_of_the_table),
	};
	return cmocka_run_group_tests_name("mmw", tests, setup, teardown);
}
