/*
 * workload_make.h - small workloads in memory, event by event, for the tests of
 * the replay. Each call appends one event 1 us after the last.
 */
#ifndef TESTS_WORKLOAD_MAKE_H
#define TESTS_WORKLOAD_MAKE_H

#include "replay/plan.h"

/* Start empty; workload_free() ends. Ids and counts in the struct are kept up. */
void wm_init(struct workload *w, unsigned cpus);
void wm_add(struct workload *w, struct mmw_event ev);

/* Command names: event.comm 1 is the first of @names, which NULL ends. */
void wm_names(struct workload *w, const char *const *names);

/* The common ones; @cpu is the recorded CPU. They return the new task's id. */
uint32_t wm_present(struct workload *w);
uint32_t wm_fork(struct workload *w, uint32_t parent, unsigned cpu);
uint32_t wm_vfork(struct workload *w, uint32_t parent, unsigned cpu);
uint32_t wm_thread(struct workload *w, uint32_t creator, unsigned cpu);
void wm_exec(struct workload *w, uint32_t task, unsigned cpu);
void wm_exit(struct workload *w, uint32_t task, unsigned cpu);
void wm_free(struct workload *w, uint32_t task, uint32_t parent, unsigned cpu);

/* @parents processes, each forking @children one after another, which exit and are freed; @keep of the last stay alive. */
void wm_storm(struct workload *w, unsigned parents, unsigned children, unsigned keep);

#endif
