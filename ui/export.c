#include "ui/export.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

/* @file is made; messages call it @shown. */
static int write_new(const struct az_table *t, const char *file, const char *shown, struct mmr_err *e)
{
	int fd = open(file, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
	if (fd < 0)
		return mmr_err_sys(e, -errno, "%s", shown);
	FILE *f = fdopen(fd, "w");
	if (!f) {
		close(fd);
		unlink(file);
		return mmr_err_sys(e, -ENOMEM, "%s", shown);
	}
	az_print_csv(t, f);
	errno = 0;
	bool bad = fflush(f) || ferror(f);
	int err = errno ? errno : EIO;
	bad |= fclose(f) && !bad;
	if (!bad)
		return 0;
	unlink(file);
	return mmr_err_sys(e, -err, "%s", shown);
}

int export_csv(const struct az_table *t, const char *path, bool overwrite, struct mmr_err *e)
{
	char real[PATH_MAX], next[PATH_MAX + 32];
	struct stat st;
	if (!overwrite)
		return write_new(t, path, path, e);
	if (!realpath(path, real))
		return mmr_err_sys(e, -errno, "%s", path);
	if (stat(real, &st) < 0)
		return mmr_err_sys(e, -errno, "%s", path);
	if (!S_ISREG(st.st_mode))
		return mmr_err(e, -EINVAL, "%s: not a regular file", path);
	snprintf(next, sizeof(next), "%s.%d.tmp", real, (int)getpid());
	int rc = write_new(t, next, path, e);
	if (rc < 0)
		return rc;
	if (rename(next, real) < 0) {
		rc = -errno;
		unlink(next);
		return mmr_err_sys(e, rc, "%s", path);
	}
	return 0;
}
