/* The canvas: what is drawn is clipped, cut where it says so, and harmless. */
#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "ui/canvas.h"
#include "ui/key.h"
#include "ui/prompt.h"

static char *dumped(const struct canvas *c)
{
	char *text = NULL;
	size_t size;
	FILE *f = open_memstream(&text, &size);
	canvas_dump(c, f);
	fclose(f);
	return text;
}

static void expect(const struct canvas *c, const char *want)
{
	char *got = dumped(c);
	assert_string_equal(got, want);
	free(got);
}

static void text_is_clipped_and_cut(void **state)
{
	(void)state;
	struct canvas c = { 0 };
	assert_int_equal(canvas_resize(&c, 3, 8), 0);
	assert_int_equal(canvas_put(&c, 0, 0, 8, ROLE_NORMAL, "12345678"), 8);
	assert_int_equal(canvas_put(&c, 1, 0, 7, ROLE_NORMAL, "12345678"), 7);
	canvas_put(&c, 2, 6, 20, ROLE_NORMAL, "abc");
	canvas_put(&c, 9, 0, 5, ROLE_NORMAL, "gone");
	canvas_put(&c, -1, 0, 5, ROLE_NORMAL, "gone");
	expect(&c, "12345678\n123456…\n      ab\n");
	canvas_clear(&c);
	canvas_put_right(&c, 0, 1, 5, ROLE_BAD, "ab");
	canvas_put_right(&c, 1, 1, 5, ROLE_BAD, "abcdefg");
	expect(&c, "    ab\n abcd…\n\n");
	assert_int_equal(canvas_at(&c, 0, 4)->role, ROLE_BAD);
	assert_int_equal(canvas_at(&c, 0, 3)->role, ROLE_NORMAL);
	assert_null(canvas_at(&c, 3, 0));
	assert_null(canvas_at(&c, 0, 8));
	canvas_free(&c);
}

static void wide_characters_are_never_torn(void **state)
{
	(void)state;
	struct canvas c = { 0 };
	canvas_resize(&c, 1, 6);
	assert_int_equal(canvas_width(&c, "日本語"), 6);
	canvas_put(&c, 0, 0, 6, ROLE_NORMAL, "日本語");
	expect(&c, "日本語\n");
	canvas_put(&c, 0, 3, 1, ROLE_NORMAL, "x");
	expect(&c, "日 x語\n");
	canvas_put(&c, 0, 4, 1, ROLE_NORMAL, "y");
	expect(&c, "日 xy\n");
	canvas_clear(&c);
	canvas_put(&c, 0, 0, 5, ROLE_NORMAL, "日本語");
	expect(&c, "日本…\n");
	canvas_put(&c, 0, 5, 9, ROLE_NORMAL, "語");
	canvas_free(&c);
}

static void nothing_a_terminal_obeys_gets_through(void **state)
{
	(void)state;
	struct canvas c = { 0 };
	canvas_resize(&c, 1, 40);
	/* ESC, BEL, CR, C1 CSI, a direction override, a combining accent, invalid bytes. */
	canvas_put(&c, 0, 0, 40, ROLE_NORMAL,
		   "a\x1b[2Jb\a\rc\xc2\x9b"
		   "d\xe2\x80\xae"
		   "e\xcc\x81"
		   "f\xff\xfeg");
	expect(&c, "a?[2Jb??c?d?e?f??g\n");
	canvas_free(&c);
}

static void bars_are_in_proportion(void **state)
{
	(void)state;
	struct canvas c = { 0 };
	canvas_resize(&c, 5, 10);
	canvas_bar(&c, 0, 0, 10, 1, ROLE_BAR);
	canvas_bar(&c, 1, 0, 10, 0.5, ROLE_BAR);
	canvas_bar(&c, 2, 0, 10, 0.25, ROLE_BAR);
	canvas_bar(&c, 3, 0, 10, 1e-9, ROLE_BAR);
	canvas_bar(&c, 4, 0, 10, 0, ROLE_BAR);
	canvas_bar(&c, 4, 0, 10, -1, ROLE_BAR);
	expect(&c, "██████████\n█████\n██▌\n▌\n\n");
	canvas_clear(&c);
	canvas_bar(&c, 0, 0, 10, 42, ROLE_BAR);
	expect(&c, "██████████\n\n\n\n\n");
	canvas_free(&c);
}

