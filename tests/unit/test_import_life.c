/* One history, told by each tracer in each of its forms, becomes one workload. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "tests/support/ctf_shape.h"
#include "tests/support/imported.h"

#define FORK 17u /* SIGCHLD */
#define VFORK 0x4111u
#define THREAD 0x3d0f00u
#define KTHREAD 0x800700u

static const struct who init = { 1, 1, "init" }, kthreadd = { 2, 2, "kthreadd" }, kworker = { 9, 9, "kworker/0:1" },
			bash = { 100, 100, "bash" }, server = { 200, 200, "server" }, helper = { 201, 200, "helper" };

/* Tasks 1 to 6, mms 1 to 3. */
static void before(struct shape *s)
{
	shape_capture(s, 1000, 0, 0);
	shape_present(s, 1000, init, 0, false);
	shape_present(s, 1000, kthreadd, 0, true);
	shape_present(s, 1000, kworker, 2, true);
	shape_present(s, 1000, bash, 1, false);
	shape_present(s, 1000, server, 1, false);
	shape_present(s, 1000, helper, 1, false);
	shape_present_end(s, 1000);
	shape_noise(s, 0, 1000);
}

static const char *const before_text = "0 present 1>1 mm1 init\n"
				       "0 present,kthread 2>2 kthreadd\n"
				       "0 present,kthread 3>3 kworker/0:1\n"
				       "0 present 4>4 mm2 bash\n"
				       "0 present 5>5 mm3 server\n"
				       "0 present 6>5 mm3 helper\n";

struct told {
	char *dir;
	struct shape *s;
};

static struct told tell(enum shape_kind kind, unsigned options)
{
	struct told t = { .dir = scratch_make() };
	char trace[300];
	snprintf(trace, sizeof(trace), "%s/trace", t.dir);
	t.s = shape_open(trace, kind, options, 2, NULL);
	return t;
}

/* Switches are there for the system calls' sake only. */
static char *without_switches(char *text)
{
	char *to = text;
	for (char *line = text, *next; *line; line = next) {
		next = strchr(line, '\n') + 1;
		if (memmem(line, (size_t)(next - line), " switch ", 8))
			continue;
		memmove(to, line, (size_t)(next - line));
		to += next - line;
	}
	*to = '\0';
	return text;
}

static struct imported heard(struct told *t, const char *what)
{
	char trace[300];
	snprintf(trace, sizeof(trace), "%s/trace", t->dir);
	shape_close(t->s);
	struct imported i = imported_one(trace);
	if (i.ret)
		fail_msg("%s: %s", what, i.e.text);
	without_switches(i.text);
	assert_int_equal(i.violations, 0);
	return i;
}

static void expect(const struct imported *i, const char *what, const char *text)
{
	char all[8192];
	snprintf(all, sizeof(all), "%s%s", before_text, text);
	if (strcmp(i->text, all))
		print_error("%s:\n", what);
	assert_string_equal(i->text, all);
}

static void done(struct told *t, struct imported *i)
{
	imported_free(i);
	scratch_remove(t->dir);
}

/* ---- the history ---- */

static void processes(struct shape *s)
{
	const struct who make = { 300, 300, "make" }, cc = { 301, 301, "cc" };
	shape_fork(s, 0, 2000, bash, 300, 300, FORK);
	shape_exec(s, 1, 3000, 300, 300, "/usr/bin/make");
	shape_fork(s, 1, 4000, make, 301, 301, VFORK);
	shape_exec(s, 0, 5000, 301, 301, "/usr/lib/cc");
	shape_fork(s, 1, 6000, make, 302, 300, THREAD);
	shape_exit(s, 1, 7000, (struct who){ 302, 300, "make" }, false);
	shape_exit(s, 0, 8000, cc, true);
	/* The tid comes back before the old task is freed. */
	shape_fork(s, 1, 9000, make, 301, 301, FORK);
	shape_free(s, 0, 9500, (struct who){ 302, 300, "make" });
	shape_free(s, 0, 10000, cc);
	shape_exit(s, 1, 11000, (struct who){ 301, 301, "make" }, true);
	shape_free(s, 0, 12000, (struct who){ 301, 301, "make" });
	shape_exit(s, 0, 13000, make, true);
	shape_free(s, 0, 14000, make);
	shape_fork(s, 1, 15000, kthreadd, 310, 310, KTHREAD);
	shape_exit(s, 0, 16000, (struct who){ 310, 310, "kthreadd" }, true);
	shape_free(s, 0, 17000, (struct who){ 310, 310, "kthreadd" });
}

