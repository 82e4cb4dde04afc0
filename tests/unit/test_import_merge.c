/* The heap: many sorted sequences come out as one, equal times by number. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "tracegen/import_merge.h"

static uint32_t next(uint32_t *x)
{
	return *x = *x * 1664525 + 1013904223;
}

/* @ports sequences of @each times that grow by little or nothing; by rekey where it may stay, as the merge does. */
static void merge(uint32_t ports, uint32_t each, uint32_t seed)
{
	struct imp_merge m;
	int64_t *at = calloc(ports, sizeof(*at)), last = INT64_MIN;
	uint32_t *left = calloc(ports, sizeof(*left)), x = seed, last_port = 0, seen = 0;
	assert_int_equal(imp_merge_init(&m, ports), 0);
	for (uint32_t i = 0; i < ports; i++) {
		at[i] = (int64_t)(next(&x) >> 28) - 8;
		left[i] = each;
		imp_merge_push(&m, at[i], i);
	}
	while (m.count) {
		uint32_t p = imp_merge_port(&m);
		assert_int_equal(imp_merge_key(&m), at[p]);
		assert_true(at[p] > last || (at[p] == last && p >= last_port));
		last = at[p];
		last_port = p;
		seen++;
		if (!--left[p]) {
			imp_merge_pop(&m);
			continue;
		}
		at[p] += next(&x) >> 30;
		bool stays = imp_merge_stays(&m, at[p]);
		imp_merge_rekey(&m, at[p]);
		assert_int_equal(stays, imp_merge_port(&m) == p);
	}
	assert_int_equal(seen, ports * each);
	imp_merge_free(&m);
	free(at);
	free(left);
}

static void everything_comes_out_in_order(void **state)
{
	(void)state;
	for (uint32_t ports = 1; ports < 40; ports++)
		merge(ports, 50, ports);
	merge(1000, 20, 7);
}

static void the_ends_of_time_are_times(void **state)
{
	(void)state;
	struct imp_merge m;
	assert_int_equal(imp_merge_init(&m, 3), 0);
	imp_merge_push(&m, INT64_MAX, 0);
	imp_merge_push(&m, INT64_MIN, UINT32_MAX);
	imp_merge_push(&m, -1, 1);
	assert_int_equal(imp_merge_port(&m), UINT32_MAX);
	assert_true(imp_merge_key(&m) == INT64_MIN);
	imp_merge_pop(&m);
	assert_int_equal(imp_merge_key(&m), -1);
	imp_merge_rekey(&m, INT64_MAX);
	assert_int_equal(imp_merge_port(&m), 0);
	imp_merge_pop(&m);
	imp_merge_pop(&m);
	assert_int_equal(m.count, 0);
	imp_merge_free(&m);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(everything_comes_out_in_order),
		cmocka_unit_test(the_ends_of_time_are_times),
	};
	return cmocka_run_group_tests_name("import merge", tests, NULL, NULL);
}
