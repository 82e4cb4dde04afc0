/* Writing a store: what arrives, what is known again, two writers at once, misuse. */
#include "tests/unit/store_fixture.h"

#include <errno.h>

#include "tests/support/sample_full.h"

static void everything_arrives(void **state)
{
	(void)state;
	struct fixture f;
	fixture_open(&f);
	struct hist *h = sample_hist();
	int64_t id;
	struct result_cost costs[] = { { "step", 400, "measured", "this machine" },
				       { "cluster", 21000, "published", "somewhere" } };
	struct result_topology topology = { "laptop: 1 x 1 x 4", costs, 2 };
	f.config.topology = topology.text;
	assert_int_equal(f.sink->set_topology(f.sink, &topology, &f.e), 0);
	/* Again, with another cost. */
	costs[0].ps = 500;
	assert_int_equal(f.sink->set_topology(f.sink, &topology, &f.e), 0);
	f.config.seed = UINT64_MAX; /* does not fit SQLite's integers */
	assert_int_equal(sample_full_run(f.sink, &f.config, h, &id, &f.e), 0);
	static const char *const pairs[][2] = {
		{ "SELECT status || verdict || state_digest || events || ' ' || wall_ns || ' ' || pairs_compared || ' "
		  "' || "
		  "peak_mms || failure FROM run",
		  "doneviolationfedcba9876543210503 123456789 11 12" },
		{ "SELECT subject || design || engine || lock || era || geometry || threads || partition || order_mode "
		  "|| "
		  "pace || speed || copies || measure || sample_every || surround || inject || delay || repeat_no FROM "
		  "run",
		  "pgdpgd_listnativeticketv4.1x86_64-4level1taskresourceasap1.01sampled64none1" },
		{ "SELECT seed FROM run", "9223372036854775807" },
		{ "SELECT started_at GLOB '20[0-9][0-9]-[0-9][0-9]-[0-9][0-9]T[0-9][0-9]:*Z' FROM run", "1" },
		{ "SELECT host || cpus || memory_bytes || tsc_ghz || ' ' || clock_read_ns FROM machine",
		  "bench-1285899345922.8 10.25" },
		{ "SELECT path || source || source_hash || duration_ns || cpus || peak_mms FROM workload",
		  "build.mmwperf5d41402abc4b2a76120000000004310" },
		{ "SELECT group_concat(event || count) FROM (SELECT * FROM workload_event ORDER BY event)",
		  "exec15000,exit45000,fork40000,free45000,thread5000" },
		{ "SELECT group_concat(event || count) FROM (SELECT * FROM run_event ORDER BY event)",
		  "fork500,free3" },
		{ "SELECT count || ' ' || (timed = (SELECT SUM(count) FROM op_hist WHERE op = 'fork')) FROM op_stat "
		  "WHERE op "
		  "= 'fork'",
		  "500 1" },
		{ "SELECT count || timed || (p50_ns IS NULL) FROM op_stat WHERE op = 'free'", "301" },
		{ "SELECT acquisitions || contentions || acq_bounces || con_bounces FROM lock_stat WHERE lock = "
		  "'pgd_lock'",
		  "900908070" },
		{ "SELECT group_concat(kind || n) FROM (SELECT kind, COUNT(*) > 50 AS n FROM lock_hist GROUP BY kind)",
		  "hold1,wait1" },
		{ "SELECT timed || (hold_p50_ns IS NULL) || hold_total_ns FROM lock_stat WHERE mode = 'read'", "010" },
		/* 900 acquisitions, of which h->count were timed. */
		{ "SELECT group_concat(seq || ' ' || begin_ns || ' ' || length_ns || ' ' || acquisitions || ' ' || "
		  "contentions, '; ') FROM timeline",
		  "0 0 1000 225 20; 3 3000 500 675 70" },
		{ "SELECT (SUM(t.timed) = s.timed) || (ABS(SUM(wait_ns) - wait_total_ns) < 2) || "
		  "(ABS(SUM(hold_ns) - hold_total_ns) < 2) FROM timeline t, lock_stat s WHERE s.lock = 'pgd_lock'",
		  "111" },
		/* Forks are scaled by 500 / 250, waits caused by 900 / h->count. */
		{ "SELECT group_concat(comm || ' ' || op || ' ' || count || ' ' || timed || ' ' || wait_ns || ' ' || "
		  "hold_ns, '; ') FROM comm_stat",
		  "(unknown) free 3 3 7 8; a? fork 200 150 100 20; make fork 300 100 100 120" },
		{ "SELECT group_concat(caused_ns = CAST(ROUND(n * 900.0 / timed) AS INTEGER)) FROM "
		  "(SELECT caused_ns, CASE comm WHEN 'make' THEN 10 WHEN 'a?' THEN 100 ELSE 0 END AS n FROM comm_stat),"
		  "(SELECT timed FROM lock_stat WHERE lock = 'pgd_lock')",
		  "1,1,1" },
		{ "SELECT seq || op || latency_ns || ' ' || begin_ns || ' ' || late_ns || ' ' || worker || event || ' "
		  "' || task || comm "
		  "|| "
		  "wait_ns || lock || mode || longest_ns || holder_op || holder_comm FROM slow_op WHERE seq = 0",
		  "0fork900 20 15 15 6make800pgd_lockexclusive700exita?" },
		{ "SELECT (task IS NULL) || (lock IS NULL) || (mode IS NULL) || (longest_ns IS NULL) || "
		  "(holder_op IS NULL) || (holder_comm IS NULL) FROM slow_op WHERE seq = 1",
		  "111111" },
		{ "SELECT invariant || detail || event || task || mm || slot || count FROM violation WHERE seq = 0",
		  "I1bslot?[2J 3775632" },
		{ "SELECT (event IS NULL) || (slot IS NULL) FROM violation WHERE seq = 1", "11" },
		{ "SELECT constraints || constraints_waited || constraints_dropped || stall_ns || rcu_ns || oracle_ns "
		  "|| paced_ns FROM "
		  "replay_error",
		  "3132353334922337203685477580736" },
		/* 10 ns for each hold, of all 900. */
		{ "SELECT group_concat(hold_clock_ns) FROM lock_stat", "9000,0" },
		{ "SELECT wait_ns || hold_ns || work_ns || surround_ns || stall_ns || idle_ns || rcu_ns || ' ' || "
		  "harness_ns FROM run_time",
		  "1234567 9223372036854775807" },
		{ "SELECT cpu_ns || ' ' || other_ns || ' ' || steal_ns || ' ' || load || governor || smt FROM "
		  "run_hygiene",
		  "1000 100 10 0.5power?save1" },
		{ "SELECT group_concat(line || count || ' ' || stall_ns) FROM line_conflict WHERE op = 'fork'",
		  "pgd_lock6 660,task: mm?7 0" },
		{ "SELECT (drift_count = (SELECT SUM(count) FROM drift_hist)) || (drift_p50_ns < drift_p99_ns) || "
		  "(drift_p99_ns <= drift_max_ns) FROM replay_error",
		  "111" },
		{ "SELECT group_concat(spec || seq || name || ps || origin || source) FROM run r JOIN topology t ON "
		  "t.spec = r.topology JOIN topology_cost ON topology_id = t.id",
		  "laptop: 1 x 1 x 40step500measuredthis machine,laptop: 1 x 1 x 41cluster21000publishedsomewhere" },
	};
	for (unsigned i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++)
		assert_string_equal(fixture_text(&f, pairs[i][0]), pairs[i][1]);
	/* The quantiles are the histogram's own. */
	char sql[128];
	snprintf(sql, sizeof(sql), "SELECT p99_ns = %llu AND max_ns = %llu FROM op_stat WHERE op = 'fork'",
		 (unsigned long long)hist_quantile(h, 0.99), (unsigned long long)h->max);
	assert_int_equal(fixture_real(&f, sql), 1);
	free(h);
	fixture_gone(&f);
}

