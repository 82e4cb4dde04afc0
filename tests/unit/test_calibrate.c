/* What calibration makes of its samples, of /sys and of the store; not what this machine is like. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

#include "analyze/analyze.h"
#include "replay/calibrate/events.h"
#include "replay/calibrate/keep.h"
#include "replay/host.h"

/* ---- samples ---- */

static void medians(void **state)
{
	(void)state;
	struct calibrated c;
	double five[] = { 5000, 1000, 4000, 2000, 3000 }, four[] = { 40, 10, 20, 30 }, one[] = { 7 };
	samples_sum_up(five, 5, &c, "how");
	assert_true(c.measured);
	assert_int_equal(c.ps, 3000);
	assert_int_equal(c.low_ps, 2000);
	assert_int_equal(c.high_ps, 4000);
	assert_int_equal(c.runs, 5);
	assert_string_equal(c.why, "how");
	samples_sum_up(four, 4, &c, "");
	assert_int_equal(c.ps, 25);
	assert_int_equal(c.low_ps, 18); /* 17.5 */
	assert_int_equal(c.high_ps, 33); /* 32.5 */
	samples_sum_up(one, 1, &c, "");
	assert_int_equal(c.ps, 7);
	assert_int_equal(c.low_ps, 7);
	assert_int_equal(c.high_ps, 7);
	/* A run that somebody disturbed says nothing. */
	double disturbed[] = { 100, 101, 99, 1e12, 100 };
	samples_sum_up(disturbed, 5, &c, "");
	assert_int_equal(c.ps, 100);
	assert_int_equal(c.high_ps, 101);
}

static void beyond(void **state)
{
	(void)state;
	struct calibrated base = { .measured = true, .ps = 1000 }, c;
	double ps[] = { 4000, 900, 3000 };
	samples_sum_up_beyond(ps, 3, &base, &c, "");
	assert_int_equal(c.ps, 2000);
	assert_int_equal(c.low_ps, 950); /* between -100 and 2000 */
	assert_int_equal(c.high_ps, 2500);
	/* Nothing costs less than nothing. */
	double less[] = { 500, 600, 700 };
	samples_sum_up_beyond(less, 3, &base, &c, "");
	assert_int_equal(c.ps, 0);
	assert_int_equal(c.low_ps, 0);
}

static void passes(void **state)
{
	(void)state;
	struct calibrated c, pass[CALIBRATE_PASSES] = {
		{ true, 130, 120, 135, 21, "third" },
		{ true, 110, 90, 115, 21, "first" },
		{ true, 120, 118, 160, 21, "second" },
	};
	calibrated_middle(pass, &c);
	assert_string_equal(c.why, "second");
	assert_int_equal(c.ps, 120);
	assert_int_equal(c.low_ps, 90);
	assert_int_equal(c.high_ps, 160);
	assert_int_equal(c.runs, 63);
	calibrated_impossible(&pass[1], "busy");
	calibrated_middle(pass, &c);
	assert_false(c.measured);
	assert_int_equal(c.ps, 0);
	assert_string_equal(c.why, "busy");
}

/* ---- /sys ---- */

static char sysfs[64];

static void put_file(unsigned cpu, const char *name, const char *text)
{
	char path[256];
	snprintf(path, sizeof(path), "%s/cpu%u/%s", sysfs, cpu, name);
	for (char *s = path + strlen(sysfs) + 1; (s = strchr(s, '/')); s++) {
		*s = '\0';
		mkdir(path, 0755);
		*s = '/';
	}
	FILE *f = fopen(path, "w");
	assert_non_null(f);
	fprintf(f, "%s\n", text);
	fclose(f);
}

