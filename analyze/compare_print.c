/* What a comparison looks like: as the kernel's test robot writes it, as rows, as JSON. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "analyze/compare.h"
#include "analyze/report.h"
#include "analyze/view_columns.h"
#include "analyze/view_db.h"
#include "analyze/view_table.h"
#include "schemas/safe.h"

/* What JSON looks like: one more whenever a key changes its meaning or goes. */
#define COMPARE_SCHEMA 1

static const struct az_column columns[] = {
	T("lock_kind", "kind", "kind of spinlock"),
	T("threads", "threads", "replaying threads"),
	T("speed", "speed", "times the recorded pace"),
	T("a_design", "A", "A's design"),
	T("b_design", "B", "B's design"),
	T("figure", "figure", "what is compared"),
	T("unit", "unit", "of the two values"),
	T("better", "better", "higher or lower"),
	N("a_value", "A", "median of the repeats"),
	N("a_repeats", "A repeats", "runs"),
	P("a_cv_percent", "A cv", "standard deviation of the repeats over their mean"),
	N("b_value", "B", "median of the repeats"),
	N("b_repeats", "B repeats", "runs"),
	P("b_cv_percent", "B cv", "standard deviation of the repeats over their mean"),
	P("change_percent", "change", "of B against A"),
	P("change_low_percent", "low", "95 % interval of the change, lower end"),
	P("change_high_percent", "high", "95 % interval of the change, upper end"),
	N("p", "p", "chance of such a change when there is none, corrected for the number of figures"),
	P("noise_percent", "noise", "how far the machine moved what did not change"),
	T("noise_source", "noise from",
	  "floor: what the machine moved by, as `null` shows it; self: the later repeats against the earlier; scatter: "
	  "that of single repeats; others: what other processes took; best: the fastest third of the repeats differs "
	  "by less than that"),
	P("best_percent", "best", "change of the best third of the repeats"),
	P("machine_percent", "machine", "what `null`, which did not change, is faster by in B; empty: not known"),
	T("verdict", "verdict", "better or worse beyond the noise, same, or unknown"),
	END,
};

static double percent(double log_ratio)
{
	return 100 * (exp(log_ratio) - 1);
}

static const char *noise_name(enum noise_source s)
{
	static const char *const names[] = { "unknown", "floor", "self", "scatter", "others", "best" };
	return names[s];
}

static const char *noise_words(enum noise_source s)
{
	static const char *const words[] = { "",
					     "the machine moved",
					     "each against itself",
					     "the scatter of repeats",
					     "other processes",
					     "the fastest repeats are alike" };
	return words[s];
}

static bool add_row(struct az_table *t, const struct compare_line *l)
{
	static const char *const value[] = { "a_value", "b_value" }, *const cv[] = { "a_cv_percent", "b_cv_percent" },
				 *const repeats[] = { "a_repeats", "b_repeats" };
	char both[3][128];
	for (unsigned i = 0; i < AXIS_DESIGN; i++)
		if (!strcmp(l->key[0][i], l->key[1][i]))
			snprintf(both[i], sizeof(both[i]), "%s", l->key[0][i]);
		else
			snprintf(both[i], sizeof(both[i]), "%s/%s", l->key[0][i], l->key[1][i]);
	if (!az_table_row(t) || !az_table_text(t, "lock_kind", both[AXIS_LOCK]) ||
	    !az_table_text(t, "threads", both[AXIS_THREADS]) || !az_table_text(t, "speed", both[AXIS_SPEED]) ||
	    !az_table_text(t, "a_design", l->key[0][AXIS_DESIGN]) ||
	    !az_table_text(t, "b_design", l->key[1][AXIS_DESIGN]) || !az_table_text(t, "figure", l->figure) ||
	    !az_table_text(t, "unit", l->unit) ||
	    !az_table_text(t, "better", l->higher_is_better ? "higher" : "lower") ||
	    !az_table_text(t, "noise_source", noise_name(l->noise_source)) ||
	    !az_table_text(t, "verdict", compare_verdict_name(l->verdict)))
		return false;
	for (unsigned i = 0; i < 2; i++) {
		az_table_real(t, value[i], l->value[i]);
		az_table_real(t, cv[i], l->cv_percent[i]);
		az_table_int(t, repeats[i], l->repeats[i]);
	}
	az_table_real(t, "change_percent", percent(l->c.change));
	az_table_real(t, "change_low_percent", percent(l->c.low));
	az_table_real(t, "change_high_percent", percent(l->c.high));
	az_table_real(t, "p", l->p);
	az_table_real(t, "noise_percent", percent(l->noise));
	az_table_real(t, "best_percent", percent(l->best));
	az_table_real(t, "machine_percent", percent(l->moved));
	return true;
}

