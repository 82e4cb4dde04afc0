/* No part: what is not to be had, and histories that cannot be. */
#include "tests/unit/subset_fixture.h"

static void what_is_not_to_be_had(void **state)
{
	static const struct {
		const char *from, *to, *tree, *says;
	} cases[] = {
		{ "24us", NULL, NULL, "it lasts 0.000024 s: nothing is to be had" },
		{ "3us", "3us", NULL, "is not after --from" },
		{ "3us", "2us", NULL, "is not after --from" },
		{ NULL, "0", NULL, "is not after --from" },
		{ "@1700000000", NULL, NULL, "does not say when it was recorded: give --from in seconds" },
		{ NULL, NULL, "31", "no process has pid 31" },
		{ NULL, NULL, "41", "pid 41 is a thread of task 4: name a process" },
		{ NULL, NULL, "task:5", "task 5 is a thread of task 4: name a process" },
		{ NULL, NULL, "task:9", "no process has task 9" },
		{ "9us", "11us", "43", "nobody of the tree lives between 0.000009 s and 0.000011 s" },
	};
	(void)state;
	mmw_from_text(t.in, small, NULL);
	for (unsigned i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		run(cases[i].from, cases[i].to, (const char *const[]){ cases[i].tree, NULL }, false);
		assert_int_equal(t.e.code, -EINVAL);
		assert_true(t.result.bad_input);
		if (!strstr(t.e.text, cases[i].says))
			fail_msg("%s", t.e.text);
	}
	mmw_from_text(t.in, "0 sync 0>0 aux300\n90 sync 0>0 aux300\n", NULL);
	run("10ns", "20ns", NULL, false);
	assert_non_null(strstr(t.e.text, "nothing happens between"));
}

/* Whatever the file says: refused, with the event, or a possible history. */
static void impossible_histories_are_refused(void **state)
{
	static const struct {
		const char *text, *says;
	} cases[] = {
		{ "0 fork 1>2 mm1\n", "event 0 (fork of task 1): the parent does not live" },
		{ "0 present 1>1 mm1\n0 present 1>1 mm1\n", "event 1 (present of task 1): the task is not new" },
		{ "0 present 0>0 mm1\n", "the task is not new" },
		{ "0 present 2>1 mm1\n", "its group leader was never there" },
		{ "0 present 1>1 mm1\n0 fork 1>1 mm2\n", "the child is not new" },
		{ "0 present 1>1 mm1\n0 fork 1>2 mm1\n", "the child's mm is not new" },
		{ "0 present 1>1 mm1\n0 exec 1>0 mm1\n", "its mm is not new" },
		{ "0 present 1>1 mm1\n0 exec 1>0\n", "its mm is not new" },
		{ "0 present 1>1 mm1\n0 thread 1>2 mm1\n0 exec 1>0 mm2\n", "others of its group live" },
		{ "0 present 1>1 mm1\n0 exit 1>1 mm1\n0 exit 1>1 mm1\n0 free 1>0\n", "the task does not live" },
		{ "0 present 1>1 mm1\n0 free 1>0\n", "the task has not exited" },
		{ "0 present 1>1 mm1\n0 free 2>0\n", "the task has not exited" },
		{ "0 present 1>1 mm1\n0 thread 1>2 mm1\n0 exit 1>1 mm1\n0 free 1>0\n", "the leader of some that live" },
		{ "0 present 1>1 mm1\n0 vmalloc 1>1 mm9\n0 vmalloc 1>1 mm9\n", "the area is not new" },
	};
	(void)state;
	for (unsigned i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		mmw_from_text(t.in, cases[i].text, NULL);
		run("0", NULL, NULL, false);
		assert_int_equal(t.e.code, -EBADMSG);
		assert_true(t.result.bad_input);
		if (!strstr(t.e.text, cases[i].says))
			fail_msg("%s", t.e.text);
	}
	/* Parents in a ring. */
	mmw_from_text(t.in,
		      "0 present 1>1 mm1 aux1\n0 present 2>2 mm2 aux2\n0 present 3>3 mm3 aux3\n"
		      "0 parent 1>2\n0 parent 2>1\n0 parent 3>3\n",
		      NULL);
	assert_int_equal(run(NULL, NULL, (const char *const[]){ "3", NULL }, false), 0);
	expect("0 present 1>1 mm1 aux3\n0 parent 1>1\n");
	assert_int_equal(run(NULL, NULL, (const char *const[]){ "1", NULL }, false), 0);
	expect("0 present 1>1 mm1 aux1\n0 present 2>2 mm2 aux2\n0 parent 1>2\n0 parent 2>1\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_not_to_be_had),
		cmocka_unit_test(impossible_histories_are_refused),
	};
	return cmocka_run_group_tests_name("subset refused", tests, setup, teardown);
}
