/*
 * cell.h (check) - one design in one scenario: may it be asked at all, what is
 * the answer, and the interleaving that tells why.
 *
 * One cell at a time per process (check_run()).
 */
#ifndef CHECK_CELL_H
#define CHECK_CELL_H

#include <stdio.h>

#include "replay/check/scenario.h"
#include "replay/check/schedule.h"

struct era;

struct cell {
	/* Asked. */
	const char *design; /* as the user spells it, with its :fix= */
	const char *lock; /* the kind that it is to run with */
	const struct design_ops *ops; /* for the check engine, and for `lock` if it was built for that */
	u32 fixed; /* bit n: Kn is repaired */
	const struct scenario *scenario;
	const struct geometry *geometry; /* NULL: the scenario's own */
	const struct era *era; /* NULL: the scenario's own */
	enum check_memory memory;
	enum check_reduction reduction;
	u64 max_executions; /* 0: no limit */
	/* Answered. */
	enum check_verdict verdict;
	const char *reason; /* of CHECK_EXCLUDED; static */
	struct check_result result;
	double seconds;
};

/* Fills in the answers; excluded cells do not run. 0; -errno. result.interrupted: @stop was set. */
int cell_run(struct cell *c, const volatile sig_atomic_t *stop, struct mmr_err *e);

/*
 * For a broken cell: of all interleavings that break it, the one with the
 * fewest changes of CPU, then the fewest steps, into @s, whose thread the
 * caller frees with schedule_free(). Looks at @limit executions at most.
 */
int cell_shortest(const struct cell *c, u64 limit, const volatile sig_atomic_t *stop, struct schedule *s,
		  struct mmr_err *e);

/*
 * Runs @s, prints it as columns of @width with its machine form. @c->result
 * is that run's. -EINVAL: the schedule cannot be followed, or breaks nothing.
 */
int cell_tell(struct cell *c, const struct schedule *s, FILE *f, unsigned width, struct mmr_err *e);

/* "NAME/RANGE[/POLICY]". */
void scenario_full_name(const struct scenario *s, char *buf, size_t size);
const char *memory_name(enum check_memory m);
const char *verdict_name(enum check_verdict v);

#endif
