/* Rows of lock contention: what is written is read, and a row that makes no sense is damage. */
#include "tests/unit/mmw_fixture.h"

static void rows_come_back(void **state)
{
	(void)state;
	static const struct mmw_contention rows[] = {
		{ "pgd_alloc", "copy_process", MMW_CON_SPIN, 5, 13600, 2500, 3100, NULL, 0 },
		{ "do_exit", "", MMW_CON_SPIN | MMW_CON_WRITE, 1, 0, 0, 0, NULL, 0 },
		{ MMW_CONTENTION_OTHER, "", 0, UINT64_MAX, UINT64_MAX, 1, UINT64_MAX, NULL, 0 },
	};
	struct mmr_err e = { 0 };
	struct mmw_reader *r;
	struct mmw_writer *w = create();
	char name[600];
	mmw_info_text(w, MMW_INFO_SOURCE, "host", "box");
	for (uint32_t i = 0; i < 3; i++)
		mmw_add_contention(w, i, &rows[i]);
	memset(name, 'n', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	mmw_add_contention(w, 3, &(struct mmw_contention){ name, "\033[31m a\nb", 1, 1, 1, 1, 1, NULL, 0 });
	assert_int_equal(mmw_finish(w, &e), 0);
	assert_int_equal(read_all(&e), 0);
	assert_int_equal(mmw_open(t.file, &r, &e), 0);
	assert_int_equal(mmw_contentions(r), 4);
	for (uint32_t i = 0; i < 3; i++) {
		const struct mmw_contention *c = mmw_contention(r, i);
		assert_string_equal(c->caller, rows[i].caller);
		assert_string_equal(c->within, rows[i].within);
		assert_int_equal(c->flags, rows[i].flags);
		assert_true(c->contentions == rows[i].contentions && c->wait_total_ns == rows[i].wait_total_ns);
		assert_true(c->wait_min_ns == rows[i].wait_min_ns && c->wait_max_ns == rows[i].wait_max_ns);
	}
	/* No name reaches anybody with a control character, or longer than it may be. */
	assert_int_equal(strlen(mmw_contention(r, 3)->caller), MMW_CONTENTION_NAME);
	assert_string_equal(mmw_contention(r, 3)->within, "?[31m?a?b");
	assert_null(mmw_contention(r, 4));
	unsigned others = 0;
	for (uint32_t i = 0; i < mmw_header(r)->infos; i++) {
		struct mmw_info in = mmw_info(r, i);
		others += !mmw_is_contention(&in);
	}
	assert_int_equal(others, 1);
	mmw_close(r);
}

static void rows_that_make_no_sense(void **state)
{
	static const char *const bad[] = {
		"",
		"pgd_alloc",
		"pgd_alloc - 1 5 13600 2500",
		"pgd_alloc - 1 5 13600 2500 3100 7",
		"pgd_alloc - 1 5 13600 2500 3100 ",
		"pgd_alloc  - 1 5 13600 2500 3100",
		" pgd_alloc - 1 5 13600 2500 3100",
		"pgd_alloc - -1 5 13600 2500 3100",
		"pgd_alloc - 65536 5 13600 2500 3100",
		"pgd_alloc - 1 0 13600 2500 3100",
		"pgd_alloc - 1 05 13600 2500 3100",
		"pgd_alloc - 1 5 13600 3200 3100",
		"pgd_alloc - 1 5 3000 2500 3100",
		"pgd_alloc - 1 5 99999999999999999999 2500 3100",
		"pgd_\talloc - 1 5 13600 2500 3100",
		"pgd_\033alloc - 1 5 13600 2500 3100",
		"pgd_\377alloc - 1 5 13600 2500 3100",
	};
	(void)state;
	for (unsigned i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct mmr_err e = { 0 };
		struct mmw_writer *w = create();
		mmw_info_text(w, MMW_INFO_SOURCE, "contention.0", "pgd_alloc - 1 5 13600 2500 3100");
		mmw_info_text(w, MMW_INFO_SOURCE, "contention.x", bad[i]);
		assert_int_equal(mmw_finish(w, &e), 0);
		if (read_all(&e) != -EBADMSG || !strstr(e.text, "lock contention makes no sense"))
			fail_msg("'%s': %s", bad[i], e.text);
	}
}

static void slices_come_back(void **state)
{
	(void)state;
	static const struct mmw_contention_slice at[] = { { 0, 2, 30, 10, 20 }, { 7, 1, 5, 5, 5 }, { 63, 1, 9, 9, 9 } };
	struct mmr_err e = { 0 };
	struct mmw_reader *r;
	struct mmw_writer *w = create();
	mmw_add_contention(w, 0, &(struct mmw_contention){ "pgd_alloc", "", 1, 4, 44, 5, 20, at, 3 });
	mmw_add_contention(w, 1, &(struct mmw_contention){ "pgd_free", "", 1, 1, 1, 1, 1, NULL, 0 });
	mmw_set_contention_time(w, &(struct mmw_contention_time){ 700, 1000 });
	mmw_info_text(w, MMW_INFO_SOURCE, "host", "box");
	assert_int_equal(mmw_finish(w, &e), 0);
	assert_int_equal(mmw_open(t.file, &r, &e), 0);
	assert_int_equal(mmw_contentions(r), 2);
	const struct mmw_contention *c = mmw_contention(r, 0);
	assert_int_equal(c->slices, 3);
	for (uint32_t i = 0; i < 3; i++)
		assert_true(c->slice[i].index == at[i].index && c->slice[i].contentions == at[i].contentions &&
			    c->slice[i].wait_total_ns == at[i].wait_total_ns &&
			    c->slice[i].wait_min_ns == at[i].wait_min_ns &&
			    c->slice[i].wait_max_ns == at[i].wait_max_ns);
	assert_int_equal(mmw_contention(r, 1)->slices, 0);
	assert_int_equal(mmw_contention_time(r).first_end_ns, 700);
	assert_int_equal(mmw_contention_time(r).length_ns, 1000);
	unsigned others = 0;
	for (uint32_t i = 0; i < mmw_header(r)->infos; i++) {
		struct mmw_info in = mmw_info(r, i);
		others += !mmw_is_contention(&in);
	}
	assert_int_equal(others, 1);
	mmw_close(r);
}

static void slices_that_make_no_sense(void **state)
{
	(void)state;
	static const struct {
		const char *key, *value;
	} bad[] = {
		{ "contention_at.0", "0 5 13600 2500" },
		{ "contention_at.0", "0 4 13600 2500 3100" },
		{ "contention_at.0", "0 5 13601 2500 3100" },
		{ "contention_at.0", "64 5 13600 2500 3100" },
		{ "contention_at.0", "0 5 13600 2500 3100 " },
		{ "contention_at.0", "0  5 13600 2500 3100" },
		{ "contention_at.0", "0 5 13600 3200 3100" },
		{ "contention_at.1", "0 5 13600 2500 3100" },
		{ "contention_at.x", "0 5 13600 2500 3100" },
		{ "contention_at.", "0 5 13600 2500 3100" },
		{ "contention_at.0", "1 2 6000 2500 3100 0 3 7600 2500 2600" },
		{ "contention_at.0", "0 2 6000 2500 3100 0 3 7600 2500 2600" },
		{ "contention_at.0", "0 0 0 0 0 1 5 13600 2500 3100" },
		{ "contention_at.0", "" },
		{ "contention_slices", "" },
		{ "contention_slices", "1" },
		{ "contention_slices", "1 0" },
		{ "contention_slices", "1 2 3" },
		{ "contention_slices", "-1 2" },
		{ "contention_slices", "0 18446744073709551615" },
	};
	for (unsigned i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct mmr_err e = { 0 };
		struct mmw_writer *w = create();
		mmw_info_text(w, MMW_INFO_SOURCE, "contention.0", "pgd_alloc - 1 5 13600 2500 3100");
		mmw_info_text(w, MMW_INFO_SOURCE, bad[i].key, bad[i].value);
		assert_int_equal(mmw_finish(w, &e), 0);
		if (read_all(&e) != -EBADMSG || !strstr(e.text, "lock contention makes no sense"))
			fail_msg("%s '%s': %s", bad[i].key, bad[i].value, e.text);
	}
}

static void types_have_names(void **state)
{
	(void)state;
	assert_string_equal(mmw_contention_type(1), "spinlock");
	assert_string_equal(mmw_contention_type(5), "rwlock:W");
	assert_string_equal(mmw_contention_type(33), "mutex");
	assert_string_equal(mmw_contention_type(2), "rwsem:R");
	assert_string_equal(mmw_contention_type(63), "?");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rows_come_back),   cmocka_unit_test(rows_that_make_no_sense),
		cmocka_unit_test(slices_come_back), cmocka_unit_test(slices_that_make_no_sense),
		cmocka_unit_test(types_have_names),
	};
	return cmocka_run_group_tests_name("mmw_contention", tests, setup, teardown);
}
