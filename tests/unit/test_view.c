/* Every view: readable, its columns described, its rows filtered, sorted and printed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "analyze/view.h"
#include "tests/support/sample_store.h"

static char dir[] = "/tmp/mmr-view-XXXXXX";
static char path[64];

static int make(void **state)
{
	(void)state;
	struct mmr_err e = { 0 };
	if (!mkdtemp(dir))
		return -1;
	snprintf(path, sizeof(path), "%s/s.db", dir);
	if (sample_write(path, sample_named("violation"), &e) || sample_write(path, sample_named("clean"), &e) ||
	    sample_write(path, sample_named("sweep"), &e) || sample_write(path, sample_named("ladder"), &e) ||
	    sample_write(path, sample_named("bbs"), &e)) {
		print_error("%s\n", e.text);
		return -1;
	}
	return 0;
}

static int gone(void **state)
{
	(void)state;
	unlink(path);
	return rmdir(dir);
}

static struct az_db *opened(void)
{
	struct az_db *db = NULL;
	struct mmr_err e = { 0 };
	if (az_open(path, &db, &e))
		fail_msg("%s", e.text);
	return db;
}

static void every_view_has_rows_and_all_its_columns(void **state)
{
	(void)state;
	struct az_db *db = opened();
	for (const struct az_view *v = az_views(); v->name; v++) {
		struct mmr_err e = { 0 };
		struct az_table *t = NULL, *raw = NULL;
		char sql[128];
		if (az_read(db, v, NULL, &t, &e))
			fail_msg("%s: %s", v->name, e.text);
		assert_true(t->nrows > 0);
		if (v->read) { /* SQL has no words for it */
			az_free(t);
			continue;
		}
		snprintf(sql, sizeof(sql), "SELECT * FROM %s", v->sql_view);
		if (az_sql(db, sql, &raw, &e))
			fail_msg("%s: %s", v->name, e.text);
		assert_int_equal(raw->nrows, t->nrows);
		assert_int_equal(raw->ncolumns, t->ncolumns);
		for (unsigned i = 0; i < raw->ncolumns; i++) {
			int at = az_find_column(t, raw->columns[i].name);
			if (at < 0)
				fail_msg("%s: %s is not described", v->name, raw->columns[i].name);
			/* The unit that the name's ending says is the one declared. */
			if (raw->columns[i].unit != AZ_COUNT && t->columns[at].unit != raw->columns[i].unit)
				fail_msg("%s: %s: wrong unit", v->name, raw->columns[i].name);
			assert_true(t->columns[at].title[0] && t->columns[at].about[0]);
		}
		az_free(raw);
		az_free(t);
	}
	az_close(db);
}

static void filters_bind_values(void **state)
{
	(void)state;
	struct az_db *db = opened();
	struct mmr_err e = { 0 };
	struct az_table *t;
	struct az_filter f[] = {
		{ "session", { .kind = AZ_INT, .i = 2 } },
		{ "design", { .kind = AZ_STR, .s = (char *)"task_list" } },
		{ 0 },
	};
	assert_int_equal(az_read(db, az_view_by_name("runs"), f, &t, &e), 0);
	assert_int_equal(t->nrows, 18);
	az_free(t);
	f[1].value.s = (char *)"x' OR '1'='1";
	assert_int_equal(az_read(db, az_view_by_name("runs"), f, &t, &e), 0);
	assert_int_equal(t->nrows, 0);
	az_free(t);
	f[1].column = "nonsense";
	assert_int_not_equal(az_read(db, az_view_by_name("runs"), f, &t, &e), 0);
	assert_non_null(strstr(e.text, "nonsense"));
	az_close(db);
}

static void sorting_is_stable_and_puts_nulls_last(void **state)
{
	(void)state;
	struct az_db *db = opened();
	struct mmr_err e = { 0 };
	struct az_table *t;
	static const char sql[] = "SELECT column1 AS x, column2 AS y FROM (VALUES (2, 'a'), (NULL, 'b'), (10, 'c'), "
				  "(2.5, 'd'), (2, 'e'), (NULL, 'f'))";
	if (az_sql(db, sql, &t, &e))
		fail_msg("%s", e.text);
	for (int down = 0; down < 2; down++) {
		char order[8] = "";
		az_sort(t, 0, down);
		for (unsigned i = 0; i < t->nrows; i++)
			order[i] = az_cell(t, i, 1)->s[0];
		assert_string_equal(order, down ? "cdaebf" : "aedcbf");
	}
	az_free(t);
	az_close(db);
}

static bool ends(const char *name, const char *tail)
{
	size_t n = strlen(name), t = strlen(tail);
	return n >= t && !strcmp(name + n - t, tail);
}

/* Names are the keys of JSON and the header of CSV: who reads those has nothing else to learn a unit from. */
static void names_carry_their_units(void **state)
{
	(void)state;
	for (const struct az_view *v = az_views(); v->name; v++)
		for (const struct az_column *c = v->columns; c->name; c++) {
			bool ratio = !strncmp(c->name, "ratio", 5) || strstr(c->name, "_ratio") ||
				     ends(c->name, "_per_fork");
			if (ends(c->name, "_ns") != (c->unit == AZ_NS) ||
			    ends(c->name, "_per_s") != (c->unit == AZ_RATE) ||
			    (ends(c->name, "_percent") || !strcmp(c->name, "percent")) != (c->unit == AZ_PERCENT) ||
			    ends(c->name, "_bytes") != (c->unit == AZ_BYTES) || ratio != (c->unit == AZ_RATIO))
				fail_msg("%s.%s", v->name, c->name);
		}
}

