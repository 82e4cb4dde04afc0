/* Stores of older versions: read as they are, brought up to date when written to. */
#include "tests/unit/store_fixture.h"

#include <sqlite3.h>
#include <sys/wait.h>

static char *slurp(const char *path, size_t *size)
{
	FILE *f = fopen(path, "r");
	assert_non_null(f);
	char *text = malloc(4 << 20);
	assert_non_null(text);
	*size = fread(text, 1, (4 << 20) - 1, f);
	text[*size] = '\0';
	assert_true(*size > 0 && feof(f));
	fclose(f);
	return text;
}

static void exec(sqlite3 *db, const char *sql)
{
	char *why = NULL;
	if (sqlite3_exec(db, sql, NULL, NULL, &why) != SQLITE_OK)
		fail_msg("%s", why);
}

/* Two repeats of two designs, as version 1 would have stored them. */
static const char rows[] =
	"INSERT INTO machine VALUES (1, 'old-1', '5.10', 'Old CPU', 2, 1024, 2.5, 20);"
	"INSERT INTO workload VALUES (1, 'old.mmw', 'perf', 'beef', 'h', 'k', '', 1000000000, 2, 9, 9, 9, 0, 0);"
	"WITH n(i) AS (VALUES (1), (2), (3), (4)) INSERT INTO run SELECT i, 1, 1, 1, 1, 1, 'pgd',"
	" CASE i % 2 WHEN 1 THEN 'pgd_list' ELSE 'task_list' END, 'native', 'ticket', 'v4.1', 'x86_64-4level', 1, 0, 0,"
	" 'task', 'resource', 'asap', 1.0, 1, 'sampled', 64, 'none', '', '', (i + 1) / 2, 1, 'done', 'pass',"
	" '0000000000001234', 1000, 1000000 + i, 0, 9, '', '0.1.0', 'mmreplay replay old.mmw',"
	" '2026-01-01T00:00:00.000Z' FROM n;"
	"INSERT INTO replay_error VALUES (1, 10, 1, 2, 3, 4), (2, 10, 1, 2, 3, 4);";

static void old_store(struct fixture *f)
{
	size_t n;
	sqlite3 *db;
	char *schema = slurp("tests/data/results-1.sql", &n);
	fixture_open(f);
	f->sink->close(f->sink, NULL);
	f->sink = NULL;
	unlink(f->path);
	assert_int_equal(sqlite3_open(f->path, &db), SQLITE_OK);
	exec(db, schema);
	exec(db, "PRAGMA journal_mode = WAL; CREATE VIEW v_runs AS SELECT 'stale'");
	exec(db, rows);
	sqlite3_close(db);
	free(schema);
}

/* Open it to write, with the usual machine and workload. */
static void write_to(struct fixture *f)
{
	struct result_machine m = sample_machine();
	struct result_workload w = sample_workload();
	if (results_open(f->path, &f->sink, &f->e) || f->sink->set_machine(f->sink, &m, &f->e) ||
	    f->sink->set_workload(f->sink, &w, &f->e))
		fail_msg("%s", f->e.text);
}

static int no_row(void *arg, const struct result_calibration *c)
{
	(void)arg, (void)c;
	fail();
	return 0;
}

static void reading_leaves_it_alone(void **state)
{
	(void)state;
	struct fixture f;
	size_t before, after;
	old_store(&f);
	char *a = slurp(f.path, &before);
	for (const struct az_view *v = az_views(); v->name; v++) {
		struct az_db *db;
		struct az_table *t;
		assert_int_equal(az_open(f.path, &db, &f.e), 0);
		if (az_read(db, v, NULL, &t, &f.e))
			fail_msg("%s: %s", v->name, f.e.text);
		az_free(t);
		az_close(db);
	}
	assert_string_equal(fixture_text(&f, "SELECT group_concat(design || topology || repeat_no) FROM run"),
			    "pgd_list1,task_list1,pgd_list2,task_list2");
	assert_string_equal(fixture_text(&f, "SELECT COUNT(*) || (SELECT COUNT(*) FROM line_conflict) FROM v_summary"),
			    "20");
	assert_true(isnan(fixture_real(&f, "SELECT drift_p99_ns FROM replay_error")));
	struct result_machine m = { .host = "old-1", .cpu_model = "Old CPU", .cpus = 2 };
	assert_int_equal(calibration_read(f.path, &m, no_row, NULL, &f.e), 0);
	char *b = slurp(f.path, &after);
	assert_int_equal(before, after);
	assert_memory_equal(a, b, before);
	/* Nothing beside it, either. */
	DIR *d = opendir(f.dir);
	unsigned files = 0;
	while (readdir(d))
		files++;
	closedir(d);
	assert_int_equal(files, 3);
	free(a);
	free(b);
	fixture_gone(&f);
}

