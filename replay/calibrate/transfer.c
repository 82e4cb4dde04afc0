/*
 * transfer.c - two CPUs hand a line to and fro: each waits with
 * compare-and-exchange for the other's value and puts its own in the same
 * instruction, so half a round trip is one transfer of the line to be written.
 */
#include "replay/calibrate/transfer.h"

#include <errno.h>
#include <stdlib.h>

#include "replay/dialect/types.h"

#define ROUNDS 400u /* round trips a run */
#define SPINS 4096u /* between two looks at whether to give up */

struct table {
	u64 word ____per_cpu_aligned; /* counts hand-overs: even, A's turn; odd, B's */
	u32 stop ____per_cpu_aligned;
	u64 last;
	const struct calibrating *c;
};

/* Wait for @value and put @value + 1 in its place. False: the other will not come. */
static bool hand_over(struct table *t, u64 value)
{
	u64 since = eng_clock();
	for (u32 i = 1;; i++) {
		u64 seen = value;
		if (__atomic_compare_exchange_n(&t->word, &seen, value + 1, 0, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST))
			return true;
		if (i % SPINS == 0 &&
		    (__atomic_load_n(&t->stop, __ATOMIC_RELAXED) || calibrate_lost_patience(t->c, since)))
			return false;
	}
}

static void *other_side(void *arg)
{
	struct table *t = arg;
	for (u64 v = 1; v < t->last && hand_over(t, v); v += 2)
		;
	return NULL;
}

struct side {
	struct table *t;
	u64 next;
	bool broken;
};

static double run_rounds(const struct calibrating *c, void *arg)
{
	struct side *s = arg;
	u64 from = eng_clock();
	for (unsigned i = 0; i < ROUNDS && !s->broken; i++, s->next += 2)
		s->broken = !hand_over(s->t, s->next);
	return cycles_each(c, eng_clock() - from, 2.0 * ROUNDS);
}

/* This thread runs on @p->a. */
static void measure_pair(const struct calibrating *c, struct table *t, struct transfer *p)
{
	double ps[CALIBRATE_RUNS];
	struct side me = { .t = t };
	pthread_t other;
	*t = (struct table){ .c = c, .last = 2ull * ROUNDS * (CALIBRATE_RUNS + 1) };
	int rc = calibrate_pin(c->cpus->at[p->a].cpu);
	if (!rc)
		rc = calibrate_start(&other, c->cpus->at[p->b].cpu, other_side, t);
	if (rc) {
		calibrated_impossible(&p->one_way, "no thread could be started there");
		return;
	}
	bool done = samples_take(c, run_rounds, &me, ps) && !me.broken;
	__atomic_store_n(&t->stop, 1, __ATOMIC_RELAXED);
	pthread_join(other, NULL);
	if (done)
		samples_sum_up(ps, CALIBRATE_RUNS, &p->one_way, "");
	else
		calibrated_impossible(&p->one_way, "one of the CPUs does not run us");
}

/* ---- which pairs, and what they say ---- */

int transfers_choose(const struct cpus *c, struct transfers *t)
{
	unsigned there[NEAR_NR] = { 0 }, seen[NEAR_NR] = { 0 };
	*t = (struct transfers){ 0 };
	for (unsigned a = 0; a < c->n; a++)
		for (unsigned b = a + 1; b < c->n; b++)
			there[cpus_distance(&c->at[a], &c->at[b])]++;
	for (unsigned d = 0; d < NEAR_NR; d++)
		t->there += there[d];
	t->pair = calloc(NEAR_NR * (PAIRS_EACH + 1), sizeof(*t->pair));
	if (!t->pair)
		return -ENOMEM;
	for (unsigned a = 0; a < c->n; a++)
		for (unsigned b = a + 1; b < c->n; b++) {
			enum distance d = cpus_distance(&c->at[a], &c->at[b]);
			unsigned i = seen[d]++;
			/* The i-th of so many: taken where i * PAIRS_EACH / there steps on. */
			if (there[d] > PAIRS_EACH &&
			    (u64)i * PAIRS_EACH / there[d] == (u64)(i + 1) * PAIRS_EACH / there[d])
				continue;
			t->pair[t->n++] = (struct transfer){ .a = a, .b = b, .distance = d };
		}
	return 0;
}

void transfers_free(struct transfers *t)
{
	free(t->pair);
	*t = (struct transfers){ 0 };
}

static const char *why_none(const struct cpus *c, enum distance d)
{
	if (c->n < 2)
		return "this process may use one CPU only";
	switch (d) {
	case NEAR_SMT:
		return "no two CPUs here are threads of one core";
	case NEAR_CLUSTER:
		return "no two cores here share a last-level cache";
	case NEAR_SOCKET:
		return "no socket here has more than one last-level cache";
	default:
		return "all CPUs here are in one socket";
	}
}

void transfers_sum_up(const struct cpus *c, const struct transfers *t, struct calibration *out)
{
	static const enum cost cost_of[NEAR_NR] = { [NEAR_SMT] = COST_smt,
						    [NEAR_CLUSTER] = COST_cluster,
						    [NEAR_SOCKET] = COST_socket,
						    [NEAR_REMOTE] = COST_remote };
	for (enum distance d = NEAR_SMT; d < NEAR_NR; d++) {
		struct calibrated *to = &out->cost[cost_of[d]];
		double ps[PAIRS_EACH + 1];
		const struct transfer *last = NULL;
		unsigned n = 0, failed = 0;
		char how[64];
		for (const struct transfer *p = t->pair; p < t->pair + t->n; p++) {
			if (p->distance != d)
				continue;
			failed += !p->one_way.measured;
			if (!p->one_way.measured)
				continue;
			ps[n++] = (double)p->one_way.ps;
			last = p;
		}
		if (!n) {
			calibrated_impossible(to,
					      failed ? "such pairs did not run two threads at once" : why_none(c, d));
		} else if (n == 1) {
			*to = last->one_way;
			snprintf(to->why, sizeof(to->why), "line handed to and fro by CPUs %u and %u",
				 c->at[last->a].cpu, c->at[last->b].cpu);
		} else {
			snprintf(how, sizeof(how), "line handed to and fro, over %u pairs", n);
			samples_sum_up(ps, n, to, how);
			to->runs = n * CALIBRATE_RUNS;
		}
	}
}

void calibrate_transfers(const struct calibrating *c)
{
	struct table *t = aligned_alloc(PAIR_OF_LINES, sizeof(*t));
	for (struct transfer *p = c->transfers->pair; t && p < c->transfers->pair + c->transfers->n; p++)
		if (!calibrate_told_to_stop(c))
			measure_pair(c, t, p);
	free(t);
	transfers_sum_up(c->cpus, c->transfers, c->out);
	calibrate_pin(c->cpus->at[0].cpu);
}
