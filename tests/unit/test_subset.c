/* A part of a workload is a workload: who is there at its beginning, who belongs to a tree, what the machine was. */
#include "tests/unit/subset_fixture.h"

static void a_window_begins_with_who_lives(void **state)
{
	(void)state;
	mmw_from_text(t.in, small, NULL);
	run("10us", "20us", NULL, false);
	expect("0 present 1>1 mm1 aux1 init\n"
	       "0 present,kthread 2>2 aux2 kthreadd\n"
	       "0 present 3>3 mm2 aux30 bash\n"
	       "0 present 4>4 mm3 aux40 make\n"
	       "0 present 5>4 mm3 aux41 make\n"
	       "0 present 6>6 mm3 aux42 make\n"
	       "0 parent 3>1 bash\n"
	       "0 parent 4>3 make\n"
	       "0 parent 6>4 make\n"
	       "3000 exec 6>0 mm4 cc\n"
	       "5000 vmalloc 5>1 mm402 aux2 make\n"
	       "6000 exit 5>4 mm3 make\n"
	       "7000 vfree 2>1 mm402 aux2 kthreadd\n"
	       "8000 fork 6>7 mm5 aux44 cc\n"
	       "9000 lost 0>0 aux7\n");
	const uint64_t *count = t.result.count;
	assert_int_equal(count[SC_BEFORE], 11);
	assert_int_equal(count[SC_AFTER], 5);
	assert_int_equal(count[SC_PRESENT], 6);
	assert_int_equal(count[SC_EARLIER_TASK], 1);
	assert_int_equal(count[SC_EARLIER_AREA], 1);
	assert_int_equal(count[SC_LOST], 7);
}

static void all_of_it_is_the_same(void **state)
{
	(void)state;
	mmw_from_text(t.in, small, NULL);
	run("0", NULL, NULL, false);
	expect(small);
	run(NULL, "1h", NULL, false);
	expect(small);
	/* The very end belongs to it unless it is named. */
	run("23.5us", NULL, NULL, false);
	expect("0 present 1>1 mm1 aux1 init\n"
	       "0 present,kthread 2>2 aux2 kthreadd\n"
	       "0 present 3>3 mm2 aux30 bash\n"
	       "0 present 4>4 mm3 aux40 make\n"
	       "0 present 5>5 mm4 aux44 cc\n"
	       "0 parent 3>1 bash\n"
	       "0 parent 4>3 make\n"
	       "0 hot_add 0>0 aux300\n"
	       "500 exit,last 5>5 mm4 cc\n");
}

static void a_tree_is_who_descends(void **state)
{
	(void)state;
	mmw_from_text(t.in, small, NULL);
	/* Made by one outside: present from its birth on. What a kernel thread gives back is nobody's work. */
	run(NULL, NULL, (const char *const[]){ "40", NULL }, false);
	expect("1000 present,adopted 1>1 mm1 aux40 bash\n"
	       "2000 exec 1>0 mm2 make\n"
	       "3000 thread 1>2 mm2 aux41 make\n"
	       "4000 vmalloc 1>1 mm402 aux4 make\n"
	       "5000 vfork,wait 1>3 mm2 aux42 make\n"
	       "13000 exec 3>0 mm3 cc\n"
	       "14000 vfree 0>1 mm402 aux4\n"
	       "15000 vmalloc 2>2 mm402 aux2 make\n"
	       "16000 exit 2>1 mm2 make\n"
	       "17000 vfree 0>2 mm402 aux2\n"
	       "18000 fork 3>4 mm4 aux44 cc\n"
	       "19000 lost 0>0 aux7\n"
	       "20000 exit,last 3>3 mm3 cc\n"
	       "21000 free 3>1 cc\n"
	       "24000 exit,last 4>4 mm4 cc\n");
	const uint64_t *count = t.result.count;
	assert_int_equal(count[SC_ROOT], 1);
	assert_int_equal(count[SC_NO_TASK], 1);
	assert_int_equal(count[SC_OTHERS], 8);
	/* A child of before belongs to it; so does what is vforked from outside, with an mm that it shares with none. */
	run(NULL, "1500ns", (const char *const[]){ "1", NULL }, false);
	expect("0 present 1>1 mm1 aux1 init\n0 present 2>2 mm2 aux30 bash\n0 parent 2>1 bash\n"
	       "1000 fork 2>3 mm3 aux40 bash\n");
	run("12us", "14us", (const char *const[]){ "task:6", NULL }, false);
	expect("0 present 1>1 mm1 aux42 make\n1000 exec 1>0 mm2 cc\n");
	run(NULL, "3us", (const char *const[]){ "2", "40", NULL }, false);
	expect("0 present,kthread 1>1 aux2 kthreadd\n1000 present,adopted 2>2 mm1 aux40 bash\n2000 exec 2>0 mm2 "
	       "make\n");
}

static void a_pid_used_again_is_several(void **state)
{
	(void)state;
	mmw_from_text(t.in,
		      "0 present 1>1 mm1 aux1 init\n"
		      "1000 fork 1>2 mm2 aux500 init\n"
		      "2000 exit,last 2>2 mm2 first\n"
		      "3000 free 2>1 first\n"
		      "4000 fork 1>3 mm3 aux500 init\n"
		      "5000 fork 3>4 mm4 aux501 second\n"
		      "6000 exit,last 3>3 mm3 second\n",
		      NULL);
	run(NULL, NULL, (const char *const[]){ "500", NULL }, false);
	assert_int_equal(t.result.found[0].processes, 2);
	assert_int_equal(t.result.found[0].first[0], 2);
	assert_int_equal(t.result.found[0].first[1], 3);
	expect("1000 present,adopted 1>1 mm1 aux500 init\n"
	       "2000 exit,last 1>1 mm1 first\n"
	       "3000 free 1>0 first\n"
	       "4000 present,adopted 2>2 mm2 aux500 init\n"
	       "5000 fork 2>3 mm3 aux501 second\n"
	       "6000 exit,last 2>2 mm2 second\n");
	run(NULL, NULL, (const char *const[]){ "task:3", NULL }, false);
	expect("4000 present,adopted 1>1 mm1 aux500 init\n"
	       "5000 fork 1>2 mm2 aux501 second\n"
	       "6000 exit,last 1>1 mm1 second\n");
}