static void values_read_well(void **state)
{
	(void)state;
	static const struct {
		enum az_unit unit;
		struct az_cell cell;
		const char *text;
	} cases[] = {
		{ AZ_NS, { AZ_INT, 0, 0, NULL }, "0 ns" },
		{ AZ_NS, { AZ_INT, 999, 0, NULL }, "999 ns" },
		{ AZ_NS, { AZ_INT, 1240, 0, NULL }, "1.24 us" },
		{ AZ_NS, { AZ_INT, 999600, 0, NULL }, "1.00 ms" },
		{ AZ_NS, { AZ_INT, 12000000000, 0, NULL }, "12.0 s" },
		{ AZ_NS, { AZ_INT, INT64_MAX, 0, NULL }, "9223372037 s" },
		{ AZ_NS, { AZ_REAL, 0, 9.4, NULL }, "9.40 ns" },
		{ AZ_RATE, { AZ_REAL, 0, 3.1e6, NULL }, "3.10 M/s" },
		{ AZ_PERCENT, { AZ_REAL, 0, 12.34, NULL }, "12.3 %" },
		{ AZ_PERCENT, { AZ_REAL, 0, 0.00123, NULL }, "0.0012 %" },
		{ AZ_RATIO, { AZ_REAL, 0, 1.234, NULL }, "1.23x" },
		{ AZ_BYTES, { AZ_INT, 8ll << 30, 0, NULL }, "8.00 GiB" },
		{ AZ_COUNT, { AZ_INT, 1234567, 0, NULL }, "1234567" },
		{ AZ_COUNT, { AZ_NULL, 0, 0, NULL }, "-" },
		{ AZ_TEXT, { AZ_STR, 0, 0, (char *)"a\033[2Jb" }, "a?[2Jb" },
	};
	for (unsigned i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct az_column c = { "x", "x", "x", cases[i].unit, false, false };
		struct az_cell cell = cases[i].cell;
		char buf[64];
		if (cell.kind == AZ_INT)
			cell.r = (double)cell.i;
		int n = az_format(&c, &cell, buf, sizeof(buf));
		assert_string_equal(buf, cases[i].text);
		assert_int_equal(n, strlen(buf));
		char tiny[4];
		n = az_format(&c, &cell, tiny, sizeof(tiny));
		assert_int_equal(n, strlen(tiny));
	}
}

/* Of three CPU counts the 2019 report fits one; without the sync there are four times as many forks. */
static void the_2019_report_is_a_region(void **state)
{
	(void)state;
	struct az_db *db = opened();
	struct mmr_err e = { 0 };
	struct az_table *t = NULL;
	if (az_sql(db,
		   "SELECT count(*), sum(in_region), max(CASE WHEN in_region THEN threads END),"
		   " max(CASE WHEN in_region THEN round(gain_ratio, 6) END),"
		   " max(CASE WHEN in_region THEN round(sync_wait_percent, 2) END) FROM v_bbs_2019 WHERE "
		   "syncs_per_fork = 1",
		   &t, &e))
		fail_msg("%s", e.text);
	char text[128] = "";
	for (unsigned c = 0; c < t->ncolumns; c++)
		snprintf(text + strlen(text), sizeof(text) - strlen(text), "%g ",
			 az_cell(t, 0, c)->kind == AZ_INT ? (double)az_cell(t, 0, c)->i : az_cell(t, 0, c)->r);
	assert_string_equal(text, "3 1 16 4 16.68 ");
	az_free(t);
	az_close(db);
}

/* Of the five sessions the newest, as many as a number of runs allows. */
static void the_newest_sessions_alone(void **state)
{
	(void)state;
	static const unsigned limits[] = { 0, 1, 100000 };
	for (unsigned i = 0; i < 3; i++) {
		struct az_db *db = opened();
		struct az_table *t = NULL;
		assert_int_equal(az_recent(db, limits[i], NULL), 0);
		assert_int_equal(
			az_sql(db, "SELECT COUNT(*), COUNT(DISTINCT session), MAX(session) FROM v_runs", &t, NULL), 0);
		int64_t shown = az_cell(t, 0, 0)->i, sessions = az_cell(t, 0, 1)->i;
		assert_int_equal(sessions, limits[i] > 1 ? 5 : 1);
		assert_int_equal(az_cell(t, 0, 2)->i, 5);
		az_free(t);
		assert_int_equal(az_sql(db, "SELECT COUNT(*) FROM run", &t, NULL), 0);
		assert_int_equal(shown + az_left_out(db), az_cell(t, 0, 0)->i);
		az_free(t);
		az_close(db);
	}
	/* Exactly as many as the two newest have, and one less. */
	struct az_db *db = opened();
	struct az_table *t = NULL;
	assert_int_equal(az_sql(db, "SELECT COUNT(*) FROM run WHERE session >= 4", &t, NULL), 0);
	unsigned two = (unsigned)az_cell(t, 0, 0)->i;
	az_free(t);
	az_close(db);
	for (unsigned less = 0; less < 2; less++) {
		db = opened();
		assert_int_equal(az_recent(db, two - less, NULL), 0);
		assert_int_equal(az_sql(db, "SELECT COUNT(DISTINCT session) FROM v_runs", &t, NULL), 0);
		assert_int_equal(az_cell(t, 0, 0)->i, 2 - less);
		az_free(t);
		az_close(db);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_view_has_rows_and_all_its_columns),
		cmocka_unit_test(the_2019_report_is_a_region),
		cmocka_unit_test(filters_bind_values),
		cmocka_unit_test(the_newest_sessions_alone),
		cmocka_unit_test(sorting_is_stable_and_puts_nulls_last),
		cmocka_unit_test(names_carry_their_units),
		cmocka_unit_test(values_read_well),
	};
	return cmocka_run_group_tests_name("view", tests, make, gone);
}
