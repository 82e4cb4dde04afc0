/* The histogram's promise: every value lies within 1/64 of its bucket. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <cmocka.h>

#include "schemas/hist.h"

static void every_bucket_is_narrow(void **state)
{
	(void)state;
	for (uint64_t v = 0; v < (1ull << HIST_MAX_BITS); v += 1 + v / 97) {
		unsigned i = hist_index(v);
		assert_true(i < HIST_BUCKETS);
		assert_true(hist_lower(i) <= v && v < hist_lower(i) + hist_width(i));
		assert_true(hist_width(i) * HIST_SUB <= hist_lower(i) || hist_width(i) == 1);
	}
}

static void buckets_touch(void **state)
{
	(void)state;
	for (unsigned i = 1; i < HIST_BUCKETS; i++)
		assert_int_equal(hist_lower(i - 1) + hist_width(i - 1), hist_lower(i));
	assert_int_equal(hist_lower(HIST_BUCKETS - 1) + hist_width(HIST_BUCKETS - 1), 1ull << HIST_MAX_BITS);
}

static void quantiles_of_a_known_set(void **state)
{
	(void)state;
	struct hist *h = malloc(sizeof(*h));
	hist_init(h);
	assert_int_equal(hist_quantile(h, 0.5), 0);
	for (uint64_t v = 1; v <= 100000; v++)
		hist_add(h, v);
	assert_int_equal(h->count, 100000);
	assert_int_equal(h->total, 100000ull * 100001 / 2);
	for (double q = 0.01; q < 1; q += 0.01) {
		double got = (double)hist_quantile(h, q), want = q * 100000;
		assert_true(fabs(got - want) <= want / 64 + 1);
	}
	assert_int_equal(hist_quantile(h, 0), 1);
	assert_int_equal(hist_quantile(h, 1), 100000);
	free(h);
}

static void a_value_past_the_end_counts_exactly(void **state)
{
	(void)state;
	struct hist *h = malloc(sizeof(*h)), *g = malloc(sizeof(*g));
	hist_init(h);
	hist_init(g);
	hist_add(h, UINT64_MAX / 4);
	hist_add(g, 7);
	hist_merge(h, g);
	assert_int_equal(h->count, 2);
	assert_int_equal(h->max, UINT64_MAX / 4);
	assert_int_equal(h->min, 7);
	assert_int_equal(hist_quantile(h, 1), UINT64_MAX / 4);
	free(h);
	free(g);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_bucket_is_narrow),
		cmocka_unit_test(buckets_touch),
		cmocka_unit_test(quantiles_of_a_known_set),
		cmocka_unit_test(a_value_past_the_end_counts_exactly),
	};
	return cmocka_run_group_tests_name("hist", tests, NULL, NULL);
}
