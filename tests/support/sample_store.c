#include "tests/support/sample_store.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "analyze/analyze.h"
#include "tests/support/sample_sweep.h"
#include "tests/support/sample_who.h"

#define FORKS 40000u
#define EXECS 15000u
#define THREADS 5000u
#define SAMPLES 1500u

static const struct {
	const char *name;
	struct sample s;
} named[] = {
	{ "clean", { .seed = 1 } },
	{ "violation", { .seed = 2, .violation = 1, .interrupted = 1, .running = 1 } },
	{ "noise", { .seed = 3, .gain = { 1, 1.02 }, .noise = 0.08 } },
	{ "single", { .seed = 4, .designs = { "task_list" } } },
	{ "once", { .seed = 5, .repeats = 1 } },
	{ "delay", { .seed = 6, .hold_ns = 1180, .delay = "pgd_lock=1000" } },
	{ "lossy", { .seed = 7, .lost = 1234, .unresolved = 56 } },
	{ "incomplete", { .seed = 8, .repeats = 1, .interrupted = 1, .failed = 6, .running = 2 } },
	{ "three", { .seed = 9, .designs = { "null", "pgd_list", "task_list" }, .gain = { 1, 0.4, 0.6 } } },
	{ "small",
	  { .seed = 11, .locks = { "ticket" }, .threads = { 1, 2 }, .repeats = 1, .violation = 1, .running = 1 } },
	{ "sweep", { .runs = sample_sweep } },
	{ "ladder", { .runs = sample_ladder } },
	{ "bbs", { .runs = sample_bbs } },
	{ "steady",
	  { .seed = 12,
	    .designs = { "null", "pgd_list" },
	    .gain = { 1, 1 },
	    .locks = { "ticket" },
	    .threads = { 1, 2 },
	    .repeats = 9,
	    .floor = true } },
	{ "slower",
	  { .seed = 13,
	    .designs = { "null", "pgd_list" },
	    .gain = { 1, 0.94 },
	    .locks = { "ticket" },
	    .threads = { 1, 2 },
	    .repeats = 9,
	    .floor = true } },
	{ "generated", { .seed = 10, .duration_ns = UINT64_MAX, .profile = "fork_storm" } },
};

const struct sample *sample_named(const char *name)
{
	for (unsigned i = 0; i < sizeof(named) / sizeof(named[0]); i++)
		if (!strcmp(named[i].name, name))
			return &named[i].s;
	return NULL;
}

const char *sample_name(unsigned i)
{
	return i < sizeof(named) / sizeof(named[0]) ? named[i].name : NULL;
}

struct result_machine sample_machine(void)
{
	return (struct result_machine){ "bench-1", "6.1.0-21-amd64", "Sample CPU 3000", 2, 8ull << 30, 2.8, 10250 };
}

struct result_workload sample_workload(void)
{
	struct result_workload w = {
		.path = "build.mmw",
		.source = "perf",
		.source_hash = "5d41402abc4b2a76",
		.host = "web-7",
		.kernel = "6.1.0-21-amd64",
		.profile = "",
		.duration_ns = 12000000000,
		.cpus = 4,
		.tasks = 62000,
		.mms = 48000,
		.peak_mms = 310,
	};
	w.count[EV_FORK] = FORKS;
	w.count[EV_EXEC] = EXECS;
	w.count[EV_THREAD] = THREADS;
	w.count[EV_EXIT] = FORKS + THREADS;
	w.count[EV_FREE] = FORKS + THREADS;
	return w;
}

struct result_config sample_config(void)
{
	return (struct result_config){
		.subject = "pgd",
		.design = "pgd_list",
		.engine = "native",
		.lock = "ticket",
		.era = "v4.1",
		.geometry = "x86_64-4level",
		.threads = 1,
		.partition = "task",
		.order_mode = "resource",
		.pace = "asap",
		.speed = 1,
		.copies = 1,
		.measure = "sampled",
		.surround = "none",
		.inject = "",
		.delay = "",
		.sample_every = 64,
		.repeat_no = 1,
		.seed = 1,
		.version = "0.1.0",
		.command = "mmreplay replay build.mmw",
	};
}

/* ---- figures: a small generator, the same on every machine ---- */

static double uniform(uint64_t *state)
{
	*state = *state * 6364136223846793005ull + 1442695040888963407ull;
	return (double)(*state >> 11) / 9007199254740992.0;
}

/* Roughly normal, deviation 1. */
static double normal(uint64_t *state)
{
	double sum = -6;
	for (int i = 0; i < 12; i++)
		sum += uniform(state);
	return sum;
}

