/*
 * sample_store.h - stores for tests, written through the real sink: what a
 * session of replays would leave, with made-up but plausible figures.
 */
#ifndef MMR_TESTS_SAMPLE_STORE_H
#define MMR_TESTS_SAMPLE_STORE_H

#include "schemas/result.h"

/* One session of runs. Zero fields mean the default that stands beside them. */
struct sample {
	const char *designs[4]; /* pgd_list, task_list */
	double gain[4]; /* how much faster than the first design each is, at 2 threads: 1, 1.4 */
	const char *locks[3]; /* ticket, qspinlock */
	unsigned threads[5]; /* 1, 2, 4 (of 2 CPUs: 4 is oversubscribed) */
	unsigned repeats; /* 3 */
	double noise; /* part of the speed: 0.01 */
	double hold_ns; /* pgd_lock: 180 */
	unsigned seed;
	bool floor; /* the first design is none */
	uint64_t lost, unresolved;
	uint64_t duration_ns; /* recorded: 12 s */
	const char *delay; /* "" */
	const char *profile; /* "": captured */
	int violation; /* 1: one run of the last design breaks I1b */
	int interrupted, failed, running; /* that many further runs end so */
	int (*runs)(struct result_sink *sink, struct mmr_err *e); /* makes the runs instead: sample_sweep.h */
};

/* Sessions by name: "clean", "violation" (with an interrupted and a running run), "noise", "single", "once", "delay",
 * "lossy", "incomplete", "three", "small", "steady", "slower" (9 repeats with a floor, the second 6 % slower at 2 threads), "generated", "sweep", "ladder" and "bbs" (sample_sweep.h). NULL when there is none. */
const struct sample *sample_named(const char *name);
/* The names, one after another; NULL past the end. */
const char *sample_name(unsigned i);

/* Append session @s to the store @path. 0 or -errno. */
int sample_write(const char *path, const struct sample *s, struct mmr_err *e);

/* The machine, workload and configuration that the sessions start from. */
struct result_machine sample_machine(void);
struct result_workload sample_workload(void);
struct result_config sample_config(void);

#endif