/* 2 sockets of 2 last-level caches of 2 cores of 2 threads, numbered as Linux does: cores first. */
static void make_sysfs(void)
{
	static const char *const cache[][3] = { { "1", "Data", "48K" },
						{ "1", "Instruction", "32K" },
						{ "2", "Unified", "2M" },
						{ "3", "Unified", "30720K" } };
	char name[64], list[32];
	snprintf(sysfs, sizeof(sysfs), "/tmp/mmr-test-XXXXXX");
	assert_non_null(mkdtemp(sysfs));
	for (unsigned cpu = 0; cpu < 16; cpu++) {
		unsigned core = cpu % 8;
		snprintf(list, sizeof(list), "%u,%u", core, core + 8);
		put_file(cpu, "topology/thread_siblings_list", list);
		snprintf(list, sizeof(list), "%u-%u,%u-%u", core & ~3u, core | 3, (core & ~3u) + 8, (core | 3) + 8);
		put_file(cpu, "topology/core_siblings_list", list);
		for (unsigned i = 0; i < 4; i++) {
			snprintf(name, sizeof(name), "cache/index%u/level", i);
			put_file(cpu, name, cache[i][0]);
			snprintf(name, sizeof(name), "cache/index%u/type", i);
			put_file(cpu, name, cache[i][1]);
			snprintf(name, sizeof(name), "cache/index%u/size", i);
			put_file(cpu, name, cache[i][2]);
			snprintf(name, sizeof(name), "cache/index%u/shared_cpu_list", i);
			snprintf(list, sizeof(list), "%u-%u", core & ~1u, core | 1);
			put_file(cpu, name, list);
		}
	}
}

static void remove_sysfs(void)
{
	char command[128];
	snprintf(command, sizeof(command), "rm -rf %s", sysfs);
	assert_int_equal(system(command), 0);
}

static enum distance between(const struct cpus *c, unsigned a, unsigned b)
{
	assert_int_equal(cpus_distance(&c->at[a], &c->at[b]), cpus_distance(&c->at[b], &c->at[a]));
	return cpus_distance(&c->at[a], &c->at[b]);
}

static void places(void **state)
{
	(void)state;
	static struct cpus c;
	make_sysfs();
	memset(&c, 0, sizeof(c));
	for (unsigned cpu = 0; cpu < 16; cpu++)
		cpus_add(sysfs, cpu, &c);
	/* One of which nothing is told. */
	cpus_add(sysfs, 99, &c);
	cpus_add(sysfs, 98, &c);
	assert_int_equal(c.l1_lines, 768);
	assert_int_equal(c.l2_lines, 32768);
	assert_int_equal(c.llc_lines, 491520);
	assert_int_equal(between(&c, 0, 8), NEAR_SMT);
	assert_int_equal(between(&c, 0, 1), NEAR_CLUSTER);
	assert_int_equal(between(&c, 9, 0), NEAR_CLUSTER);
	assert_int_equal(between(&c, 0, 2), NEAR_SOCKET);
	assert_int_equal(between(&c, 3, 8), NEAR_SOCKET);
	assert_int_equal(between(&c, 0, 4), NEAR_REMOTE);
	assert_int_equal(between(&c, 15, 0), NEAR_REMOTE);
	assert_int_equal(between(&c, 16, 17), NEAR_CLUSTER);
	assert_int_equal(calibrate_partner(&c), 1);
	c.n = 1;
	assert_int_equal(calibrate_partner(&c), -1);
	remove_sysfs();
}

static void this_machine(void **state)
{
	(void)state;
	static struct cpus c;
	struct mmr_err e = { 0 };
	assert_int_equal(cpus_read("/sys/devices/system/cpu", &c, &e), 0);
	assert_int_equal(c.n, native_cpus());
	/* A system that tells nothing is no error. */
	assert_int_equal(cpus_read("/nowhere", &c, &e), 0);
	assert_int_equal(c.n, native_cpus());
	assert_int_equal(c.llc_lines, 0);
}

/* ---- pairs ---- */

/* As many as there are, by hand: @sockets of @cores, the last-level cache is the socket's. */
static void make_cpus(struct cpus *c, unsigned sockets, unsigned cores)
{
	memset(c, 0, sizeof(*c));
	for (unsigned i = 0; i < sockets * cores; i++) {
		int first = (int)(i / cores * cores);
		c->at[c->n++] = (struct cpu_place){ i, (int)i, first, first };
	}
}

