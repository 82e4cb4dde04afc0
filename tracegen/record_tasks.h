/*
 * record_tasks.h - the tasks that are there, read from /proc.
 *
 * Tasks come and go while /proc is read: one that is gone before its line is
 * read is left out, one that came meanwhile may be in or out. Both are also seen
 * as live events, which win.
 */
#ifndef MMR_RECORD_TASKS_H
#define MMR_RECORD_TASKS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "schemas/error.h"

struct rec_task {
	int32_t tid, tgid, ppid;
	bool kthread;
	char state; /* the letter of /proc/PID/stat */
	char comm[64]; /* raw; workers of the kernel have more than the usual 15 bytes */
};

/*
 * Read one line of /proc/PID/task/TID/stat, @len bytes that need no terminator.
 * Fills all but tgid. False when it is no such line. The name may hold anything,
 * brackets, spaces and newlines included.
 */
bool rec_task_parse(const char *line, size_t len, struct rec_task *t);

/*
 * Call @each for every thread of every process below @proc ("/proc"). Returns 0,
 * -errno when @proc itself cannot be read, or the first non-zero that @each returns.
 */
int rec_tasks_walk(const char *proc, int (*each)(void *arg, const struct rec_task *t), void *arg, struct mmr_err *e);

#endif