static void machines_and_workloads_are_known_again(void **state)
{
	(void)state;
	struct fixture f;
	fixture_open(&f);
	fixture_run(&f, 1000, NULL, RUN_DONE, VERDICT_PASS);
	for (int i = 0; i < 2; i++) {
		struct result_machine m = sample_machine();
		struct result_workload w = sample_workload();
		w.path = "moved.mmw";
		w.count[EV_THREAD] = 0;
		f.sink->close(f.sink, NULL);
		assert_int_equal(results_open(f.path, &f.sink, &f.e), 0);
		assert_int_equal(f.sink->set_machine(f.sink, &m, &f.e), 0);
		assert_int_equal(f.sink->set_workload(f.sink, &w, &f.e), 0);
		fixture_run(&f, 1000, NULL, RUN_DONE, VERDICT_PASS);
		fixture_run(&f, 1000, NULL, RUN_DONE, VERDICT_PASS);
	}
	assert_string_equal(
		fixture_text(&f, "SELECT (SELECT COUNT(*) FROM machine) || (SELECT group_concat(path) FROM workload)"),
		"1moved.mmw");
	assert_int_equal(fixture_real(&f, "SELECT COUNT(*) FROM workload_event WHERE event = 'thread'"), 0);
	assert_string_equal(fixture_text(&f, "SELECT group_concat(session) FROM (SELECT session FROM run ORDER BY id)"),
			    "1,2,2,3,3");
	fixture_gone(&f);
}

