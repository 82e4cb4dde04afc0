/* Writing a store: what arrives, what a killed writer leaves, what is refused and left alone. */
#include "tests/unit/store_fixture.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/wait.h>

#include "analyze/store.h"
#include "schemas/embed.h"

static struct hist *some_hist(void)
{
	struct hist *h = malloc(sizeof(*h));
	assert_non_null(h);
	hist_init(h);
	for (uint64_t v = 1; v < 100000; v += v / 9 + 1)
		hist_add(h, v);
	return h;
}

/* A run with rows in every table. */
static int full_run(struct fixture *f, const struct hist *h, int64_t *id)
{
	/* A quarter and three quarters. */
	const struct result_interval timeline[] = {
		{ 0, 0, 1000, 225, 20, h->count / 4, h->total / 4, h->total / 4 },
		{ 3, 3000, 500, 675, 70, h->count - h->count / 4, h->total - h->total / 4, h->total - h->total / 4 },
	};
	struct result_lock locks[] = { { "pgd_lock", "exclusive", 900, 90, 80, 70, h->count, h, h, 2, 50000, h->total,
					 h->count * 10, timeline, 2 },
				       { "tasklist_lock", "read", 10, 0, 0, 0, 0, NULL, NULL, 0, 0, 0, 0, NULL, 0 } };
	/* Two names that are one once they are safe; half of the forks were timed, all of the others. */
	const struct result_comm comms[] = { { "make", "fork", 300, 100, 50, 60, 1, 10 },
					     { "a\033", "fork", 150, 100, 20, 6, 1, 100 },
					     { "a\034", "fork", 50, 50, 30, 4, 0, 0 },
					     { "(unknown)", "free", 3, 3, 7, 8, 0, 0 } };
	const struct result_slow slow[] = {
		{ "fork", 900, 20, 15, 1, 5, 6, "make", 800, "pgd_lock", "exclusive", 700, "exit", "a\033" },
		{ "free", 100, 30, 0, 0, 8, 0, "(unknown)", 0, NULL, NULL, 0, NULL, NULL },
	};
	struct result_op ops[] = { { "fork", 500, h }, { "free", 3, NULL } };
	struct result_violation bad[] = { { "I1b", "slot\033[2J 3", 77, 5, 6, 3, 2 },
					  { "I4", "freed", UINT64_MAX, 1, 2, -1, 1 } };
	struct result_conflict conflicts[] = { { "fork", "pgd_lock", 5, 600 },
					       { "fork", "task: mm\033", 7, 0 },
					       { "fork", "pgd_lock", 1, 60 } };
	struct result_run r = {
		.status = RUN_DONE,
		.verdict = VERDICT_VIOLATION,
		.events = 503,
		.wall_ns = 123456789,
		.state_digest = 0xfedcba9876543210,
		.pairs_compared = 11,
		.peak_mms = 12,
		.op_count = { [EV_FORK] = 500, [EV_FREE] = 3 },
		.locks = locks,
		.nlocks = 2,
		.ops = ops,
		.nops = 2,
		.violations = bad,
		.nviolations = 2,
		.conflicts = conflicts,
		.nconflicts = 3,
		.comms = comms,
		.ncomms = 4,
		.slow = slow,
		.nslow = 2,
		.time = { 1, 2, 3, 4, 5, 6, 7, UINT64_MAX },
		.drift = h,
		.hygiene = { 1000, 100, 10, 0.5, "power\033save", true },
		.constraints = 31,
		.constraints_waited = 32,
		.constraints_dropped = 35,
		.stall_ns = 33,
		.rcu_ns = 34,
		.oracle_ns = UINT64_MAX,
		.paced_ns = 36,
	};
	int rc = f->sink->run_begin(f->sink, &f->config, id, &f->e);
	return rc ? rc : f->sink->run_end(f->sink, *id, &r, &f->e);
}

