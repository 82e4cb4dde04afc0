/* Finding tracefs, mounted or not, and reading the format files in it. */
#include "tracegen/record_format.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <linux/mount.h>
#include <mntent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <unistd.h>

#define EVENTS_FLAGS (O_RDONLY | O_DIRECTORY | O_CLOEXEC)

/* The events directory of the tracefs at @path; -ENOENT when that is none. */
static int events_at(const char *path)
{
	struct statfs fs;
	int dir = open(path, EVENTS_FLAGS);
	if (dir < 0)
		return -errno;
	int fd = -ENOENT;
	if (!fstatfs(dir, &fs) && fs.f_type == TRACEFS_MAGIC) {
		fd = openat(dir, "events", EVENTS_FLAGS);
		if (fd < 0)
			fd = -errno;
	}
	close(dir);
	return fd;
}

static int mounted_elsewhere(void)
{
	FILE *mounts = setmntent("/proc/self/mounts", "re");
	struct mntent entry;
	char text[4096];
	int fd = -ENOENT;
	if (!mounts)
		return -ENOENT;
	while (fd < 0 && getmntent_r(mounts, &entry, text, sizeof(text)))
		if (!strcmp(entry.mnt_type, "tracefs")) {
			int got = events_at(entry.mnt_dir);
			fd = got >= 0 || got == -EACCES ? got : fd;
		}
	endmntent(mounts);
	return fd;
}

/* A mount that no directory shows and that is gone with its last descriptor. */
static int detached(void)
{
	int fs = (int)syscall(SYS_fsopen, "tracefs", FSOPEN_CLOEXEC);
	if (fs < 0)
		return -errno;
	int fd = -1, mnt = -1;
	if (!syscall(SYS_fsconfig, fs, FSCONFIG_CMD_CREATE, NULL, NULL, 0))
		mnt = (int)syscall(SYS_fsmount, fs, FSMOUNT_CLOEXEC, MOUNT_ATTR_RDONLY);
	if (mnt >= 0)
		fd = openat(mnt, "events", EVENTS_FLAGS);
	int err = -errno;
	if (mnt >= 0)
		close(mnt);
	close(fs);
	return fd >= 0 ? fd : err;
}

int rec_tracefs_open(struct mmr_err *e)
{
	/* The second one is an automount on debugfs, for the distributions that mount only that. */
	static const char *const usual[] = { "/sys/kernel/tracing", "/sys/kernel/debug/tracing" };
	bool denied = false;
	for (unsigned i = 0; i < sizeof(usual) / sizeof(usual[0]); i++) {
		int fd = events_at(usual[i]);
		if (fd >= 0)
			return fd;
		denied |= fd == -EACCES;
	}
	int fd = mounted_elsewhere();
	if (fd >= 0)
		return fd;
	denied |= fd == -EACCES;
	fd = detached();
	if (fd >= 0)
		return fd;
	if (denied)
		return mmr_err(e, -EACCES, "no right to read tracefs (/sys/kernel/tracing)");
	if (fd == -ENODEV)
		return mmr_err(e, -ENODEV, "this kernel has no tracefs: it was built without tracepoints");
	return mmr_err_sys(e, fd, "tracefs is not mounted (`mount -t tracefs nodev /sys/kernel/tracing`)");
}

/* The whole of a small file; *@size bytes, to be freed. */
static char *slurp(int dir, const char *path, size_t *size)
{
	enum { MAX = 1 << 16 };
	int fd = openat(dir, path, O_RDONLY | O_CLOEXEC);
	char *text = fd >= 0 ? malloc(MAX) : NULL;
	ssize_t n = 0;
	*size = 0;
	while (text && *size < MAX && (n = read(fd, text + *size, MAX - *size)) > 0)
		*size += (size_t)n;
	int err = errno;
	if (fd >= 0)
		close(fd);
	if (text && n < 0) {
		free(text);
		text = NULL;
	}
	errno = err;
	return text;
}

int rec_formats_load(struct rec_formats *f, int events, bool contention, struct mmr_err *e)
{
	memset(f, 0, sizeof(*f));
	f->contention = contention;
	int err = 0;
	for (unsigned k = 0; k < REC_NR && !err; k++) {
		const struct rec_tracepoint *tp = &rec_tracepoints[k];
		char path[128], where[160];
		size_t size;
		if (tp->on_demand && !contention)
			continue;
		snprintf(path, sizeof(path), "%s/%s/format", tp->system, tp->name);
		snprintf(where, sizeof(where), "tracefs: events/%s", path);
		char *text = slurp(events, path, &size);
		if (!text && errno == ENOENT && tp->optional) {
			f->missing++;
			continue;
		}
		if (!text && errno == EACCES)
			err = mmr_err(e, -EACCES, "no right to read tracefs (events/%s)", path);
		else if (!text && errno == ENOENT && tp->on_demand)
			err = mmr_err(e, -ENOENT, "this kernel has no tracepoint %s:%s, which came with 5.19",
				      tp->system, tp->name);
		else if (!text && errno == ENOENT)
			err = mmr_err(e, -ENOENT, "this kernel has no tracepoint %s:%s", tp->system, tp->name);
		else if (!text)
			err = mmr_err_sys(e, -errno, "%s", where);
		else
			err = rec_format_parse(f, (enum rec_kind)k, text, size, where, e);
		free(text);
	}
	if (err)
		rec_formats_free(f);
	return err;
}
