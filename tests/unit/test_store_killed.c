/* What a killed writer and a full disk leave: all that was complete. */
#include "tests/unit/store_fixture.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/wait.h>

#include "tests/support/sample_full.h"

/* ---- killed ---- */

static void a_killed_writer_leaves_complete_runs(void **state)
{
	(void)state;
	struct fixture f;
	struct hist *h = sample_hist();
	fixture_open(&f);
	f.sink->close(f.sink, NULL);
	f.sink = NULL;
	/* Each time it is killed somewhere else: while it begins, writes or ends a run. */
	for (int round = 1; round <= 6; round++) {
		int ready[2];
		assert_int_equal(pipe(ready), 0);
		pid_t pid = fork();
		if (!pid) {
			struct result_machine m = sample_machine();
			struct result_workload w = sample_workload();
			int64_t id;
			if (results_open(f.path, &f.sink, &f.e) || !f.sink || f.sink->set_machine(f.sink, &m, &f.e) ||
			    f.sink->set_workload(f.sink, &w, &f.e) ||
			    sample_full_run(f.sink, &f.config, h, &id, &f.e) || write(ready[1], "x", 1) != 1)
				_exit(1);
			while (!sample_full_run(f.sink, &f.config, h, &id, &f.e))
				;
			_exit(1);
		}
		char x;
		close(ready[1]);
		assert_int_equal(read(ready[0], &x, 1), 1);
		close(ready[0]);
		usleep(3000u + 1700u * (unsigned)round);
		kill(pid, SIGKILL);
		int status;
		waitpid(pid, &status, 0);
		assert_true(WIFSIGNALED(status));
	}
	/* What is done is there as a whole, what is not has nothing but its row. */
	assert_true(fixture_real(&f, "SELECT COUNT(*) FROM run WHERE status = 'done'") >= 6);
	assert_true(fixture_real(&f, "SELECT COUNT(*) FROM run WHERE status = 'running'") <= 6);
	assert_int_equal(fixture_real(&f, "SELECT COUNT(*) FROM run WHERE status NOT IN ('done', 'running')"), 0);
	assert_int_equal(
		fixture_real(&f, "SELECT COUNT(DISTINCT n) FROM (SELECT COUNT(*) AS n FROM run r JOIN lock_hist h ON "
				 "h.run_id = r.id WHERE status = 'done' GROUP BY r.id)"),
		1);
	assert_int_equal(
		fixture_real(&f, "SELECT (SELECT COUNT(*) FROM replay_error) - (SELECT COUNT(*) FROM run WHERE status "
				 "= 'done')"),
		0);
	assert_int_equal(fixture_real(&f,
				      "SELECT COUNT(*) FROM lock_stat l JOIN run r ON r.id = l.run_id WHERE status = "
				      "'running'"),
			 0);
	assert_int_equal(fixture_real(&f, "SELECT COUNT(*) FROM run_time") -
				 fixture_real(&f, "SELECT COUNT(*) FROM replay_error"),
			 0);
	free(h);
	fixture_gone(&f);
}

/* ---- disk full ---- */

static void a_full_disk_loses_nothing_that_was_complete(void **state)
{
	(void)state;
	struct fixture f;
	char mnt[] = "/tmp/mmr-full-XXXXXX";
	assert_non_null(mkdtemp(mnt));
	/* In a mount namespace of its own, so that it is gone with the process. */
	if (unshare(CLONE_NEWNS) || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) ||
	    mount("tmpfs", mnt, "tmpfs", 0, "size=700k")) {
		print_message("skipped: mounting a small tmpfs needs root: %s\n", strerror(errno));
		rmdir(mnt);
		skip();
	}
	fixture_open(&f);
	f.sink->close(f.sink, NULL);
	snprintf(f.path, sizeof(f.path), "%s/s.db", mnt);
	struct result_machine m = sample_machine();
	struct result_workload w = sample_workload();
	assert_int_equal(results_open(f.path, &f.sink, &f.e), 0);
	assert_int_equal(f.sink->set_machine(f.sink, &m, &f.e), 0);
	assert_int_equal(f.sink->set_workload(f.sink, &w, &f.e), 0);
	struct hist *h = sample_hist();
	int64_t id;
	int done = 0, rc;
	while (!(rc = sample_full_run(f.sink, &f.config, h, &id, &f.e)) && done < 10000)
		done++;
	assert_true(done > 3 && done < 10000);
	assert_true(rc == -ENOSPC || rc == -EIO);
	assert_true(!strncmp(f.e.text, f.path, strlen(f.path)));
	assert_non_null(strstr(f.e.text, "full"));
	/* The sink still lives and says the same; closing it does no harm. */
	assert_int_not_equal(sample_full_run(f.sink, &f.config, h, &id, &f.e), 0);
	f.sink->close(f.sink, NULL);
	f.sink = NULL;
	assert_int_equal(fixture_real(&f, "SELECT COUNT(*) FROM run WHERE status = 'done'"), done);
	assert_int_equal(fixture_real(&f, "SELECT COUNT(*) FROM replay_error"), done);
	/* No room for a new one: nothing of it stays. */
	char fresh[96], filler[96];
	snprintf(filler, sizeof(filler), "%s/filler", mnt);
	int fd = open(filler, O_CREAT | O_WRONLY, 0600);
	static const char page[4096];
	while (write(fd, page, sizeof(page)) > 0)
		;
	close(fd);
	snprintf(fresh, sizeof(fresh), "%s/fresh.db", mnt);
	struct result_sink *none = NULL;
	assert_int_not_equal(results_open(fresh, &none, &f.e), 0);
	assert_true(!strncmp(f.e.text, fresh, strlen(fresh)));
	DIR *d = opendir(mnt);
	for (struct dirent *n; (n = readdir(d));)
		assert_true(strncmp(n->d_name, "fresh", 5) != 0);
	closedir(d);
	assert_int_equal(umount2(mnt, MNT_DETACH), 0);
	rmdir(mnt);
	free(h);
	fixture_gone(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_killed_writer_leaves_complete_runs),
		cmocka_unit_test(a_full_disk_loses_nothing_that_was_complete),
	};
	return cmocka_run_group_tests_name("store killed", tests, NULL, NULL);
}
