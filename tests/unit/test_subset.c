/* A part of a workload is a workload: who is there at its beginning, who belongs to a tree, what is left out. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "tests/support/imported.h"
#include "tests/support/mmw_check.h"
#include "tests/support/mmw_text.h"
#include "tracegen/subset.h"

static struct {
	char *dir, in[128], out[128];
	struct sub_result result;
	struct mmr_err e;
} t;

static int setup(void **state)
{
	(void)state;
	t.dir = scratch_make();
	snprintf(t.in, sizeof(t.in), "%s/in.mmw", t.dir);
	snprintf(t.out, sizeof(t.out), "%s/out.mmw", t.dir);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	scratch_remove(t.dir);
	return 0;
}

static void report(void *arg, uint64_t event, const char *text)
{
	(void)arg;
	print_error("event %ld: %s\n", (long)event, text);
}

/* What the options @from, @to (NULL: not given) and @trees make of the workload at t.in: as sub_run(). */
static int run(const char *from, const char *to, const char *const *trees, bool anonymise)
{
	static volatile sig_atomic_t stop;
	struct sub_options o = { .anonymise = anonymise };
	struct mmw_reader *r;
	struct mmw_check check;
	t.e = (struct mmr_err){ 0 };
	if ((from && sub_when_parse(from, &o.from, &t.e)) || (to && sub_when_parse(to, &o.to, &t.e)))
		fail_msg("%s", t.e.text);
	for (; trees && *trees; trees++)
		assert_int_equal(sub_root_parse(*trees, &o.root[o.roots++], &t.e), 0);
	assert_int_equal(mmw_open(t.in, &r, &t.e), 0);
	int ret = sub_run(r, t.out, &o, &stop, NULL, NULL, &t.result, &t.e);
	mmw_close(r);
	assert_int_equal(ret, t.e.code);
	if (ret) {
		assert_int_not_equal(access(t.out, F_OK), 0);
		return ret;
	}
	assert_int_equal(mmw_check(t.out, report, NULL, &check, &t.e), 0);
	assert_int_equal(check.violations, 0);
	assert_int_equal(check.events, t.result.written);
	return 0;
}

static void expect(const char *text)
{
	if (t.e.code)
		fail_msg("%s", t.e.text);
	char *got = mmw_to_text(t.out, true);
	assert_string_equal(got, text);
	free(got);
	unlink(t.out);
}

/* A process with a thread, its vforked child, one that comes and goes, and one that exits before 10 us. */
static const char *const small = "0 present 1>1 mm1 aux1 init\n"
				 "0 present,kthread 2>2 aux2 kthreadd\n"
				 "0 present 3>3 mm2 aux30 bash\n"
				 "0 parent 3>1 bash\n"
				 "1000 fork 3>4 mm3 aux40 bash\n"
				 "2000 exec 4>0 mm4 make\n"
				 "3000 thread 4>5 mm4 aux41 make\n"
				 "4000 vmalloc 4>1 mm402 aux4 make\n"
				 "5000 vfork,wait 4>6 mm4 aux42 make\n"
				 "6000 fork 3>7 mm5 aux43 bash\n"
				 "7000 exit,last 7>7 mm5 bash\n"
				 "12000 free 7>3 bash\n"
				 "13000 exec 6>0 mm6 cc\n"
				 "14000 vfree 2>1 mm402 aux4 kthreadd\n"
				 "15000 vmalloc 5>2 mm402 aux2 make\n"
				 "16000 exit 5>4 mm4 make\n"
				 "17000 vfree 2>2 mm402 aux2 kthreadd\n"
				 "18000 fork 6>8 mm7 aux44 cc\n"
				 "19000 lost 0>0 aux7\n"
				 "20000 exit,last 6>6 mm6 cc\n"
				 "21000 free 6>4 cc\n"
				 "22000 purge 2>0 aux3 kthreadd\n"
				 "23000 hot_add 0>0 aux300\n"
				 "24000 exit,last 8>8 mm7 cc\n";

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