static void two_writers_are_two_sessions(void **state)
{
	(void)state;
	struct fixture f;
	fixture_open(&f);
	struct result_sink *other;
	struct result_machine m = sample_machine();
	struct result_workload w = sample_workload();
	int64_t id;
	assert_int_equal(results_open(f.path, &other, &f.e), 0);
	assert_int_equal(other->set_machine(other, &m, &f.e), 0);
	assert_int_equal(other->set_workload(other, &w, &f.e), 0);
	fixture_run(&f, 1000, NULL, RUN_DONE, VERDICT_PASS);
	assert_int_equal(other->run_begin(other, &f.config, &id, &f.e), 0);
	fixture_run(&f, 1000, NULL, RUN_DONE, VERDICT_PASS);
	assert_string_equal(fixture_text(&f, "SELECT group_concat(session) FROM (SELECT session FROM run ORDER BY id)"),
			    "1,2,1");
	/* A reader beside two writers sees each commit. */
	struct az_db *db;
	assert_int_equal(az_open(f.path, &db, &f.e), 0);
	uint64_t before = az_change_counter(db);
	assert_int_equal(az_change_counter(db), before);
	fixture_run(&f, 1000, NULL, RUN_DONE, VERDICT_PASS);
	assert_int_not_equal(az_change_counter(db), before);
	az_close(db);
	other->close(other, NULL);
	fixture_gone(&f);
}

static void misuse_is_an_error(void **state)
{
	(void)state;
	struct fixture f;
	struct result_run r = { .status = RUN_DONE };
	struct result_workload w = sample_workload();
	struct result_sink *bare;
	int64_t id;
	fixture_open(&f);
	assert_int_equal(results_open(f.path, &bare, &f.e), 0);
	assert_int_equal(bare->run_begin(bare, &f.config, &id, &f.e), -EINVAL);
	w.source_hash = "";
	assert_int_equal(bare->set_workload(bare, &w, &f.e), -EINVAL);
	bare->close(bare, NULL);
	id = fixture_run(&f, 1000, NULL, RUN_DONE, VERDICT_PASS);
	assert_int_equal(f.sink->run_end(f.sink, id, &r, &f.e), -EINVAL);
	assert_int_equal(f.sink->run_end(f.sink, 99, &r, &f.e), -EINVAL);
	assert_non_null(strstr(f.e.text, "99"));
	fixture_gone(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(everything_arrives),
		cmocka_unit_test(machines_and_workloads_are_known_again),
		cmocka_unit_test(two_writers_are_two_sessions),
		cmocka_unit_test(misuse_is_an_error),
	};
	return cmocka_run_group_tests_name("store", tests, NULL, NULL);
}