static const char *const processes_text = "1000 fork 4>7 mm4 bash\n"
					  "2000 exec 7>0 mm5 make\n"
					  "3000 vfork,wait 7>8 mm5 make\n"
					  "4000 exec 8>0 mm6 cc\n"
					  "5000 thread 7>9 mm5 make\n"
					  "6000 exit 9>7 mm5 make\n"
					  "7000 exit,last 8>8 mm6 cc\n"
					  "8000 fork 7>10 mm7 make\n"
					  "8500 free 9>0 make\n"
					  "9000 free 8>7 cc\n"
					  "10000 exit,last 10>10 mm7 make\n"
					  "11000 free 10>7 make\n"
					  "12000 exit,last 7>7 mm5 make\n"
					  "13000 free 7>4 make\n"
					  "14000 fork,kthread 2>11 kthreadd\n"
					  "15000 exit,last 11>11 kthreadd\n"
					  "16000 free 11>2 kthreadd\n";

static void each_tracer_tells_the_same(void **state)
{
	static const unsigned forms[] = { 0,
					  SHAPE_BIG_ENDIAN,
					  SHAPE_PACKETIZED,
					  SHAPE_PACKETIZED | SHAPE_BIG_ENDIAN,
					  SHAPE_CPU_IN_EVENT,
					  SHAPE_LARGE,
					  SHAPE_LARGE | SHAPE_BIG_ENDIAN };
	(void)state;
	for (unsigned kind = 0; kind < SHAPE_KINDS; kind++)
		for (unsigned f = 0; f < sizeof(forms) / sizeof(forms[0]); f++) {
			char what[64];
			snprintf(what, sizeof(what), "%s, form %u", shape_name[kind], f);
			struct told t = tell(kind, forms[f]);
			before(t.s);
			processes(t.s);
			struct imported i = heard(&t, what);
			expect(&i, what, processes_text);
			assert_int_equal(i.result.unresolved, 0);
			assert_int_equal(mmw_header(i.r)->cpus, 2);
			assert_string_equal(mmw_source(i.r, "host"), "box");
			assert_string_equal(mmw_source(i.r, "streams"), "2");
			assert_int_equal(mmw_source(i.r, "start_epoch_ns") != NULL, kind != SHAPE_PERF);
			done(&t, &i);
		}
}

static void a_thread_takes_over_its_leader(void **state)
{
	(void)state;
	for (unsigned kind = SHAPE_LTTNG_2_8; kind < SHAPE_KINDS; kind++)
		/* Whether the free of the old leader shows the thread's tid (from 5.7 on), or its own. */
		for (int old_kernel = 0; old_kernel < 2; old_kernel++) {
			const struct who gone = { old_kernel ? 200 : 201, 200, "server" };
			struct told t = tell(kind, 0);
			before(t.s);
			shape_fork(t.s, 0, 2000, server, 202, 200, THREAD);
			shape_exit(t.s, 0, 3000, server, false);
			shape_exit(t.s, 1, 4000, (struct who){ 202, 200, "server" }, false);
			shape_exec(t.s, 1, 5000, 200, 201, "/opt/again");
			shape_free(t.s, 0, 6000, gone);
			shape_exit(t.s, 1, 7000, (struct who){ 200, 200, "again" }, true);
			shape_free(t.s, 0, 8000, (struct who){ 200, 200, "again" });
			struct imported i = heard(&t, shape_name[kind]);
			expect(&i, shape_name[kind],
			       "1000 thread 5>7 mm3 server\n"
			       "2000 exit 5>5 mm3 server\n"
			       "3000 exit 7>5 mm3 server\n"
			       "4000 exec,leader 6>5 mm4 again\n"
			       "5000 free 5>1 server\n"
			       "6000 exit,last 6>6 mm4 again\n"
			       "7000 free 6>0 again\n");
			assert_int_equal(i.result.unresolved, 0);
			done(&t, &i);
		}
}

