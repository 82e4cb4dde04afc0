/*
 * What the sim engine owes to whoever believes it: the state is the native
 * engine's, a result is the same each time, and the figures follow the rules
 * that hold whatever the costs are.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "replay/era.h"
#include "replay/native/native.h"
#include "replay/sim/sim.h"
#include "replay/topology.h"
#include "tests/support/workload_make.h"

/* ---- running ---- */

struct asked {
	const char *engine, *design, *lock;
	const struct workload *w;
	unsigned cpus;
	const char *topology;
	double speed;
	bool exact;
	uint64_t seed;
	const struct surround *surround;
	const struct lock_delay *delay;
};

static struct native_clock clock_;

static struct run_figures run(struct asked a)
{
	struct mmr_err e = { 0 };
	struct run_figures r;
	struct topology t;
	struct plan p;
	if (topology_parse(a.topology, a.cpus, NULL, &t, &e) || plan_make(a.w, a.cpus, PARTITION_CPU, &p, &e))
		fail_msg("%s", e.text);
	const struct run_config c = {
		.workload = a.w,
		.plan = &p,
		.design = design_find(a.design, a.engine ? a.engine : "sim", a.lock ? a.lock : "ticket"),
		.geometry = geometry_find("x86_64-4level"),
		.topology = &t,
		.clock = &clock_,
		.oversubscribed = true,
		.exact = a.exact,
		.speed = a.speed,
		.surround = a.surround,
		.measure = MEASURE_FULL,
		.sample_every = 1,
		.seed = a.seed,
		.fault_handler = true,
		.delays = a.delay,
		.ndelays = a.delay != NULL,
	};
	assert_non_null(c.design);
	if (a.engine ? native_run(&c, &r, &e) : sim_run(&c, &r, &e))
		fail_msg("%s", e.text);
	plan_free(&p);
	return r;
}

static const struct result_lock *lock_of(const struct run_figures *r, const char *name, const char *mode)
{
	for (unsigned i = 0; i < r->run.nlocks; i++)
		if (!strcmp(r->locks[i].lock, name) && !strcmp(r->locks[i].mode, mode))
			return &r->locks[i];
	return NULL;
}

/* Forks, execs, threads, exits, walks and additions on @cpus CPUs. */
static void make_mixed(struct workload *w, unsigned cpus)
{
	wm_init(w, cpus);
	uint32_t parent[16];
	for (unsigned i = 0; i < 16; i++)
		parent[i] = wm_present(w);
	for (unsigned round = 0; round < 40; round++)
		for (unsigned i = 0; i < 16; i++) {
			unsigned cpu = (i + round) % cpus;
			uint32_t child = wm_fork(w, parent[i], cpu);
			if (round % 3 == 0)
				wm_exec(w, child, cpu);
			if (round % 5 == 0) {
				uint32_t thread = wm_thread(w, child, (cpu + 1) % cpus);
				wm_exit(w, thread, (cpu + 1) % cpus);
			}
			if (i == 3 && round % 10 == 0)
				wm_add(w, (struct mmw_event){
						  .type = EV_HOT_ADD, .aux = 300 + round / 10, .cpu = 1 % cpus });
			if (i == 7 && round % 10 == 5)
				wm_add(w, (struct mmw_event){ .type = EV_SYNC, .aux = 300, .cpu = cpu });
			if (round % 7 == 6)
				continue;
			wm_exit(w, child, cpu);
			wm_free(w, child, parent[i], cpu);
		}
}

/* ---- the state ---- */

