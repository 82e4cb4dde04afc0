/* How long a sweep will still take, from what its runs took. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "replay/sweep_progress.h"

static void nothing_is_known_before_something_is_done(void **state)
{
	(void)state;
	struct sweep_progress p = { .runs = 4, .places = 1, .now[0] = { .here = true, .begun = 100 } };
	p.todo[0][0] = 4;
	assert_true(progress_left(&p, 101) <= 0);
	/* A quarter in 2 s: 6 s are left of this run, and three more of 8. */
	p.now[0].part = 0.25;
	assert_float_equal(progress_left(&p, 102), 6 + 3 * 8, 1e-9);
}

static void ended_runs_tell_what_the_like_of_them_take(void **state)
{
	(void)state;
	struct sweep_progress p = {
		.runs = 6, .ended = 2, .last = 10, .places = 1, .now[0] = { .here = true, .begun = 100, .threads = 1 }
	};
	p.todo[0][0] = 1;
	p.todo[1][0] = 2;
	p.todo[2][0] = 1;
	p.known[0][0] = 3;
	p.known[1][0] = 10;
	/* 9 s of this one, one more like it, 3 s, and one of unknown length: like this one. */
	p.now[0].part = 0.05;
	assert_float_equal(progress_left(&p, 101), 9 + 10 + 3 + 10, 1e-9);
	/* It turns out to take twice as long; its like are known by those that ended. */
	p.now[0].part = 0.5;
	assert_float_equal(progress_left(&p, 110), 10 + 10 + 3 + 20, 1e-9);
}

static void paced_runs_take_what_was_recorded(void **state)
{
	(void)state;
	struct sweep_progress p = {
		.runs = 4, .places = 1, .now[0] = { .here = true, .begun = 100, .part = 0.1 }, .recorded_s = { 40, 10 }
	};
	p.todo[0][0] = 2;
	p.todo[0][1] = 2;
	assert_float_equal(progress_left(&p, 104), 36 + 40 + 2 * 10, 1e-9);
	/* Late, but not for ever. */
	assert_true(progress_left(&p, 1000) >= 60);
}

static void runs_side_by_side_share_what_is_left(void **state)
{
	(void)state;
	struct sweep_progress p = {
		.runs = 5,
		.ended = 1,
		.last = 8,
		.known[0][0] = 8,
		.places = 2,
		.now = { { .here = true, .begun = 100, .part = 0.5 }, { .here = true, .begun = 98, .part = 0.75 } },
	};
	p.todo[0][0] = 4;
	/* 4 s and 2 s of those under way, two more of 8, on two CPUs. */
	assert_float_equal(progress_left(&p, 104), (4 + 2 + 2 * 8) / 2.0, 1e-9);
	/* The last ones: as long as the longer. */
	p.todo[0][0] = 2;
	assert_float_equal(progress_left(&p, 104), 4, 1e-9);
	p.now[1].here = false;
	p.todo[0][0] = 1;
	assert_float_equal(progress_left(&p, 104), 4, 1e-9);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_is_known_before_something_is_done),
		cmocka_unit_test(ended_runs_tell_what_the_like_of_them_take),
		cmocka_unit_test(paced_runs_take_what_was_recorded),
		cmocka_unit_test(runs_side_by_side_share_what_is_left),
	};
	return cmocka_run_group_tests_name("sweep_progress", tests, NULL, NULL);
}
