/* Histories that no kernel writes, and those with holes: a workload that could have been, and counts of what was assumed. */
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

static const struct who init = { 1, 1, "init" }, server = { 200, 200, "server" }, helper = { 201, 200, "helper" };

struct told {
	char *dir, trace[300];
	struct shape *s;
};

static struct told tell(enum shape_kind kind, unsigned options)
{
	struct told t = { .dir = scratch_make() };
	snprintf(t.trace, sizeof(t.trace), "%s/trace", t.dir);
	t.s = shape_open(t.trace, kind, options, 2, NULL);
	return t;
}

static void before(struct shape *s)
{
	shape_capture(s, 1000, 0, 0);
	shape_present(s, 1000, init, 0, false);
	shape_present(s, 1000, server, 1, false);
	shape_present(s, 1000, helper, 1, false);
	shape_present_end(s, 1000);
	shape_noise(s, 0, 1000);
}
#define BEFORE "0 present 1>1 mm1 init\n0 present 2>2 mm2 server\n0 present 3>2 mm2 helper\n"

static struct imported heard(struct told *t)
{
	shape_close(t->s);
	struct imported i = imported_one(t->trace);
	if (i.ret)
		fail_msg("%s", i.e.text);
	assert_int_equal(i.violations, 0);
	return i;
}

static uint64_t assumed(const struct imported *i, const char *what)
{
	return imported_count(i, MMW_INFO_ASSUMED, what);
}

static uint64_t unresolved(const struct imported *i, const char *what)
{
	return imported_count(i, MMW_INFO_UNRESOLVED, what);
}

static void done(struct told *t, struct imported *i)
{
	imported_free(i);
	scratch_remove(t->dir);
}

/* ---- holes ---- */

static void what_nobody_introduced_is_counted(void **state)
{
	(void)state;
	for (unsigned kind = SHAPE_LTTNG_2_8; kind < SHAPE_KINDS; kind++) {
		struct told t = tell(kind, 0);
		before(t.s);
		shape_exit(t.s, 0, 2000, (struct who){ 500, 500, "who" }, true);
		shape_free(t.s, 0, 3000, (struct who){ 500, 500, "who" });
		shape_exec(t.s, 0, 4000, 501, 501, "/bin/who");
		struct imported i = heard(&t);
		assert_string_equal(i.text, BEFORE);
		assert_int_equal(unresolved(&i, "exit"), 1);
		assert_int_equal(unresolved(&i, "free"), 1);
		assert_int_equal(unresolved(&i, "exec"), 1);
		assert_int_equal(i.result.unresolved, 3);
		done(&t, &i);
	}
}

static void an_unseen_parent_is_adopted(void **state)
{
	(void)state;
	const struct who thread = { 601, 600, "lost" }, kworker = { 70, 70, "kworker/1:0" };
	for (unsigned kind = SHAPE_LTTNG_2_8; kind < SHAPE_KINDS; kind++) {
		struct told t = tell(kind, SHAPE_NO_SWITCH);
		before(t.s);
		shape_fork(t.s, 0, 2000, thread, 602, 602, FORK);
		shape_fork(t.s, 0, 3000, kworker, 603, 603, 0x800100);
		shape_exec(t.s, 0, 4000, 603, 603, "/sbin/modprobe");
		struct imported i = heard(&t);
		assert_string_equal(i.text, BEFORE "1000 present,adopted 4>4 mm3 lost\n"
						   "1000 present,adopted 5>4 mm3 lost\n"
						   "1000 fork 5>6 mm4 lost\n"
						   "2000 present,kthread,adopted 7>7 kworker/1:0\n"
						   "2000 fork,kthread 7>8 kworker/1:0\n"
						   "3000 exec 8>0 mm5 modprobe\n");
		assert_int_equal(assumed(&i, "fork_by_unseen_parent"), 2);
		assert_int_equal(assumed(&i, "thread_of_unseen_leader"), 1);
		assert_int_equal(i.result.unresolved, 0);
		done(&t, &i);
	}
}

static void a_lost_exit_shows_when_the_tid_comes_back(void **state)
{
	(void)state;
	for (unsigned kind = SHAPE_LTTNG_2_8; kind < SHAPE_KINDS; kind++) {
		struct told t = tell(kind, SHAPE_NO_SWITCH);
		before(t.s);
		shape_fork(t.s, 0, 2000, server, 300, 300, FORK);
		shape_fork(t.s, 1, 3000, init, 300, 300, FORK);
		struct imported i = heard(&t);
		assert_string_equal(i.text, BEFORE "1000 fork 2>4 mm3 server\n"
						   "2000 exit,last 4>4 mm3 server\n"
						   "2000 fork 1>5 mm4 init\n");
		assert_int_equal(assumed(&i, "exit_from_tid_reuse"), 1);
		done(&t, &i);
	}
}

