#include "schemas/mmw_file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

/* "DIR/.mmreplay-XXXXXXXX" beside @target; the caller frees. */
static char *temp_name(const char *target)
{
	uint32_t r = 0;
	char *name;
	const char *slash = strrchr(target, '/');
	if (getrandom(&r, sizeof(r), 0) != sizeof(r))
		return NULL;
	if (asprintf(&name, "%.*s.mmreplay-%08x", slash ? (int)(slash - target + 1) : 0, target, r) < 0)
		return NULL;
	return name;
}

static int open_unnamed(const char *target)
{
	char *dir = strdup(target), link[64];
	if (!dir)
		return -ENOMEM;
	char *slash = strrchr(dir, '/');
	if (slash)
		slash[slash == dir] = '\0';
	int fd = open(slash ? dir : ".", O_TMPFILE | O_WRONLY | O_CLOEXEC, 0666);
	int err = fd < 0 ? -errno : 0;
	free(dir);
	if (fd < 0)
		return err;
	/* Without /proc it could never get a name. */
	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	if (access(link, F_OK)) {
		close(fd);
		return -EOPNOTSUPP;
	}
	return fd;
}

static int open_temp(struct mmw_file *f)
{
	int fd = open_unnamed(f->target);
	if (fd >= 0 || fd == -EACCES || fd == -EROFS || fd == -ENOSPC || fd == -EDQUOT)
		return fd;
	for (int tries = 0; tries < 16; tries++) {
		f->temp = temp_name(f->target);
		if (!f->temp)
			return -ENOMEM;
		fd = open(f->temp, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0666);
		if (fd >= 0)
			return fd;
		fd = -errno;
		free(f->temp);
		f->temp = NULL;
		if (fd != -EEXIST)
			return fd;
	}
	return fd;
}

static int open_device(struct mmw_file *f, struct mmr_err *e)
{
	f->fd = open(f->path, O_WRONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	if (f->fd < 0)
		return mmr_err_sys(e, -errno, "%s", f->path);
	if (!isatty(f->fd))
		return 0;
	return mmr_err(e, -EINVAL, "%s: will not write binary data to a terminal", f->path);
}

/* Follows symbolic links, so that the link stays and its target is replaced. */
static int find_target(struct mmw_file *f, struct mmr_err *e)
{
	struct stat st;
	size_t len = strlen(f->path);
	if (!len)
		return mmr_err(e, -EINVAL, "the output file has an empty name");
	if (lstat(f->path, &st)) {
		if (errno != ENOENT || f->path[len - 1] == '/')
			return mmr_err_sys(e, -errno, "%s", f->path);
		f->target = strdup(f->path);
		return f->target ? 0 : mmr_err_sys(e, -ENOMEM, "%s", f->path);
	}
	if (S_ISLNK(st.st_mode) && stat(f->path, &st))
		return mmr_err_sys(e, -errno, "%s: symbolic link", f->path);
	if (S_ISCHR(st.st_mode))
		return open_device(f, e);
	if (S_ISDIR(st.st_mode))
		return mmr_err_sys(e, -EISDIR, "%s", f->path);
	if (!S_ISREG(st.st_mode))
		return mmr_err(e, -EINVAL, "%s: not a regular file; a workload cannot be written to it", f->path);
	if (access(f->path, W_OK))
		return mmr_err_sys(e, -errno, "%s", f->path);
	f->target = realpath(f->path, NULL);
	return f->target ? 0 : mmr_err_sys(e, -errno, "%s", f->path);
}

int mmw_file_create(struct mmw_file *f, const char *path, struct mmr_err *e)
{
	*f = (struct mmw_file){ .fd = -1, .path = strdup(path) };
	if (!f->path)
		return mmr_err_sys(e, -ENOMEM, "%s", path);
	int ret = find_target(f, e);
	if (!ret && f->target) {
		f->fd = open_temp(f);
		if (f->fd < 0)
			ret = mmr_err_sys(e, f->fd, "%s: cannot create", path);
	}
	if (ret)
		mmw_file_discard(f);
	return ret;
}

void mmw_file_discard(struct mmw_file *f)
{
	if (f->fd >= 0)
		close(f->fd);
	if (f->temp)
		unlink(f->temp);
	free(f->temp);
	free(f->target);
	free(f->path);
	*f = (struct mmw_file){ .fd = -1 };
}

/* An unnamed file takes its place in two steps: linkat() does not replace. */
static int name_it(struct mmw_file *f)
{
	char link[64];
	snprintf(link, sizeof(link), "/proc/self/fd/%d", f->fd);
	for (int tries = 0; !f->temp && tries < 16; tries++) {
		char *name = temp_name(f->target);
		if (!name)
			return -ENOMEM;
		if (!linkat(AT_FDCWD, link, AT_FDCWD, name, AT_SYMLINK_FOLLOW)) {
			f->temp = name;
			break;
		}
		int err = -errno;
		free(name);
		if (err != -EEXIST)
			return err;
	}
	if (!f->temp)
		return -EEXIST;
	if (rename(f->temp, f->target))
		return -errno;
	free(f->temp);
	f->temp = NULL;
	return 0;
}

int mmw_file_commit(struct mmw_file *f, struct mmr_err *e)
{
	int ret = 0;
	if (f->target) {
		if (fsync(f->fd))
			ret = mmr_err_sys(e, -errno, "%s: cannot write", f->path);
		else if ((ret = name_it(f)))
			mmr_err_sys(e, ret, "%s: cannot put it in place", f->path);
	}
	/* Network file systems report a full disk here. */
	if (!ret && close(f->fd))
		ret = mmr_err_sys(e, -errno, "%s: cannot write", f->path);
	else if (ret)
		close(f->fd);
	f->fd = -1;
	mmw_file_discard(f);
	return ret;
}
