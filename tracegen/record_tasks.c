#include "tracegen/record_tasks.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PF_KTHREAD 0x00200000u

bool rec_task_parse(const char *line, size_t len, struct rec_task *t)
{
	char head[32], rest[256];
	const char *open = memchr(line, '(', len), *close = memrchr(line, ')', len);
	if (!open || !close || close < open)
		return false;
	size_t before = (size_t)(open - line), name = (size_t)(close - open - 1),
	       after = len - (size_t)(close + 1 - line);
	if (!before || before >= sizeof(head) || name >= sizeof(t->comm))
		return false;
	memcpy(head, line, before);
	head[before] = '\0';
	if (after >= sizeof(rest))
		after = sizeof(rest) - 1;
	memcpy(rest, close + 1, after);
	rest[after] = '\0';

	unsigned flags;
	/* state ppid pgrp session tty_nr tpgid flags */
	if (sscanf(head, "%d", &t->tid) != 1 || t->tid <= 0 ||
	    sscanf(rest, " %c %d %*d %*d %*d %*d %u", &t->state, &t->ppid, &flags) != 3)
		return false;
	memcpy(t->comm, open + 1, name);
	t->comm[name] = '\0';
	t->kthread = flags & PF_KTHREAD;
	return true;
}

/* The next entry of @dir that is a number, 0 at the end. */
static int32_t next_number(DIR *dir)
{
	struct dirent *d;
	while ((d = readdir(dir))) {
		char *end;
		long n = isdigit((unsigned char)d->d_name[0]) ? strtol(d->d_name, &end, 10) : 0;
		if (n > 0 && n <= INT32_MAX && !*end)
			return (int32_t)n;
	}
	return 0;
}

static DIR *open_dir(int at, const char *name)
{
	int fd = openat(at, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = fd >= 0 ? fdopendir(fd) : NULL;
	if (!dir && fd >= 0)
		close(fd);
	return dir;
}

static bool read_stat(int task_dir, int32_t tid, struct rec_task *t)
{
	char path[32], line[1024];
	snprintf(path, sizeof(path), "%d/stat", tid);
	int fd = openat(task_dir, path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return false;
	ssize_t n = read(fd, line, sizeof(line));
	close(fd);
	return n > 0 && rec_task_parse(line, (size_t)n, t) && t->tid == tid;
}

int rec_tasks_walk(const char *proc, int (*each)(void *arg, const struct rec_task *t), void *arg, struct mmr_err *e)
{
	DIR *processes = open_dir(AT_FDCWD, proc);
	int err = 0;
	if (!processes)
		return mmr_err_sys(e, -errno, "%s", proc);
	for (int32_t tgid; !err && (tgid = next_number(processes));) {
		char path[32];
		snprintf(path, sizeof(path), "%d/task", tgid);
		DIR *threads = open_dir(dirfd(processes), path);
		if (!threads)
			continue;
		for (int32_t tid; !err && (tid = next_number(threads));) {
			struct rec_task t = { .tgid = tgid };
			if (read_stat(dirfd(threads), tid, &t))
				err = each(arg, &t);
		}
		closedir(threads);
	}
	closedir(processes);
	return err;
}
