/*
 * A file that appears whole or not at all, where the file system knows unnamed
 * files (O_TMPFILE) and where it does not, which a seccomp filter plays here.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

#include "schemas/mmw_file.h"

static struct {
	char dir[64], file[96];
} t;

static unsigned files_left(void)
{
	unsigned n = 0;
	struct dirent *d;
	DIR *dir = opendir(t.dir);
	while ((d = readdir(dir)))
		n += strcmp(d->d_name, ".") != 0 && strcmp(d->d_name, "..") != 0;
	closedir(dir);
	return n;
}

static bool holds(const char *text)
{
	char buf[64] = "";
	int fd = open(t.file, O_RDONLY);
	if (fd < 0)
		return false;
	ssize_t n = read(fd, buf, sizeof(buf) - 1);
	close(fd);
	return n == (ssize_t)strlen(text) && !strcmp(buf, text);
}

static bool deny_unnamed(void)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_openat, 0, 3),
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, args[2])),
		BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, O_TMPFILE & ~O_DIRECTORY, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EOPNOTSUPP),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog prog = { sizeof(code) / sizeof(*code), code };
	return !prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) && !prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &prog);
}

/* What has to hold either way: 0, or the number of the step that failed. */
static int steps(bool named)
{
	struct mmr_err e = { 0 };
	struct mmw_file f;
	struct stat st;
	umask(027);
	if (mmw_file_create(&f, t.file, &e) || files_left() != named)
		return 1;
	if (write(f.fd, "one", 3) != 3 || access(t.file, F_OK) == 0)
		return 2;
	mmw_file_discard(&f);
	if (files_left())
		return 3;
	if (mmw_file_create(&f, t.file, &e) || write(f.fd, "two", 3) != 3 || mmw_file_commit(&f, &e))
		return 4;
	if (files_left() != 1 || !holds("two") || stat(t.file, &st) || (st.st_mode & 0777) != 0640)
		return 5;
	/* It takes the place of what was there, and not before it is complete. */
	if (mmw_file_create(&f, t.file, &e) || write(f.fd, "three", 5) != 5 || !holds("two"))
		return 6;
	if (mmw_file_commit(&f, &e) || files_left() != 1 || !holds("three"))
		return 7;
	/* The folder goes away meanwhile: said, nothing left. */
	if (mmw_file_create(&f, t.file, &e) || unlink(t.file))
		return 8;
	char moved[128];
	snprintf(moved, sizeof(moved), "%s.moved", t.dir);
	if (rename(t.dir, moved))
		return 9;
	int ret = mmw_file_commit(&f, &e);
	if (rename(moved, t.dir) || ret != -ENOENT || !strstr(e.text, t.file))
		return 10;
	return files_left() == named ? 0 : 11;
}

static void unnamed(void **state)
{
	(void)state;
	assert_int_equal(steps(false), 0);
}

static void where_there_are_no_unnamed_files(void **state)
{
	int status;
	(void)state;
	pid_t pid = fork();
	assert_true(pid >= 0);
	if (!pid) {
		if (!deny_unnamed())
			_exit(77);
		_exit(steps(true));
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	if (WIFEXITED(status) && WEXITSTATUS(status) == 77)
		skip();
	assert_int_equal(status, 0);
	/* What could not be removed: its folder was away. */
	assert_int_equal(files_left(), 1);
}

static void a_killed_process_leaves_nothing(void **state)
{
	(void)state;
	int status;
	pid_t pid = fork();
	assert_true(pid >= 0);
	if (!pid) {
		struct mmw_file f;
		if (mmw_file_create(&f, t.file, NULL) || write(f.fd, "x", 1) != 1)
			_exit(1);
		raise(SIGKILL);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFSIGNALED(status));
	assert_int_equal(files_left(), 0);
}

static int setup(void **state)
{
	(void)state;
	strcpy(t.dir, "/tmp/test_mmw_file.XXXXXX");
	if (!mkdtemp(t.dir))
		return -1;
	snprintf(t.file, sizeof(t.file), "%s/w.mmw", t.dir);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	char command[128];
	snprintf(command, sizeof(command), "rm -rf %s", t.dir);
	return system(command); /* NOLINT: a folder we made */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(unnamed, setup, teardown),
		cmocka_unit_test_setup_teardown(where_there_are_no_unnamed_files, setup, teardown),
		cmocka_unit_test_setup_teardown(a_killed_process_leaves_nothing, setup, teardown),
	};
	return cmocka_run_group_tests_name("mmw_file", tests, NULL, NULL);
}
