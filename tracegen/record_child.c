#include "tracegen/record_child.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static int executable(const char *path)
{
	struct stat st;
	if (stat(path, &st))
		return -errno;
	if (S_ISDIR(st.st_mode))
		return -EISDIR;
	/* root may do everything, but not execute what nobody may. */
	return access(path, X_OK) ? -errno : 0;
}

int rec_child_findable(const char *name, struct mmr_err *e)
{
	int err = -ENOENT;
	if (!*name)
		return mmr_err(e, err, "the command is empty");
	if (strchr(name, '/')) {
		err = executable(name);
		return err ? mmr_err_sys(e, err, "%s", name) : 0;
	}
	const char *path = getenv("PATH");
	char *dirs = strdup(path ? path : "/bin:/usr/bin"), *rest = dirs, *dir;
	while (err && dirs && (dir = strsep(&rest, ":"))) {
		char file[4096];
		if (snprintf(file, sizeof(file), "%s/%s", *dir ? dir : ".", name) >= (int)sizeof(file))
			continue;
		int got = executable(file);
		if (!got || got == -EACCES)
			err = got;
	}
	free(dirs);
	if (err == -ENOENT)
		return mmr_err(e, err, "%s: command not found", name);
	return err ? mmr_err_sys(e, err, "%s", name) : 0;
}

static void __attribute__((noreturn)) held(char **argv, int go, int failed)
{
	static const int ours[] = { SIGINT, SIGTERM, SIGHUP };
	char byte;
	for (unsigned i = 0; i < sizeof(ours) / sizeof(ours[0]); i++)
		signal(ours[i], SIG_DFL);
	/* End of file: the recorder gave up, or died. */
	if (read(go, &byte, 1) != 1)
		_exit(0);
	execvp(argv[0], argv);
	int err = errno;
	(void)!write(failed, &err, sizeof(err));
	_exit(127);
}

int rec_child_hold(struct rec_child *c, char **argv, struct mmr_err *e)
{
	int go[2], failed[2];
	memset(c, 0, sizeof(*c));
	if (pipe2(go, O_CLOEXEC))
		return mmr_err_sys(e, -errno, "starting %s", argv[0]);
	int err = pipe2(failed, O_CLOEXEC) ? -errno : 0;
	pid_t pid = err ? -1 : fork();
	if (!pid) {
		close(go[1]);
		close(failed[0]);
		held(argv, go[0], failed[1]);
	}
	if (pid < 0 && !err) {
		err = -errno;
		close(failed[0]);
		close(failed[1]);
	}
	close(go[0]);
	if (err) {
		close(go[1]);
		return mmr_err_sys(e, err, "starting %s", argv[0]);
	}
	close(failed[1]);
	*c = (struct rec_child){ .pid = pid, .go = go[1], .failed = failed[0], .name = argv[0] };
	return 0;
}

int rec_child_release(struct rec_child *c, struct mmr_err *e)
{
	int err = 0;
	ssize_t n;
	/* One that was killed while it was held has closed its end. */
	struct sigaction ignore = { .sa_handler = SIG_IGN }, before;
	sigaction(SIGPIPE, &ignore, &before);
	(void)!write(c->go, "", 1);
	sigaction(SIGPIPE, &before, NULL);
	do
		n = read(c->failed, &err, sizeof(err));
	while (n < 0 && errno == EINTR);
	close(c->go);
	close(c->failed);
	c->go = c->failed = -1;
	if (n != (ssize_t)sizeof(err))
		return 0;
	waitpid(c->pid, &c->status, 0);
	c->gone = c->not_executed = true;
	return mmr_err_sys(e, -err, "%s", c->name);
}

bool rec_child_done(struct rec_child *c)
{
	if (c->pid && !c->gone && waitpid(c->pid, &c->status, WNOHANG) == c->pid)
		c->gone = true;
	return c->gone;
}

int rec_child_exit(const struct rec_child *c)
{
	if (!c->gone)
		return 0;
	return WIFSIGNALED(c->status) ? 128 + WTERMSIG(c->status) : WEXITSTATUS(c->status);
}

bool rec_child_held(const struct rec_child *c)
{
	return c->pid && c->go >= 0;
}

void rec_child_close(struct rec_child *c)
{
	if (!rec_child_held(c))
		return;
	close(c->go);
	close(c->failed);
	c->go = c->failed = -1;
	if (!c->gone)
		waitpid(c->pid, &c->status, 0);
	c->gone = true;
}