static void without_flags_a_child_gets_an_mm_and_is_counted(void **state)
{
	(void)state;
	for (unsigned kind = SHAPE_LTTNG_2_8; kind < SHAPE_UST; kind++) {
		struct told t = tell(kind, SHAPE_NO_FLAGS);
		before(t.s);
		shape_fork(t.s, 0, 2000, bash, 300, 300, VFORK);
		shape_fork(t.s, 0, 3000, bash, 301, 100, THREAD);
		shape_fork(t.s, 0, 4000, kthreadd, 302, 302, KTHREAD);
		struct imported i = heard(&t, shape_name[kind]);
		/* LTTng and perf_fork say the group; the flags nobody does. */
		expect(&i, shape_name[kind],
		       "1000 fork 4>7 mm4 bash\n"
		       "2000 thread 4>8 mm2 bash\n"
		       "3000 fork,kthread 2>9 kthreadd\n");
		assert_int_equal(imported_count(&i, MMW_INFO_ASSUMED, "fork_flags_unknown_own_mm"), 1);
		done(&t, &i);
	}
}

static void without_switches_the_cpu_says_whose_call_it_is(void **state)
{
	(void)state;
	struct told t = tell(SHAPE_LTTNG_2_10, SHAPE_NO_SWITCH);
	before(t.s);
	shape_fork(t.s, 0, 2000, bash, 300, 300, VFORK);
	shape_fork(t.s, 1, 3000, bash, 301, 301, FORK);
	struct imported i = heard(&t, "no switches");
	expect(&i, "no switches", "1000 vfork,wait 4>7 mm2 bash\n2000 fork 4>8 mm4 bash\n");
	assert_int_equal(imported_count(&i, MMW_INFO_ASSUMED, "fork_flags_by_cpu"), 2);
	done(&t, &i);
}

static void areas_are_known_by_address(void **state)
{
	(void)state;
	const uint64_t a = 0xffffc90000000000ull, b = a + (1ull << 39);
	for (unsigned kind = SHAPE_PERF; kind < SHAPE_KINDS; kind++) {
		struct told t = tell(kind, 0);
		before(t.s);
		shape_vmalloc(t.s, 0, 2000, bash, a, 0x5000);
		shape_vmalloc(t.s, 1, 3000, kworker, b, 0x3000);
		shape_vfree(t.s, 0, 4000, kworker, a);
		shape_vfree(t.s, 0, 5000, kworker, a); /* nobody's */
		shape_vmalloc(t.s, 0, 6000, bash, a, 0x2000);
		shape_vmalloc(t.s, 0, 7000, bash, a, 0x4000); /* its free was not seen */
		shape_purge(t.s, 1, 8000, kworker, 3);
		struct imported i = heard(&t, shape_name[kind]);
		expect(&i, shape_name[kind],
		       "1000 vmalloc 4>1 mm402 aux5 bash\n"
		       "2000 vmalloc 3>2 mm403 aux3 kworker/0:1\n"
		       "3000 vfree 3>1 mm402 aux5 kworker/0:1\n"
		       "5000 vmalloc 4>3 mm402 aux2 bash\n"
		       "6000 vfree 0>3 mm402 aux2\n"
		       "6000 vmalloc 4>4 mm402 aux4 bash\n"
		       "7000 purge 3>0 aux3 kworker/0:1\n");
		assert_int_equal(imported_count(&i, MMW_INFO_UNRESOLVED, "vfree"), 1);
		assert_int_equal(imported_count(&i, MMW_INFO_ASSUMED, "vfree_from_address_reuse"), 1);
		done(&t, &i);
	}
}

