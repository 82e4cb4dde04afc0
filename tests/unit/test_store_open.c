/* Opening a store: what is not ours is refused and left alone, a lock is told, old views are renewed. */
#include "tests/unit/store_fixture.h"

#include <errno.h>

#include "analyze/store.h"
#include "schemas/embed.h"

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

	fixture_write(f.path, "not a database at all", 21);
	refused(f.path, -EPROTO, "not an SQLite database");
	unlink(f.path);

	assert_int_equal(sqlite3_open(f.path, &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, "PRAGMA journal_mode = WAL; CREATE TABLE mail (x)", NULL, NULL, NULL),
			 SQLITE_OK);
	sqlite3_close(db);
	refused(f.path, -EPROTO, "another application");
	assert_int_equal(fixture_files(&f), 1);
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
	assert_int_equal(fixture_files(&f), 0);
	/* An empty file is what mktemp makes: it becomes a store. */
	fixture_write(f.path, "", 0);
	assert_int_equal(results_open(f.path, &sink, &e), 0);
	sink->close(sink, NULL);
	assert_int_equal(fixture_files(&f), 1);
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_not_ours_is_refused_and_left_alone),
		cmocka_unit_test(a_locked_store_says_so),
		cmocka_unit_test(old_views_are_renewed),
	};
	return cmocka_run_group_tests_name("store open", tests, NULL, NULL);
}