static void a_lost_fork_event_is_made_up_from_newtask(void **state)
{
	(void)state;
	struct told t = tell(SHAPE_PERF, 0);
	struct ctfw *w = shape_writer(t.s);
	before(t.s);
	/* As shape_fork() without the fork. */
	unsigned newtask = ctfw_event(w, "task:task_newtask", "common_pid:i32 pid:i32 comm:s clone_flags:u64");
	ctfw_put(w, 0, newtask, 2000, 200, 300, "server", (uint64_t)FORK);
	shape_exit(t.s, 0, 3000, (struct who){ 300, 300, "server" }, true);
	struct imported i = heard(&t);
	assert_string_equal(i.text, BEFORE "2000 fork 2>4 mm3 server\n2000 exit,last 4>4 mm3 server\n");
	assert_int_equal(assumed(&i, "fork_from_newtask_only"), 1);
	done(&t, &i);
}

static void a_zombie_at_the_start_is_nobody(void **state)
{
	(void)state;
	struct told t = tell(SHAPE_LTTNG_2_13, SHAPE_NO_SWITCH);
	struct ctfw *w = shape_writer(t.s);
	unsigned dump =
		ctfw_event(w, "lttng_statedump_process_state", "tid:i32 pid:i32 ppid:i32 name:c16 type:i32 status:i32");
	ctfw_put(w, 0, dump, 500, 900, 900, 1, "dead", 1, 4);
	before(t.s);
	shape_free(t.s, 0, 2000, (struct who){ 900, 900, "dead" });
	struct imported i = heard(&t);
	assert_string_equal(i.text,
			    "500 present 1>1 mm1 init\n500 present 2>2 mm2 server\n500 present 3>2 mm2 helper\n");
	assert_int_equal(assumed(&i, "zombie_at_start_left_out"), 1);
	assert_int_equal(i.result.unresolved, 0);
	done(&t, &i);
}

static void live_events_know_better_than_the_dump(void **state)
{
	static const enum shape_kind kinds[] = { SHAPE_LTTNG_2_8, SHAPE_LTTNG_2_13, SHAPE_UST };
	(void)state;
	for (unsigned k = 0; k < 3; k++) {
		struct told t = tell(kinds[k], SHAPE_NO_SWITCH);
		shape_capture(t.s, 1000, 0, 0);
		shape_present(t.s, 1000, init, 0, false);
		/* Born, dead and freed while the dump goes on, which found it in between; and one that lives. */
		shape_fork(t.s, 1, 1100, init, 300, 300, FORK);
		shape_fork(t.s, 1, 1200, init, 301, 301, FORK);
		shape_exit(t.s, 1, 1300, (struct who){ 300, 300, "init" }, true);
		shape_free(t.s, 1, 1400, (struct who){ 300, 300, "init" });
		/* Dead before the dump came to it. */
		shape_exit(t.s, 1, 1500, (struct who){ 302, 302, "init" }, true);
		shape_present(t.s, 2000, (struct who){ 300, 300, "init" }, 1, false);
		shape_present(t.s, 2000, (struct who){ 301, 301, "init" }, 1, false);
		shape_present(t.s, 2000, (struct who){ 302, 302, "init" }, 1, false);
		shape_present_end(t.s, 2100);
		struct imported i = heard(&t);
		assert_string_equal(i.text, "0 present 1>1 mm1 init\n"
					    "100 fork 1>2 mm2 init\n"
					    "200 fork 1>3 mm3 init\n"
					    "300 exit,last 2>2 mm2 init\n"
					    "400 free 2>1 init\n");
		assert_int_equal(unresolved(&i, "exit"), 1);
		done(&t, &i);
	}
}

