/* A table on a screen: the cursor keeps its row, what is sorted, found, marked, and which columns show. */
#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "tests/support/sample_store.h"
#include "ui/grid.h"

static char dir[] = "/tmp/mmr-grid-XXXXXX";
static char path[64];
static struct az_db *db;

static int make(void **state)
{
	(void)state;
	struct mmr_err e = { 0 };
	setlocale(LC_CTYPE, "C.UTF-8");
	if (!mkdtemp(dir))
		return -1;
	snprintf(path, sizeof(path), "%s/s.db", dir);
	return sample_write(path, sample_named("once"), &e) || az_open(path, &db, &e) ? -1 : 0;
}

static int gone(void **state)
{
	(void)state;
	az_close(db);
	unlink(path);
	return rmdir(dir);
}

/* Rows from @first to @last: id, name ("n3"), square_ns; then twenty columns more. */
static struct az_table *rows(int first, int last)
{
	char sql[512];
	struct az_table *t = NULL;
	struct mmr_err e = { 0 };
	snprintf(sql, sizeof(sql),
		 "WITH RECURSIVE r(id) AS (SELECT %d UNION ALL SELECT id + 1 FROM r WHERE id < %d) "
		 "SELECT id, 'n' || id AS name, (id - 50) * (id - 50) AS square_ns, "
		 "111111 AS c1, 222222 AS c2, 333333 AS c3, 444444 AS c4, 555555 AS c5, 'the last one' AS c6 FROM r",
		 first, last);
	if (az_sql(db, sql, &t, &e))
		fail_msg("%s", e.text);
	return t;
}

static const char *const key[] = { "id", NULL };

static int64_t current(const struct grid *g)
{
	return grid_cell(g, g->cursor, "id")->i;
}

static void the_cursor_keeps_its_row(void **state)
{
	(void)state;
	struct grid g = { .key = key };
	struct canvas c = { 0 };
	canvas_resize(&c, 11, 80);
	grid_load(&g, rows(1, 100));
	grid_goto(&g, 39);
	grid_draw(&g, &c, 0, 11);
	assert_int_equal(current(&g), 40);
	unsigned above = g.cursor - g.top;
	/* Ten rows come in before it, some go after it. */
	grid_load(&g, rows(-9, 60));
	grid_draw(&g, &c, 0, 11);
	assert_int_equal(current(&g), 40);
	assert_int_equal(g.cursor - g.top, above);
	/* Its row goes: it stays within the table. */
	grid_load(&g, rows(1, 10));
	grid_draw(&g, &c, 0, 11);
	assert_true(g.cursor < 10);
	/* In the first row it stays there: new rows want to be seen. */
	grid_goto(&g, 0);
	grid_load(&g, rows(-5, 10));
	assert_int_equal(g.cursor, 0);
	grid_free(&g);
	canvas_free(&c);
}

static void it_never_leaves_the_table(void **state)
{
	(void)state;
	static const enum action moves[] = { ACT_UP,    ACT_DOWN, ACT_PGUP, ACT_PGDN,
					     ACT_FIRST, ACT_LAST, ACT_LEFT, ACT_RIGHT };
	struct canvas c = { 0 };
	unsigned seed = 1;
	for (int n = 0; n <= 30; n += 6) {
		struct grid g = { .key = key };
		grid_load(&g, rows(1, n ? n : 1));
		if (!n) {
			struct mmr_err e;
			struct az_table *none;
			az_sql(db, "SELECT id FROM run WHERE 0", &none, &e);
			grid_load(&g, none);
		}
		for (int i = 0; i < 2000; i++) {
			seed = seed * 1103515245 + 12345;
			assert_true(grid_move(&g, moves[(seed >> 16) % 8]));
			canvas_resize(&c, 1 + (int)(seed >> 20) % 12, 1 + (int)(seed >> 8) % 90);
			grid_draw(&g, &c, 0, c.rows);
			assert_true(g.cursor < (n ? (unsigned)n : 1));
			assert_true(g.cursor >= g.top && (g.page == 0 || g.cursor < g.top + g.page));
			/* No room is wasted while there are rows above. */
			assert_true(g.top == 0 || g.top + g.page <= (unsigned)n);
		}
		grid_free(&g);
	}
	canvas_free(&c);
}

static void sorting_steps_through_the_columns(void **state)
{
	(void)state;
	struct grid g = { .key = key };
	grid_load(&g, rows(1, 100));
	assert_null(grid_sort_column(&g));
	assert_false(grid_invert(&g));
	assert_true(grid_sort_step(&g, 1));
	assert_string_equal(grid_sort_column(&g)->name, "id");
	assert_int_equal(current(&g), 100); /* numbers: largest first */
	assert_true(grid_sort_step(&g, 1));
	assert_int_equal(current(&g), 1); /* texts: from a to z */
	assert_true(grid_sort_step(&g, 1));
	assert_string_equal(grid_sort_column(&g)->name, "square_ns");
	assert_int_equal(current(&g), 100);
	assert_true(grid_invert(&g));
	grid_goto(&g, 0);
	assert_int_equal(current(&g), 50);
	/* A new table is sorted the same way. */
	grid_goto(&g, 1);
	int64_t id = current(&g);
	grid_load(&g, rows(1, 200));
	assert_int_equal(current(&g), id);
	grid_goto(&g, 0);
	assert_int_equal(current(&g), 50);
	for (int i = 0; i < 20; i++)
		assert_true(grid_sort_step(&g, 1));
	assert_string_equal(grid_sort_column(&g)->name, "c6");
	for (int i = 0; i < 8; i++)
		assert_true(grid_sort_step(&g, -1));
	assert_false(grid_sort_step(&g, -1));
	assert_null(grid_sort_column(&g));
	grid_free(&g);
}

