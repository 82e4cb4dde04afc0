/* The checker finds what is wrong with a history, and nothing in a right one. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "tests/support/mmw_check.h"

#define E(t, ...)                                                                                                      \
	{                                                                                                              \
		.type = EV_##t, __VA_ARGS__                                                                            \
	}
#define GOOD_PEAKS 6, 3

/* A right history that uses every rule. */
static const struct mmw_event good[] = {
	E(PRESENT, .task = 1, .arg = 1, .mm = 1),
	E(PRESENT, .task = 2, .arg = 1, .mm = 1),
	E(PRESENT, .task = 3, .arg = 3, .flags = EV_F_KTHREAD),
	E(FORK, .task = 1, .arg = 4, .mm = 2),
	E(VFORK, .task = 2, .arg = 5, .mm = 1, .flags = EV_F_WAIT),
	E(EXEC, .task = 5, .mm = 3),
	E(EXIT, .task = 5, .arg = 5, .mm = 3, .flags = EV_F_LAST),
	E(FREE, .task = 5, .arg = 2),
	E(VMALLOC, .task = 4, .arg = 1, .mm = 402, .aux = 5),
	E(THREAD, .task = 4, .arg = 6, .mm = 2),
	E(THREAD, .task = 6, .arg = 7, .mm = 2),
	E(SWITCH, .task = 7, .arg = 4),
	E(EXIT, .task = 4, .arg = 4, .mm = 2),
	E(EXIT, .task = 7, .arg = 4, .mm = 2),
	E(EXEC, .task = 6, .arg = 4, .mm = 4, .flags = EV_F_LEADER),
	E(FREE, .task = 7),
	E(FREE, .task = 4, .arg = 1),
	E(VFREE, .arg = 1, .mm = 402, .aux = 5),
	E(PURGE, .aux = 1),
	E(EXIT, .task = 6, .arg = 6, .mm = 4, .flags = EV_F_LAST),
	E(LOST, .aux = 3),
	E(HOT_ADD, .aux = 280),
	E(HOT_REMOVE, .aux = 280),
	E(OFFLINE, .aux = 1),
	E(ONLINE, .aux = 1),
	E(PIN_ALL),
	E(UNPIN_ALL),
};
#define GOOD (sizeof(good) / sizeof(*good))

static struct {
	char dir[64], file[96], text[256];
	uint64_t event;
} t;

static void report(void *arg, uint64_t event, const char *text)
{
	(void)arg;
	if (t.text[0])
		return;
	t.event = event;
	snprintf(t.text, sizeof(t.text), "%s", text);
}

static struct mmw_check check(const struct mmw_event *ev, unsigned n, uint32_t tasks, uint32_t mms)
{
	struct mmr_err e = { 0 };
	struct mmw_writer *w;
	struct mmw_check c;
	if (mmw_create(t.file, &w, &e))
		fail_msg("%s", e.text);
	for (unsigned i = 0; i < n; i++)
		if (mmw_add(w, &ev[i], &e))
			fail_msg("%s", e.text);
	mmw_set_peaks(w, tasks, mms);
	if (mmw_finish(w, &e))
		fail_msg("%s", e.text);
	t.text[0] = '\0';
	if (mmw_check(t.file, report, NULL, &c, &e))
		fail_msg("%s", e.text);
	return c;
}

static void a_right_history_has_no_violations(void **state)
{
	(void)state;
	struct mmw_check c = check(good, GOOD, GOOD_PEAKS);
	assert_string_equal(t.text, "");
	assert_int_equal(c.violations, 0);
	assert_int_equal(c.events, GOOD);
	assert_int_equal(c.live_tasks, 3);
	assert_int_equal(c.live_mms, 1);
	assert_int_equal(c.unfreed, 1);
}

static void the_idle_task_forks(void **state)
{
	(void)state;
	struct mmw_event ev[GOOD];
	memcpy(ev, good, sizeof(good));
	ev[3].task = 0;
	assert_int_equal(ev[3].type, EV_FORK);
	struct mmw_check c = check(ev, GOOD, GOOD_PEAKS);
	assert_string_equal(t.text, "");
	assert_int_equal(c.violations, 0);
}