/* Enabled, so declared; and never recorded: the trace is read again with the calls that say the same. */
static void calls_stand_in_for_events_that_never_come(void **state)
{
	(void)state;
	struct told t = tell(SHAPE_LTTNG_2_10, 0);
	struct ctfw *w = shape_writer(t.s);
	const struct who child = { 300, 300, "server" };
	unsigned execve = ctfw_event(w, "syscall_entry_execve", "filename:s argv:u64 envp:u64");
	unsigned done_exec = ctfw_event(w, "syscall_exit_execve", "ret:i64");
	unsigned exit_group = ctfw_event(w, "syscall_entry_exit_group", "error_code:i32");
	before(t.s);
	shape_fork(t.s, 0, 2000, server, 300, 300, FORK);
	shape_switch(t.s, 1, 2500, (struct who){ 0, 0, "swapper" }, child);
	/* One that fails, one that does not. */
	ctfw_put(w, 1, execve, 3000, "/no/such", (uint64_t)0, (uint64_t)0);
	ctfw_put(w, 1, done_exec, 3100, (uint64_t)-2);
	ctfw_put(w, 1, execve, 3200, "/bin/it", (uint64_t)0, (uint64_t)0);
	ctfw_put(w, 1, done_exec, 3300, (uint64_t)0);
	ctfw_put(w, 1, exit_group, 4000, 0);
	struct imported i = heard(&t);
	assert_non_null(strstr(i.text, "\n2300 exec 4>0 mm4 it\n3000 exit,last 4>4 mm4 it\n"));
	assert_int_equal(mmw_header(i.r)->count[EV_EXEC], 1);
	assert_int_equal(mmw_header(i.r)->count[EV_EXIT], 1);
	assert_int_equal(assumed(&i, "exec_from_execve"), 1);
	assert_int_equal(assumed(&i, "exit_from_exit_group"), 1);
	done(&t, &i);
}

static void without_a_clock_the_order_is_that_of_the_stream(void **state)
{
	(void)state;
	struct told t = { .dir = scratch_make() };
	const struct ctfw_options o = { .header = CTFW_PLAIN };
	snprintf(t.trace, sizeof(t.trace), "%s/trace", t.dir);
	struct ctfw *w = ctfw_open(t.trace, &o);
	unsigned stream = ctfw_stream(w, 0);
	unsigned fork =
		ctfw_event(w, "sched:sched_process_fork", "parent_comm:s parent_pid:i32 child_comm:s child_pid:i32");
	unsigned end = ctfw_event(w, "sched:sched_process_exit", "comm:s pid:i32 prio:i32");
	ctfw_put(w, stream, fork, 5, "sh", 10, "sh", 11);
	ctfw_put(w, stream, end, 6, "sh", 11, 120);
	ctfw_close(w);
	struct imported i = imported_one(t.trace);
	assert_int_equal(i.ret, 0);
	assert_string_equal(i.text, "0 present,adopted 1>1 mm1 sh\n0 fork 1>2 mm2 sh\n0 exit,last 2>2 mm2 sh\n");
	assert_int_equal(assumed(&i, "no_clock"), 2);
	assert_int_equal(assumed(&i, "fork_group_unknown_own_process"), 1);
	done(&t, &i);
}

/*
 * Few tids, used again and again while their old tasks wait for RCU: each exit,
 * each free has to find its generation.
 */
static void generations_are_told_apart(void **state)
{
	enum { TIDS = 40, ROUNDS = 20000, LATE = 30 };
	(void)state;
	for (unsigned kind = SHAPE_LTTNG_2_8; kind < SHAPE_KINDS; kind++) {
		struct told t = tell(kind, SHAPE_NO_SWITCH);
		bool lives[TIDS] = { false };
		int late[LATE], n = 0;
		uint32_t x = kind, forks = 0, exits = 0, frees = 0;
		uint64_t ns = 2000;
		before(t.s);
		for (unsigned r = 0; r < ROUNDS; r++, ns += 100) {
			x = x * 1664525 + 1013904223;
			unsigned k = (x >> 16) % TIDS, cpu = x >> 31;
			const struct who w = { 300 + (int)k, 300 + (int)k, "server" };
			int waiting = 0;
			for (int j = 0; j < n; j++)
				waiting += late[j] == (int)k;
			if (lives[k]) {
				shape_exit(t.s, cpu, ns, w, true);
				late[n++] = (int)k;
				exits++;
				lives[k] = false;
			} else if (waiting < 2) {
				shape_fork(t.s, cpu, ns, server, w.tid, w.tid, FORK);
				forks++;
				lives[k] = true;
			}
			if (n == LATE) {
				const struct who gone = { 300 + late[0], 300 + late[0], "server" };
				shape_free(t.s, !cpu, ns + 50, gone);
				frees++;
				memmove(late, late + 1, (size_t)--n * sizeof(late[0]));
			}
		}
		struct imported i = heard(&t);
		const struct mmw_header *h = mmw_header(i.r);
		assert_int_equal(h->count[EV_FORK], forks);
		assert_int_equal(h->count[EV_EXIT], exits);
		assert_int_equal(h->count[EV_FREE], frees);
		assert_int_equal(h->tasks, forks + 3);
		assert_int_equal(i.result.unresolved, 0);
		assert_int_equal(assumed(&i, "exit_from_tid_reuse") + assumed(&i, "exit_from_free"), 0);
		done(&t, &i);
	}
}

