/*
 * compare.h - two sets of runs held against each other. Internal to analyze.
 *
 * A side is the complete runs of one session, or of one design or one run of it.
 * What one session's runs differ in is design, kind of lock, threads and speed:
 * the axes. Two settings belong together when they agree in all four; of an axis
 * in which each side has one value, these two. All else in which the sides differ
 * is said. Repeats of one session are pairs (they were interleaved); those of two
 * sessions are two samples.
 *
 * A difference is named when its p, corrected for the number of what is compared
 * (Holm; events/s is the primary figure, the others are a family of their own), is
 * below COMPARE_P and the difference is larger than the noise.
 *
 * In pairs, noise is how far the floor's later repeats are from its earlier ones, when
 * the session has it as a design, else the designs' own.
 *
 * Two sessions see two machines: its frequency, its caches, its memory are shared with
 * who knows whom. What it did is told by the floor, which did not change: runs of it as
 * a design of both, or else the short reference runs that every sweep makes (replay's
 * reference.h). Noise is
 * - COMPARE_SCATTER_BEYOND times what single repeats scatter by, and what the machine
 *   moved by in the direction of the change, COMPARE_FEEL times: designs feel more of
 *   it than the floor does; and not less than to where the 95 % interval of the change
 *   beyond the machine's ends;
 * - of a percentile a histogram's bucket; of other figures than events/s more scatter;
 * - where others took more than COMPARE_CROWDED of the CPU time beyond what the runs
 *   left idle, COMPARE_CROWD times that: who holds a lock and is put off its CPU stops
 *   the others, too, so that a design is slowed by any factor.
 * And the best third of the repeats must differ by more than that, too: what else runs
 * here hits some repeats and never makes one faster. Without a floor in common it is
 * not known what the machine did, and noise is COMPARE_SCATTER times the scatter, and
 * how far a side's later repeats are from its earlier ones.
 *
 * What that is worth was measured with sessions of 9 repeats of one design against
 * themselves, at 1 and 2 threads, of three short workloads, on two CPUs of a virtual
 * machine. Compares that named any figure different, of 294 (whose sessions were next
 * to each other or a minute apart) each time:
 *
 *                                                  before    now
 *   real-time priority, compilations beside it     52        7
 *   a load of one CPU that came and went           77        0
 *
 * and of 42 added delays, which made 7 % of events/s, 29 were named before and 28 now.
 *
 * One thread. Everything a struct compare points to is its own.
 */
#ifndef MMR_AZ_COMPARE_H
#define MMR_AZ_COMPARE_H

#include "analyze/stats.h"
#include "analyze/view.h"

/* Not 0.05: one alarm in twenty compares is what nobody looks at for long. */
#define COMPARE_P 0.01

#define COMPARE_SCATTER 2 /* of events/s */
#define COMPARE_SCATTER_BEYOND 1.25 /* the same, where the machine is known not to have moved, or by how much */
#define COMPARE_SCATTER_OTHERS 3 /* of one of ten other figures */
#define COMPARE_SCATTER_TAIL 4 /* of a p99 */

#define COMPARE_FEEL 1.5 /* a design may feel so much of what moved the floor */

#define COMPARE_CROWDED 0.2
#define COMPARE_CROWD 3

enum axis { AXIS_LOCK, AXIS_THREADS, AXIS_SPEED, AXIS_DESIGN, AXES };

struct compare_side {
	char *path; /* of the store */
	struct az_db *db; /* focused on the session */
	int64_t session, run; /* run 0: all of the session's */
	char *design; /* NULL: all */
	struct az_table *rows; /* a row per figure of each run, those of one setting and figure together */
	struct az_table *reference; /* the same of reference runs, events/s alone */
	struct az_table *facts; /* name, value: what the runs have in common, or all values there are */
	int64_t incomplete; /* runs that are not done */
	double other_percent; /* CPU time that other processes and the hypervisor took; NAN when not known */
};

/* How far the machine moved what did not change. */
enum noise_source { NOISE_UNKNOWN, NOISE_FLOOR, NOISE_SELF, NOISE_SCATTER, NOISE_OTHERS, NOISE_BEST };

enum compare_verdict { COMPARE_UNKNOWN, COMPARE_SAME, COMPARE_BETTER, COMPARE_WORSE };
const char *compare_verdict_name(enum compare_verdict v); /* "unknown", "same"... */

/* One figure of one pair of settings. Texts are those of the sides' rows. */
struct compare_line {
	const char *key[2][AXES]; /* of A and B */
	const char *figure, *unit;
	bool primary, higher_is_better;
	double value[2], cv_percent[2]; /* median; NAN with one repeat */
	unsigned repeats[2];
	struct stats_change c;
	double p; /* c.p, corrected; NAN when it cannot be judged */
	double noise; /* logarithm; NAN when not known */
	enum noise_source noise_source;
	double best; /* the change of the best third of the repeats, a logarithm; NAN when they are pairs */
	double moved; /* what the floor changed by between the two, a logarithm; NAN when not known */
	enum compare_verdict verdict;
	bool violation; /* one of the two broke an invariant: nothing is judged */
};

struct compare {
	struct compare_side side[2];
	bool paired;
	struct compare_line *line; /* settings together, the primary figure first */
	unsigned nlines, room;
	unsigned unmatched[2]; /* settings that the other side does not have */
};

/*
 * What @text means, as `mmreplay compare --help` says: -ENOENT, -EINVAL (it may
 * mean two things), or what az_open() returns. @db: the store where the text names
 * none; @session: that of designs, 0 the newest. compare_free() in every case.
 */
int compare_side_open(struct compare_side *s, const char *text, const char *db, int64_t session, struct mmr_err *e);

bool compare_same_store(const struct compare_side *a, const struct compare_side *b);

/* Fills all but the sides. -EINVAL: nothing to compare. */
int compare_judge(struct compare *c, struct mmr_err *e);
void compare_free(struct compare *c);

/* Rows with the columns of columns_compare_lines; NULL: no memory. az_free() frees them. */
struct az_table *compare_table(const struct compare *c);
void compare_print(const struct compare *c, FILE *f);
/* @t: compare_table(). */
void compare_json(const struct compare *c, const struct az_table *t, FILE *f);
/* "ticket, 2 threads, DESIGN", of @l; A's and B's where they differ. */
void compare_setting(const struct compare_line *l, char *buf, size_t size);
/* A name and both values of each fact in which the sides differ; NULL past the end. */
const char *compare_difference(const struct compare *c, unsigned i, const char **a, const char **b);

#endif