struct az_table *compare_table(const struct compare *c)
{
	struct az_table *t = az_table_new(columns);
	for (unsigned i = 0; t && i < c->nlines; i++)
		if (!add_row(t, &c->line[i])) {
			az_free(t);
			return NULL;
		}
	return t;
}

static const char *axis_text(const struct compare_line *l, enum axis a, char *buf, size_t size)
{
	char x[64], y[64];
	safe_copy(x, sizeof(x), l->key[0][a]);
	safe_copy(y, sizeof(y), l->key[1][a]);
	if (strcmp(x, y) != 0)
		snprintf(buf, size, "%s against %s", y, x);
	else
		snprintf(buf, size, "%s", x);
	return buf;
}

void compare_setting(const struct compare_line *l, char *buf, size_t size)
{
	char lock[160], threads[160], design[160], speed[160];
	const bool one = !strcmp(l->key[0][AXIS_THREADS], "1") && !strcmp(l->key[1][AXIS_THREADS], "1");
	axis_text(l, AXIS_SPEED, speed, sizeof(speed));
	snprintf(buf, size, "%s, %s thread%s, %s%s%s", axis_text(l, AXIS_LOCK, lock, sizeof(lock)),
		 axis_text(l, AXIS_THREADS, threads, sizeof(threads)), one ? "" : "s",
		 axis_text(l, AXIS_DESIGN, design, sizeof(design)), strcmp(speed, "1") ? ", speed " : "",
		 strcmp(speed, "1") ? speed : "");
}

const char *compare_difference(const struct compare *c, unsigned i, const char **a, const char **b)
{
	const struct az_table *x = c->side[0].facts, *y = c->side[1].facts;
	for (unsigned row = 0; row < x->nrows && row < y->nrows; row++) {
		*a = report_text(x, row, "value");
		*b = report_text(y, row, "value");
		if (strcmp(*a, *b) != 0 && !i--)
			return report_text(x, row, "name");
	}
	return NULL;
}

static void format_value(const struct compare_line *l, unsigned side, char *buf, unsigned size)
{
	const struct az_column col = {
		"value", "value", "", !strcmp(l->unit, "per_s") ? AZ_RATE : !strcmp(l->unit, "ns") ? AZ_NS : AZ_COUNT,
		true,    AZ_SHOWN
	};
	const double v = l->value[side];
	/* A count is a whole number, also where it is the mean of two. */
	const struct az_cell cell = { .kind = isnan(v) ? AZ_NULL : AZ_REAL, .r = col.unit == AZ_COUNT ? round(v) : v };
	az_format(&col, &cell, buf, size);
}

static void format_cv(double cv, char buf[16])
{
	if (isnan(cv))
		snprintf(buf, 16, "%s", "");
	else
		snprintf(buf, 16, "± %.*f%%", cv < 10, cv);
}

