/* A part without names, where it says it comes from, and points of time as users write them. */
#include "tests/unit/subset_fixture.h"

static void part(const char *from, const char *root, bool anonymise)
{
	if (run(from, NULL, (const char *const[]){ root, NULL }, anonymise))
		fail_msg("%s", t.e.text);
}

static struct mmw_reader *open_out(void)
{
	struct mmw_reader *r;
	struct mmr_err e;
	assert_int_equal(mmw_open(t.out, &r, &e), 0);
	return r;
}

static uint64_t count(const struct mmw_reader *r, enum mmw_info_group group, const char *key)
{
	for (uint32_t i = 0; i < mmw_header(r)->infos; i++)
		if (mmw_info(r, i).group == group && !strcmp(mmw_info(r, i).key, key))
			return mmw_info(r, i).count;
	return 0;
}

/* ---- names ---- */

#define SECRET "acme"

/* Everything that may say whose it is, says so. */
static void give_away(struct mmw_writer *w)
{
	static const char *const keys[] = { "tracer",     "tracer_version", "host",    "kernel",   "clock",
					    "command",    "input",          "profile", "subset",   "set",
					    "state_dump", "traces",         "seed",    "anything", "acmes" };
	for (unsigned i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		mmw_info_text(w, MMW_INFO_SOURCE, keys[i], SECRET);
	mmw_info_text(w, MMW_INFO_SOURCE, "tracer", "perf, " SECRET "-tracer, lttng-kernel");
	mmw_info_text(w, MMW_INFO_SOURCE, "kernel", "6.1.0-" SECRET "-17, 5.10.3+" SECRET);
	mmw_info_text(w, MMW_INFO_SOURCE, "tracer_version", "2.13." SECRET);
	mmw_info_text(w, MMW_INFO_SOURCE, "streams", "16");
	mmw_info_text(w, MMW_INFO_SOURCE, "start_epoch_ns", "1700000000000000000");
	mmw_info_text(w, MMW_INFO_SOURCE, "source_hash", "00112233acme4455");
	for (int group = MMW_INFO_SOURCE_EVENT; group < MMW_INFO_GROUPS; group++) {
		mmw_info_count(w, (enum mmw_info_group)group, SECRET ":charge_card", 3);
		mmw_info_count(w, (enum mmw_info_group)group, SECRET ":other", 4);
	}
	mmw_info_count(w, MMW_INFO_SOURCE_EVENT, "sched_process_fork", 5);
	mmw_info_count(w, MMW_INFO_UNRESOLVED, "exit", 6);
	mmw_info_count(w, MMW_INFO_ASSUMED, "fork_by_unseen_parent", 7);
	mmw_info_count(w, MMW_INFO_LOST, "ring buffer, cpu 3", 8);
	mmw_info_count(w, MMW_INFO_LOST, "ring buffer, cpu 3 of " SECRET, 9);
}

static const char *const named = "0 present 1>1 mm1 aux77001 " SECRET "-init\n"
				 "0 present,kthread 2>2 aux77002 " SECRET "-wq\n"
				 "0 present 3>3 mm2 aux77003 " SECRET "-db\n"
				 "0 parent 3>1 " SECRET "-db\n"
				 "1000 fork 3>4 mm3 aux77004 " SECRET "-db\n"
				 "2000 exec 4>0 mm4 " SECRET "-worker\n"
				 "3000 vmalloc 2>1 mm402 aux4 " SECRET "-wq\n"
				 "4000 exit,last 4>4 mm4 " SECRET "-worker\n"
				 "5000 free 4>3 " SECRET "-worker\n";

/* Not a byte of it is in the file. */
static void no_byte_of(const char *what, size_t n)
{
	FILE *f = fopen(t.out, "r");
	char *bytes = malloc(1 << 20);
	size_t size = fread(bytes, 1, 1 << 20, f);
	assert_true(size > 4096 && size < 1 << 20);
	if (memmem(bytes, size, what, n))
		fail_msg("%.*s is there", (int)n, what);
	free(bytes);
	fclose(f);
}

static void nothing_says_whose_it_is(void **state)
{
	(void)state;
	for (int round = 0; round < 3; round++) {
		mmw_from_text(t.in, named, give_away);
		part(round ? "0.5us" : NULL, round == 2 ? "77003" : NULL, true);
		no_byte_of(SECRET, strlen(SECRET));
		no_byte_of("charge_card", 11);
		no_byte_of("17000000", 8); /* the date */
		no_byte_of("001122", 6); /* the hash */
		no_byte_of("77003", 5);
		for (uint32_t tid = 77001; tid <= 77004; tid++)
			no_byte_of((const char *)&tid, sizeof(tid));
	}
}

static void the_same_name_is_the_same_one(void **state)
{
	(void)state;
	mmw_from_text(t.in, named, give_away);
	part(NULL, NULL, true);
	char *text = mmw_to_text(t.out, true);
	assert_string_equal(text, "0 present 1>1 mm1 comm-001\n"
				  "0 present,kthread 2>2 kthread-001\n"
				  "0 present 3>3 mm2 comm-002\n"
				  "0 parent 3>1 comm-002\n"
				  "1000 fork 3>4 mm3 comm-002\n"
				  "2000 exec 4>0 mm4 comm-003\n"
				  "3000 vmalloc 2>1 mm402 aux4 kthread-001\n"
				  "4000 exit,last 4>4 mm4 comm-003\n"
				  "5000 free 4>3 comm-003\n");
	free(text);
	/* What is harmless stays. */
	struct mmw_reader *r = open_out();
	assert_string_equal(mmw_source(r, "tracer"), "perf, other, lttng-kernel");
	assert_string_equal(mmw_source(r, "kernel"), "6.1.0, 5.10.3");
	assert_string_equal(mmw_source(r, "tracer_version"), "2.13");
	assert_string_equal(mmw_source(r, "streams"), "16");
	assert_non_null(mmw_source(r, "anonymised"));
	assert_null(mmw_source(r, "host"));
	assert_null(mmw_source(r, "start_epoch_ns"));
	assert_null(mmw_source(r, "source_hash"));
	assert_null(mmw_source(r, "subset"));
	assert_int_equal(count(r, MMW_INFO_SOURCE_EVENT, "sched_process_fork"), 5);
	assert_int_equal(count(r, MMW_INFO_SOURCE_EVENT, "(other)"), 7);
	assert_int_equal(count(r, MMW_INFO_UNRESOLVED, "exit"), 6);
	assert_int_equal(count(r, MMW_INFO_UNRESOLVED, "(other)"), 7);
	assert_int_equal(count(r, MMW_INFO_ASSUMED, "fork_by_unseen_parent"), 7);
	assert_int_equal(count(r, MMW_INFO_LOST, "ring buffer, cpu 3"), 8);
	assert_int_equal(count(r, MMW_INFO_LOST, "(other)"), 16);
	assert_int_equal(mmw_header(r)->lost, 24);
	mmw_close(r);
}

/* ---- where it comes from ---- */

static void origin(struct mmw_writer *w)
{
	mmw_info_text(w, MMW_INFO_SOURCE, "host", "box");
	mmw_info_text(w, MMW_INFO_SOURCE, "start_epoch_ns", "1700000000000000000");
	mmw_info_text(w, MMW_INFO_SOURCE, "source_hash", "0011223344556677");
	mmw_info_count(w, MMW_INFO_SOURCE_EVENT, "sched_process_fork", 5);
	mmw_info_count(w, MMW_INFO_UNRESOLVED, "exit", 6);
	mmw_info_count(w, MMW_INFO_LOST, "ring buffer, cpu 3", 8);
	mmw_set_duration(w, 2000000000);
}

static void a_part_says_what_it_is_of(void **state)
{
	(void)state;
	mmw_from_text(t.in, named, origin);
	part("1us", "77003", false);
	struct mmw_reader *r = open_out();
	assert_string_equal(mmw_source(r, "host"), "box");
	assert_string_equal(mmw_source(r, "start_epoch_ns"), "1700000000000001000");
	assert_string_equal(mmw_source(r, "subset"), "1e-06 s to 2 s of 2 s, tree of pid 77003");
	assert_string_equal(mmw_source(r, "subset_from_ns"), "1000");
	assert_string_equal(mmw_source(r, "subset_to_ns"), "2000000000");
	assert_string_equal(mmw_source(r, "subset_of_events"), "9");
	assert_string_equal(mmw_source(r, "subset_of_lost"), "8");
	assert_string_equal(mmw_source(r, "subset_of_unresolved"), "6");
	assert_int_equal(mmw_header(r)->duration_ns, 1999999000);
	assert_int_equal(mmw_header(r)->unresolved, 0);
	assert_int_equal(mmw_header(r)->lost, 0);
	assert_int_equal(count(r, MMW_INFO_SOURCE_EVENT, "sched_process_fork"), 0);
	char hash[32];
	snprintf(hash, sizeof(hash), "%s", mmw_source(r, "source_hash"));
	assert_string_not_equal(hash, "0011223344556677");
	mmw_close(r);

	/* The same part is the same workload, another one is another. */
	part("1us", "77003", false);
	r = open_out();
	assert_string_equal(mmw_source(r, "source_hash"), hash);
	mmw_close(r);
	part("1us", "task:3", false);
	r = open_out();
	assert_string_not_equal(mmw_source(r, "source_hash"), hash);
	mmw_close(r);

	/* A part of a part. */
	assert_int_equal(rename(t.out, t.in), 0);
	part("@1700000000.000003", NULL, false);
	r = open_out();
	assert_string_equal(mmw_source(r, "subset_from_ns"), "3000");
	assert_string_equal(mmw_source(r, "subset"),
			    "1e-06 s to 2 s of 2 s, tree of task 3; of that 2e-06 s to 1.999999 s of 1.999999 s");
	assert_string_equal(mmw_source(r, "start_epoch_ns"), "1700000000000003000");
	char *text = mmw_to_text(t.out, true);
	assert_string_equal(text, "0 present 1>1 mm1 aux77003 " SECRET "-db\n"
				  "0 present 2>2 mm2 aux77004 " SECRET "-worker\n"
				  "0 parent 2>1 " SECRET "-worker\n"
				  "1000 exit,last 2>2 mm2 " SECRET "-worker\n"
				  "2000 free 2>1 " SECRET "-worker\n");
	free(text);
	mmw_close(r);
}

/* ---- points of time ---- */

static void points_of_time(void **state)
{
	static const struct {
		const char *text;
		int from; /* SUB_UNSET: none */
		uint64_t ns;
	} cases[] = {
		{ "0", SUB_SINCE_START, 0 },
		{ "12.5", SUB_SINCE_START, 12500000000 },
		{ "12.5s", SUB_SINCE_START, 12500000000 },
		{ ".5", SUB_SINCE_START, 500000000 },
		{ "3.", SUB_SINCE_START, 3000000000 },
		{ "300ms", SUB_SINCE_START, 300000000 },
		{ "0.3ms", SUB_SINCE_START, 300000 },
		{ "7us", SUB_SINCE_START, 7000 },
		{ "9ns", SUB_SINCE_START, 9 },
		{ "1.5min", SUB_SINCE_START, 90000000000 },
		{ "2h", SUB_SINCE_START, 7200000000000 },
		{ "1.123456789123s", SUB_SINCE_START, 1123456789 },
		{ "18446744073", SUB_SINCE_START, 18446744073000000000u },
		{ "18446744074", SUB_UNSET, 0 },
		{ "18446744073.8", SUB_UNSET, 0 },
		{ "99999999999999999999999", SUB_UNSET, 0 },
		{ "@1700000000.25", SUB_SINCE_1970, 1700000000250000000 },
		{ "@", SUB_UNSET, 0 },
		{ "@1s", SUB_UNSET, 0 },
		{ "2023-11-14 22:13:20", SUB_SINCE_1970, 1700000000000000000 },
		{ "2023-11-14T22:13:20Z", SUB_SINCE_1970, 1700000000000000000 },
		{ "2023-11-14T23:13:20.5+01:00", SUB_SINCE_1970, 1700000000500000000 },
		{ "2023-11-14 16:43:20-0530", SUB_SINCE_1970, 1700000000000000000 },
		{ "2023-11-14", SUB_UNSET, 0 },
		{ "2023-11-14 22:13", SUB_UNSET, 0 },
		{ "2023-11-14 22:13:20.", SUB_UNSET, 0 },
		{ "2023-11-14 22:13:20+1", SUB_UNSET, 0 },
		{ "2023-11-14 22:13:20+25:00", SUB_UNSET, 0 },
		{ "1969-11-14 22:13:20", SUB_UNSET, 0 },
		{ "", SUB_UNSET, 0 },
		{ ".", SUB_UNSET, 0 },
		{ "s", SUB_UNSET, 0 },
		{ "-1", SUB_UNSET, 0 },
		{ "1e3", SUB_UNSET, 0 },
		{ "1 s", SUB_UNSET, 0 },
		{ "1d", SUB_UNSET, 0 },
		{ "0x10", SUB_UNSET, 0 },
	};
	(void)state;
	for (unsigned i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct sub_when w = { 0 };
		struct mmr_err e = { 0 };
		int ret = sub_when_parse(cases[i].text, &w, &e);
		if (ret != (cases[i].from == SUB_UNSET ? -EINVAL : 0) || (int)w.from != cases[i].from ||
		    (!ret && w.ns != cases[i].ns))
			fail_msg("'%s': %d, from %d, %lu ns: %s", cases[i].text, ret, (int)w.from, (unsigned long)w.ns,
				 e.text);
	}
}

static void roots(void **state)
{
	static const char *const bad[] = {
		"", "0", "-1", "x", "12x", "task:", "task:0", "task:-3", "4294967296", " 1"
	};
	struct sub_root root;
	struct mmr_err e;
	(void)state;
	assert_int_equal(sub_root_parse("4194304", &root, &e), 0);
	assert_true(!root.is_task && root.number == 4194304);
	assert_int_equal(sub_root_parse("task:4294967295", &root, &e), 0);
	assert_true(root.is_task && root.number == UINT32_MAX);
	for (unsigned i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(sub_root_parse(bad[i], &root, &e), -EINVAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_says_whose_it_is),
		cmocka_unit_test(the_same_name_is_the_same_one),
		cmocka_unit_test(a_part_says_what_it_is_of),
		cmocka_unit_test(points_of_time),
		cmocka_unit_test(roots),
	};
	return cmocka_run_group_tests_name("subset names", tests, setup, teardown);
}