/* Event @at of the right history becomes @ev, and what is said about it contains @text. */
static void each_violation_is_found(void **state)
{
	(void)state;
	static const struct {
		unsigned at;
		struct mmw_event ev;
		const char *text;
	} cases[] = {
		{ 1, E(PRESENT, .task = 1, .arg = 1, .mm = 1), "lives" },
		{ 1, E(PRESENT, .task = 2, .arg = 7, .mm = 1), "is not there" },
		{ 1, E(PRESENT, .task = 2, .arg = 1, .mm = 4), "its leader has mm" },
		{ 2, E(PRESENT, .task = 3, .arg = 3), "not a kernel thread" },
		{ 3, E(VFORK, .task = 0, .arg = 4, .mm = 1), "the actor is task 0" },
		{ 3, E(THREAD, .task = 0, .arg = 4, .mm = 1), "the actor is task 0" },
		{ 3, E(FORK, .task = 0, .arg = 4), "no kernel thread" },
		{ 3, E(FORK, .task = 7, .arg = 4, .mm = 2), "the actor, task 7, was never seen" },
		{ 3, E(FORK, .task = 1, .arg = 2, .mm = 2), "the child, task 2, lives" },
		{ 3, E(FORK, .task = 1, .arg = 4, .mm = 1), "mm 1 is not new" },
		{ 3, E(FORK, .task = 1, .arg = 4), "no kernel thread" },
		{ 3, E(FORK, .task = 1, .arg = 0, .mm = 2), "the child is task 0" },
		{ 4, E(VFORK, .task = 2, .arg = 5, .mm = 2), "the child's mm is 2, the actor's 1" },
		{ 5, E(EXEC, .task = 5, .mm = 1), "mm 1 is not new" },
		{ 5, E(EXEC, .task = 5, .mm = 0), "mm 0" },
		{ 5, E(EXEC, .task = 5, .arg = 1, .mm = 3), "nothing is taken over" },
		{ 5, E(EXEC, .task = 2, .mm = 3), "nothing is taken over" },
		{ 5, E(EXEC, .task = 1, .mm = 3), "1 others of its group live" },
		{ 6, E(EXIT, .task = 5, .arg = 5, .mm = 1, .flags = EV_F_LAST), "leaves mm 1, it has 3" },
		{ 6, E(EXIT, .task = 5, .arg = 5, .mm = 3), "0 of the group are left" },
		{ 6, E(EXIT, .task = 5, .arg = 1, .mm = 3, .flags = EV_F_LAST), "names the leader 1" },
		{ 7, E(FREE, .task = 4), "lives" },
		{ 7, E(FREE, .task = 5, .arg = 7), "was never seen" },
		{ 7, E(EXIT, .task = 5, .arg = 5, .mm = 3), "has exited" },
		{ 8, E(VMALLOC, .task = 7, .arg = 1), "was never seen" },
		{ 8, E(VMALLOC, .task = 5, .arg = 1), "is freed" },
		{ 9, E(THREAD, .task = 4, .arg = 6, .mm = 1), "the child's mm is 1" },
		{ 9, E(VMALLOC, .arg = 1), "area 1 lives" },
		{ 11, E(SWITCH, .task = 5), "is freed" },
		{ 12, E(EXIT, .task = 4, .arg = 4, .mm = 2, .flags = EV_F_LAST), "2 of the group are left" },
		{ 14, E(EXEC, .task = 6, .arg = 7, .mm = 4, .flags = EV_F_LEADER), "its leader is 4" },
		{ 14, E(EXEC, .task = 6, .mm = 4), "nothing is taken over" },
		{ 15, E(FREE, .task = 5), "is freed" },
		{ 17, E(VFREE, .arg = 0), "area 0" },
		{ 17, E(VFREE, .arg = 1, .mm = 403), "area 1 lies in slot 402, not 403" },
		{ 18, E(VFREE, .arg = 1), "area 1 is freed" },
		{ 21, E(HOT_REMOVE, .aux = 280), "nothing was added in slot 280" },
		{ 22, E(HOT_REMOVE, .aux = 281), "nothing was added in slot 281" },
		{ 23, E(ONLINE, .aux = 1), "CPU 1 is up already" },
		{ 24, E(OFFLINE, .aux = 1), "CPU 1 is down already" },
		{ 24, E(SYNC, .aux = 272, .cpu = 1), "CPU 1 is down" },
		{ 25, E(UNPIN_ALL), "not pinned" },
		{ 26, E(PIN_ALL), "pinned already" },
	};
	for (unsigned i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct mmw_event ev[GOOD];
		memcpy(ev, good, sizeof(good));
		ev[cases[i].at] = cases[i].ev;
		struct mmw_check c = check(ev, GOOD, GOOD_PEAKS);
		if (!c.violations || t.event != cases[i].at || !strstr(t.text, cases[i].text))
			fail_msg("case %u: expected '%s' at %u, got '%s' at %llu", i, cases[i].text, cases[i].at,
				 t.text, (unsigned long long)t.event);
	}
}

static void the_whole_is_held_against_the_header(void **state)
{
	(void)state;
	struct mmw_event ev[GOOD];
	assert_int_equal(check(good, GOOD, 5, 3).violations, 1);
	assert_non_null(strstr(t.text, "the header's peak is 5 tasks, the events' 6"));
	assert_true(t.event == UINT64_MAX);
	assert_int_equal(check(good, GOOD, 6, 2).violations, 1);
	assert_non_null(strstr(t.text, "peak is 2 mms"));
	/* A hole in the ids. */
	memcpy(ev, good, sizeof(good));
	ev[10].arg = 8;
	ev[11].task = 8;
	ev[13].task = 8;
	ev[15].task = 8;
	assert_int_equal(check(ev, GOOD, GOOD_PEAKS).violations, 1);
	assert_non_null(strstr(t.text, "not dense: 1 tasks"));
}

static int setup(void **state)
{
	(void)state;
	strcpy(t.dir, "/tmp/test_mmw_check.XXXXXX");
	if (!mkdtemp(t.dir))
		return -1;
	snprintf(t.file, sizeof(t.file), "%s/w.mmw", t.dir);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	unlink(t.file);
	return rmdir(t.dir);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_right_history_has_no_violations),
		cmocka_unit_test(the_idle_task_forks),
		cmocka_unit_test(each_violation_is_found),
		cmocka_unit_test(the_whole_is_held_against_the_header),
	};
	return cmocka_run_group_tests_name("mmw_check", tests, setup, teardown);
}
