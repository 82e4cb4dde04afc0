/*
 * CPUs that come and go: their lists, and, where there is the right to, the
 * kernel's own rings: every fork of ours is seen once.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

#include "tracegen/record_rings.h"

static int collect(void *arg, unsigned cpu)
{
	char *text = arg;
	sprintf(text + strlen(text), "%u ", cpu);
	return 0;
}

static void lists_of_cpus(void **state)
{
	(void)state;
	static const struct {
		const char *list, *want;
	} good[] = {
		{ "0", "0 " }, { "0-3\n", "0 1 2 3 " }, { "0,2-3,8\n", "0 2 3 8 " }, { "7-7,1", "7 1 " }, { "", "" },
		{ "\n", "" }
	};
	for (unsigned i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		char text[256] = "";
		assert_int_equal(rec_cpu_list(good[i].list, collect, text), 0);
		assert_string_equal(text, good[i].want);
	}
	static const char *const bad[] = { "x", "1-", "-1", "3-1", "1,,2", "1;2", "1-99999999", "0 1" };
	for (unsigned i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		char text[256] = "";
		assert_int_equal(rec_cpu_list(bad[i], collect, text), -EINVAL);
	}
}

struct own {
	unsigned forks, on_cpu[64];
};

static int on_own(void *arg, const struct rec_event *ev)
{
	struct own *o = arg;
	if (ev->kind == REC_FORK && ev->ints[0] == getpid()) {
		o->forks++;
		if (ev->cpu < 64)
			o->on_cpu[ev->cpu]++;
	}
	return 0;
}

static int on_own_lost(void *arg, uint64_t time, uint32_t cpu, uint64_t count)
{
	(void)arg;
	(void)time;
	(void)cpu;
	(void)count;
	return 0;
}

static void fork_on(unsigned cpu, unsigned n)
{
	cpu_set_t set;
	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	assert_int_equal(sched_setaffinity(0, sizeof(set), &set), 0);
	for (unsigned i = 0; i < n; i++) {
		pid_t pid = fork();
		if (!pid)
			_exit(0);
		assert_true(pid > 0);
		waitpid(pid, NULL, 0);
	}
}

/* CPUs come and go in a list of ours; the real ones stay. */
static void every_fork_once_while_cpus_come_and_go(void **state)
{
	(void)state;
	struct mmr_err e = { 0 };
	struct rec_formats f;
	struct rec_rings r;
	struct own o = { 0 };
	struct rec_sink sink = { on_own, on_own_lost, &o };
	unsigned came, went;
	cpu_set_t all;
	sched_getaffinity(0, sizeof(all), &all);
	int events = rec_tracefs_open(&e);
	if (events < 0) {
		print_message("# skipped: %s\n", e.text);
		skip();
	}
	int err = rec_formats_load(&f, events, false, &e);
	close(events);
	if (err == -EACCES || err == -ENOENT) {
		print_message("# skipped: %s\n", e.text);
		skip();
	}
	assert_int_equal(err, 0);
	err = rec_rings_open(&r, &f, "0\n", &e);
	if (err == -EACCES || err == -EPERM) {
		rec_formats_free(&f);
		print_message("# skipped: %s\n", e.text);
		skip();
	}
	assert_int_equal(err, 0);
	if (!CPU_ISSET(0, &all) || !CPU_ISSET(1, &all)) {
		rec_rings_close(&r);
		rec_formats_free(&f);
		print_message("# skipped: this takes CPUs 0 and 1\n");
		skip();
	}
	assert_int_equal(rec_rings_enable(&r, &e), 0);
	fork_on(0, 20);
	fork_on(1, 20); /* not seen */
	assert_int_equal(rec_rings_rescan(&r, "0-1\n", &came, &went, &e), 0);
	assert_int_equal(came, 1);
	assert_int_equal(went, 0);
	fork_on(1, 30);
	assert_int_equal(rec_rings_drain(&r, UINT64_MAX, &sink, &e), 0);
	assert_int_equal(o.on_cpu[0], 20);
	assert_int_equal(o.on_cpu[1], 30);
	/* What was in the ring of a CPU that went down is still read. */
	fork_on(1, 5);
	assert_int_equal(rec_rings_rescan(&r, "0\n", &came, &went, &e), 0);
	assert_int_equal(came, 0);
	assert_int_equal(went, 1);
	assert_int_equal(rec_rings_drain(&r, UINT64_MAX, &sink, &e), 0);
	assert_int_equal(o.on_cpu[1], 35);
	/* A CPU that comes back gets a ring of its own. */
	assert_int_equal(rec_rings_rescan(&r, "0-1\n", &came, &went, &e), 0);
	assert_int_equal(came, 1);
	assert_int_equal(r.n, 3);
	assert_int_equal(rec_rings_rescan(&r, "0-1\n", &came, &went, &e), 0);
	assert_int_equal(came + went, 0);
	rec_rings_disable(&r);
	fork_on(0, 7); /* not seen */
	assert_int_equal(rec_rings_drain(&r, UINT64_MAX, &sink, &e), 0);
	assert_int_equal(o.on_cpu[0], 20);
	rec_rings_close(&r);
	rec_formats_free(&f);
	sched_setaffinity(0, sizeof(all), &all);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lists_of_cpus),
		cmocka_unit_test(every_fork_once_while_cpus_come_and_go),
	};
	return cmocka_run_group_tests_name("record_cpus", tests, NULL, NULL);
}
