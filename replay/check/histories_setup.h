/*
 * histories_setup.h (check) - where the scenarios begin: scenario.setup of the
 * rows of histories.c. Each runs as CPU 0 with a struct history, after the boot
 * and the first two tasks, and leaves in history.task and history.mm what the
 * programs go on with. "Process" is one beside the first two.
 */
#ifndef CHECK_HISTORIES_SETUP_H
#define CHECK_HISTORIES_SETUP_H

#include "replay/dialect/kernel.h"

/* The first process on CPU 0; on CPU 2; the same on CPU 0 after an addition. */
void setup_init(struct kernel *k, void *history);
void setup_third_runs(struct kernel *k, void *history);
void setup_added(struct kernel *k, void *history);

/* A process on CPU 0: one alone; one that goes, and one behind it on the list. */
void setup_process(struct kernel *k, void *history);
void setup_two_processes(struct kernel *k, void *history);
/* A process on CPU 0 and the first one on CPU 1. */
void setup_two_running(struct kernel *k, void *history);
/* A process on each of two CPUs, and a third on none. */
void setup_two_processes_running(struct kernel *k, void *history);
/* The other way round: what the second CPU has made and loaded. */
void setup_second_runs(struct kernel *k, void *history);

/* A leader and a thread on CPU 0, which runs the leader. */
void setup_group(struct kernel *k, void *history);
/* The same, with the thread on a CPU of its own. */
void setup_group_apart(struct kernel *k, void *history);
/* The same, and somebody for each CPU to go on with. */
void setup_group_and_another(struct kernel *k, void *history);

/* Kernel code on the exiting CPU, 0 or 1, touches the new memory before the last user's flush. */
void setup_watched(struct kernel *k, void *history);
void setup_second_watched(struct kernel *k, void *history);

/* Two threads asleep since before the addition. */
void setup_asleep(struct kernel *k, void *history);
/* A process asleep; what it touches on its way out is new. */
void setup_asleep_watched(struct kernel *k, void *history);

/* An mm whose process has gone, held by a kernel thread. */
void setup_held(struct kernel *k, void *history);
/* CPU 0 runs a process whose mm a kernel thread holds, too. */
void setup_held_running(struct kernel *k, void *history);
/* The same after its exit: the CPU is lazily on the mm that is still held. */
void setup_lazy_on_held(struct kernel *k, void *history);

#endif