/* Slices of 4 us; the first began 1 us before time 0. */
static void add_waits(struct mmw_writer *w)
{
	static const struct mmw_contention_slice fork[] = { { 0, 1, 10, 10, 10 },
							    { 2, 2, 50, 20, 30 },
							    { 5, 1, 90, 90, 90 } };
	static const struct mmw_contention_slice exit[] = { { 2, 1, 60, 60, 60 } }, rest[] = { { 2, 9, 900, 1, 200 } };
	static const struct mmw_contention_slice late[] = { { 5, 1, 5, 5, 5 } };
	mmw_add_contention(w, 0, &(struct mmw_contention){ "copy_process", "", 5, 4, 150, 10, 90, fork, 3 });
	mmw_add_contention(w, 1, &(struct mmw_contention){ "do_exit", "[acme]", 5, 1, 60, 60, 60, exit, 1 });
	mmw_add_contention(w, 2, &(struct mmw_contention){ "pgd_free", "", 1, 1, 5, 5, 5, late, 1 });
	mmw_add_contention(w, 3, &(struct mmw_contention){ MMW_CONTENTION_OTHER, "", 0, 9, 900, 1, 200, rest, 1 });
	mmw_set_contention_time(w, &(struct mmw_contention_time){ 3000, 4000 });
}

static void expect_waits(const char *text)
{
	struct mmw_reader *r;
	char *got;
	size_t size;
	FILE *f = open_memstream(&got, &size);
	assert_int_equal(mmw_open(t.out, &r, &t.e), 0);
	for (uint32_t i = 0; i < mmw_contentions(r); i++) {
		const struct mmw_contention *c = mmw_contention(r, i);
		fprintf(f, "%s %s %lu: %lu = %lu..%lu at", c->caller, c->within, (unsigned long)c->contentions,
			(unsigned long)c->wait_total_ns, (unsigned long)c->wait_min_ns, (unsigned long)c->wait_max_ns);
		for (uint32_t j = 0; j < c->slices; j++)
			fprintf(f, " %u", c->slice[j].index);
		fputc('\n', f);
	}
	struct mmw_contention_time time = mmw_contention_time(r);
	fprintf(f, "%lu %lu\n", (unsigned long)time.first_end_ns, (unsigned long)time.length_ns);
	fclose(f);
	mmw_close(r);
	unlink(t.out);
	assert_string_equal(got, text);
	free(got);
}

static void waits_of_the_kernel_go_with_their_time(void **state)
{
	(void)state;
	mmw_from_text(t.in, small, add_waits);
	run(NULL, NULL, NULL, true);
	expect_waits("copy_process  4: 150 = 10..90 at 0 2 5\ndo_exit [module] 1: 60 = 60..60 at 2\n"
		     "pgd_free  1: 5 = 5..5 at 5\n(other)  9: 900 = 1..200 at 2\n3000 4000\n");
	/* Slice 2 is from 7 to 11 us: its middle is within, those of 1 and 5 are not. The order is by what is left. */
	run("6us", "14us", NULL, false);
	assert_false(t.result.contention_left_out);
	assert_int_equal(t.result.contention_slice_ns, 4000);
	expect_waits("do_exit [acme] 1: 60 = 60..60 at 0\ncopy_process  2: 50 = 20..30 at 0\n"
		     "(other)  9: 900 = 1..200 at 0\n5000 4000\n");
	/* From time 0 on, with what began before; to the end. */
	run(NULL, "2us", NULL, false);
	expect_waits("copy_process  1: 10 = 10..10 at 0\n3000 4000\n");
	run("12us", NULL, NULL, false);
	expect_waits("copy_process  1: 90 = 90..90 at 2\npgd_free  1: 5 = 5..5 at 2\n3000 4000\n");
	/* A part of a part. */
	run("6us", NULL, NULL, false);
	assert_int_equal(rename(t.out, t.in), 0);
	run("6us", NULL, NULL, false);
	expect_waits("copy_process  1: 90 = 90..90 at 2\npgd_free  1: 5 = 5..5 at 2\n3000 4000\n");
	/* Nobody waited then; and of a tree nobody knows. */
	mmw_from_text(t.in, small, add_waits);
	run("13us", "16us", NULL, false);
	assert_true(t.result.contention_none && !t.result.contention_left_out);
	expect_waits("0 0\n");
	run(NULL, NULL, (const char *const[]){ "30", NULL }, false);
	assert_true(t.result.contention_left_out);
	expect_waits("0 0\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_window_begins_with_who_lives),
		cmocka_unit_test(all_of_it_is_the_same),
		cmocka_unit_test(a_tree_is_who_descends),
		cmocka_unit_test(a_pid_used_again_is_several),
		cmocka_unit_test(a_group_without_its_leader),
		cmocka_unit_test(without_free_events),
		cmocka_unit_test(the_machine_is_what_it_was),
		cmocka_unit_test(what_is_not_to_be_had),
		cmocka_unit_test(impossible_histories_are_refused),
		cmocka_unit_test(waits_of_the_kernel_go_with_their_time),
	};
	return cmocka_run_group_tests_name("subset", tests, setup, teardown);
}