static void everything_arrives(void **state)
{
	(void)state;
	struct fixture f;
	fixture_open(&f);
	struct hist *h = some_hist();
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
	assert_int_equal(full_run(&f, h, &id), 0);
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

/* ---- killed ---- */

static void a_killed_writer_leaves_complete_runs(void **state)
{
	(void)state;
	struct fixture f;
	struct hist *h = some_hist();
	fixture_open(&f);
	f.sink->close(f.sink, NULL);
	f.sink = NULL;
	/* Each time it is killed somewhere else: while it begins, writes or ends a run. */
	for (int round = 1; round <= 6; round++) {
		int ready[2];
		assert_int_equal(pipe(ready), 0);
		pid_t pid = fork();
		if (!pid) {
			struct result_machine m = sample_machine();
			struct result_workload w = sample_workload();
			int64_t id;
			if (results_open(f.path, &f.sink, &f.e) || !f.sink || f.sink->set_machine(f.sink, &m, &f.e) ||
			    f.sink->set_workload(f.sink, &w, &f.e) || full_run(&f, h, &id) ||
			    write(ready[1], "x", 1) != 1)
				_exit(1);
			while (!full_run(&f, h, &id))
				;
			_exit(1);
		}
		char x;
		close(ready[1]);
		assert_int_equal(read(ready[0], &x, 1), 1);
		close(ready[0]);
		usleep(3000u + 1700u * (unsigned)round);
		kill(pid, SIGKILL);
		int status;
		waitpid(pid, &status, 0);
		assert_true(WIFSIGNALED(status));
	}
	/* What is done is there as a whole, what is not has nothing but its row. */
	assert_true(fixture_real(&f, "SELECT COUNT(*) FROM run WHERE status = 'done'") >= 6);
	assert_true(fixture_real(&f, "SELECT COUNT(*) FROM run WHERE status = 'running'") <= 6);
	assert_int_equal(fixture_real(&f, "SELECT COUNT(*) FROM run WHERE status NOT IN ('done', 'running')"), 0);
	assert_int_equal(
		fixture_real(&f, "SELECT COUNT(DISTINCT n) FROM (SELECT COUNT(*) AS n FROM run r JOIN lock_hist h ON "
				 "h.run_id = r.id WHERE status = 'done' GROUP BY r.id)"),
		1);
	assert_int_equal(
		fixture_real(&f, "SELECT (SELECT COUNT(*) FROM replay_error) - (SELECT COUNT(*) FROM run WHERE status "
				 "= 'done')"),
		0);
	assert_int_equal(fixture_real(&f,
				      "SELECT COUNT(*) FROM lock_stat l JOIN run r ON r.id = l.run_id WHERE status = "
				      "'running'"),
			 0);
	assert_int_equal(fixture_real(&f, "SELECT COUNT(*) FROM run_time") -
				 fixture_real(&f, "SELECT COUNT(*) FROM replay_error"),
			 0);
	free(h);
	fixture_gone(&f);
}

/* ---- disk full ---- */

static void a_full_disk_loses_nothing_that_was_complete(void **state)
{
	(void)state;
	struct fixture f;
	char mnt[] = "/tmp/mmr-full-XXXXXX";
	assert_non_null(mkdtemp(mnt));
	/* In a mount namespace of its own, so that it is gone with the process. */
	if (unshare(CLONE_NEWNS) || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) ||
	    mount("tmpfs", mnt, "tmpfs", 0, "size=700k")) {
		print_message("skipped: mounting a small tmpfs needs root: %s\n", strerror(errno));
		rmdir(mnt);
		skip();
	}
	fixture_open(&f);
	f.sink->close(f.sink, NULL);
	snprintf(f.path, sizeof(f.path), "%s/s.db", mnt);
	struct result_machine m = sample_machine();
	struct result_workload w = sample_workload();
	assert_int_equal(results_open(f.path, &f.sink, &f.e), 0);
	assert_int_equal(f.sink->set_machine(f.sink, &m, &f.e), 0);
	assert_int_equal(f.sink->set_workload(f.sink, &w, &f.e), 0);
	struct hist *h = some_hist();
	int64_t id;
	int done = 0, rc;
	while (!(rc = full_run(&f, h, &id)) && done < 10000)
		done++;
	assert_true(done > 3 && done < 10000);
	assert_true(rc == -ENOSPC || rc == -EIO);
	assert_true(!strncmp(f.e.text, f.path, strlen(f.path)));
	assert_non_null(strstr(f.e.text, "full"));
	/* The sink still lives and says the same; closing it does no harm. */
	assert_int_not_equal(full_run(&f, h, &id), 0);
	f.sink->close(f.sink, NULL);
	f.sink = NULL;
	assert_int_equal(fixture_real(&f, "SELECT COUNT(*) FROM run WHERE status = 'done'"), done);
	assert_int_equal(fixture_real(&f, "SELECT COUNT(*) FROM replay_error"), done);
	/* No room for a new one: nothing of it stays. */
	char fresh[96], filler[96];
	snprintf(filler, sizeof(filler), "%s/filler", mnt);
	int fd = open(filler, O_CREAT | O_WRONLY, 0600);
	static const char page[4096];
	while (write(fd, page, sizeof(page)) > 0)
		;
	close(fd);
	snprintf(fresh, sizeof(fresh), "%s/fresh.db", mnt);
	struct result_sink *none = NULL;
	assert_int_not_equal(results_open(fresh, &none, &f.e), 0);
	assert_true(!strncmp(f.e.text, fresh, strlen(fresh)));
	DIR *d = opendir(mnt);
	for (struct dirent *n; (n = readdir(d));)
		assert_true(strncmp(n->d_name, "fresh", 5) != 0);
	closedir(d);
	assert_int_equal(umount2(mnt, MNT_DETACH), 0);
	rmdir(mnt);
	free(h);
	fixture_gone(&f);
}