/* @n latencies around @median, with a tail to the right. */
static struct hist *latencies(uint64_t *state, unsigned n, double median)
{
	struct hist *h = malloc(sizeof(*h));
	hist_init(h);
	for (unsigned i = 0; i < n; i++)
		hist_add(h, (uint64_t)(median * exp(0.35 * normal(state)) * (uniform(state) < 0.005 ? 8 : 1)));
	return h;
}

struct figures {
	struct result_run run;
	struct result_op ops[4];
	struct result_lock locks[4];
	struct hist *owned[16];
	unsigned nowned;
	struct result_violation violation;
	struct sample_who who;
};

static const struct hist *own(struct figures *f, struct hist *h)
{
	f->owned[f->nowned++] = h;
	return h;
}

static void add_op(struct figures *f, uint64_t *state, const char *op, uint64_t count, double median)
{
	f->ops[f->run.nops++] = (struct result_op){ op, count, own(f, latencies(state, SAMPLES, median)) };
}

static void add_lock(struct figures *f, uint64_t *state, const char *lock, const char *mode, uint64_t n,
		     double contended, double hold, double wait)
{
	uint64_t timed = n < SAMPLES ? n : SAMPLES;
	f->locks[f->run.nlocks++] = (struct result_lock){
		.lock = lock,
		.mode = mode,
		.acquisitions = n,
		.contentions = (uint64_t)((double)n * contended),
		.acq_bounces = (uint64_t)((double)n * fmin(0.9, 3 * contended)),
		.con_bounces = (uint64_t)((double)n * contended * 0.7),
		.timed = timed,
		.wait = own(f, latencies(state, (unsigned)((double)timed * contended), wait)),
		.hold = own(f, latencies(state, (unsigned)timed, hold)),
	};
}

static void fill(struct figures *f, const struct sample *s, const struct result_config *c, unsigned design,
		 uint64_t *state)
{
	bool lockless = !strncmp(c->design, "task_list", 9) || !strcmp(c->design, "null");
	unsigned running = c->threads < 2 ? c->threads : 2;
	double gain = s->gain[design] > 0 ? s->gain[design] : design ? 1.4 : 1;
	double serial = running > 1 ? 0.3 : 0;
	double speed = 1.8e6 * running / (1 + serial * (running - 1)) * (1 + (gain - 1) * (running > 1 ? 1 : 0.1)) *
		       (strcmp(c->lock, "ticket") == 0 ? 1 : 1.03) * (c->oversubscribed ? 0.8 : 1) *
		       (1 + s->noise * normal(state));
	struct result_run *r = &f->run;
	struct result_workload w = sample_workload();
	memcpy(r->op_count, w.count, sizeof(w.count));
	for (unsigned t = 0; t < EV_MAX; t++)
		r->events += w.count[t];
	r->status = RUN_DONE;
	r->verdict = !strcmp(c->design, "null") ? VERDICT_UNCHECKED : VERDICT_PASS;
	r->wall_ns = (uint64_t)((double)r->events * 1e9 / speed);
	r->state_digest = !strcmp(c->design, "null") ? 7 : 0x9e3779b97f4a7c15ull;
	r->pairs_compared = r->verdict == VERDICT_PASS ? 9216 : 0;
	r->peak_mms = w.peak_mms - 4 + c->threads;
	r->constraints = 30000;
	r->constraints_waited = running > 1 ? 900 : 0;
	r->stall_ns = r->wall_ns / 40 * (running - 1);
	r->rcu_ns = r->wall_ns / 30;
	r->oracle_ns = 3000000;
	r->ops = f->ops;
	r->locks = f->locks;
	double each = 1e9 / speed * running;
	add_op(f, state, "fork", FORKS, 1.5 * each);
	add_op(f, state, "exec", EXECS, 0.9 * each);
	add_op(f, state, "exit", FORKS + THREADS, 0.8 * each);
	add_op(f, state, "free", FORKS + THREADS, 0.2 * each);
	double busy = running > 1 ? 0.12 : 0;
	add_lock(f, state, "pgd_lock", "exclusive", lockless ? 8 : 2 * (FORKS + EXECS), lockless ? 0 : busy,
		 lockless ? 9000 : s->hold_ns, 2.5 * s->hold_ns);
	add_lock(f, state, "tasklist_lock", "write", 3 * FORKS, busy / 2, 95, 210);
	add_lock(f, state, "tasklist_lock", "read", EXECS, busy / 4, 60, 190);
	add_lock(f, state, "alloc_lock", "exclusive", 2 * FORKS + EXECS, 0, 35, 0);
	if (s->violation && running > 1) {
		f->locks[0].descheduled = 2;
		f->locks[0].descheduled_ns = 6000000;
	}
	sample_who(&f->who, r, f->locks);
}