static void pairs(void **state)
{
	(void)state;
	static struct cpus c;
	struct transfers t;
	struct calibration out;
	make_cpus(&c, 2, 3);
	assert_int_equal(transfers_choose(&c, &t), 0);
	assert_int_equal(t.n, 15);
	assert_int_equal(t.there, 15);
	unsigned cluster = 0, remote = 0;
	for (unsigned i = 0; i < t.n; i++) {
		uint64_t ps = t.pair[i].distance == NEAR_CLUSTER ? 50000 + 1000 * cluster++ : 120000 + 1000 * remote++;
		t.pair[i].one_way = (struct calibrated){ true, ps, ps, ps, 21, "" };
	}
	assert_int_equal(cluster, 6);
	assert_int_equal(remote, 9);
	/* One pair that gave nothing does not count. */
	calibrated_impossible(&t.pair[0].one_way, "busy");
	memset(&out, 0, sizeof(out));
	transfers_sum_up(&c, &t, &out);
	assert_int_equal(out.cost[COST_cluster].ps, 53000);
	assert_int_equal(out.cost[COST_cluster].runs, 5 * CALIBRATE_RUNS);
	assert_non_null(strstr(out.cost[COST_cluster].why, "5 pairs"));
	assert_int_equal(out.cost[COST_remote].ps, 124000);
	assert_int_equal(out.cost[COST_remote].low_ps, 122000);
	assert_false(out.cost[COST_smt].measured);
	assert_non_null(strstr(out.cost[COST_smt].why, "threads of one core"));
	assert_non_null(strstr(out.cost[COST_socket].why, "more than one last-level cache"));
	transfers_free(&t);

	make_cpus(&c, 1, 1);
	assert_int_equal(transfers_choose(&c, &t), 0);
	assert_int_equal(t.n, 0);
	transfers_sum_up(&c, &t, &out);
	assert_string_equal(out.cost[COST_cluster].why, "this process may use one CPU only");
	transfers_free(&t);
}

/* Of a large machine some pairs of each distance, spread over it. */
static void many_pairs(void **state)
{
	(void)state;
	static struct cpus c;
	struct transfers t;
	make_cpus(&c, 4, 256);
	assert_int_equal(transfers_choose(&c, &t), 0);
	assert_int_equal(t.there, 1024 * 1023 / 2);
	unsigned n[NEAR_NR] = { 0 }, highest = 0;
	for (unsigned i = 0; i < t.n; i++) {
		n[t.pair[i].distance]++;
		assert_true(t.pair[i].a < t.pair[i].b && t.pair[i].b < c.n);
		highest = t.pair[i].a > highest ? t.pair[i].a : highest;
	}
	assert_int_equal(n[NEAR_CLUSTER], PAIRS_EACH);
	assert_int_equal(n[NEAR_REMOTE], PAIRS_EACH);
	assert_int_equal(t.n, 2 * PAIRS_EACH);
	assert_true(highest > 900);
	transfers_free(&t);
}

/* ---- events ---- */

static void workload(void **state)
{
	(void)state;
	struct workload w;
	struct plan p;
	struct mmr_err e = { 0 };
	assert_int_equal(events_workload(&w, false, 100000), 0);
	if (plan_make(&w, 1, PARTITION_TASK, &p, &e))
		fail_msg("%s", e.text);
	const uint64_t *n = p.streams[0].count;
	assert_true(p.events > 90000);
	assert_true(n[EV_FORK] > 10000 && n[EV_THREAD] > 3000 && n[EV_EXEC] > 10000 && n[EV_EXIT] > 10000 &&
		    n[EV_FREE] > 10000);
	plan_free(&p);
	workload_free(&w);
}

/* The other one: the same four events for one child after another. */
static void foreseeable_workload(void **state)
{
	(void)state;
	struct workload w;
	assert_int_equal(events_workload(&w, true, 10000), 0);
	for (uint64_t i = w.n / 2; i + 8 < w.n; i++)
		assert_int_equal(w.events[i].type, w.events[i + 4].type);
	workload_free(&w);
}

/* ---- the store ---- */

static volatile sig_atomic_t stop;
static const struct mmr_services services = { .results_open = results_open, .calibration_read = calibration_read };
static struct mmr_ctx ctx = { .services = &services, .stop = &stop, .command_line = "test" };

static char folder[64], db[96];

static int make_folder(void **state)
{
	(void)state;
	snprintf(folder, sizeof(folder), "/tmp/mmr-test-XXXXXX");
	snprintf(db, sizeof(db), "%s/s.db", mkdtemp(folder));
	stop = 0;
	return 0;
}