static void print_line(const struct compare_line *l, FILE *f)
{
	char value[2][64], cv[2][16], change[32], figure[64], more[96] = "";
	for (unsigned i = 0; i < 2; i++) {
		format_value(l, i, value[i], sizeof(value[i]));
		format_cv(l->cv_percent[i], cv[i]);
	}
	if (l->verdict == COMPARE_SAME)
		snprintf(change, sizeof(change), "~");
	else if (isnan(l->c.change))
		snprintf(change, sizeof(change), "-");
	else
		snprintf(change, sizeof(change), "%+.1f%%%s", percent(l->c.change), l->verdict ? "" : " ?");
	if (!isnan(l->c.low) && l->c.low < l->c.high)
		snprintf(more, sizeof(more), "%+.1f to %+.1f %%, p %.2g", percent(l->c.low), percent(l->c.high), l->p);
	safe_copy(figure, sizeof(figure), l->figure);
	/* The sign is one column wide and two bytes long. */
	fprintf(f, "%11s %-*s %10s %12s %-*s %-22s %s\n", value[0], cv[0][0] ? 9 : 8, cv[0], change, value[1],
		cv[1][0] ? 9 : 8, cv[1], figure, more);
}

static void print_side(const struct compare *c, unsigned i, FILE *f)
{
	const struct compare_side *s = &c->side[i];
	char text[256];
	safe_copy(text, sizeof(text), s->path);
	fprintf(f, "%c  ", 'A' + (char)i);
	if (s->run)
		fprintf(f, "run %lld of ", (long long)s->run);
	if (s->design) {
		char design[64];
		safe_copy(design, sizeof(design), s->design);
		fprintf(f, "%s, ", design);
	}
	fprintf(f, "session %lld of %s", (long long)s->session, text);
	safe_copy(text, sizeof(text), s->facts->nrows ? report_text(s->facts, 0, "value") : "");
	fprintf(f, ": %s", text);
	if (!isnan(s->other_percent))
		fprintf(f, "; other processes took %.1f %% of the CPU time", s->other_percent);
	if (s->incomplete)
		fprintf(f, "; runs left out, not done: %lld", (long long)s->incomplete);
	if (c->unmatched[i])
		fprintf(f, "; settings that %c has not: %u", 'B' - (char)i, c->unmatched[i]);
	fputc('\n', f);
}

static void print_differences(const struct compare *c, FILE *f)
{
	const char *name, *a, *b;
	for (unsigned i = 0; (name = compare_difference(c, i, &a, &b)); i++) {
		char x[160], y[160];
		safe_copy(x, sizeof(x), a[0] ? a : "none");
		safe_copy(y, sizeof(y), b[0] ? b : "none");
		fprintf(f, "differs: %s: A %s, B %s\n", name, x, y);
	}
}

/* How far the machine itself moved from one replay to the other. */
static void print_machine(const struct compare *c, FILE *f)
{
	const struct compare_line *most = NULL;
	unsigned all = 0, unknown = 0, crowded = 0;
	for (unsigned i = 0; i < c->nlines; i++) {
		const struct compare_line *l = &c->line[i];
		if (!l->primary)
			continue;
		all++;
		unknown += isnan(l->moved);
		crowded += l->noise_source == NOISE_OTHERS;
		if (!isnan(l->moved) && (!most || fabs(l->moved) > fabs(most->moved)))
			most = l;
	}
	if (most) {
		char setting[640];
		compare_setting(most, setting, sizeof(setting));
		fprintf(f,
			"noise: the machine itself moved by %s%.1f %% between the two (null; %s): smaller differences "
			"cannot be told\n",
			all > 1 ? "up to " : "", 100 * (exp(fabs(most->moved)) - 1), setting);
	}
	if (unknown)
		fputs("noise: how far the machine itself moved between the two is not known: they have no `null` in "
		      "common, "
		      "or differ in what it depends on\n",
		      f);
	if (crowded)
		fputs("noise: other processes took much of the CPU time: run it again on a quiet machine\n", f);
	fputs("noise: two replays; designs that one replay runs (--design a,b) are compared in pairs, which shows "
	      "smaller "
	      "changes\n",
	      f);
}