/* The leader has exited before: the first of its threads leads, and the one that execs takes over from it. */
static void a_group_without_its_leader(void **state)
{
	(void)state;
	mmw_from_text(t.in,
		      "0 present 1>1 mm1 aux10 server\n"
		      "0 present 2>1 mm1 aux11 server\n"
		      "0 present 3>1 mm1 aux12 server\n"
		      "1000 exit 1>1 mm1 server\n"
		      "6000 present 4>1 mm1 aux13 server\n"
		      "7000 exit 2>1 mm1 server\n"
		      "8000 exit 4>1 mm1 server\n"
		      "9000 exec,leader 3>1 mm2 again\n"
		      "9500 free 1>0 server\n"
		      "9600 free 2>0 server\n"
		      "9700 exit,last 3>3 mm2 again\n"
		      "9800 free 3>0 again\n",
		      NULL);
	run("5us", NULL, NULL, false);
	expect("0 present 1>1 mm1 aux11 server\n"
	       "0 present 2>1 mm1 aux12 server\n"
	       "1000 present 3>1 mm1 aux13 server\n"
	       "2000 exit 1>1 mm1 server\n"
	       "3000 exit 3>1 mm1 server\n"
	       "4000 exec,leader 2>1 mm2 again\n"
	       "4600 free 1>0 server\n"
	       "4700 exit,last 2>2 mm2 again\n"
	       "4800 free 2>0 again\n");
	assert_int_equal(t.result.count[SC_LEADER], 1);
	run("8.5us", NULL, NULL, false);
	expect("0 present 1>1 mm1 aux12 server\n"
	       "500 exec 1>0 mm2 again\n"
	       "1200 exit,last 1>1 mm2 again\n"
	       "1300 free 1>0 again\n");
}

/* A trace without free events: nothing waits for them. */
static void without_free_events(void **state)
{
	(void)state;
	mmw_from_text(t.in,
		      "0 present 1>1 mm1 init\n"
		      "0 present 2>1 mm1 init\n"
		      "1000 fork 1>3 mm2 init\n"
		      "2000 thread 3>4 mm2 init\n"
		      "3000 exit 3>3 mm2 init\n"
		      "5000 thread 4>5 mm2 init\n"
		      "6000 exit 4>3 mm2 init\n"
		      "7000 exit,last 5>3 mm2 init\n",
		      NULL);
	run("4us", NULL, NULL, false);
	expect("0 present 1>1 mm1 init\n"
	       "0 present 2>1 mm1 init\n"
	       "0 present 3>3 mm2 init\n"
	       "1000 thread 3>4 mm2 init\n"
	       "2000 exit 3>3 mm2 init\n"
	       "3000 exit,last 4>3 mm2 init\n");
	run(NULL, NULL, (const char *const[]){ "3", NULL }, false);
	assert_int_equal(t.e.code, -EINVAL);
	assert_non_null(strstr(t.e.text, "says no pids"));
}

static void the_machine_is_what_it_was(void **state)
{
	(void)state;
	mmw_from_text(t.in,
		      "0 present 1>1 mm1 init\n"
		      "1000 hot_add 0>0 aux300 cpu1\n"
		      "1000 hot_add 0>0 aux290 cpu1\n"
		      "1000 hot_add 0>0 aux310 cpu1\n"
		      "1500 hot_remove 0>0 aux310 cpu1\n"
		      "2000 pin_all 0>0 cpu1\n"
		      "3000 offline 0>0 aux0 cpu1\n"
		      "3000 offline 0>0 aux3 cpu1\n"
		      "5000 hot_remove 0>0 aux300 cpu1\n"
		      "5000 unpin_all 0>0 cpu1\n"
		      "6000 online 0>0 aux0 cpu1\n"
		      "7000 sync 0>0 aux300\n",
		      NULL);
	run("4us", "6.5us", NULL, false);
	assert_int_equal(t.result.count[SC_MACHINE], 5);
	expect("0 present 1>1 mm1 init\n"
	       "0 hot_add 0>0 aux290\n"
	       "0 hot_add 0>0 aux300\n"
	       "0 pin_all 0>0\n"
	       "0 offline 0>0\n"
	       "0 offline 0>0 aux3\n"
	       "1000 hot_remove 0>0 aux300\n"
	       "1000 unpin_all 0>0\n"
	       "2000 online 0>0\n");
	run("1us", NULL, (const char *const[]){ "task:1", NULL }, false);
	expect("0 present 1>1 mm1 init\n");
	assert_int_equal(t.result.count[SC_NO_TASK], 11);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_window_begins_with_who_lives), cmocka_unit_test(all_of_it_is_the_same),
		cmocka_unit_test(a_tree_is_who_descends),         cmocka_unit_test(a_pid_used_again_is_several),
		cmocka_unit_test(a_group_without_its_leader),     cmocka_unit_test(without_free_events),
		cmocka_unit_test(the_machine_is_what_it_was),
	};
	return cmocka_run_group_tests_name("subset", tests, setup, teardown);
}
