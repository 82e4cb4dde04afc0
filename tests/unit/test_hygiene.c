/* What the kernel says of other load. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <time.h>

#include "replay/hygiene.h"

static void lines(void **state)
{
	(void)state;
	uint64_t busy, steal;
	assert_true(hygiene_parse("cpu  10 20 30 4000 500 6 7 8 9 10", 100, &busy, &steal));
	assert_int_equal(busy, 73 * 10000000ull);
	assert_int_equal(steal, 8 * 10000000ull);
	assert_false(hygiene_parse("cpu  10 20 30", 100, &busy, &steal));
	assert_false(hygiene_parse("intr 10 20 30 4000 500 6 7 8 9 10", 100, &busy, &steal));
	assert_false(hygiene_parse("cpu  10 20 30 4000 500 6 7 8 9 10", 0, &busy, &steal));
}

static void our_own_work_is_not_others(void **state)
{
	(void)state;
	struct hygiene_mark m;
	struct result_hygiene h;
	struct timespec t0, t;
	hygiene_begin(&m);
	if (!m.known)
		skip(); /* no /proc/stat here */
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t0);
	do
		clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	while ((t.tv_sec - t0.tv_sec) * 1000000000ll + t.tv_nsec - t0.tv_nsec < 100000000);
	hygiene_end(&m, &h);
	/* All there was, less ours, is the most that others can have had; a few ticks of rounding. */
	assert_true(h.cpu_ns >= 100000000);
	assert_true(h.other_ns + (int64_t)h.steal_ns <= (int64_t)h.cpu_ns - 100000000 + 80000000);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(lines), cmocka_unit_test(our_own_work_is_not_others) };
	return cmocka_run_group_tests_name("hygiene", tests, NULL, NULL);
}
