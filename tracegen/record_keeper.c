#include "tracegen/record_keeper.h"

#include <errno.h>
#include <fcntl.h>
#include <lttng/lttng.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define READY_S 14
#define STOP_MS 8000

/* The keeper's descriptors, at fixed places so that all others can be closed: the recorder's rings above all. */
enum { LEASH = 3, STATUS, LOG, UNDER, FIRST_OTHER };

static void say(char word)
{
	(void)!write(STATUS, &word, 1);
}

static void nap(long ms)
{
	struct timespec t = { .tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000 };
	nanosleep(&t, NULL);
}

static void settle(const struct rec_keeper *k)
{
	int from[] = { k->leash, k->status, k->log, k->place->under };
	/* Out of the way first: one of them may sit where another one goes. */
	for (unsigned i = 0; i < 4; i++)
		from[i] = from[i] >= 0 ? fcntl(from[i], F_DUPFD, 64) : -1;
	for (unsigned i = 0; i < 4; i++) {
		if (from[i] >= 0)
			dup3(from[i], LEASH + (int)i, O_CLOEXEC);
		else
			close(LEASH + (int)i);
	}
	if (k->place->under >= 0)
		k->place->under = UNDER;
	int null = open("/dev/null", O_RDWR);
	dup2(null, 0);
	dup2(null, 1);
	dup2(k->log >= 0 ? LOG : null, 2);
	if (close_range(FIRST_OTHER, ~0u, 0))
		for (int fd = FIRST_OTHER; fd < sysconf(_SC_OPEN_MAX); fd++)
			close(fd);
	/* ^C is for the recorder; we see it end. */
	setsid();
	(void)!chdir("/");
	prctl(PR_SET_NAME, "mmreplay-keeper");
	signal(SIGINT, SIG_DFL);
	signal(SIGTERM, SIG_DFL);
	signal(SIGHUP, SIG_DFL);
	signal(SIGPIPE, SIG_IGN);
}

static void __attribute__((noreturn)) become_daemon(pid_t keeper)
{
	sigset_t none;
	sigemptyset(&none);
	prctl(PR_SET_PDEATHSIG, SIGTERM);
	if (getppid() != keeper)
		_exit(1);
	signal(SIGPIPE, SIG_DFL);
	sigprocmask(SIG_SETMASK, &none, NULL);
	const char *path = getenv("LTTNG_SESSIOND_PATH");
	if (!path || !*path)
		path = "lttng-sessiond";
	execlp(path, "lttng-sessiond", "--no-kernel", "--sig-parent", NULL);
	_exit(errno == ENOENT ? 127 : 126);
}

/* Start the daemon and wait until it answers; its pid, 0 when it failed. */
static pid_t start(void)
{
	sigset_t set;
	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	sigaddset(&set, SIGCHLD);
	sigprocmask(SIG_BLOCK, &set, NULL);
	pid_t keeper = getpid(), pid = fork();
	if (!pid)
		become_daemon(keeper);
	struct timespec limit = { .tv_sec = READY_S };
	int status = 0, sig = 0;
	while (pid > 0 && sig != SIGUSR1) {
		sig = sigtimedwait(&set, NULL, &limit);
		if (sig < 0 && errno == EINTR)
			continue;
		if (sig == SIGUSR1)
			break;
		/* --sig-parent, SIGUSR1, can be overtaken by nothing but the daemon's end. */
		if (sig < 0 || waitpid(pid, &status, WNOHANG) == pid)
			break;
	}
	if (sig == SIGUSR1)
		return pid;
	if (pid > 0 && sig < 0) {
		kill(pid, SIGKILL);
		waitpid(pid, NULL, 0);
	}
	say(WIFEXITED(status) && WEXITSTATUS(status) == 127 ? REC_KEEPER_NOT_FOUND : REC_KEEPER_FAILED);
	return 0;
}

/* Until the recorder lets go. True when it has destroyed its session itself. */
static bool watch(pid_t *daemon)
{
	for (;;) {
		struct pollfd p = { .fd = LEASH, .events = POLLIN };
		char byte = 0;
		int n = poll(&p, 1, 200);
		if (n > 0)
			return read(LEASH, &byte, 1) == 1 && byte == 'd';
		if (*daemon > 0 && waitpid(*daemon, NULL, WNOHANG) == *daemon) {
			*daemon = 0;
			say(REC_KEEPER_DIED);
		}
	}
}

static unsigned sessions(void)
{
	struct lttng_session *list = NULL;
	int n = lttng_list_sessions(&list);
	free(list);
	return n > 0 ? (unsigned)n : 0;
}

static void stop(pid_t pid)
{
	kill(pid, SIGTERM);
	for (int waited = 0; waited < STOP_MS; waited += 10) {
		if (waitpid(pid, NULL, WNOHANG) == pid)
			return;
		nap(10);
	}
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
}

void rec_keeper(const struct rec_keeper *k)
{
	settle(k);
	pid_t daemon = k->own ? start() : 0;
	if (!k->own || daemon)
		say(REC_KEEPER_READY);
	bool destroyed = watch(&daemon);
	if (!destroyed && (daemon || !k->own)) {
		/* Should the daemon not answer, the alarm ends us, and it with us. */
		alarm(30);
		lttng_destroy_session(k->session);
		alarm(0);
	}
	/* Only in LTTng's usual place can others have found it. */
	bool told = false;
	while (daemon && k->place->kind == REC_PLACE_USUAL && sessions()) {
		if (waitpid(daemon, NULL, WNOHANG) == daemon)
			daemon = 0;
		if (!told)
			say(REC_KEEPER_STAYS);
		told = true;
		nap(200);
	}
	if (daemon)
		stop(daemon);
	rec_place_leave(k->place);
	_exit(0);
}