static void ends_where_the_native_engine_ends(void **state)
{
	static const char *const locks[] = { "ticket", "qspinlock", "tas", "pvqspinlock", "mutex" };
	static const unsigned cpus[] = { 1, 2, 8, 100 };
	(void)state;
	unsigned n, tried = 0;
	const struct design_ops *const *d = design_all(&n);
	for (unsigned c = 0; c < 4; c++) {
		struct workload w;
		make_mixed(&w, cpus[c]);
		struct run_figures native = run((struct asked){
			.engine = "native", .design = "pgd_list", .w = &w, .cpus = cpus[c] < 9 ? cpus[c] : 8 });
		for (unsigned i = 0; i < n; i++) {
			if (strcmp(d[i]->engine, "sim") || strcmp(d[i]->lock, locks[c % 5]) ||
			    d[i]->flags & (DESIGN_FLOOR | DESIGN_NEGATIVE) || d[i]->bugs ||
			    strstr(d[i]->name, "broken_") || strstr(d[i]->name, "fault_fill"))
				continue;
			struct run_figures r = run(
				(struct asked){ .design = d[i]->name, .lock = locks[c % 5], .w = &w, .cpus = cpus[c] });
			if (r.run.verdict != VERDICT_PASS || r.run.state_digest != native.run.state_digest)
				fail_msg("%s on %u CPUs: verdict %d, digest %llx, not %llx; %s", d[i]->name, cpus[c],
					 (int)r.run.verdict, (unsigned long long)r.run.state_digest,
					 (unsigned long long)native.run.state_digest,
					 r.run.nviolations ? r.violations[0].detail : "no violation");
			assert_int_equal(r.run.events, native.run.events);
			run_figures_free(&r);
			tried++;
		}
		run_figures_free(&native);
		workload_free(&w);
	}
	assert_true(tried >= 40);
}

static void every_lock_lets_everybody_through(void **state)
{
	static const char *const locks[] = { "ticket", "qspinlock", "tas", "pvqspinlock", "mutex" };
	(void)state;
	struct workload w;
	uint64_t digest = 0;
	make_mixed(&w, 16);
	for (unsigned l = 0; l < 5; l++)
		for (unsigned exact = 0; exact < 2; exact++) {
			struct run_figures r = run((struct asked){
				.design = "pgd_list", .lock = locks[l], .w = &w, .cpus = 16, .exact = exact });
			if (r.run.verdict != VERDICT_PASS)
				fail_msg("%s, exact %u: %s", locks[l], exact,
					 r.run.nviolations ? r.violations[0].detail : "unchecked");
			if (digest)
				assert_int_equal(r.run.state_digest, digest);
			digest = r.run.state_digest;
			run_figures_free(&r);
		}
	workload_free(&w);
}

static void a_broken_design_is_told(void **state)
{
	(void)state;
	struct workload w;
	make_mixed(&w, 8);
	struct run_figures r = run((struct asked){ .design = "broken_copy_entries", .w = &w, .cpus = 8 });
	assert_int_equal(r.run.verdict, VERDICT_VIOLATION);
	run_figures_free(&r);
	workload_free(&w);
}

/* ---- the same each time ---- */

static void assert_same(const struct run_figures *a, const struct run_figures *b)
{
	assert_int_equal(a->run.wall_ns, b->run.wall_ns);
	assert_memory_equal(&a->run.time, &b->run.time, sizeof(a->run.time));
	assert_int_equal(a->run.nlocks, b->run.nlocks);
	for (unsigned i = 0; i < a->run.nlocks; i++) {
		assert_int_equal(a->locks[i].contentions, b->locks[i].contentions);
		assert_memory_equal(a->locks[i].wait, b->locks[i].wait, sizeof(struct hist));
		assert_memory_equal(a->locks[i].hold, b->locks[i].hold, sizeof(struct hist));
	}
	assert_int_equal(a->run.nconflicts, b->run.nconflicts);
	for (unsigned i = 0; i < a->run.nconflicts; i++) {
		assert_string_equal(a->conflicts[i].line, b->conflicts[i].line);
		assert_int_equal(a->conflicts[i].count, b->conflicts[i].count);
		assert_int_equal(a->conflicts[i].stall_ns, b->conflicts[i].stall_ns);
	}
}

static void same_seed_same_result(void **state)
{
	static const char *const locks[] = { "ticket", "tas" };
	(void)state;
	struct workload w;
	make_mixed(&w, 32);
	for (unsigned l = 0; l < 2; l++) {
		const struct asked a = { .design = "task_list", .lock = locks[l], .w = &w, .cpus = 32, .seed = 7 };
		struct run_figures first = run(a), second = run(a);
		assert_same(&first, &second);
		run_figures_free(&first);
		run_figures_free(&second);
	}
	workload_free(&w);
}

/* ---- figures ---- */

static void one_cpu_never_waits(void **state)
{
	(void)state;
	struct workload w;
	wm_init(&w, 1);
	wm_storm(&w, 4, 100, 3);
	struct run_figures r = run((struct asked){ .design = "pgd_list", .w = &w, .cpus = 1 });
	assert_true(r.run.nlocks > 2);
	for (unsigned i = 0; i < r.run.nlocks; i++) {
		assert_int_equal(r.locks[i].contentions, 0);
		assert_int_equal(r.locks[i].acq_bounces, 0);
	}
	assert_int_equal(r.run.time.wait_ns, 0);
	assert_int_equal(r.run.nconflicts, 0);
	run_figures_free(&r);
	workload_free(&w);
}

