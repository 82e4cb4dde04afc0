/* Sessions that vary threads and load: curves with known parameters, real and simulated. */
#include "tests/support/sample_sweep.h"

#include <math.h>
#include <stdlib.h>

#include "tests/support/sample_store.h"

static const struct result_cost costs[] = {
	{ "step", 400, "measured", "this machine, 21 runs, 380..420 ps" },
	{ "cluster", 21000, "published", "a table of cache latencies" },
	{ "remote", 140000, "assumed", "no source found" },
};

static const struct result_topology topology = { "laptop: 1 x 1 x 64", costs, 3 };

const struct sample_curve sample_curves[2] = {
	{ "pgd_list", 2e6, 0.03, 0.0005, 0.012 },
	{ "task_list", 1.9e6, 0.01, 0.00002, 0.0001 },
};

double sample_usl(const struct sample_curve *c, double n)
{
	return c->lambda * n / (1 + c->sigma * (n - 1) + c->kappa * n * (n - 1));
}

/* Cheap and the same everywhere: -1 to 1. */
static double jitter(uint64_t *state)
{
	*state = *state * 6364136223846793005ull + 1442695040888963407ull;
	return (double)(*state >> 11) / 4503599627370496.0 - 1;
}

struct one {
	double speed, wait_share; /* events/s; part of wall x threads */
	const struct hist *drift;
	bool simulated, no_sync;
};

static int one_run(struct result_sink *sink, const struct result_config *c, const struct one *o, struct mmr_err *e)
{
	struct hist *wait = malloc(sizeof(*wait)), *hold = malloc(sizeof(*hold));
	if (!wait || !hold)
		return mmr_err_sys(e, -12, "sample");
	hist_init(wait);
	hist_init(hold);
	struct result_workload w = sample_workload();
	struct result_run r = { .status = RUN_DONE, .verdict = VERDICT_PASS, .state_digest = 77, .drift = o->drift };
	r.paced_ns = w.duration_ns;
	for (unsigned t = 0; t < EV_MAX; t++) {
		r.op_count[t] = w.count[t];
		r.events += w.count[t];
	}
	r.wall_ns = (uint64_t)((double)r.events * 1e9 / o->speed);
	double all = (double)r.wall_ns * c->threads;
	for (unsigned i = 0; i < 1000; i++) {
		hist_add(wait, (uint64_t)(all * o->wait_share / 1000));
		hist_add(hold, 180);
	}
	struct result_lock lock = { .lock = "pgd_lock",
				    .mode = "exclusive",
				    .acquisitions = 1000,
				    .contentions = 1000,
				    .timed = 1000,
				    .wait = wait,
				    .hold = hold };
	struct result_op op = { "fork", w.count[EV_FORK], hold };
	struct result_conflict conflicts[] = { { "fork", "pgd_lock", 3 * w.count[EV_FORK], 63 * w.count[EV_FORK] },
					       { "fork", "tasks", w.count[EV_FORK], 21 * w.count[EV_FORK] } };
	/* 11.0 of 18.27 in the sync when there are two lines of it. */
	uint64_t waited = wait->total;
	struct result_blocker blockers[] = {
		{ "pgd_lock", "exclusive", "purge", "purge", 600, (uint64_t)((double)waited * 11.0 / 18.27) },
		{ "pgd_lock", "exclusive", "fork", "purge", 400, (uint64_t)((double)waited * 7.27 / 18.27) }
	};
	r.locks = &lock, r.nlocks = 1;
	r.blockers = blockers + (o->no_sync ? 1 : 0), r.nblockers = o->no_sync ? 1 : 2;
	r.op_count[EV_PURGE] = o->no_sync ? 0 : r.op_count[EV_FORK];
	r.ops = &op, r.nops = 1;
	r.conflicts = conflicts, r.nconflicts = o->simulated ? 2 : 0;
	if (!o->simulated)
		r.hygiene = (struct result_hygiene){ 2 * r.wall_ns, r.wall_ns / 50, r.wall_ns / 500,
						     0.4,           "performance",  true };
	r.time.wait_ns = (uint64_t)(all * o->wait_share);
	r.time.hold_ns = (uint64_t)(all * 0.1);
	r.time.work_ns = (uint64_t)(all * 0.89) - r.time.wait_ns;
	int64_t id;
	int rc = sink->run_begin(sink, c, &id, e);
	if (!rc)
		rc = sink->run_end(sink, id, &r, e);
	free(wait);
	free(hold);
	return rc;
}