/* tids and parents, in the order of the events: "present 1 tid 100", "parent 3 of 1". */
static char *kin(const struct imported *i)
{
	struct mmr_err e = { 0 };
	struct mmw_cursor *c;
	struct mmw_event ev;
	char *text;
	size_t size;
	FILE *f = open_memstream(&text, &size);
	assert_int_equal(mmw_cursor_open(i->r, &c, &e), 0);
	while (mmw_next(c, &ev, &e) > 0)
		if (ev.type == EV_PARENT)
			fprintf(f, "parent %u of %u\n", ev.task, ev.arg);
		else if (ev.type == EV_PRESENT)
			fprintf(f, "present %u tid %u\n", ev.task, ev.aux);
		else if (ev.type == EV_FORK || ev.type == EV_VFORK || ev.type == EV_THREAD)
			fprintf(f, "%s %u tid %u\n", ev_name(ev.type), ev.arg, ev.aux);
	mmw_cursor_close(c);
	fclose(f);
	return text;
}

static void tids_and_parents_are_kept(void **state)
{
	/* The last one's parent has a higher tid, and comes after it. */
	const struct who late = { 150, 150, "late" }, above = { 190, 190, "above" };
	(void)state;
	for (unsigned kind = 0; kind < SHAPE_KINDS; kind++) {
		struct told t = tell(kind, 0);
		shape_capture(t.s, 1000, 0, 0);
		shape_present(t.s, 1000, init, 0, false);
		shape_present(t.s, 1000, kthreadd, 0, true);
		shape_present(t.s, 1000, late, 190, false);
		shape_present(t.s, 1000, above, 1, false);
		shape_present(t.s, 1000, server, 1, false);
		shape_present(t.s, 1000, helper, 1, false);
		shape_present_end(t.s, 1000);
		shape_fork(t.s, 0, 2000, server, 300, 300, FORK);
		shape_fork(t.s, 0, 3000, server, 301, 301, VFORK);
		shape_fork(t.s, 0, 4000, server, 302, 200, THREAD);
		struct imported i = heard(&t, shape_name[kind]);
		char *text = kin(&i);
		const char *at = text;
		static const char *const lines[] = {
			"present 1 tid 1\n", "present 2 tid 2\n",   "present 3 tid 150\n", "present 4 tid 190\n",
			"parent 4 of 1\n",   "present 5 tid 200\n", "parent 5 of 1\n",     "present 6 tid 201\n",
			"parent 3 of 4\n",   "fork 7 tid 300\n",    "vfork 8 tid 301\n",   "thread 9 tid 302\n"
		};
		/* perf's state is complete before anything of it is told: all parents come last. */
		for (unsigned n = 0; n < sizeof(lines) / sizeof(lines[0]); n++)
			assert_non_null(strstr(text, lines[n]));
		for (unsigned n = 0; n < sizeof(lines) / sizeof(lines[0]); n++)
			at += strlen(lines[n]);
		assert_int_equal(*at, 0);
		free(text);
		done(&t, &i);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_tracer_tells_the_same),
		cmocka_unit_test(a_thread_takes_over_its_leader),
		cmocka_unit_test(without_flags_a_child_gets_an_mm_and_is_counted),
		cmocka_unit_test(without_switches_the_cpu_says_whose_call_it_is),
		cmocka_unit_test(areas_are_known_by_address),
		cmocka_unit_test(tids_and_parents_are_kept),
	};
	return cmocka_run_group_tests_name("import life", tests, NULL, NULL);
}
