/*
 * record_child.h - the command under study: forked early, so that its pid is
 * known and none of what we start later is inherited, held until tracing is on.
 */
#ifndef MMR_RECORD_CHILD_H
#define MMR_RECORD_CHILD_H

#include <stdbool.h>
#include <sys/types.h>

#include "schemas/error.h"

struct rec_child {
	pid_t pid; /* 0: there is no command */
	const char *name; /* argv[0]; the caller's */
	int go, failed; /* pipes: ours to write, ours to read */
	bool gone; /* reaped; status is valid */
	bool not_executed; /* release() failed */
	int status; /* of waitpid() */
};

/* 0 when execvp() will find @name, or -errno with @e. */
int rec_child_findable(const char *name, struct mmr_err *e);

/* Fork @argv and hold it before its exec. It gives up when we die. 0 or -errno. */
int rec_child_hold(struct rec_child *c, char **argv, struct mmr_err *e);

/* Let it go. 0, or -errno with @e when it could not be executed: then it is gone. */
int rec_child_release(struct rec_child *c, struct mmr_err *e);

/* It was not let go yet. */
bool rec_child_held(const struct rec_child *c);

/* Has it ended? */
bool rec_child_done(struct rec_child *c);

/* The exit status that the shell would show, 0 when there is no command or it has not ended. */
int rec_child_exit(const struct rec_child *c);

/* Give up a command that is still held, and close what is open. One that runs is left alone. */
void rec_child_close(struct rec_child *c);

#endif