/* ---- refused ---- */

static void write_file(const char *path, const void *data, size_t n)
{
	FILE *file = fopen(path, "w");
	assert_non_null(file);
	assert_int_equal(fwrite(data, 1, n, file), n);
	assert_int_equal(fclose(file), 0);
}

static unsigned count_files(const char *dir)
{
	unsigned n = 0;
	DIR *d = opendir(dir);
	while (readdir(d))
		n++;
	closedir(d);
	return n - 2;
}

static void refused(const char *path, int want, const char *why)
{
	struct stat before, after;
	struct mmr_err e = { 0 };
	struct result_sink *sink;
	struct az_db *db;
	assert_int_equal(stat(path, &before), 0);
	assert_int_equal(results_open(path, &sink, &e), want);
	assert_non_null(strstr(e.text, why));
	assert_int_equal(az_open(path, &db, &e), want);
	assert_non_null(strstr(e.text, path));
	assert_int_equal(stat(path, &after), 0);
	assert_int_equal(before.st_size, after.st_size);
	assert_int_equal(before.st_mtim.tv_sec, after.st_mtim.tv_sec);
	assert_int_equal(before.st_mtim.tv_nsec, after.st_mtim.tv_nsec);
}

static void what_is_not_ours_is_refused_and_left_alone(void **state)
{
	(void)state;
	struct fixture f;
	sqlite3 *db;
	fixture_open(&f);
	f.sink->close(f.sink, NULL);
	f.sink = NULL;
	unlink(f.path);

	write_file(f.path, "not a database at all", 21);
	refused(f.path, -EPROTO, "not an SQLite database");
	unlink(f.path);

	assert_int_equal(sqlite3_open(f.path, &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, "PRAGMA journal_mode = WAL; CREATE TABLE mail (x)", NULL, NULL, NULL),
			 SQLITE_OK);
	sqlite3_close(db);
	refused(f.path, -EPROTO, "another application");
	assert_int_equal(count_files(f.dir), 1);
	unlink(f.path);

	assert_int_equal(sqlite3_open(f.path, &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, results_sql, NULL, NULL, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, "PRAGMA user_version = 7", NULL, NULL, NULL), SQLITE_OK);
	sqlite3_close(db);
	refused(f.path, -ENOTSUP, "version 7");
	unlink(f.path);

	struct mmr_err e = { 0 };
	struct result_sink *sink;
	assert_int_equal(results_open(f.dir, &sink, &e), -EISDIR);
	assert_int_equal(results_open("/nonexistent/dir/s.db", &sink, &e), -ENOENT);
	assert_non_null(strstr(e.text, "/nonexistent/dir/s.db"));
	assert_int_equal(count_files(f.dir), 0);
	/* An empty file is what mktemp makes: it becomes a store. */
	write_file(f.path, "", 0);
	assert_int_equal(results_open(f.path, &sink, &e), 0);
	sink->close(sink, NULL);
	assert_int_equal(count_files(f.dir), 1);
	fixture_gone(&f);
}

