/* Tasks in /proc: names that try to be something else, and trees that change. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <cmocka.h>

#include "tracegen/record_place.h"
#include "tracegen/record_tasks.h"

#define REST " 1 10 10 0 -1 4194560 100 200 0 0 1 2 0 0 20 0 1 0 100 0 0 18446744073709551615\n"

static void names_may_hold_anything(void **state)
{
	(void)state;
	static const char *const names[] = { "bash", "a b",        "(sd-pam)", ") R 1 1",  "((",       "))",
					     "",     "two\nlines", "tab\tx",   "\1\2\x7f", "1 (x) S 3" };
	for (unsigned i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		char line[512];
		struct rec_task t = { 0 };
		int n = snprintf(line, sizeof(line), "42 (%s) Z" REST, names[i]);
		assert_true(rec_task_parse(line, (size_t)n, &t));
		assert_int_equal(t.tid, 42);
		assert_int_equal(t.ppid, 1);
		assert_int_equal(t.state, 'Z');
		assert_false(t.kthread);
		assert_string_equal(t.comm, names[i]);
	}
}

static void kernel_threads_are_known_by_their_flag(void **state)
{
	(void)state;
	struct rec_task t = { 0 };
	static const char line[] = "2 (kthreadd) S 0 0 0 0 -1 2129984 0 0 0 0 0 0\n";
	assert_true(rec_task_parse(line, strlen(line), &t));
	assert_true(t.kthread);
	assert_int_equal(t.ppid, 0);
}

static void lines_that_are_none(void **state)
{
	(void)state;
	static const char *const bad[] = { "",
					   "42",
					   "42 (x",
					   "42 x) S" REST,
					   "(x) S" REST,
					   "x (x) S" REST,
					   "0 (x) S" REST,
					   "-1 (x) S" REST,
					   "42 (x) S 1 10",
					   "42 )x( S" REST };
	struct rec_task t;
	for (unsigned i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_false(rec_task_parse(bad[i], strlen(bad[i]), &t));
	/* A name longer than any that a kernel has. */
	char line[256] = "42 (";
	memset(line + 4, 'x', 100);
	snprintf(line + 104, sizeof(line) - 104, ") S" REST);
	assert_false(rec_task_parse(line, strlen(line), &t));
	/* Every cut of a good line. */
	snprintf(line, sizeof(line), "42 (x) S" REST);
	for (size_t n = 0; n < strlen(line); n++)
		rec_task_parse(line, n, &t);
}

struct seen {
	unsigned n;
	struct rec_task task[8];
};

static int note(void *arg, const struct rec_task *t)
{
	struct seen *s = arg;
	if (s->n < 8)
		s->task[s->n] = *t;
	s->n++;
	return s->n == 100 ? 7 : 0;
}

static void put_stat(const char *root, const char *tgid, const char *tid, const char *text)
{
	char path[256];
	snprintf(path, sizeof(path), "%s/%s", root, tgid);
	mkdir(path, 0700);
	snprintf(path, sizeof(path), "%s/%s/task", root, tgid);
	mkdir(path, 0700);
	snprintf(path, sizeof(path), "%s/%s/task/%s", root, tgid, tid);
	mkdir(path, 0700);
	if (!text)
		return;
	snprintf(path, sizeof(path), "%s/%s/task/%s/stat", root, tgid, tid);
	FILE *f = fopen(path, "w");
	assert_non_null(f);
	fputs(text, f);
	fclose(f);
}

static void a_tree_with_holes(void **state)
{
	(void)state;
	char root[] = "/tmp/mmreplay-test-XXXXXX";
	struct seen s = { 0 };
	assert_non_null(mkdtemp(root));
	put_stat(root, "7", "7", "7 (one) S" REST);
	put_stat(root, "7", "8", "8 (two) R" REST);
	put_stat(root, "9", "9", NULL); /* gone between the listing and the reading */
	put_stat(root, "10", "10", ""); /* the same, later */
	put_stat(root, "11", "11", "12 (x) S" REST); /* the pid has another owner already */
	put_stat(root, "self", "7", "7 (one) S" REST); /* no process */
	put_stat(root, "3x", "3", "3 (x) S" REST);
	put_stat(root, "13", "x", "13 (x) S" REST);
	assert_int_equal(rec_tasks_walk(root, note, &s, NULL), 0);
	assert_int_equal(s.n, 2);
	for (unsigned i = 0; i < 2; i++) {
		assert_int_equal(s.task[i].tgid, 7);
		assert_string_equal(s.task[i].comm, s.task[i].tid == 7 ? "one" : "two");
	}
	rec_remove_tree(root);
	assert_int_not_equal(access(root, F_OK), 0);

	struct mmr_err e = { 0 };
	assert_int_not_equal(rec_tasks_walk("/nonexistent", note, &s, &e), 0);
	assert_non_null(strstr(e.text, "/nonexistent"));
}

struct search {
	pid_t tgid, tid;
	unsigned process, thread, init;
};

static int look(void *arg, const struct rec_task *t)
{
	struct search *s = arg;
	if (t->tgid == s->tgid && t->tid == s->tgid)
		s->process += !t->kthread && t->ppid == getppid();
	if (t->tgid == s->tgid && t->tid == s->tid)
		s->thread += !strcmp(t->comm, "a) R 1 (b");
	s->init += t->tid == 1 && t->tgid == 1;
	return 0;
}

static int ask[2], answer[2];

static void *thread(void *arg)
{
	pid_t tid = (pid_t)syscall(SYS_gettid);
	(void)arg;
	prctl(PR_SET_NAME, "a) R 1 (b");
	assert_int_equal(write(answer[1], &tid, sizeof(tid)), sizeof(tid));
	(void)!read(ask[0], &tid, 1);
	return NULL;
}

static void this_very_machine(void **state)
{
	(void)state;
	struct search s = { .tgid = getpid() };
	pthread_t t;
	assert_int_equal(pipe(ask) | pipe(answer), 0);
	assert_int_equal(pthread_create(&t, NULL, thread, NULL), 0);
	assert_int_equal(read(answer[0], &s.tid, sizeof(s.tid)), sizeof(s.tid));
	assert_int_equal(rec_tasks_walk("/proc", look, &s, NULL), 0);
	close(ask[1]);
	pthread_join(t, NULL);
	close(ask[0]);
	close(answer[0]);
	close(answer[1]);
	assert_int_equal(s.process, 1);
	assert_int_equal(s.thread, 1);
	assert_int_equal(s.init, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_may_hold_anything), cmocka_unit_test(kernel_threads_are_known_by_their_flag),
		cmocka_unit_test(lines_that_are_none),     cmocka_unit_test(a_tree_with_holes),
		cmocka_unit_test(this_very_machine),
	};
	return cmocka_run_group_tests_name("record_tasks", tests, NULL, NULL);
}