static int one_run(struct result_sink *sink, const struct sample *s, const struct result_config *c, unsigned design,
		   uint64_t *state, enum result_status end, bool violation, struct mmr_err *e)
{
	int64_t id;
	int rc = sink->run_begin(sink, c, &id, e);
	if (rc || end == RUN_RUNNING)
		return rc;
	struct figures f = { 0 };
	fill(&f, s, c, design, state);
	f.run.status = end;
	f.run.failure = end == RUN_FAILED ? "worker 1: Cannot allocate memory" : NULL;
	if (end != RUN_DONE)
		f.run.verdict = VERDICT_UNCHECKED;
	if (violation) {
		f.run.verdict = VERDICT_VIOLATION;
		f.violation = (struct result_violation){
			"I1b", "slot 273 of mm 1207 is empty, the reference holds an entry since event 81002",
			81002, 4711,
			1207,  273,
			3
		};
		f.run.violations = &f.violation;
		f.run.nviolations = 1;
	}
	rc = sink->run_end(sink, id, &f.run, e);
	for (unsigned i = 0; i < f.nowned; i++)
		free(f.owned[i]);
	return rc;
}

static void defaults(struct sample *s)
{
	if (!s->designs[0])
		s->designs[0] = "pgd_list", s->designs[1] = "task_list";
	if (!s->locks[0])
		s->locks[0] = "ticket", s->locks[1] = "qspinlock";
	if (!s->threads[0])
		s->threads[0] = 1, s->threads[1] = 2, s->threads[2] = 4;
	s->repeats = s->repeats ? s->repeats : 3;
	s->noise = s->noise > 0 ? s->noise : 0.01;
	s->hold_ns = s->hold_ns > 0 ? s->hold_ns : 180;
	s->delay = s->delay ? s->delay : "";
	s->profile = s->profile ? s->profile : "";
}

static int all_runs(struct result_sink *sink, const struct sample *s, struct mmr_err *e)
{
	uint64_t state = s->seed * 1000003ull + 17;
	struct result_config c = sample_config();
	c.delay = s->delay;
	int rc = 0;
	for (unsigned l = 0; !rc && s->locks[l]; l++)
		for (unsigned t = 0; !rc && s->threads[t]; t++)
			for (unsigned r = 1; !rc && r <= s->repeats; r++)
				for (unsigned d = 0; !rc && s->designs[d]; d++) {
					c.lock = s->locks[l];
					c.threads = s->threads[t];
					c.oversubscribed = c.threads > 2;
					c.repeat_no = r;
					c.design = s->designs[d];
					c.floor = s->floor && !d;
					bool broken =
						s->violation && !l && t == 1 && r == s->repeats && !s->designs[d + 1];
					rc = one_run(sink, s, &c, d, &state, RUN_DONE, broken, e);
				}
	for (int i = 0; !rc && i < s->interrupted + s->failed + s->running; i++) {
		c.repeat_no++;
		rc = one_run(sink, s, &c, 0, &state,
			     i < s->interrupted               ? RUN_INTERRUPTED
			     : i < s->interrupted + s->failed ? RUN_FAILED
							      : RUN_RUNNING,
			     false, e);
	}
	return rc;
}

/* How the kernel waited while it was captured. */
static const struct result_contention waits[] = {
	{ "__schedule", "", "spinlock", 4100, 61000000, 200, 410000 },
	{ "do_exit", "", "rwlock:W", 240, 1200000, 300, 31000 },
	{ "copy_process", "", "rwlock:W", 120, 480000, 250, 12000 },
	{ "pgd_alloc", "copy_process", "spinlock", 36, 72000, 400, 6000 },
	{ "(other)", "", "", 12, 6000, 100, 900 },
};

int sample_write(const char *path, const struct sample *given, struct mmr_err *e)
{
	struct sample s = *given;
	struct result_sink *sink;
	int rc = results_open(path, &sink, e);
	if (rc)
		return rc;
	defaults(&s);
	struct result_machine m = sample_machine();
	struct result_workload w = sample_workload();
	w.lost = s.lost;
	w.unresolved = s.unresolved;
	if (s.duration_ns)
		w.duration_ns = s.duration_ns == UINT64_MAX ? 0 : s.duration_ns;
	w.profile = s.profile;
	w.contention = waits;
	w.ncontentions = s.profile[0] ? 0 : sizeof(waits) / sizeof(waits[0]);
	if (s.profile[0])
		w.source = "generate", w.path = "storm.mmw";
	if (s.lost || s.duration_ns || s.profile[0])
		w.source_hash = "7d793037a0760186";
	rc = sink->set_machine(sink, &m, e);
	if (!rc)
		rc = sink->set_workload(sink, &w, e);
	if (!rc)
		rc = s.runs ? s.runs(sink, e) : all_runs(sink, &s, e);
	int closed = sink->close(sink, rc ? NULL : e);
	return rc ? rc : closed;
}
