/* Writing a workload file: what is refused, where it is bounded, what is left when it fails. */
#include "tests/unit/mmw_fixture.h"

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
		cmocka_unit_test(the_writer_refuses_nonsense),
		cmocka_unit_test(tables_are_bounded),
		cmocka_unit_test(a_long_text_is_cut),
		cmocka_unit_test(a_trace_lasts_longer_than_its_events),
		cmocka_unit_test(an_abort_leaves_nothing),
		cmocka_unit_test(a_link_is_followed),
		cmocka_unit_test(what_cannot_be_written_says_so),
	};
	return cmocka_run_group_tests_name("mmw_write", tests, setup, teardown);
}
