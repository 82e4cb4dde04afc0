/*
 * sample_sweep.h - the sessions "sweep" and "ladder" of sample_store.h: more
 * threads and more load, along curves whose parameters tests know.
 */
#ifndef MMR_TESTS_SAMPLE_SWEEP_H
#define MMR_TESTS_SAMPLE_SWEEP_H

#include "schemas/result.h"

struct sample_curve {
	const char *design;
	double lambda, sigma, kappa; /* events/s by threads: the Universal Scalability Law */
	double wait; /* ten times the share of CPU time that waits for pgd_lock at the recorded rate */
};
extern const struct sample_curve sample_curves[2];

double sample_usl(const struct sample_curve *c, double threads);
/* The share of CPU time at @load times the recorded rate. */
double sample_wait(const struct sample_curve *c, double load);

/* Runs into a sink that has its machine and workload. 0 or -errno. */
int sample_sweep(struct result_sink *sink, struct mmr_err *e);
int sample_ladder(struct result_sink *sink, struct mmr_err *e);
/* The December 2019 report, with syncs and without, on 8 to 32 CPUs; on 16 it fits. A workload of its own. */
int sample_bbs(struct result_sink *sink, struct mmr_err *e);

#endif
