/* What info says of lives: processes last as long as any of their threads, intervals add up, nonsense changes nobody. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "tests/support/imported.h"
#include "tests/support/mmw_text.h"
#include "tracegen/info.h"

static struct {
	char *dir, in[128];
	struct mmw_reader *r;
	struct info info;
} t;

static int setup(void **state)
{
	(void)state;
	t.dir = scratch_make();
	snprintf(t.in, sizeof(t.in), "%s/in.mmw", t.dir);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	scratch_remove(t.dir);
	return 0;
}

static struct info *collect(const char *text, uint32_t intervals)
{
	static volatile sig_atomic_t stop;
	struct mmr_err e = { 0 };
	mmw_from_text(t.in, text, NULL);
	assert_int_equal(mmw_open(t.in, &t.r, &e), 0);
	if (info_collect(&t.info, t.in, t.r, intervals, &stop, &e))
		fail_msg("%s", e.text);
	return &t.info;
}

static void done(void)
{
	info_free(&t.info);
	mmw_close(t.r);
}

static void a_process_lives_as_long_as_its_threads(void **state)
{
	(void)state;
	struct info *info = collect("0 present 1>1 mm1 init\n"
				    "1000 fork 1>2 mm2 init\n"
				    "2000 thread 2>3 mm2 init\n"
				    "3000 exit 2>2 mm2 init\n"
				    "4000 free 2>1 init\n"
				    "9000 exit,last 3>2 mm2 init\n",
				    1);
	assert_int_equal(info->process->us.count, 1);
	assert_int_equal(info->process->max_ns, 8000);
	assert_int_equal(info_lifetime(info->process, 0.5), 8000);
	assert_int_equal(info->thread->us.count, 1);
	assert_int_equal(info->thread->max_ns, 7000);
	assert_int_equal(info->process->alive, 1);
	assert_int_equal(info->thread->alive, 0);
	done();
}

/* The thread that takes over is the process: it has no end as a thread. */
static void who_takes_over_is_the_process(void **state)
{
	(void)state;
	struct info *info = collect("0 present 1>1 mm1 init\n"
				    "1000 fork 1>2 mm2 init\n"
				    "2000 thread 2>3 mm2 init\n"
				    "3000 exit 2>2 mm2 init\n"
				    "4000 exec,leader 3>2 mm3 again\n"
				    "5000 thread 3>4 mm3 again\n"
				    "6000 exit 3>3 mm3 again\n"
				    "21000 exit,last 4>3 mm3 again\n",
				    1);
	assert_int_equal(info->process->us.count, 1);
	assert_int_equal(info->process->max_ns, 20000);
	assert_int_equal(info->thread->us.count, 1);
	assert_int_equal(info->thread->max_ns, 16000);
	assert_int_equal(info->interval[0].live_tasks, 1);
	assert_int_equal(info->interval[0].live_mms, 1);
	assert_int_equal(info->interval[0].most_tasks, 3);
	done();
}

static void intervals_add_up(void **state)
{
	(void)state;
	/* 10 us in 3: 0 to 3333, to 6666, to 10000 ns; nothing happens in the second. */
	struct info *info = collect("0 present,adopted 1>1 mm1 init\n"
				    "0 present,kthread 2>2 kthreadd\n"
				    "3332 fork 1>3 mm2 init\n"
				    "6666 vfork,wait 3>4 mm2 init\n"
				    "7000 exec 4>0 mm3 cc\n"
				    "8000 exit,last 3>3 mm2 init\n"
				    "9999 lost 0>0 aux5\n"
				    "10000 exit,last 4>4 mm3 cc\n",
				    3);
	const struct info_interval *i = info->interval;
	assert_int_equal(info->intervals, 3);
	assert_int_equal(i[1].start_ns, 3333);
	assert_int_equal(i[1].end_ns, 6666);
	assert_int_equal(i[0].forks + i[1].forks + i[2].forks, 1);
	assert_int_equal(i[0].forks, 1);
	assert_int_equal(i[0].live_tasks, 3);
	assert_int_equal(i[0].live_mms, 2);
	assert_int_equal(i[1].live_tasks, 3);
	assert_int_equal(i[1].most_tasks, 3);
	assert_int_equal(i[1].forks + i[1].vforks + i[1].exits, 0);
	assert_int_equal(i[2].vforks, 1);
	assert_int_equal(i[2].most_tasks, 4);
	assert_int_equal(i[2].most_mms, 3);
	assert_int_equal(i[2].live_tasks, 2);
	assert_int_equal(i[2].live_mms, 1);
	assert_int_equal(i[2].exits, 2);
	assert_int_equal(i[2].lost, 5);
	assert_int_equal(info->adopted, 1);
	assert_int_equal(info->process->us.count, 2);
	assert_int_equal(info->process->min_ns, 3334);
	assert_true(info_interval_rate(&i[0], 1) > 300030 && info_interval_rate(&i[0], 1) < 300031);
	done();
}

/* A life of days: microseconds still hold it, to 1/64. */
static void long_lives(void **state)
{
	(void)state;
	struct info *info = collect("0 present 1>1 mm1 init\n"
				    "0 fork 1>2 mm2 a\n"
				    "0 fork 1>3 mm3 b\n"
				    "0 fork 1>4 mm4 c\n"
				    "1500 exit,last 2>2 mm2 a\n"
				    "3600000000000 exit,last 3>3 mm3 b\n"
				    "864000000000000 exit,last 4>4 mm4 c\n",
				    20);
	assert_int_equal(info_lifetime(info->process, 0), 1500);
	uint64_t hour = info_lifetime(info->process, 0.5);
	assert_true(hour > 3600000000000 - 3600000000000 / 60 && hour < 3600000000000 + 3600000000000 / 60);
	assert_int_equal(info_lifetime(info->process, 1), 864000000000000);
	done();
}

static void nonsense_changes_nobody(void **state)
{
	(void)state;
	struct info *info = collect("0 exit,last 5>5 mm1 x\n"
				    "0 exec 7>0 mm2 x\n"
				    "0 exec,leader 7>6 mm2 x\n"
				    "0 present 1>1 mm1 x\n"
				    "0 present 1>1 mm1 x\n"
				    "0 fork 9>1 mm1 x\n"
				    "0 fork 0>0 x\n"
				    "0 thread 9>8 mm3 x\n"
				    "0 exec,leader 8>8 mm3 x\n"
				    "0 exec,leader 8>1 mm4 x\n"
				    "0 exit,last 1>1 mm9 x\n"
				    "0 exit,last 1>1 mm9 x\n",
				    20);
	assert_int_equal(info->intervals, 1);
	assert_int_equal(info->interval[0].live_tasks, 1);
	assert_int_equal(info->interval[0].live_mms, 1);
	assert_int_equal(info->process->us.count, 0);
	done();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_process_lives_as_long_as_its_threads),
		cmocka_unit_test(who_takes_over_is_the_process),
		cmocka_unit_test(intervals_add_up),
		cmocka_unit_test(long_lives),
		cmocka_unit_test(nonsense_changes_nobody),
	};
	return cmocka_run_group_tests_name("info", tests, setup, teardown);
}