static void a_locked_store_says_so(void **state)
{
	(void)state;
	struct fixture f;
	sqlite3 *db;
	int64_t id;
	fixture_open(&f);
	sqlite3_busy_timeout(((struct store *)f.sink)->sql.db, 20);
	assert_int_equal(sqlite3_open(f.path, &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, "BEGIN IMMEDIATE", NULL, NULL, NULL), SQLITE_OK);
	assert_int_equal(f.sink->run_begin(f.sink, &f.config, &id, &f.e), -EBUSY);
	assert_non_null(strstr(f.e.text, "locked"));
	sqlite3_exec(db, "ROLLBACK", NULL, NULL, NULL);
	sqlite3_close(db);
	fixture_run(&f, 1000, NULL, RUN_DONE, VERDICT_PASS);
	assert_int_equal(fixture_real(&f, "SELECT session FROM run"), 1);
	fixture_gone(&f);
}

static void old_views_are_renewed(void **state)
{
	(void)state;
	struct fixture f;
	sqlite3 *db;
	fixture_open(&f);
	fixture_run(&f, 1000, NULL, RUN_DONE, VERDICT_PASS);
	f.sink->close(f.sink, NULL);
	f.sink = NULL;
	assert_int_equal(sqlite3_open(f.path, &db), SQLITE_OK);
	assert_int_equal(
		sqlite3_exec(
			db,
			"DROP VIEW v_runs; CREATE VIEW v_runs AS SELECT 'stale' AS design; CREATE VIEW \"v \"\" x\""
			" AS SELECT 1; DROP VIEW i_done",
			NULL, NULL, NULL),
		SQLITE_OK);
	sqlite3_close(db);
	/* A reader uses its own, */
	assert_string_equal(fixture_text(&f, "SELECT design FROM v_runs"), "pgd_list");
	/* a writer puts them into the file. */
	assert_int_equal(results_open(f.path, &f.sink, &f.e), 0);
	assert_string_equal(
		fixture_text(&f, "SELECT COUNT(*) || (SELECT COUNT(*) FROM main.v_summary) FROM main.v_runs"), "11");
	assert_int_equal(fixture_real(&f, "SELECT COUNT(*) FROM main.sqlite_schema WHERE name LIKE '% x'"), 0);
	fixture_gone(&f);
}

/* ---- places that cannot be written ---- */

/* Runs @check in a process that may not write everywhere; its exit status. */
static int unprivileged(int (*check)(struct fixture *f), struct fixture *f)
{
	pid_t pid = fork();
	if (!pid) {
		if (getuid() == 0 && (setgid(65534) || setuid(65534)))
			_exit(99);
		_exit(check(f));
	}
	int status;
	waitpid(pid, &status, 0);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 98;
}

static int reads_one_run(struct fixture *f)
{
	struct az_db *db;
	struct az_table *t;
	struct mmr_err e = { 0 };
	if (az_open(f->path, &db, &e)) {
		print_message("%s\n", e.text);
		return 1;
	}
	if (az_read(db, az_view_by_name("runs"), NULL, &t, &e))
		return 2;
	int n = (int)t->nrows;
	az_free(t);
	az_close(db);
	return n == 1 ? 0 : 3;
}