static void search_wraps_both_ways(void **state)
{
	(void)state;
	struct grid g = { .key = key };
	grid_load(&g, rows(1, 100));
	assert_int_equal(grid_find(&g, "n42", 0, 1), 41);
	assert_int_equal(grid_find(&g, "n42", 41, 1), 41);
	assert_int_equal(grid_find(&g, "n42", 42, 1), 41);
	assert_int_equal(grid_find(&g, "n1", 50, 1), 99);
	assert_int_equal(grid_find(&g, "n1", 50, -1), 18);
	assert_int_equal(grid_find(&g, "N42", 0, 1), -1);
	assert_int_equal(grid_find(&g, "LAST", 0, 1), -1);
	assert_int_equal(grid_find(&g, "last", 5, 1), 5);
	/* What is shown is searched: 49 * 49 ns as people read it. */
	assert_int_equal(grid_find(&g, "2.40 us", 0, 1), 0);
	assert_int_equal(grid_find(&g, "2401", 0, 1), -1);
	grid_free(&g);
}

static void marks_stay_on_their_rows(void **state)
{
	(void)state;
	struct grid g = { .key = key };
	grid_load(&g, rows(1, 100));
	for (unsigned r = 10; r < 13; r++) {
		grid_goto(&g, r);
		assert_true(grid_mark_toggle(&g));
	}
	grid_goto(&g, 11);
	assert_true(grid_mark_toggle(&g));
	assert_int_equal(g.nmarks, 2);
	grid_sort_step(&g, 1);
	assert_false(grid_marked(&g, 10));
	assert_true(grid_marked(&g, 100 - 11) && grid_marked(&g, 100 - 13));
	grid_load(&g, rows(5, 12));
	assert_true(grid_marked(&g, 12 - 11));
	assert_int_equal(g.nmarks, 2);
	grid_unmark(&g);
	assert_false(grid_marked(&g, 12 - 11));
	grid_free(&g);
	/* Rows without a key have no identity. */
	struct grid none = { 0 };
	grid_load(&none, rows(1, 3));
	assert_false(grid_mark_toggle(&none));
	grid_free(&none);
}

static char *line(const struct canvas *c, int row)
{
	static char text[512];
	char *p = text;
	for (int i = 0; i < c->cols; i++)
		p += sprintf(p, "%lc", (wint_t)canvas_at(c, row, i)->ch);
	return text;
}

static void columns_scroll_and_the_pinned_ones_stay(void **state)
{
	(void)state;
	static const char *const first[] = { "name", "id", NULL };
	struct grid g = { .key = key, .first = first, .pinned = 2 };
	struct canvas c = { 0 };
	canvas_resize(&c, 3, 40);
	grid_load(&g, rows(1, 3));
	grid_draw(&g, &c, 0, 3);
	assert_string_equal(line(&c, 0), " name id square_ns     c1     c2     c3▶");
	assert_string_equal(line(&c, 1), " n1    1   2.40 us 111111 222222 333333 ");
	for (int i = 0; i < 20; i++) {
		grid_move(&g, ACT_RIGHT);
		canvas_clear(&c);
		grid_draw(&g, &c, 0, 3);
	}
	/* All the way: the last column is whole, nothing is beyond it. */
	assert_string_equal(line(&c, 0), " name id◀    c4     c5 c6               ");
	assert_string_equal(line(&c, 1), " n1    1 444444 555555 the last one     ");
	assert_false(g.more_right);
	/* To sort by a column brings it into sight. */
	for (int i = 0; i < 3; i++)
		grid_sort_step(&g, 1);
	grid_draw(&g, &c, 0, 3);
	assert_non_null(strstr(line(&c, 0), "square_ns▼"));
	/* Too narrow for two pinned ones: one. */
	canvas_resize(&c, 3, 9);
	g.left = 0;
	grid_draw(&g, &c, 0, 3);
	assert_string_equal(line(&c, 0), " name id▶");
	grid_free(&g);
	canvas_free(&c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_cursor_keeps_its_row),
		cmocka_unit_test(it_never_leaves_the_table),
		cmocka_unit_test(sorting_steps_through_the_columns),
		cmocka_unit_test(search_wraps_both_ways),
		cmocka_unit_test(marks_stay_on_their_rows),
		cmocka_unit_test(columns_scroll_and_the_pinned_ones_stay),
	};
	return cmocka_run_group_tests_name("ui_grid", tests, make, gone);
}
