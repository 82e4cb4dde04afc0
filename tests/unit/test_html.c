/* What pages are made of: text that cannot break out, figures in one unit, ticks that are round. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "analyze/html.h"
#include "analyze/html_chart.h"
#include "analyze/html_number.h"

static void expect_text(const char *in, unsigned max, const char *want)
{
	char *got;
	size_t size;
	FILE *f = open_memstream(&got, &size);
	html_cut(f, in, max);
	fclose(f);
	assert_string_equal(got, want);
	free(got);
}

static void text_stays_text(void **state)
{
	(void)state;
	expect_text("<a href=\"x\" title='y'>&amp;", 100, "&lt;a href=&quot;x&quot; title=&#39;y&#39;&gt;&amp;amp;");
	/* Control characters, no UTF-8, a character that turns what follows, one that XML has no word for. */
	expect_text("a\033[1m\n\x80\xc3", 100, "a?[1m???");
	expect_text("x\xe2\x80\xaey\xe2\x81\xa7z\xef\xbf\xbe", 100, "x?y?z?");
	expect_text("gr\xc3\xbc\xc3\x9f", 100, "gr\xc3\xbc\xc3\x9f");
	/* Cut between characters, and it says so. */
	expect_text("abcdef", 6, "abcdef");
	expect_text("abcdefg", 6, "abcdef\xe2\x80\xa6");
	expect_text("abc\xc3\xbc", 4, "abc\xe2\x80\xa6");
	expect_text("<<<<", 2, "&lt;&lt;\xe2\x80\xa6");
}

static void expect_number(enum az_unit unit, double typical, double v, const char *want)
{
	char got[HTML_NUMBER];
	struct html_scale s = html_scale_for(unit, typical);
	html_number_unit(&s, v, got);
	assert_string_equal(got, want);
}

static void figures_of_a_column_have_one_unit(void **state)
{
	(void)state;
	expect_number(AZ_NS, 180, 180, "180 ns");
	expect_number(AZ_NS, 180, 3012345, "3,012,345 ns");
	expect_number(AZ_NS, 15.7, 15.7, "15.7 ns");
	/* What is small beside the others says something all the same. */
	expect_number(AZ_NS, 15000, 0.0123, "0.012 ns");
	expect_number(AZ_NS, 250000, 1500, "1.5 \xc2\xb5s");
	expect_number(AZ_RATE, 14712345, 14712345, "14,712 k/s");
	expect_number(AZ_RATE, 12500, 0, "0 /s");
	expect_number(AZ_PERCENT, 0.0065, 0.0065, "0.0065 %");
	expect_number(AZ_RATIO, 1.1, 1.0042, "1.004\xc3\x97");
	expect_number(AZ_RATIO, 2000, 2428, "2,428\xc3\x97");
	expect_number(AZ_COUNT, 1000, -1234567, "-1,234,567");
	expect_number(AZ_COUNT, 1, NAN, "-");
}

/* Within the range, ascending, not more than asked for, and all different to read. */
static void check_ticks(double low, double high, bool log, unsigned most)
{
	static const enum az_unit units[] = { AZ_COUNT, AZ_RATE, AZ_NS, AZ_PERCENT };
	double tick[16];
	unsigned n = chart_ticks(low, high, log, most, tick);
	if (n < 1 || n > most)
		fail_msg("%g to %g: %u ticks", low, high, n);
	for (unsigned i = 0; i < n; i++) {
		if (tick[i] < low - 1e-9 * fabs(low) || tick[i] > high + 1e-9 * fabs(high) ||
		    (i && tick[i] <= tick[i - 1]))
			fail_msg("%g to %g: %.12g", low, high, tick[i]);
		for (unsigned u = 0; i && u < sizeof(units) / sizeof(units[0]); u++) {
			char a[CHART_LABEL], b[CHART_LABEL];
			assert_string_not_equal(chart_tick_label(units[u], tick[i - 1], a),
						chart_tick_label(units[u], tick[i], b));
		}
	}
}

static void ticks_are_round(void **state)
{
	(void)state;
	for (unsigned most = 4; most <= 8; most++)
		for (double span = 1e-6; span < 1e12; span *= 3.7) {
			check_ticks(0, span, false, most);
			check_ticks(span / 3, span, false, most);
			check_ticks(span / 1.2, span, true, most);
			check_ticks(span / 50, span, true, most);
			check_ticks(span / 1e7, span, true, most);
		}
	double tick[8];
	char text[CHART_LABEL];
	assert_string_equal(chart_label(AZ_NS, 999.7, text), "1 \xc2\xb5s");
	assert_string_equal(chart_label(AZ_RATE, 14712345, text), "14.7 M");
	assert_string_equal(chart_tick_label(AZ_RATE, 10250000, text), "10.25 M");
	assert_int_equal(chart_ticks(5, 5, true, 8, tick), 1);
	assert_true(tick[0] == 5);
	assert_int_equal(chart_ticks(1, 1000, true, 8, tick), 4);
}

/* What a chart of @values looks like. */
static char *drawn(const double *values, unsigned n, bool log)
{
	char *got;
	size_t size;
	FILE *f = open_memstream(&got, &size);
	struct chart c = { .title = "<t>", .x = { "x", AZ_COUNT, log, true }, .y = { "y", AZ_COUNT, log, false } };
	for (unsigned i = 0; i < n; i++) {
		struct chart_line *l = chart_line(&c, 1, "a", 0, false);
		assert_non_null(l);
		assert_true(chart_point(l, (struct chart_point){ .x = i + 1, .y = values[i] }));
	}
	chart_draw(f, &c);
	chart_free(&c);
	fclose(f);
	return got;
}

static unsigned count(const char *text, const char *what)
{
	unsigned n = 0;
	while ((text = strstr(text, what))) {
		text += strlen(what);
		n++;
	}
	return n;
}

static void charts_leave_out_what_cannot_be_drawn(void **state)
{
	(void)state;
	char *got = drawn((double[]){ 1, NAN, INFINITY, 4, 0 }, 5, false);
	assert_int_equal(count(got, "<circle "), 3);
	assert_int_equal(count(got, "nan") + count(got, "inf"), 0);
	assert_int_equal(count(got, "&lt;t&gt;"), 2);
	free(got);
	/* No logarithm of 0. */
	got = drawn((double[]){ 1, 0, -3, 100 }, 4, true);
	assert_int_equal(count(got, "<circle "), 2);
	assert_int_equal(count(got, "nan") + count(got, "inf"), 0);
	free(got);
	got = drawn((double[]){ 7 }, 1, true);
	assert_int_equal(count(got, "<circle "), 1);
	assert_int_equal(count(got, "nan") + count(got, "inf"), 0);
	free(got);
	got = drawn((double[]){ 0 }, 1, true);
	assert_string_equal(got, "");
	free(got);
	got = drawn(NULL, 0, false);
	assert_string_equal(got, "");
	free(got);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(text_stays_text),
		cmocka_unit_test(figures_of_a_column_have_one_unit),
		cmocka_unit_test(ticks_are_round),
		cmocka_unit_test(charts_leave_out_what_cannot_be_drawn),
	};
	return cmocka_run_group_tests_name("html", tests, NULL, NULL);
}