static void an_old_store_that_may_not_be_written_is_read(void **state)
{
	(void)state;
	struct fixture f;
	old_store(&f);
	chmod(f.path, 0444);
	chmod(f.dir, 0555);
	pid_t pid = fork();
	if (!pid) {
		struct az_db *db;
		struct az_table *t;
		if (getuid() == 0 && (setgid(65534) || setuid(65534)))
			_exit(99);
		_exit(az_open(f.path, &db, &f.e) || az_read(db, az_view_by_name("scaling"), NULL, &t, &f.e) ||
		      t->nrows != 2);
	}
	int status;
	waitpid(pid, &status, 0);
	assert_int_equal(status, 0);
	fixture_gone(&f);
}

#define COLUMNS                                                                                                        \
	"SELECT group_concat(t.name || '.' || c.cid || c.name || c.type || c.\"notnull\" || c.pk, ' ') FROM"           \
	" (SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name) t JOIN pragma_table_info(t.name) c"

static char *columns_of(const char *path)
{
	sqlite3 *db;
	sqlite3_stmt *st;
	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	assert_int_equal(sqlite3_prepare_v2(db, COLUMNS, -1, &st, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_step(st), SQLITE_ROW);
	char *text = strdup((const char *)sqlite3_column_text(st, 0));
	sqlite3_finalize(st);
	sqlite3_close(db);
	return text;
}

static void writing_brings_it_up_to_date(void **state)
{
	(void)state;
	struct fixture f, fresh;
	old_store(&f);
	fixture_open(&fresh);
	struct az_db *before;
	struct az_table *t;
	assert_int_equal(az_open(f.path, &before, &f.e), 0);
	write_to(&f);
	/* Who reads while it happens goes on. */
	assert_int_equal(az_read(before, az_view_by_name("runs"), NULL, &t, &f.e), 0);
	assert_int_equal(t->nrows, 4);
	az_free(t);
	fixture_run(&f, 1000, NULL, RUN_DONE, VERDICT_PASS);
	assert_int_equal(az_read(before, az_view_by_name("runs"), NULL, &t, &f.e), 0);
	assert_int_equal(t->nrows, 5);
	az_free(t);
	az_close(before);
	/* The header may still say 1 while the log says 2. */
	assert_int_equal(fixture_real(&f, "SELECT COUNT(*) FROM v_runs"), 5);
	f.sink->close(f.sink, NULL);
	f.sink = NULL;
	fresh.sink->close(fresh.sink, NULL);
	fresh.sink = NULL;
	char *have = columns_of(f.path), *want = columns_of(fresh.path);
	assert_string_equal(have, want);
	free(have);
	free(want);
	assert_string_equal(fixture_text(&f, "SELECT group_concat(id || design || topology || wall_ns, ' ') FROM run "
					     "WHERE session = 1"),
			    "1pgd_list1000001 2task_list1000002 3pgd_list1000003 4task_list1000004");
	assert_int_equal(fixture_real(&f, "SELECT session FROM run WHERE id = 5"), 2);
	sqlite3 *db;
	sqlite3_stmt *st;
	assert_int_equal(sqlite3_open(f.path, &db), SQLITE_OK);
	assert_int_equal(sqlite3_prepare_v2(db, "PRAGMA user_version", -1, &st, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_step(st), SQLITE_ROW);
	assert_int_equal(sqlite3_column_int(st, 0), 4);
	sqlite3_finalize(st);
	/* Rows of an older program that still has it open. */
	exec(db, "INSERT INTO replay_error (run_id, constraints, constraints_waited, stall_ns, rcu_ns, oracle_ns)"
		 " VALUES (3, 1, 1, 1, 1, 1)");
	sqlite3_close(db);
	/* A second time there is nothing left to do. */
	write_to(&f);
	assert_int_equal(fixture_real(&f, "SELECT COUNT(*) FROM v_runs"), 5);
	fixture_gone(&f);
	fixture_gone(&fresh);
}

/* All or nothing: what fails half way leaves a store of version 1. */
static void a_step_that_fails_changes_nothing(void **state)
{
	(void)state;
	struct fixture f;
	sqlite3 *db;
	size_t before, after;
	old_store(&f);
	assert_int_equal(sqlite3_open(f.path, &db), SQLITE_OK);
	/* In the way of the second step. */
	exec(db, "ALTER TABLE replay_error ADD COLUMN drift_p50_ns INTEGER; PRAGMA wal_checkpoint(TRUNCATE)");
	sqlite3_close(db);
	char *a = slurp(f.path, &before);
	assert_int_not_equal(results_open(f.path, &f.sink, &f.e), 0);
	assert_non_null(strstr(f.e.text, f.path));
	assert_non_null(strstr(f.e.text, "drift_p50_ns"));
	char *b = slurp(f.path, &after);
	assert_int_equal(before, after);
	assert_memory_equal(a, b, before);
	free(a);
	free(b);
	fixture_gone(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reading_leaves_it_alone),
		cmocka_unit_test(an_old_store_that_may_not_be_written_is_read),
		cmocka_unit_test(writing_brings_it_up_to_date),
		cmocka_unit_test(a_step_that_fails_changes_nothing),
	};
	return cmocka_run_group_tests_name("migrate", tests, NULL, NULL);
}
