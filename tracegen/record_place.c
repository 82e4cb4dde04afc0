#include "tracegen/record_place.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <sched.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#define RUN_DIR "/var/run/lttng"
#define SHM_DIR "/dev/shm"

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	remove(path);
	return 0;
}

void rec_remove_tree(const char *path)
{
	nftw(path, remove_one, 16, FTW_DEPTH | FTW_PHYS | FTW_MOUNT);
}

/* @dir, or the part of it that exists, lies in @in: a mount there would hide the trace. */
static bool lies_in(const char *dir, const char *in)
{
	char *real_in = realpath(in, NULL), *real = NULL, *part = strdup(dir);
	for (char *slash = part; slash && *part && !(real = realpath(part, NULL));) {
		slash = strrchr(part, '/');
		if (slash)
			*slash = '\0';
	}
	bool yes = real && real_in && !strncmp(real, real_in, strlen(real_in)) &&
		   (real[strlen(real_in)] == '/' || !real[strlen(real_in)]);
	free(part);
	free(real);
	free(real_in);
	return yes;
}

static bool any_lies_in(const char *const *paths, const char *in)
{
	for (; *paths; paths++)
		if (lies_in(*paths, in))
			return true;
	return false;
}

/*
 * Open the run directory, made if need be. The sticky bit marks one that we
 * made (a session daemon sets its own mode), the lock says that it is in use.
 */
static int hold_run_dir(void)
{
	for (unsigned attempt = 0; attempt < 100; attempt++) {
		struct stat held, there;
		if (!mkdir(RUN_DIR, 0755))
			(void)!chmod(RUN_DIR, S_ISVTX | 0755);
		else if (errno != EEXIST)
			return -errno;
		int fd = open(RUN_DIR, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		if (fd < 0)
			continue;
		/* Another recorder may just be removing it. */
		if (!flock(fd, LOCK_SH) && !fstat(fd, &held) && !stat(RUN_DIR, &there) && held.st_ino == there.st_ino &&
		    held.st_dev == there.st_dev)
			return fd;
		close(fd);
	}
	return -EBUSY;
}

static void drop_run_dir(int fd)
{
	struct stat st;
	/* rmdir() would take the mount of another recorder in it away, hence the lock. */
	if (!flock(fd, LOCK_EX | LOCK_NB) && !fstat(fd, &st) && (st.st_mode & S_ISVTX))
		rmdir(RUN_DIR);
	close(fd);
}

static int overlay(struct rec_place *p, const char *const *paths)
{
	if (any_lies_in(paths, RUN_DIR))
		return -EBUSY;
	p->under = hold_run_dir();
	if (p->under < 0)
		return p->under;
	/* Mounts that come and go outside still do so for us; ours stay ours. */
	if (unshare(CLONE_NEWNS) || mount(NULL, "/", NULL, MS_REC | MS_SLAVE, NULL) ||
	    mount("mmreplay", RUN_DIR, "tmpfs", MS_NOSUID | MS_NODEV | MS_NOEXEC, "mode=0755")) {
		int err = -errno;
		drop_run_dir(p->under);
		return err;
	}
	/* The buffers are there. Without this mount a small file of LTTng's stays behind, no more. */
	if (!any_lies_in(paths, SHM_DIR))
		(void)!mount("mmreplay", SHM_DIR, "tmpfs", MS_NOSUID | MS_NODEV | MS_NOEXEC, "mode=1777");
	/* Keeps the user's own settings and sessions out of it. */
	setenv("LTTNG_HOME", RUN_DIR, 1);
	p->kind = REC_PLACE_OVERLAY;
	return 0;
}

int rec_place_enter(struct rec_place *p, const char *const *paths, struct mmr_err *e)
{
	*p = (struct rec_place){ .kind = REC_PLACE_USUAL, .under = -1 };
	if (!geteuid()) {
		/* No right to mount (a container): LTTng's usual place has to do. */
		overlay(p, paths);
		return 0;
	}
	const char *base = getenv("XDG_RUNTIME_DIR");
	if (!base || access(base, W_OK | X_OK) || strlen(base) > 32)
		base = "/tmp";
	snprintf(p->home, sizeof(p->home), "%s/mmreplay-XXXXXX", base);
	if (!mkdtemp(p->home))
		return mmr_err_sys(e, -errno, "a directory for the session daemon in %s", base);
	setenv("LTTNG_HOME", p->home, 1);
	p->kind = REC_PLACE_HOME;
	return 0;
}

void rec_place_leave(struct rec_place *p)
{
	if (p->kind == REC_PLACE_OVERLAY) {
		umount2(RUN_DIR, MNT_DETACH);
		drop_run_dir(p->under);
	} else if (p->kind == REC_PLACE_HOME) {
		rec_remove_tree(p->home);
	}
	p->kind = REC_PLACE_USUAL;
}