static void simulate(struct result_config *c, bool yes)
{
	c->engine = yes ? "sim" : "native";
	c->topology = yes ? topology.text : "";
}

int sample_sweep(struct result_sink *sink, struct mmr_err *e)
{
	static const unsigned threads[] = { 1, 2, 4, 8, 16, 32, 64 };
	struct result_config c = sample_config();
	uint64_t state = 5;
	int rc = sink->set_topology(sink, &topology, e);
	for (unsigned simulated = 0; simulated < 2; simulated++)
		for (unsigned t = 0; t < (simulated ? 7 : 2); t++)
			for (unsigned r = 1; r <= 3; r++)
				for (unsigned d = 0; !rc && d < 2; d++) {
					simulate(&c, simulated);
					c.threads = threads[t];
					c.repeat_no = r;
					c.design = sample_curves[d].design;
					/* The sim is 4 % too fast. */
					double x = sample_usl(&sample_curves[d], c.threads) * (simulated ? 1.04 : 1);
					struct one o = { x * (1 + 0.004 * jitter(&state)), 0.01, NULL, simulated,
							 true };
					rc = one_run(sink, &c, &o, e);
				}
	return rc;
}

/* Native at 2 threads, simulated at 2 and at 64, each at 1 to 64 times the recorded rate. */
int sample_ladder(struct result_sink *sink, struct mmr_err *e)
{
	struct result_config c = sample_config();
	struct result_workload w = sample_workload();
	struct hist *drift = malloc(sizeof(*drift));
	uint64_t state = 6;
	if (!drift)
		return mmr_err_sys(e, -12, "sample");
	hist_init(drift);
	for (unsigned i = 1; i < 500; i++)
		hist_add(drift, 40 * i);
	c.pace = "recorded";
	int rc = sink->set_topology(sink, &topology, e);
	for (unsigned side = 0; side < 3; side++)
		for (c.speed = 1; c.speed <= 64; c.speed *= 2)
			for (unsigned r = 1; r <= 3; r++)
				for (unsigned d = 0; !rc && d < 2; d++) {
					simulate(&c, side > 0);
					c.threads = side < 2 ? 2 : 64;
					c.repeat_no = r;
					c.design = sample_curves[d].design;
					double events = 0, load = fmin(c.speed, 40);
					for (unsigned t = 0; t < EV_MAX; t++)
						events += (double)w.count[t];
					struct one o = { events * load / ((double)w.duration_ns / 1e9),
							 sample_wait(&sample_curves[d], load) *
								 (1 + 0.05 * jitter(&state)),
							 drift, side > 0, true };
					rc = one_run(sink, &c, &o, e);
				}
	free(drift);
	return rc;
}

int sample_bbs(struct result_sink *sink, struct mmr_err *e)
{
	struct result_config c = sample_config();
	struct result_workload w = sample_workload();
	int rc = sink->set_topology(sink, &topology, e);
	simulate(&c, true);
	w.profile = "bbs_2019";
	for (unsigned syncs = 0; !rc && syncs < 2; syncs++) {
		w.source_hash = syncs ? "b1" : "b0";
		w.count[EV_PURGE] = syncs ? w.count[EV_FORK] : 0;
		rc = sink->set_workload(sink, &w, e);
		for (unsigned t = 8; !rc && t <= 32; t *= 2) {
			c.threads = t;
			c.design = "pgd_list";
			/* Of wall x threads; at 16 threads the sum that was reported. */
			struct one o = { syncs ? 1e6 : 4e6, syncs ? 0.277 * t / 16 : 0.01, NULL, true, !syncs };
			rc = one_run(sink, &c, &o, e);
		}
	}
	return rc;
}

double sample_wait(const struct sample_curve *c, double load)
{
	return c->wait * pow(load, 1.2) / 10;
}
