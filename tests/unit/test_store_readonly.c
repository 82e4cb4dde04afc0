/* Stores in places that cannot be written: they are read, or it is said why not. */
#include "tests/unit/store_fixture.h"

#include <sys/wait.h>

/* Runs @check in a process that may not write everywhere; its exit status. */
static int unprivileged(int (*check)(struct fixture *f), struct fixture *f)
{
	pid_t pid = fork();
	if (!pid) {
		if (getuid() == 0 && (setgid(65534) || setuid(65534)))
			_exit(99);
		_exit(check(f));
	}
	int status;
	waitpid(pid, &status, 0);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 98;
}

static int reads_one_run(struct fixture *f)
{
	struct az_db *db;
	struct az_table *t;
	struct mmr_err e = { 0 };
	if (az_open(f->path, &db, &e)) {
		print_message("%s\n", e.text);
		return 1;
	}
	if (az_read(db, az_view_by_name("runs"), NULL, &t, &e))
		return 2;
	int n = (int)t->nrows;
	az_free(t);
	az_close(db);
	return n == 1 ? 0 : 3;
}

static int cannot_write(struct fixture *f)
{
	struct result_sink *sink;
	struct mmr_err e = { 0 };
	int rc = results_open(f->path, &sink, &e);
	return rc && strstr(e.text, f->path) ? 0 : 1;
}

static void read_only_places_can_be_read(void **state)
{
	(void)state;
	struct fixture f;
	fixture_open(&f);
	fixture_run(&f, 1000, NULL, RUN_DONE, VERDICT_PASS);
	f.sink->close(f.sink, NULL);
	f.sink = NULL;
	chmod(f.path, 0444);
	chmod(f.dir, 0555);
	assert_int_equal(unprivileged(reads_one_run, &f), 0);
	assert_int_equal(unprivileged(cannot_write, &f), 0);
	assert_int_equal(fixture_files(&f), 1);
	fixture_gone(&f);
}

static void another_users_running_replay_can_be_read(void **state)
{
	(void)state;
	struct fixture f;
	fixture_open(&f);
	fixture_run(&f, 1000, NULL, RUN_DONE, VERDICT_PASS);
	/* The writer is still open: the run is in its log, beside the file. */
	chmod(f.dir, 0755);
	assert_int_equal(fixture_files(&f), 3);
	assert_int_equal(unprivileged(reads_one_run, &f), 0);
	fixture_gone(&f);
}

static int says_where_the_log_is(struct fixture *f)
{
	struct az_db *db;
	struct mmr_err e = { 0 };
	int rc = az_open(f->path, &db, &e);
	return rc && strstr(e.text, "-wal") ? 0 : 1;
}

static void a_log_that_cannot_be_read_is_not_ignored(void **state)
{
	(void)state;
	struct fixture f, copy;
	char shm[128], from[128], to[128];
	fixture_open(&f);
	fixture_open(&copy);
	copy.sink->close(copy.sink, NULL);
	copy.sink = NULL;
	fixture_run(&f, 1000, NULL, RUN_DONE, VERDICT_PASS);
	/* As a killed writer, or a copy made beside a running one, leaves it: a log, no index, no right to make one. */
	static const char *const parts[] = { "", "-wal" };
	static char bytes[4 << 20];
	for (int i = 0; i < 2; i++) {
		snprintf(from, sizeof(from), "%s%s", f.path, parts[i]);
		snprintf(to, sizeof(to), "%s%s", copy.path, parts[i]);
		FILE *in = fopen(from, "r");
		assert_non_null(in);
		size_t n = fread(bytes, 1, sizeof(bytes), in);
		fclose(in);
		fixture_write(to, bytes, n);
		chmod(to, 0444);
	}
	snprintf(shm, sizeof(shm), "%s-shm", copy.path);
	unlink(shm);
	chmod(copy.dir, 0555);
	assert_int_equal(unprivileged(says_where_the_log_is, &copy), 0);
	/* In a folder that can be written the log is simply read. */
	chmod(copy.dir, 0755);
	assert_int_equal(reads_one_run(&copy), 0);
	fixture_gone(&copy);
	fixture_gone(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(read_only_places_can_be_read),
		cmocka_unit_test(another_users_running_replay_can_be_read),
		cmocka_unit_test(a_log_that_cannot_be_read_is_not_ignored),
	};
	return cmocka_run_group_tests_name("store readonly", tests, NULL, NULL);
}
