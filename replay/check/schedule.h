/*
 * schedule.h (check) - an interleaving in machine form: the lines beneath a
 * printed one that `mmreplay check --schedule` reads back.
 *
 *   # schedule 1
 *   # schedule design NAME[:fix=K...]
 *   # schedule scenario NAME/RANGE[/POLICY]
 *   # schedule lock NAME
 *   # schedule memory tso|sc
 *   # schedule geometry NAME        "own": the scenario's
 *   # schedule interrupts 0|1     some CPU interrupts or stops others: then stores are steps, too
 *   # schedule violation I1a
 *   # schedule run 0x12 d0x3 1x7    each thread, how many visible steps; any number of these
 *   # schedule end 22               how many in all
 *
 * A thread is a CPU's number; with d its store buffer, with i its interrupt
 * handler, with r its RCU callbacks. Lines that do not begin with "# schedule"
 * are not looked at. One file may hold several.
 */
#ifndef CHECK_SCHEDULE_H
#define CHECK_SCHEDULE_H

#include <stdio.h>

#include "replay/check/check.h"

#define SCHEDULE_WORD 256

struct schedule {
	char design[SCHEDULE_WORD], scenario[SCHEDULE_WORD], lock[SCHEDULE_WORD], memory[SCHEDULE_WORD];
	char geometry[SCHEDULE_WORD], violation[SCHEDULE_WORD];
	u8 *thread; /* [n], owned */
	unsigned n;
	bool interrupts; /* check_config.interrupts */
	unsigned line; /* of the file, where it begins */
};

void schedule_write(FILE *f, const struct schedule *s);

/*
 * The next one of @f, whose name @path and line number *@line are for messages.
 * 1: *s holds it, schedule_free() it; 0: there is none left; -EINVAL, -EIO,
 * -ENOMEM with "FILE: line N: REASON".
 */
int schedule_read(FILE *f, const char *path, unsigned *line, struct schedule *s, struct mmr_err *e);
void schedule_free(struct schedule *s);

#endif