static void long_text_is_broken_at_blanks(void **state)
{
	(void)state;
	struct canvas c = { 0 };
	canvas_resize(&c, 5, 10);
	assert_int_equal(canvas_wrap(&c, 0, 0, 10, ROLE_NORMAL, "one two three four"), 2);
	expect(&c, "one two\nthree four\n\n\n\n");
	canvas_clear(&c);
	assert_int_equal(canvas_wrap(&c, 0, 1, 4, ROLE_NORMAL, "abcdefgh ij"), 3);
	expect(&c, " abcd\n efgh\n ij\n\n\n");
	canvas_clear(&c);
	assert_int_equal(canvas_wrap(&c, 0, 0, 3, ROLE_NORMAL, "日本 語"), 3);
	expect(&c, "日\n本\n語\n\n\n");
	assert_int_equal(canvas_wrap(&c, 0, 0, 10, ROLE_NORMAL, ""), 1);
	canvas_free(&c);
}

static void ascii_where_the_locale_has_no_more(void **state)
{
	(void)state;
	struct canvas c = { 0 };
	setlocale(LC_CTYPE, "C");
	canvas_resize(&c, 2, 8);
	canvas_put(&c, 0, 0, 8, ROLE_NORMAL, "d\xc3\xa9j\xc3\xa0 日");
	canvas_bar(&c, 1, 0, 4, 0.5, ROLE_BAR);
	canvas_glyph(&c, 1, 4, ROLE_NORMAL, GLYPH_MARK);
	canvas_glyph(&c, 1, 5, ROLE_NORMAL, GLYPH_CUT);
	expect(&c, "d?j? ?\n##  *~\n");
	setlocale(LC_CTYPE, "C.UTF-8");
	canvas_free(&c);
}

static void every_key_has_a_name_and_one_meaning(void **state)
{
	(void)state;
	char name[16];
	for (const struct binding *b = bindings; b->action; b++) {
		assert_true(b->help && b->keys[0]);
		for (int i = 0; i < BINDING_KEYS && b->keys[i]; i++) {
			/* A key bound twice would show the other action here. */
			assert_int_equal(action_of(b->keys[i]), b->action);
			assert_int_equal(key_by_name(key_text(b->keys[i], name)), b->keys[i]);
		}
	}
	assert_int_equal(key_by_name("^U"), 'U' & 0x1f);
	assert_int_equal(key_by_name("Dwon"), UK_NONE);
	assert_int_equal(key_by_name("\x1b"), UK_NONE);
	assert_int_equal(action_of('~'), ACT_NONE);
}

static void the_prompt_edits_whole_characters(void **state)
{
	(void)state;
	struct prompt p;
	prompt_start(&p, "> ", "d\xc3\xa9j", false);
	prompt_key(&p, UK_LEFT);
	assert_int_equal(prompt_key(&p, UK_BACKSPACE), PROMPT_CHANGED);
	assert_string_equal(p.text, "dj");
	assert_int_equal(prompt_key(&p, 0x65e5), PROMPT_CHANGED);
	assert_string_equal(p.text, "d日j");
	assert_int_equal(prompt_key(&p, 0x9b), PROMPT_NOTHING);
	assert_int_equal(prompt_key(&p, 7), PROMPT_NOTHING);
	assert_int_equal(prompt_key(&p, UK_F5), PROMPT_NOTHING);
	prompt_key(&p, UK_HOME);
	assert_int_equal(prompt_key(&p, UK_BACKSPACE), PROMPT_NOTHING);
	for (int i = 0; i < 3; i++)
		assert_int_equal(prompt_key(&p, UK_DELETE), PROMPT_CHANGED);
	assert_string_equal(p.text, "");
	for (int i = 0; i < 3 * PROMPT_TEXT; i++)
		prompt_key(&p, 0xe9);
	assert_true(strlen(p.text) < PROMPT_TEXT);
	assert_int_equal(strlen(p.text) % 2, 0);
	prompt_start(&p, "> ", NULL, true);
	assert_int_equal(prompt_key(&p, 0xe9), PROMPT_NOTHING);
	assert_int_equal(prompt_key(&p, UK_ENTER), PROMPT_DONE);
	assert_int_equal(prompt_key(&p, UK_ESC), PROMPT_CANCELLED);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(text_is_clipped_and_cut),
		cmocka_unit_test(wide_characters_are_never_torn),
		cmocka_unit_test(nothing_a_terminal_obeys_gets_through),
		cmocka_unit_test(bars_are_in_proportion),
		cmocka_unit_test(long_text_is_broken_at_blanks),
		cmocka_unit_test(ascii_where_the_locale_has_no_more),
		cmocka_unit_test(every_key_has_a_name_and_one_meaning),
		cmocka_unit_test(the_prompt_edits_whole_characters),
	};
	setlocale(LC_CTYPE, "C.UTF-8");
	return cmocka_run_group_tests_name("ui_canvas", tests, NULL, NULL);
}
