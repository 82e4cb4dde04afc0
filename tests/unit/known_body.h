/*
 * known_body.h - a workload whose figures are known beforehand: one lock, two
 * operations that hold it for a fixed time and do nothing else, two CPUs. The
 * tests of both engines define the lock kind and include this.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "replay/dialect/pgd.h"
#include "replay/era.h"
#include "replay/run.h"
#include "replay/timeline.h"
#include "tests/support/workload_make.h"

/* The event `sync` of a task called "long", on CPU 0; `purge` of one called "short", on CPU 1. */
#define LONG_NS 3000u
#define SHORT_NS 1000u
#define ROUNDS 100u

struct known {
	spinlock_t lock ____cacheline_aligned;
};

static void known_init(struct kernel *k)
{
	struct known *w = k->design;
	spin_lock_init(k, &w->lock, "known_lock");
}

static void known_hold(struct kernel *k, u64 ns)
{
	struct known *w = k->design;
	spin_lock(&w->lock);
	cpu_work(ns);
	spin_unlock(&w->lock);
}

static void known_long(struct kernel *k, u32 slot)
{
	(void)slot;
	known_hold(k, LONG_NS);
}

static void known_short(struct kernel *k)
{
	known_hold(k, SHORT_NS);
}

static const struct pgd_hooks known_hooks = {
	.world_size = sizeof(struct known),
	.world_init = known_init,
	.sync = known_long,
};
/* As the dialect's variants: the later initialiser counts. */
#pragma GCC diagnostic ignored "-Woverride-init"
PGD_DESIGN(test_known, known_hooks, .source = "test", .about = "holds one lock for known times", .expect = "nothing",
	   .flags = DESIGN_FLOOR, .purge = known_short);

static void known_workload(struct workload *w)
{
	static const char *const names[] = { "long", "short", NULL };
	wm_init(w, 2);
	wm_names(w, names);
	for (unsigned i = 0; i < ROUNDS; i++) {
		wm_add(w, (struct mmw_event){ .type = EV_SYNC, .comm = 1, .cpu = 0 });
		wm_add(w, (struct mmw_event){ .type = EV_PURGE, .comm = 2, .cpu = 1 });
	}
}

/* ---- the figures of a run ---- */

static const struct result_lock *the_lock(const struct run_figures *r)
{
	assert_int_equal(r->run.nlocks, 1);
	assert_string_equal(r->locks[0].lock, "known_lock");
	assert_string_equal(r->locks[0].mode, "exclusive");
	return &r->locks[0];
}

static const struct result_op *the_op(const struct run_figures *r, const char *name)
{
	for (unsigned i = 0; i < r->run.nops; i++)
		if (!strcmp(r->ops[i].op, name))
			return &r->ops[i];
	fail_msg("no %s", name);
	return NULL;
}

static struct result_comm the_comm(const struct run_figures *r, const char *comm, const char *op)
{
	for (unsigned i = 0; i < r->run.ncomms; i++)
		if (!strcmp(r->comms[i].comm, comm) && !strcmp(r->comms[i].op, op))
			return r->comms[i];
	fail_msg("nothing of %s by %s", op, comm);
	return (struct result_comm){ 0 };
}

static struct result_blocker the_blocker(const struct run_figures *r, const char *waiter, const char *holder)
{
	for (unsigned i = 0; i < r->run.nblockers; i++)
		if (!strcmp(r->blockers[i].waiter, waiter) && !strcmp(r->blockers[i].holder, holder))
			return r->blockers[i];
	return (struct result_blocker){ 0 };
}

static struct result_interval over_all(const struct result_lock *l)
{
	struct result_interval sum = { 0 };
	for (unsigned i = 0; i < l->nintervals; i++) {
		const struct result_interval *t = &l->timeline[i];
		/* Equally long, in order, each once. */
		assert_int_equal(t->begin_ns, t->seq * l->timeline[0].length_ns);
		assert_true(!i || t->seq > l->timeline[i - 1].seq);
		assert_true(t->length_ns == l->timeline[0].length_ns || i == l->nintervals - 1);
		sum.length_ns += t->length_ns;
		sum.acquisitions += t->acquisitions;
		sum.contentions += t->contentions;
		sum.timed += t->timed;
		sum.wait_ns += t->wait_ns;
		sum.hold_ns += t->hold_ns;
	}
	return sum;
}

/* What adds up whatever the machine did meanwhile. */
static void adds_up(const struct run_figures *r)
{
	const struct result_lock *l = the_lock(r);
	const struct result_interval all = over_all(l);
	uint64_t waits = 0, waited = 0, by_name = 0, caused = 0;
	assert_int_equal(r->run.events, 2 * ROUNDS);
	assert_int_equal(l->acquisitions, r->run.events);
	assert_int_equal(l->timed, r->run.events);
	assert_int_equal(l->hold->count + l->descheduled, r->run.events);
	assert_int_equal(l->wait->count, l->contentions);
	assert_int_equal(all.acquisitions, l->acquisitions);
	assert_int_equal(all.contentions, l->contentions);
	assert_int_equal(all.timed, l->timed);
	assert_int_equal(all.wait_ns, l->wait->total);
	assert_int_equal(all.hold_ns, l->hold->total);
	for (unsigned i = 0; i < r->run.nblockers; i++) {
		waits += r->blockers[i].count;
		waited += r->blockers[i].wait_ns;
	}
	assert_int_equal(waits, l->contentions);
	/* Each wait is rounded to nanoseconds. */
	assert_in_range(waited + ROUNDS, l->wait->total, l->wait->total + 2 * ROUNDS);
	for (unsigned i = 0; i < r->run.ncomms; i++) {
		by_name += r->comms[i].wait_ns;
		caused += r->comms[i].caused_ns;
		assert_int_equal(r->comms[i].count, ROUNDS);
		assert_int_equal(r->comms[i].timed, ROUNDS);
	}
	assert_int_equal(r->run.ncomms, 2);
	assert_in_range(by_name + ROUNDS, waited, waited + 2 * ROUNDS);
	assert_in_range(caused + ROUNDS, waited, waited + 2 * ROUNDS);
	/* Each waits for the other alone: a CPU that waits for itself does not exist. */
	assert_int_equal(the_blocker(r, "sync", "sync").count + the_blocker(r, "purge", "purge").count, 0);
	assert_int_equal(the_comm(r, "long", "sync").caused, the_blocker(r, "purge", "sync").count);
	assert_int_equal(the_comm(r, "short", "purge").caused, the_blocker(r, "sync", "purge").count);
	assert_int_equal(r->run.nslow, 32);
	for (unsigned i = 0; i < r->run.nslow; i++) {
		const struct result_slow *s = &r->slow[i];
		assert_true(!i || s->latency_ns <= r->slow[i - 1].latency_ns);
		assert_true(s->wait_ns <= s->latency_ns);
		/* One lock: the longest wait is the only one. */
		assert_int_equal(s->wait_ns, s->longest_ns);
		assert_string_equal(s->comm, !strcmp(s->op, "sync") ? "long" : "short");
		assert_int_equal(s->event % 2, s->worker);
		if (!s->lock)
			continue;
		assert_string_equal(s->lock, "known_lock");
		assert_string_equal(s->holder, !strcmp(s->op, "sync") ? "purge" : "sync");
		assert_string_equal(s->holder_comm, !strcmp(s->op, "sync") ? "short" : "long");
	}
}