/* Each CPU its own parents and children. */
static void make_disjoint(struct workload *w, unsigned cpus, unsigned children)
{
	wm_init(w, cpus);
	uint32_t parent[256];
	for (unsigned i = 0; i < cpus; i++)
		parent[i] = wm_present(w);
	for (unsigned n = 0; n < children; n++)
		for (unsigned i = 0; i < cpus; i++) {
			uint32_t child = wm_fork(w, parent[i], i);
			wm_exit(w, child, i);
			wm_free(w, child, parent[i], i);
		}
}

static double throughput(const struct run_figures *r)
{
	return (double)r->run.events / (double)r->run.wall_ns;
}

static void the_floor_scales(void **state)
{
	double one = 0;
	(void)state;
	for (unsigned cpus = 1; cpus <= 64; cpus *= 4) {
		struct workload w;
		/* So many that the first look at what all share, each CPU's own, counts for little. */
		make_disjoint(&w, cpus, 800);
		struct run_figures r = run((struct asked){ .design = "null", .w = &w, .cpus = cpus });
		if (cpus == 1)
			one = throughput(&r);
		assert_true(throughput(&r) > 0.97 * cpus * one);
		assert_true(throughput(&r) < 1.03 * cpus * one);
		run_figures_free(&r);
		workload_free(&w);
	}
}

/* Boyd-Wickizer et al. 2012: the ticket lock gets slower with more waiters, a queued one does not. */
static void ticket_collapses_and_qspinlock_does_not(void **state)
{
	static const char *const locks[] = { "ticket", "qspinlock" };
	double t[2][2];
	(void)state;
	for (unsigned l = 0; l < 2; l++)
		for (unsigned big = 0; big < 2; big++) {
			struct workload w;
			unsigned cpus = big ? 64 : 16;
			make_disjoint(&w, cpus, 100);
			struct run_figures r = run((struct asked){
				.design = "pgd_list", .lock = locks[l], .w = &w, .cpus = cpus, .topology = "1x1x64" });
			t[l][big] = throughput(&r);
			run_figures_free(&r);
			workload_free(&w);
		}
	assert_true(t[0][1] < 0.5 * t[0][0]);
	assert_true(t[1][1] > 0.8 * t[1][0]);
}

/* No two parents in step, as in life: in step, a lock of first come has rhythms that a nanosecond changes. */
static void make_random(struct workload *w, unsigned cpus, unsigned children)
{
	uint32_t parent[64], child[256] = { 0 }, of[256], seed = 1;
	wm_init(w, cpus);
	for (unsigned i = 0; i < 64; i++)
		parent[i] = wm_present(w);
	for (unsigned n = 0; n < children; n++) {
		seed = seed * 1664525 + 1013904223;
		unsigned p = seed >> 8 & 63, at = seed >> 14 & 255, cpu = p % cpus;
		if (child[at]) {
			wm_exit(w, child[at], (seed >> 22) % 20 ? of[at] % cpus : seed >> 26 & (cpus - 1));
			wm_free(w, child[at], parent[of[at]], of[at] % cpus);
		}
		child[at] = wm_fork(w, parent[p], cpu);
		of[at] = p;
	}
}

static void running_ahead_changes_nothing(void **state)
{
	static const char *const designs[] = { "pgd_list", "pgd_list_padded", "task_list", "pgd_shard", "switch_gen" };
	(void)state;
	for (unsigned d = 0; d < 5; d++)
		for (unsigned lock = 0; lock < 2; lock++) {
			struct workload w;
			make_random(&w, 16, 6000);
			struct asked a = {
				.design = designs[d], .lock = lock ? "qspinlock" : "ticket", .w = &w, .cpus = 16
			};
			struct run_figures fast = run(a);
			a.exact = true;
			struct run_figures exact = run(a);
			double by = throughput(&fast) / throughput(&exact);
			if (by < 0.98 || by > 1.02)
				fail_msg("%s, lock %u: %.3f times the throughput", designs[d], lock, by);
			run_figures_free(&fast);
			run_figures_free(&exact);
			workload_free(&w);
		}
}

