/* What `mmreplay record` writes: ordered by its time field, without the recorder itself. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "tests/support/ctf_shape.h"
#include "tests/support/imported.h"

#define FORK 17u
#define THREAD 0x3d0f00u
#define SECOND 1000000000ull

static const struct who init = { 1, 1, "init" };

struct told {
	char *dir, trace[300];
	struct shape *s;
};

static struct told tell(unsigned cpus)
{
	struct told t = { .dir = scratch_make() };
	snprintf(t.trace, sizeof(t.trace), "%s/trace", t.dir);
	t.s = shape_open(t.trace, SHAPE_UST, 0, cpus, NULL);
	return t;
}

static struct imported heard(struct told *t)
{
	shape_close(t->s);
	struct imported i = imported_one(t->trace);
	if (i.ret)
		fail_msg("%s", i.e.text);
	assert_int_equal(i.violations, 0);
	return i;
}

static void done(struct told *t, struct imported *i)
{
	imported_free(i);
	scratch_remove(t->dir);
}

static void begin(struct told *t, int recorder, int child)
{
	shape_capture(t->s, SECOND, recorder, child);
	shape_present(t->s, SECOND, init, 0, false);
}

static void the_source_time_orders(void **state)
{
	(void)state;
	struct told t = tell(3);
	begin(&t, 0, 0);
	shape_present_end(t.s, SECOND);
	/* CPU 1 is read half a second late, CPU 2 a little. */
	shape_late(t.s, 1, SECOND / 2);
	shape_late(t.s, 2, 1000);
	for (unsigned i = 0; i < 1000; i++) {
		uint64_t ns = SECOND + 1000 + i * 10000;
		const struct who child = { 300 + (int)i, 300 + (int)i, "init" };
		shape_fork(t.s, i % 3, ns, init, child.tid, child.tid, FORK);
		shape_exit(t.s, (i + 1) % 3, ns + 3000, child, true);
		shape_free(t.s, (i + 2) % 3, ns + 6000, child);
	}
	struct imported i = heard(&t);
	const struct mmw_header *h = mmw_header(i.r);
	assert_int_equal(h->count[EV_FORK], 1000);
	assert_int_equal(h->count[EV_EXIT], 1000);
	assert_int_equal(h->count[EV_FREE], 1000);
	assert_int_equal(i.result.unresolved, 0);
	assert_int_equal(h->peak_tasks, 2);
	assert_int_equal(h->cpus, 3);
	assert_int_equal(imported_count(&i, MMW_INFO_ASSUMED, "out_of_order"), 0);
	assert_non_null(strstr(i.text, "\n1000 fork 1>2 mm2 init\n4000 exit,last 2>2 mm2 init\n7000 free 2>1 init\n"));
	assert_int_equal(h->duration_ns, 1000 + 999 * 10000 + 6000);
	assert_string_equal(mmw_source(i.r, "tracer"), "mmreplay-ust");
	assert_string_equal(mmw_source(i.r, "command"), "make -j4");
	done(&t, &i);
}

static void what_is_too_late_is_counted(void **state)
{
	(void)state;
	struct told t = tell(2);
	begin(&t, 0, 0);
	shape_present_end(t.s, SECOND);
	shape_late(t.s, 1, 3 * SECOND);
	shape_fork(t.s, 1, SECOND + 1000, init, 300, 300, FORK);
	for (unsigned i = 0; i < 100; i++)
		shape_fork(t.s, 0, SECOND + 2000 + i * SECOND / 10, init, 400 + (int)i, 400 + (int)i, FORK);
	struct imported i = heard(&t);
	assert_int_equal(mmw_header(i.r)->count[EV_FORK], 101);
	/* newtask goes before it: only what is written can be out of order. */
	assert_int_equal(imported_count(&i, MMW_INFO_ASSUMED, "out_of_order"), 1);
	done(&t, &i);
}