/* ---- what no kernel writes; the fuzzer found these ---- */

static void a_thread_has_the_mm_of_its_group(void **state)
{
	(void)state;
	struct told t = tell(SHAPE_LTTNG_2_10, SHAPE_NO_SWITCH);
	shape_present(t.s, 1000, server, 1, false);
	shape_present(t.s, 1000, helper, 1, true);
	struct imported i = heard(&t);
	assert_string_equal(i.text, "0 present 1>1 mm1 server\n0 present 2>1 mm1 helper\n");
	done(&t, &i);
}

static void exec_ends_the_other_threads(void **state)
{
	static const struct {
		int tid, old;
		const char *text;
	} cases[] = {
		/* Leader or thread, under its own tid, that of its leader, or one that fits nobody. */
		{ 200, 200, "1000 exit 3>2 mm2 helper\n1000 exec 2>0 mm3 it\n" },
		{ 201, 201, "1000 exit 2>2 mm2 server\n1000 exec,leader 3>2 mm3 it\n" },
		{ 999, 200, "1000 exit 3>2 mm2 helper\n1000 exec 2>0 mm3 it\n" },
		{ 200, 999, "1000 exit 3>2 mm2 helper\n1000 exec 2>0 mm3 it\n" },
	};
	(void)state;
	for (unsigned c = 0; c < sizeof(cases) / sizeof(cases[0]); c++) {
		char text[512];
		struct told t = tell(SHAPE_LTTNG_2_10, SHAPE_NO_SWITCH);
		before(t.s);
		shape_exec(t.s, 0, 2000, cases[c].tid, cases[c].old, "/bin/it");
		struct imported i = heard(&t);
		snprintf(text, sizeof(text), "%s%s", BEFORE, cases[c].text);
		assert_string_equal(i.text, text);
		assert_int_equal(assumed(&i, "exit_from_exec"), 1);
		done(&t, &i);
	}
}

static void a_leader_is_freed_after_its_threads(void **state)
{
	(void)state;
	struct told t = tell(SHAPE_LTTNG_2_10, SHAPE_NO_SWITCH);
	before(t.s);
	shape_exit(t.s, 0, 2000, server, false);
	shape_free(t.s, 0, 3000, server);
	struct imported i = heard(&t);
	assert_string_equal(i.text, BEFORE "1000 exit 2>2 mm2 server\n"
					   "2000 exit,last 3>2 mm2 helper\n"
					   "2000 free 2>1 server\n");
	assert_int_equal(assumed(&i, "exit_from_free"), 1);
	done(&t, &i);
}

static void an_event_without_its_fields_is_counted(void **state)
{
	(void)state;
	struct told t = tell(SHAPE_LTTNG_2_10, SHAPE_NO_SWITCH);
	struct ctfw *w = shape_writer(t.s);
	unsigned odd = ctfw_event(w, "sched_process_exit", "comm:c16 pid:i32");
	before(t.s);
	ctfw_put(w, 0, odd, 2000, "server", 200);
	struct imported i = heard(&t);
	assert_string_equal(i.text, BEFORE);
	assert_int_equal(unresolved(&i, "unknown_layout"), 1);
	assert_int_equal(imported_count(&i, MMW_INFO_SOURCE_EVENT, "sched_process_exit"), 1);
	done(&t, &i);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_nobody_introduced_is_counted),
		cmocka_unit_test(an_unseen_parent_is_adopted),
		cmocka_unit_test(a_lost_exit_shows_when_the_tid_comes_back),
		cmocka_unit_test(a_lost_fork_event_is_made_up_from_newtask),
		cmocka_unit_test(a_zombie_at_the_start_is_nobody),
		cmocka_unit_test(live_events_know_better_than_the_dump),
		cmocka_unit_test(calls_stand_in_for_events_that_never_come),
		cmocka_unit_test(without_a_clock_the_order_is_that_of_the_stream),
		cmocka_unit_test(generations_are_told_apart),
		cmocka_unit_test(a_thread_has_the_mm_of_its_group),
		cmocka_unit_test(exec_ends_the_other_threads),
		cmocka_unit_test(a_leader_is_freed_after_its_threads),
		cmocka_unit_test(an_event_without_its_fields_is_counted),
	};
	return cmocka_run_group_tests_name("import odd", tests, NULL, NULL);
}
