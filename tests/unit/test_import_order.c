/* The window that sorts what the recorder emits: in order inside it, bounded whatever comes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "tracegen/import_order.h"

struct got {
	int64_t ns[20000];
	unsigned count, backwards;
};

static void take(void *ctx, const struct imp_raw *r)
{
	struct got *g = ctx;
	if (g->count && r->ns < g->ns[g->count - 1])
		g->backwards++;
	g->ns[g->count++] = r->ns;
}

static struct imp_raw raw(unsigned cpu, int64_t ns)
{
	return (struct imp_raw){ .kind = IK_EXIT, .cpu = (uint16_t)cpu, .ns = ns };
}

static void put(struct imp_order *o, unsigned cpu, int64_t ns, int64_t now)
{
	struct imp_raw r = raw(cpu, ns);
	assert_int_equal(imp_order_add(o, &r, now), 0);
}

static void cpus_that_come_late_are_put_in_their_place(void **state)
{
	(void)state;
	struct got *g = calloc(1, sizeof(*g));
	struct imp_order *o = imp_order_new(take, g, 1000, 10000);
	/* CPU 1 is told 900 after it happened, CPU 0 at once, 2 in between; 40 CPUs make lanes grow. */
	for (int64_t t = 0; t < 3000; t++)
		put(o, (unsigned)(t % 40), t - (t % 40 == 1 ? 900 : t % 40 == 2 ? 450 : 0), t);
	imp_order_flush(o);
	assert_int_equal(g->count, 3000);
	assert_int_equal(g->backwards, 0);
	imp_order_free(o);
	free(g);
}

static void one_lane_may_be_disordered_a_little(void **state)
{
	(void)state;
	struct got *g = calloc(1, sizeof(*g));
	struct imp_order *o = imp_order_new(take, g, 1000, 10000);
	for (int64_t t = 0; t < 5000; t++)
		put(o, 3, t ^ 7, t);
	imp_order_flush(o);
	assert_int_equal(g->count, 5000);
	assert_int_equal(g->backwards, 0);
	imp_order_free(o);
	free(g);
}

static void nothing_waits_longer_than_the_window(void **state)
{
	(void)state;
	struct got *g = calloc(1, sizeof(*g));
	struct imp_order *o = imp_order_new(take, g, 1000, 10000);
	put(o, 0, 100, 100);
	put(o, 0, 200, 200);
	put(o, 1, 1150, 1150);
	assert_int_equal(g->count, 1);
	put(o, 1, 5000, 5000);
	assert_int_equal(g->count, 3);
	/* Too late: out it goes, and who takes it sees that it is. */
	put(o, 2, 300, 9000);
	imp_order_flush(o);
	assert_int_equal(g->count, 5);
	assert_int_equal(g->backwards, 1);
	imp_order_free(o);
	free(g);
}

static void a_full_window_gives_way(void **state)
{
	(void)state;
	struct got *g = calloc(1, sizeof(*g));
	struct imp_order *o = imp_order_new(take, g, INT64_MAX, 100);
	for (int64_t t = 0; t < 10000; t++) {
		put(o, (unsigned)(t & 1), t, t);
		assert_true(t + 1 - g->count <= 100);
	}
	imp_order_flush(o);
	assert_int_equal(g->count, 10000);
	assert_int_equal(g->backwards, 0);
	imp_order_free(o);
	free(g);
}

static void backwards_and_at_the_ends_of_time_it_still_ends(void **state)
{
	(void)state;
	struct got *g = calloc(1, sizeof(*g));
	struct imp_order *o = imp_order_new(take, g, 1000, 15000);
	put(o, 0, INT64_MAX, INT64_MIN);
	put(o, 1, INT64_MIN, INT64_MIN);
	for (int64_t t = 10000; t > 0; t--)
		put(o, 5, t, 0);
	imp_order_flush(o);
	assert_int_equal(g->count, 10002);
	assert_int_equal(g->ns[0] == INT64_MIN, 1);
	imp_order_free(o);
	free(g);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(cpus_that_come_late_are_put_in_their_place),
		cmocka_unit_test(one_lane_may_be_disordered_a_little),
		cmocka_unit_test(nothing_waits_longer_than_the_window),
		cmocka_unit_test(a_full_window_gives_way),
		cmocka_unit_test(backwards_and_at_the_ends_of_time_it_still_ends),
	};
	return cmocka_run_group_tests_name("import order", tests, NULL, NULL);
}
