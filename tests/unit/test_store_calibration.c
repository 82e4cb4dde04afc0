/* Calibrations in the store: kept, told apart by machine, the latest one read. */
#include <errno.h>
#include <unistd.h>

#include "tests/unit/store_fixture.h"

static struct fixture fx;

static int setup(void **state)
{
	(void)state;
	fixture_open(&fx);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	fixture_gone(&fx);
	return 0;
}

static const struct result_calibration first[] = {
	{ "step", 1100, 1000, 1200, 21, true, "loop" },
	{ "cluster", 55000, 50000, 60000, 21, true, "ping-pong" },
	{ "remote", 120000, 120000, 120000, 0, false, "one socket only" },
	{ "pair 0-1", 55000, 50000, 60000, 21, true, "" },
};

struct seen {
	unsigned n;
	uint64_t step, cluster;
	bool remote_measured;
	char remote_why[64];
	int stop_at; /* row(): return 7 at this one */
};

static int note(void *arg, const struct result_calibration *c)
{
	struct seen *s = arg;
	if ((int)++s->n == s->stop_at)
		return 7;
	if (!strcmp(c->name, "step"))
		s->step = c->ps;
	if (!strcmp(c->name, "cluster"))
		s->cluster = c->high_ps - c->low_ps;
	if (!strcmp(c->name, "remote")) {
		s->remote_measured = c->measured;
		snprintf(s->remote_why, sizeof(s->remote_why), "%s", c->why);
	}
	return 0;
}

static struct seen read_back(const struct result_machine *m)
{
	struct seen s = { .remote_measured = true };
	if (calibration_read(fx.path, m, note, &s, &fx.e))
		fail_msg("%s", fx.e.text);
	return s;
}

static void put(const struct result_calibration *rows, unsigned n)
{
	if (fx.sink->set_calibration(fx.sink, rows, n, &fx.e))
		fail_msg("%s", fx.e.text);
}

static void kept_and_read(void **state)
{
	(void)state;
	const struct result_machine m = sample_machine();
	assert_int_equal(read_back(&m).n, 0);
	put(first, 4);
	struct seen s = read_back(&m);
	assert_int_equal(s.n, 4);
	assert_int_equal(s.step, 1100);
	assert_int_equal(s.cluster, 10000);
	assert_false(s.remote_measured);
	assert_string_equal(s.remote_why, "one socket only");
	assert_int_equal(fixture_real(&fx, "SELECT COUNT(*) FROM calibration WHERE origin = 'assumed' AND runs = 0"),
			 1);
}

/* The latest counts as a whole; the earlier stays. */
static void latest(void **state)
{
	(void)state;
	const struct result_machine m = sample_machine();
	struct result_calibration again = first[0];
	put(first, 4);
	usleep(3000);
	again.ps = 1300;
	put(&again, 1);
	struct seen s = read_back(&m);
	assert_int_equal(s.n, 1);
	assert_int_equal(s.step, 1300);
	assert_int_equal(fixture_real(&fx, "SELECT COUNT(*) FROM calibration"), 5);
	assert_int_equal(fixture_real(&fx, "SELECT COUNT(DISTINCT measured_at) FROM calibration"), 2);
}

/* Of another kernel it is the same machine; of another host, processor or CPU count not. */
static void which_machine(void **state)
{
	(void)state;
	struct result_machine m = sample_machine();
	put(first, 4);
	m.kernel = "9.9.9";
	assert_int_equal(read_back(&m).n, 4);
	m.cpus++;
	assert_int_equal(read_back(&m).n, 0);
	m = sample_machine();
	m.host = "elsewhere";
	assert_int_equal(read_back(&m).n, 0);
	m = sample_machine();
	m.cpu_model = "another";
	assert_int_equal(read_back(&m).n, 0);
}

/* What machine and cost are called comes from the machine: stored without control characters, found all the same. */
static void unsafe_names(void **state)
{
	(void)state;
	struct result_machine m = sample_machine();
	m.host = "h\033[2J";
	if (fx.sink->set_machine(fx.sink, &m, &fx.e))
		fail_msg("%s", fx.e.text);
	put(first, 2);
	assert_int_equal(read_back(&m).n, 2);
	m = sample_machine();
	assert_int_equal(read_back(&m).n, 0);
}

static void reader_stops(void **state)
{
	(void)state;
	const struct result_machine m = sample_machine();
	struct seen s = { .stop_at = 2 };
	put(first, 4);
	assert_int_equal(calibration_read(fx.path, &m, note, &s, &fx.e), 7);
	assert_int_equal(s.n, 2);
}

static void no_store(void **state)
{
	(void)state;
	const struct result_machine m = sample_machine();
	struct seen s = { 0 };
	char path[128];
	snprintf(path, sizeof(path), "%s/none.db", fx.dir);
	assert_int_equal(calibration_read(path, &m, note, &s, &fx.e), 0);
	assert_int_equal(access(path, F_OK), -1);
	assert_int_equal(calibration_read("/dev/null/x", &m, note, &s, &fx.e), -ENOTDIR);
	FILE *f = fopen(path, "w");
	assert_non_null(f);
	for (int i = 0; i < 100; i++)
		fputs("no store at all ", f);
	fclose(f);
	assert_int_equal(calibration_read(path, &m, note, &s, &fx.e), -EPROTO);
	assert_int_equal(s.n, 0);
}

static void machine_first(void **state)
{
	(void)state;
	char path[128];
	struct result_sink *sink;
	snprintf(path, sizeof(path), "%s/new.db", fx.dir);
	assert_int_equal(results_open(path, &sink, &fx.e), 0);
	assert_int_equal(sink->set_calibration(sink, first, 4, &fx.e), -EINVAL);
	assert_non_null(strstr(fx.e.text, "needs its machine first"));
	assert_int_equal(sink->close(sink, &fx.e), 0);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(kept_and_read), TEST(latest),   TEST(which_machine), TEST(unsafe_names),
		TEST(reader_stops),  TEST(no_store), TEST(machine_first),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
