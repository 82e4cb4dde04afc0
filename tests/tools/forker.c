/*
 * forker NAME KIND N...: calls itself NAME and makes N children of each KIND
 * (fork, vfork, thread, exec), one after the other, so that a test knows how
 * often each event must be in a capture.
 */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

static void *nothing(void *arg)
{
	return arg;
}

static int fail(const char *what)
{
	perror(what);
	return 1;
}

static int once(const char *kind, const char *self)
{
	pid_t pid;
	if (!strcmp(kind, "thread")) {
		pthread_t t;
		if (pthread_create(&t, NULL, nothing, NULL))
			return fail("thread");
		pthread_join(t, NULL);
		return 0;
	}
	if (!strcmp(kind, "vfork")) {
		/* The record tests count vforks: this is one. */
		pid = vfork(); /* NOLINT(clang-analyzer-security.insecureAPI.vfork) */
		if (!pid)
			_exit(0);
	} else {
		pid = fork();
		if (!pid) {
			if (!strcmp(kind, "exec"))
				execl(self, self, (char *)NULL);
			_exit(0);
		}
	}
	if (pid < 0)
		return fail(kind);
	return waitpid(pid, NULL, 0) == pid ? 0 : fail("waitpid");
}

/* Ends with _exit(): a sanitizer's leak check would make tasks of its own. */
int main(int argc, char **argv)
{
	if (argc < 2)
		_exit(0);
	prctl(PR_SET_NAME, argv[1]);
	for (int i = 2; i + 1 < argc; i += 2)
		for (long n = atol(argv[i + 1]); n > 0; n--)
			if (once(argv[i], argv[0]))
				_exit(1);
	_exit(0);
}
