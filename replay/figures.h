/*
 * figures.h - putting together what a run answers, for any engine.
 *
 * One thread uses a struct run_figures; everything that is added is copied and
 * lives until run_figures_free().
 */
#ifndef REPLAY_FIGURES_H
#define REPLAY_FIGURES_H

#include "replay/run.h"

#define VIOLATIONS_KEPT 16
#define FIGURES_LOCKS 32 /* rows, one per lock and mode */

/* Broken invariants, counted by kind; the first of each kind is kept. */
struct violations {
	unsigned n;
	struct violation {
		char invariant[8];
		char what[96];
		uint32_t task, mm;
		int slot; /* -1: none */
		uint64_t event, count; /* UINT64_MAX: at no event */
	} kept[VIOLATIONS_KEPT];
};

void violations_note(struct violations *v, const char *invariant, const char *what, uint32_t task, uint32_t mm,
		     int slot, uint64_t event);

/* -ENOMEM; *@f is to be freed then, too. */
int figures_make(struct run_figures *f);

/* What results call operations of type @op; "replay": none, between two events. NULL: there is no such type. */
const char *figures_op_name(unsigned op);

/* Operations of type @op: @count of them, @latency of the timed ones. Nothing when there were none. */
void figures_op(struct run_figures *f, unsigned op, uint64_t count, const struct hist *latency);

/*
 * A lock's row; histograms and timeline are copied from @row. Nothing when it
 * was never taken. -ENOMEM.
 */
int figures_lock(struct run_figures *f, const struct result_lock *row);

void figures_violations(struct run_figures *f, const struct violations *v);

/* -ENOMEM. */
int figures_conflict(struct run_figures *f, const struct result_conflict *row);

/* The lock's name is copied. -ENOMEM. */
int figures_blocker(struct run_figures *f, const struct result_blocker *row);

/* Texts are copied. -ENOMEM. */
int figures_comm(struct run_figures *f, const struct result_comm *row);
int figures_slow(struct run_figures *f, const struct result_slow *row);

/* The verdict, once everything else is there; @stopped: the run did not come to its end. */
void figures_judge(struct run_figures *f, bool stopped);

#endif