static int remove_folder(void **state)
{
	(void)state;
	char command[128];
	snprintf(command, sizeof(command), "rm -rf %s", folder);
	return system(command);
}

static void same(const struct calibration *a, const struct calibration *b)
{
	for (unsigned i = 0; i < CALIBRATED_NR; i++) {
		const struct calibrated *x = calibrated_at(a, i), *y = calibrated_at(b, i);
		assert_int_equal(x->measured, y->measured);
		assert_int_equal(x->ps, y->ps);
		assert_int_equal(x->low_ps, y->low_ps);
		assert_int_equal(x->high_ps, y->high_ps);
		assert_int_equal(x->runs, y->runs);
	}
	assert_int_equal(a->l1_lines, b->l1_lines);
	assert_int_equal(a->l2_lines, b->l2_lines);
	assert_int_equal(a->llc_lines, b->llc_lines);
}

/* What is put into the store comes back, and is not measured again: it is no machine like this one. */
static void kept(void **state)
{
	(void)state;
	static struct calibration_session s;
	struct calibration got;
	struct mmr_err e = { 0 };
	struct result_sink *sink;
	memset(&s, 0, sizeof(s));
	make_cpus(&s.cpus, 1, 2);
	assert_int_equal(transfers_choose(&s.cpus, &s.transfers), 0);
	s.clock.ghz = 2;
	s.transfers.pair[0].one_way = (struct calibrated){ true, 77000, 76000, 78000, 63, "" };
	for (unsigned i = 0; i < CALIBRATED_NR; i++) {
		struct calibrated *c = (struct calibrated *)calibrated_at(&s.got, i);
		if (i % 5 == 4)
			calibrated_impossible(c, "not here");
		else
			*c = (struct calibrated){ true, 1000 * i + 1, 999 * i, 1001 * i + 1, 63, "somehow" };
	}
	s.got.l1_lines = 11;
	s.got.l2_lines = 222;
	s.got.llc_lines = 3333;
	assert_int_equal(results_open(db, &sink, &e), 0);
	if (calibration_put(sink, &s, &e))
		fail_msg("%s", e.text);
	assert_int_equal(sink->close(sink, &e), 0);
	if (calibration_get(&ctx, db, &got, &e))
		fail_msg("%s", e.text);
	same(&s.got, &got);
	assert_non_null(strstr(got.cost[4].why, "not here; assumed: "));
	calibration_session_free(&s);
}

/* Where there is none it is made: once. */
static void made(void **state)
{
	(void)state;
	struct calibration first, second;
	struct mmr_err e = { 0 };
	if (calibration_get(&ctx, db, &first, &e))
		fail_msg("%s", e.text);
	assert_true(first.cost[COST_step].measured && first.cost[COST_atomic].measured);
	assert_true(first.cost[COST_event].measured && first.cost[COST_grace].measured);
	if (calibration_get(&ctx, db, &second, &e))
		fail_msg("%s", e.text);
	same(&first, &second);
}

static void stopped(void **state)
{
	(void)state;
	struct calibration got;
	struct mmr_err e = { 0 };
	stop = SIGINT;
	assert_int_equal(calibration_get(&ctx, db, &got, &e), -EINTR);
}

static void no_store(void **state)
{
	(void)state;
	struct calibration got;
	struct mmr_err e = { 0 };
	assert_int_equal(calibration_get(&ctx, "/dev/null/s.db", &got, &e), -ENOTDIR);
	assert_int_equal(calibration_get(&ctx, folder, &got, &e), -EISDIR);
}

#define STORED(f) cmocka_unit_test_setup_teardown(f, make_folder, remove_folder)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(medians),
		cmocka_unit_test(beyond),
		cmocka_unit_test(passes),
		cmocka_unit_test(places),
		cmocka_unit_test(this_machine),
		cmocka_unit_test(pairs),
		cmocka_unit_test(many_pairs),
		cmocka_unit_test(workload),
		cmocka_unit_test(foreseeable_workload),
		STORED(kept),
		STORED(made),
		STORED(stopped),
		STORED(no_store),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
