/* calibrate.c - everything, one after another, in a thread that is pinned. */
#include "replay/calibrate/calibrate.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "replay/calibrate/transfer.h"

static const char *const extra_names[EXTRA_NR] = {
#define EXTRA_TEXT(name) #name,
	CALIBRATION_EXTRAS(EXTRA_TEXT)
#undef EXTRA_TEXT
};

const char *extra_name(enum extra x)
{
	return extra_names[x];
}

const struct calibrated *calibrated_at(const struct calibration *c, unsigned i)
{
	return i < COST_NR ? &c->cost[i] : &c->extra[i - COST_NR];
}

const char *calibrated_name(unsigned i)
{
	return i < COST_NR ? cost_name(i) : extra_name(i - COST_NR);
}

_Static_assert(CALIBRATE_PASSES == 3, "middle() is of three");

struct job {
	struct calibrating c;
	const struct calibrate_request *r;
	struct calibration pass[CALIBRATE_PASSES];
	struct calibrated *pairs; /* [CALIBRATE_PASSES][transfers->n] */
	int rc;
};

/* The parts, one after another, into j->pass[@pass]. */
static void one_pass(struct job *j, unsigned pass)
{
	void (*const parts[])(const struct calibrating *c) = {
		calibrate_core, calibrate_caches, calibrate_transfers, calibrate_system, calibrate_events,
	};
	const unsigned n = sizeof(parts) / sizeof(*parts);
	j->pass[pass] = *j->c.out;
	const struct calibrating c = { j->c.clock, j->c.stop, j->c.cpus, &j->pass[pass], j->c.transfers };
	for (unsigned i = 0; i < n && !j->rc; i++) {
		if (j->r->progress)
			j->r->progress(j->r->progress_arg, pass * n + i, CALIBRATE_PASSES * n);
		parts[i](&c);
		if (calibrate_told_to_stop(&c))
			j->rc = -EINTR;
	}
	for (unsigned i = 0; i < c.transfers->n; i++)
		j->pairs[pass * c.transfers->n + i] = c.transfers->pair[i].one_way;
}

static uint64_t middle(uint64_t a, uint64_t b, uint64_t c)
{
	return a > b ? middle(b, a, c) : c < a ? a : c > b ? b : c;
}

static void sum_up(struct job *j)
{
	struct calibration *out = j->c.out;
	const struct transfers *t = j->c.transfers;
	struct calibrated of[CALIBRATE_PASSES];
	for (unsigned i = 0; i < CALIBRATED_NR; i++) {
		for (unsigned p = 0; p < CALIBRATE_PASSES; p++)
			of[p] = *calibrated_at(&j->pass[p], i);
		calibrated_middle(of, (struct calibrated *)calibrated_at(out, i));
	}
	for (unsigned i = 0; i < t->n; i++) {
		for (unsigned p = 0; p < CALIBRATE_PASSES; p++)
			of[p] = j->pairs[p * t->n + i];
		calibrated_middle(of, &t->pair[i].one_way);
	}
	out->llc_lines = middle(j->pass[0].llc_lines, j->pass[1].llc_lines, j->pass[2].llc_lines);
}

static void *calibrator(void *arg)
{
	struct job *j = arg;
	for (unsigned p = 0; p < CALIBRATE_PASSES && !j->rc; p++)
		one_pass(j, p);
	if (!j->rc)
		sum_up(j);
	return NULL;
}

static int start(struct job *j, struct mmr_err *e)
{
	pthread_t thread;
	struct calibrating *c = &j->c;
	c->out->l1_lines = c->cpus->l1_lines;
	c->out->l2_lines = c->cpus->l2_lines;
	c->out->llc_lines = c->cpus->llc_lines;
	int rc = transfers_choose(c->cpus, c->transfers);
	j->pairs = calloc(CALIBRATE_PASSES * (c->transfers->n + 1ul), sizeof(*j->pairs));
	if (rc || !j->pairs)
		return mmr_err_sys(e, -ENOMEM, "calibration");
	rc = calibrate_start(&thread, c->cpus->at[0].cpu, calibrator, j);
	if (rc)
		return mmr_err_sys(e, rc, "cannot start a thread on CPU %u", c->cpus->at[0].cpu);
	pthread_join(thread, NULL);
	return j->rc ? mmr_err_sys(e, j->rc, "calibration") : 0;
}

int calibrate(const struct calibrate_request *r, struct calibration *out, struct cpus *cpus,
	      struct transfers *transfers, struct mmr_err *e)
{
	struct job *j = calloc(1, sizeof(*j));
	memset(out, 0, sizeof(*out));
	memset(transfers, 0, sizeof(*transfers));
	int rc = j ? cpus_read("/sys/devices/system/cpu", cpus, e) : mmr_err_sys(e, -ENOMEM, "calibration");
	if (!rc) {
		j->c = (struct calibrating){ r->clock, r->stop, cpus, out, transfers };
		j->r = r;
		rc = start(j, e);
	}
	if (rc)
		transfers_free(transfers);
	if (j)
		free(j->pairs);
	free(j);
	return rc;
}
