#include "tracegen/record_output.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <time.h>
#include <unistd.h>

#include "tracegen/record_place.h"

int rec_output_check(const char *dir, struct mmr_err *e)
{
	struct dirent *d;
	DIR *there = dir ? opendir(dir) : NULL;
	bool empty = true;
	if (!dir || (!there && errno == ENOENT))
		return 0;
	if (!there)
		return mmr_err_sys(e, -errno, "%s", dir);
	while (empty && (d = readdir(there)))
		empty = !strcmp(d->d_name, ".") || !strcmp(d->d_name, "..");
	closedir(there);
	return empty ? 0 : mmr_err(e, -EEXIST, "%s: is there already and not empty", dir);
}

static int make_dated(struct rec_output *o)
{
	char stamp[32];
	time_t now = time(NULL);
	struct tm tm;
	localtime_r(&now, &tm);
	strftime(stamp, sizeof(stamp), "mmreplay-%Y%m%d-%H%M%S", &tm);
	for (unsigned n = 1; n < 100; n++) {
		if (n == 1)
			snprintf(o->shown, sizeof(o->shown), "%s", stamp);
		else
			snprintf(o->shown, sizeof(o->shown), "%s-%u", stamp, n);
		if (!mkdir(o->shown, 0777))
			return 0;
		if (errno != EEXIST)
			break;
	}
	return -errno;
}

int rec_output_make(struct rec_output *o, const char *dir, struct mmr_err *e)
{
	int err = 0;
	memset(o, 0, sizeof(*o));
	o->made = true;
	o->ballast = -1;
	if (!dir) {
		err = make_dated(o);
	} else {
		snprintf(o->shown, sizeof(o->shown), "%s", dir);
		if (mkdir(dir, 0777)) {
			err = errno == EEXIST ? 0 : -errno;
			o->made = false;
		}
	}
	if (!err && access(o->shown, W_OK | X_OK))
		err = -errno;
	if (!err && !realpath(o->shown, o->path))
		err = -errno;
	if (!err)
		return 0;
	*o->path = '\0';
	return mmr_err_sys(e, err, "%s", o->shown);
}

uint64_t rec_output_room(const char *path)
{
	struct statvfs fs;
	return statvfs(path, &fs) ? UINT64_MAX : (uint64_t)fs.f_bavail * fs.f_frsize;
}

int rec_output_reserve(struct rec_output *o, uint64_t bytes, struct mmr_err *e)
{
	int fd = open(o->path, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
	if (fd < 0) {
		/* Not every file system has files without a name. */
		char path[PATH_MAX + 8];
		snprintf(path, sizeof(path), "%s/.room", o->path);
		fd = open(path, O_CREAT | O_EXCL | O_RDWR | O_CLOEXEC, 0600);
		if (fd >= 0)
			unlink(path);
	}
	int err = fd < 0 ? -errno : -posix_fallocate(fd, 0, (off_t)bytes);
	if (!err) {
		o->ballast = fd;
		return 0;
	}
	if (fd >= 0)
		close(fd);
	if (err != -ENOSPC && err != -EDQUOT && err != -EFBIG)
		return mmr_err_sys(e, err, "%s", o->path);
	return mmr_err(e, err, "%s: no room on that disk: a capture needs %llu MiB at least", o->shown,
		       (unsigned long long)(bytes >> 20));
}

void rec_output_release(struct rec_output *o)
{
	if (o->ballast >= 0)
		close(o->ballast);
	o->ballast = -1;
}

void rec_output_remove(struct rec_output *o)
{
	if (!*o->path)
		return;
	rec_output_release(o);
	char ust[PATH_MAX + 8];
	snprintf(ust, sizeof(ust), "%s/ust", o->path);
	rec_remove_tree(ust);
	if (o->made)
		rmdir(o->path);
	*o->path = '\0';
}