static void the_recorder_is_left_out_its_command_is_not(void **state)
{
	(void)state;
	const struct who recorder = { 500, 500, "mmreplay" }, daemon = { 501, 501, "sessiond" },
			 reader = { 502, 500, "reader" };
	const struct who command = { 510, 510, "mmreplay" }, make = { 510, 510, "make" }, cc = { 511, 511, "make" };
	const uint64_t area = 0xffffc90000000000ull;
	struct told t = tell(2);
	begin(&t, 500, 510);
	shape_present(t.s, SECOND, recorder, 1, false);
	shape_present(t.s, SECOND, daemon, 500, false);
	shape_present_end(t.s, SECOND);
	shape_fork(t.s, 0, SECOND + 1000, recorder, 502, 500, THREAD);
	shape_vmalloc(t.s, 0, SECOND + 1500, recorder, area, 0x5000);
	shape_fork(t.s, 0, SECOND + 2000, recorder, 510, 510, FORK);
	shape_exec(t.s, 1, SECOND + 3000, 510, 510, "/usr/bin/make");
	shape_fork(t.s, 1, SECOND + 4000, make, 511, 511, FORK);
	shape_fork(t.s, 0, SECOND + 5000, daemon, 503, 503, FORK);
	shape_exit(t.s, 1, SECOND + 6000, cc, true);
	shape_free(t.s, 1, SECOND + 7000, cc);
	shape_exit(t.s, 0, SECOND + 8000, (struct who){ 503, 503, "sessiond" }, true);
	shape_free(t.s, 0, SECOND + 9000, (struct who){ 503, 503, "sessiond" });
	shape_vfree(t.s, 0, SECOND + 9500, reader, area);
	shape_exit(t.s, 1, SECOND + 10000, make, true);
	shape_free(t.s, 1, SECOND + 11000, command);
	struct imported i = heard(&t);
	assert_string_equal(i.text, "0 present 1>1 mm1 init\n"
				    "2000 present 2>2 mm2 mmreplay\n"
				    "3000 exec 2>0 mm3 make\n"
				    "4000 fork 2>3 mm4 make\n"
				    "6000 exit,last 3>3 mm4 make\n"
				    "7000 free 3>2 make\n"
				    "10000 exit,last 2>2 mm3 make\n"
				    "11000 free 2>0 make\n");
	assert_int_equal(i.result.unresolved, 0);
	/* Two in the dump, a thread, its stack twice, a process: fork, exit, free. */
	assert_int_equal(imported_count(&i, MMW_INFO_ASSUMED, "recorder_left_out"), 8);
	done(&t, &i);
}

static void what_its_rings_dropped_is_in_the_workload(void **state)
{
	(void)state;
	struct told t = tell(2);
	begin(&t, 0, 0);
	shape_present_end(t.s, SECOND);
	shape_lost(t.s, 1, SECOND + 5000, 17);
	struct imported i = heard(&t);
	assert_string_equal(i.text, "0 present 1>1 mm1 init\n5000 lost 0>1 aux17\n");
	assert_int_equal(i.result.lost, 17);
	assert_int_equal(imported_count(&i, MMW_INFO_LOST, "ring buffer, cpu 1"), 17);
	done(&t, &i);
}

static void what_had_exited_before_the_dump_is_nobody(void **state)
{
	(void)state;
	static const char states[] = { 'Z', 'X' };
	for (unsigned k = 0; k < sizeof(states); k++) {
		struct told t = tell(2);
		const struct who dead = { 300, 300, "dead" }, sleeping = { 301, 301, "sleeping" };
		begin(&t, 0, 0);
		unsigned dump = ctfw_event(shape_writer(t.s), "mmreplay:statedump_process",
					   "time:u64 tid:i32 tgid:i32 ppid:i32 kthread:u8 state:u8 comm:s");
		ctfw_put(shape_writer(t.s), 0, dump, SECOND, SECOND, 300, 300, 1, 0, states[k], "dead");
		ctfw_put(shape_writer(t.s), 0, dump, SECOND, SECOND, 301, 301, 1, 0, 'S', "sleeping");
		shape_present_end(t.s, SECOND);
		shape_free(t.s, 0, SECOND + 1000, dead);
		shape_exit(t.s, 1, SECOND + 2000, sleeping, true);
		struct imported i = heard(&t);
		assert_string_equal(i.text, "0 present 1>1 mm1 init\n0 present 2>2 mm2 sleeping\n"
					    "2000 exit,last 2>2 mm2 sleeping\n");
		assert_int_equal(imported_count(&i, MMW_INFO_ASSUMED, "zombie_at_start_left_out"), 1);
		assert_int_equal(i.result.unresolved, 0);
		done(&t, &i);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_source_time_orders),
		cmocka_unit_test(what_is_too_late_is_counted),
		cmocka_unit_test(the_recorder_is_left_out_its_command_is_not),
		cmocka_unit_test(what_its_rings_dropped_is_in_the_workload),
		cmocka_unit_test(what_had_exited_before_the_dump_is_nobody),
	};
	return cmocka_run_group_tests_name("import ust", tests, NULL, NULL);
}