static int cannot_write(struct fixture *f)
{
	struct result_sink *sink;
	struct mmr_err e = { 0 };
	int rc = results_open(f->path, &sink, &e);
	return rc && strstr(e.text, f->path) ? 0 : 1;
}

static void read_only_places_can_be_read(void **state)
{
	(void)state;
	struct fixture f;
	fixture_open(&f);
	fixture_run(&f, 1000, NULL, RUN_DONE, VERDICT_PASS);
	f.sink->close(f.sink, NULL);
	f.sink = NULL;
	chmod(f.path, 0444);
	chmod(f.dir, 0555);
	assert_int_equal(unprivileged(reads_one_run, &f), 0);
	assert_int_equal(unprivileged(cannot_write, &f), 0);
	assert_int_equal(count_files(f.dir), 1);
	fixture_gone(&f);
}

static void another_users_running_replay_can_be_read(void **state)
{
	(void)state;
	struct fixture f;
	fixture_open(&f);
	fixture_run(&f, 1000, NULL, RUN_DONE, VERDICT_PASS);
	/* The writer is still open: the run is in its log, beside the file. */
	chmod(f.dir, 0755);
	assert_int_equal(count_files(f.dir), 3);
	assert_int_equal(unprivileged(reads_one_run, &f), 0);
	fixture_gone(&f);
}

static int says_where_the_log_is(struct fixture *f)
{
	struct az_db *db;
	struct mmr_err e = { 0 };
	int rc = az_open(f->path, &db, &e);
	return rc && strstr(e.text, "-wal") ? 0 : 1;
}

static void a_log_that_cannot_be_read_is_not_ignored(void **state)
{
	(void)state;
	struct fixture f, copy;
	char shm[128], from[128], to[128];
	fixture_open(&f);
	fixture_open(&copy);
	copy.sink->close(copy.sink, NULL);
	copy.sink = NULL;
	fixture_run(&f, 1000, NULL, RUN_DONE, VERDICT_PASS);
	/* As a killed writer, or a copy made beside a running one, leaves it: a log, no index, no right to make one. */
	static const char *const parts[] = { "", "-wal" };
	static char bytes[4 << 20];
	for (int i = 0; i < 2; i++) {
		snprintf(from, sizeof(from), "%s%s", f.path, parts[i]);
		snprintf(to, sizeof(to), "%s%s", copy.path, parts[i]);
		FILE *in = fopen(from, "r");
		assert_non_null(in);
		size_t n = fread(bytes, 1, sizeof(bytes), in);
		fclose(in);
		write_file(to, bytes, n);
		chmod(to, 0444);
	}
	snprintf(shm, sizeof(shm), "%s-shm", copy.path);
	unlink(shm);
	chmod(copy.dir, 0555);
	assert_int_equal(unprivileged(says_where_the_log_is, &copy), 0);
	/* In a folder that can be written the log is simply read. */
	chmod(copy.dir, 0755);
	assert_int_equal(reads_one_run(&copy), 0);
	fixture_gone(&copy);
	fixture_gone(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(everything_arrives),
		cmocka_unit_test(machines_and_workloads_are_known_again),
		cmocka_unit_test(two_writers_are_two_sessions),
		cmocka_unit_test(misuse_is_an_error),
		cmocka_unit_test(a_killed_writer_leaves_complete_runs),
		cmocka_unit_test(a_full_disk_loses_nothing_that_was_complete),
		cmocka_unit_test(what_is_not_ours_is_refused_and_left_alone),
		cmocka_unit_test(a_locked_store_says_so),
		cmocka_unit_test(old_views_are_renewed),
		cmocka_unit_test(read_only_places_can_be_read),
		cmocka_unit_test(another_users_running_replay_can_be_read),
		cmocka_unit_test(a_log_that_cannot_be_read_is_not_ignored),
	};
	return cmocka_run_group_tests_name("store", tests, NULL, NULL);
}