static void time_is_all_accounted_for(void **state)
{
	(void)state;
	struct workload w;
	make_mixed(&w, 8);
	struct surround s = { .ns = { [EV_FORK] = 10000, [EV_EXIT] = 5000 } };
	struct run_figures r = run((struct asked){ .design = "pgd_list", .w = &w, .cpus = 8, .surround = &s });
	const struct result_time *t = &r.run.time;
	uint64_t sum = t->wait_ns + t->hold_ns + t->work_ns + t->surround_ns + t->stall_ns + t->idle_ns + t->rcu_ns +
		       t->harness_ns;
	assert_true(sum <= 8 * r.run.wall_ns + 8 && sum + 80 >= 8 * r.run.wall_ns);
	assert_int_equal(t->surround_ns, 10000 * r.run.op_count[EV_FORK] + 5000 * r.run.op_count[EV_EXIT]);
	run_figures_free(&r);
	workload_free(&w);
}

/* Every wait has one who waited and one who was waited for. */
static void waits_are_charged_to_holders(void **state)
{
	(void)state;
	struct workload w;
	make_mixed(&w, 16);
	struct run_figures r = run((struct asked){ .design = "pgd_list", .w = &w, .cpus = 16 });
	for (unsigned l = 0; l < r.run.nlocks; l++) {
		uint64_t count = 0, ns = 0;
		for (unsigned i = 0; i < r.run.nblockers; i++)
			if (!strcmp(r.blockers[i].lock, r.locks[l].lock) &&
			    !strcmp(r.blockers[i].mode, r.locks[l].mode)) {
				count += r.blockers[i].count;
				ns += r.blockers[i].wait_ns;
			}
		assert_int_equal(count, r.locks[l].contentions);
		assert_int_equal(count, r.locks[l].wait->count);
		/* Each is cut to whole nanoseconds. */
		assert_true(ns + r.run.nblockers >= r.locks[l].wait->total && ns <= r.locks[l].wait->total + count);
	}
	run_figures_free(&r);
	workload_free(&w);
}

static void half_the_load_half_the_use(void **state)
{
	double use[2];
	(void)state;
	struct workload w;
	make_disjoint(&w, 4, 200);
	for (unsigned i = 0; i < 2; i++) {
		struct run_figures r =
			run((struct asked){ .design = "pgd_list", .w = &w, .cpus = 4, .speed = i ? 0.5 : 1 });
		const struct result_lock *l = lock_of(&r, "pgd_lock", "exclusive");
		use[i] = (double)l->hold->total / (double)r.run.wall_ns;
		assert_non_null(r.run.drift);
		assert_true(r.run.time.idle_ns > 0);
		run_figures_free(&r);
	}
	assert_true(use[1] > 0.47 * use[0] && use[1] < 0.53 * use[0]);
	workload_free(&w);
}

static void a_delay_lengthens_each_hold(void **state)
{
	(void)state;
	struct workload w;
	make_disjoint(&w, 2, 100);
	const struct lock_delay delay = { "pgd_lock", 1000 };
	struct run_figures r = run((struct asked){ .design = "pgd_list", .w = &w, .cpus = 2, .delay = &delay });
	assert_true(lock_of(&r, "pgd_lock", "exclusive")->hold->min >= 1000);
	assert_true(lock_of(&r, "tasklist_lock", "write")->hold->min < 1000);
	run_figures_free(&r);
	workload_free(&w);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(ends_where_the_native_engine_ends),
		cmocka_unit_test(every_lock_lets_everybody_through),
		cmocka_unit_test(a_broken_design_is_told),
		cmocka_unit_test(same_seed_same_result),
		cmocka_unit_test(one_cpu_never_waits),
		cmocka_unit_test(the_floor_scales),
		cmocka_unit_test(ticket_collapses_and_qspinlock_does_not),
		cmocka_unit_test(running_ahead_changes_nothing),
		cmocka_unit_test(time_is_all_accounted_for),
		cmocka_unit_test(waits_are_charged_to_holders),
		cmocka_unit_test(half_the_load_half_the_use),
		cmocka_unit_test(a_delay_lengthens_each_hold),
	};
	struct mmr_err e = { 0 };
	if (native_clock_measure(&clock_, &e))
		return 1;
	return cmocka_run_group_tests_name("sim", tests, NULL, NULL);
}