static void print_summary(const struct compare *c, FILE *f)
{
	unsigned n[4] = { 0 }, all = 0;
	for (unsigned i = 0; i < c->nlines; i++) {
		const struct compare_line *l = &c->line[i];
		n[l->verdict] += l->primary;
		all += l->primary;
	}
	fprintf(f, "\nevents/s of %u setting%s: %u better, %u worse, %u within noise", all, all == 1 ? "" : "s",
		n[COMPARE_BETTER], n[COMPARE_WORSE], n[COMPARE_SAME]);
	if (n[COMPARE_UNKNOWN])
		fprintf(f, ", %u that cannot be judged (one repeat, or a broken invariant)", n[COMPARE_UNKNOWN]);
	fputs(c->paired ? "; repeats in pairs\n" : "\n", f);
	if (!c->paired && !c->side[0].run && !c->side[1].run)
		print_machine(c, f);
}

void compare_print(const struct compare *c, FILE *f)
{
	print_side(c, 0, f);
	print_side(c, 1, f);
	print_differences(c, f);
	for (unsigned i = 0; i < c->nlines; i++) {
		const struct compare_line *l = &c->line[i];
		if (l->primary || !i) {
			char setting[640];
			compare_setting(l, setting, sizeof(setting));
			fprintf(f, "\n%s: %u and %u repeats", setting, l->repeats[0], l->repeats[1]);
			if (l->noise_source != NOISE_UNKNOWN)
				fprintf(f, ", noise %.1f %% (%s)", percent(l->noise), noise_words(l->noise_source));
			if (l->violation)
				fputs(", an invariant broke", f);
			fprintf(f, "\n%11s %-8s %10s %12s %-8s\n", "A", "%stddev", "%change", "B", "%stddev");
		}
		print_line(l, f);
	}
	print_summary(c, f);
}

static void json_side(const struct compare_side *s, FILE *f)
{
	fputs("{ \"store\": ", f);
	json_string(f, s->path);
	fprintf(f, ", \"session\": %lld, \"run_id\": ", (long long)s->session);
	if (s->run)
		fprintf(f, "%lld", (long long)s->run);
	else
		fputs("null", f);
	fputs(", \"design\": ", f);
	if (s->design)
		json_string(f, s->design);
	else
		fputs("null", f);
	fprintf(f, ", \"incomplete\": %lld, \"other_percent\": ", (long long)s->incomplete);
	if (isnan(s->other_percent))
		fputs("null", f);
	else
		fprintf(f, "%.6g", s->other_percent);
	for (unsigned i = 0; i < s->facts->nrows; i++) {
		fputs(", ", f);
		json_string(f, report_text(s->facts, i, "name"));
		fputs(": ", f);
		json_string(f, report_text(s->facts, i, "value"));
	}
	fputs(" }", f);
}

void compare_json(const struct compare *c, const struct az_table *t, FILE *f)
{
	const char *name, *a, *b;
	fprintf(f, "{\n  \"schema\": \"mmreplay-compare\",\n  \"schema_version\": %d,\n  \"paired\": %s,\n  \"a\": ",
		COMPARE_SCHEMA, c->paired ? "true" : "false");
	json_side(&c->side[0], f);
	fputs(",\n  \"b\": ", f);
	json_side(&c->side[1], f);
	fputs(",\n  \"differs\": [", f);
	for (unsigned i = 0; (name = compare_difference(c, i, &a, &b)); i++) {
		fputs(i ? ", " : "", f);
		json_string(f, name);
	}
	fprintf(f, "],\n  \"unmatched_a\": %u,\n  \"unmatched_b\": %u,\n  \"rows\": ", c->unmatched[0],
		c->unmatched[1]);
	az_json_rows(f, t, "  ");
	fputs("\n}\n", f);
}
