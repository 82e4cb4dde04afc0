/* Lines of the report about more CPUs and more load: what was predicted, how well, and what follows. */
#include <inttypes.h>
#include <string.h>

#include "analyze/report.h"
#include "schemas/safe.h"

#define HEADROOM_PERCENT 5 /* the threshold of the one-line answer */

/* Row @a and @b of @t belong to one line: same text in all of @keys (ends with NULL). */
static bool same(const struct az_table *t, unsigned a, unsigned b, const char *const *keys)
{
	char x[REPORT_CELL], y[REPORT_CELL];
	for (; *keys; keys++)
		if (strcmp(report_show(t, a, *keys, x), report_show(t, b, *keys, y)) != 0)
			return false;
	return true;
}

/* The shape; the costs, "; ns: ...", are listed with their origins. */
static void print_shape(const char *spec, FILE *f)
{
	const char *costs = strstr(spec, "; ns:"), *rest = costs ? strchr(costs + 1, ';') : NULL;
	char text[1024], clean[1024];
	snprintf(text, sizeof(text), "%.*s%s", costs ? (int)(costs - spec) : (int)strlen(spec), spec, rest ? rest : "");
	safe_copy(clean, sizeof(clean), text);
	fprintf(f, "simulated: %s (--view topologies: what its costs are from)\n", clean);
}

static void print_topologies(const struct az_table *t, FILE *f)
{
	char a[REPORT_CELL], b[REPORT_CELL];
	int col = 0;
	static const char *const key[] = { "topology", NULL };
	for (unsigned i = 0; i < t->nrows; i++) {
		if (!i || !same(t, i - 1, i, key)) {
			fputs(i ? "\n" : "", f);
			print_shape(report_text(t, i, "topology"), f);
			col = 0;
		}
		char item[3 * REPORT_CELL];
		int n = snprintf(item, sizeof(item), "%s %s %s", report_show(t, i, "cost", a),
				 report_show(t, i, "cost_ns", b), report_text(t, i, "origin"));
		bool wrap = col && col + n + 2 > 110;
		col = !col || wrap ? n + 2 : col + n + 2;
		fprintf(f, "%s%s", wrap ? ",\n  " : col == n + 2 ? "  " : ", ", item);
	}
	if (t->nrows)
		fputc('\n', f);
}

/* "prediction: A, ticket: +3.8 % at 1 thread, +4.0 % at 2 against native; unvalidated beyond" */
static void print_errors(const struct az_table *t, FILE *f)
{
	static const char *const keys[] = { "series", "design", NULL };
	char a[REPORT_CELL], b[REPORT_CELL];
	for (unsigned i = 0, to; i < t->nrows; i = to) {
		for (to = i + 1; to < t->nrows && same(t, i, to, keys);)
			to++;
		/* At a pace that was asked for, throughput is no prediction. */
		if (strcmp(report_text(t, i, "engine"), "sim") != 0 || strcmp(report_text(t, i, "pace"), "asap") != 0)
			continue;
		fprintf(f, "prediction: %s, %s: ", report_show(t, i, "design", a), report_show(t, i, "lock_kind", b));
		const char *join = "";
		bool beyond = false;
		for (unsigned j = i; j < to; j++) {
			beyond |= report_null(t, j, "error_percent");
			if (report_null(t, j, "error_percent"))
				continue;
			int64_t n = report_int(t, j, "threads");
			fprintf(f, "%s%+.1f %% at %" PRId64 " thread%s", join, report_real(t, j, "error_percent"), n,
				n == 1 ? "" : "s");
			join = ", ";
		}
		fprintf(f, "%s%s\n", join[0] ? " against native" : "no native run to hold it against: unvalidated",
			join[0] && beyond ? "; unvalidated elsewhere" : "");
	}
}

static void print_fit(const struct az_table *t, unsigned i, FILE *f)
{
	char a[REPORT_CELL], b[REPORT_CELL], c[REPORT_CELL], d[REPORT_CELL], g[REPORT_CELL];
	fprintf(f, "scaling: %s, %s, %s: ", report_show(t, i, "design", a), report_show(t, i, "engine", b),
		report_show(t, i, "lock_kind", c));
	if (!report_null(t, i, "knee_threads"))
		fprintf(f, "knee at %.0f threads (%.0f to %.0f), %s events there; ", report_real(t, i, "knee_threads"),
			report_real(t, i, "knee_low_threads"), report_real(t, i, "knee_high_threads"),
			report_show(t, i, "peak_events_per_s", a));
	if (report_null(t, i, "measured_knee_threads"))
		fprintf(f, "still growing at %s threads", report_show(t, i, "most_threads", a));
	else
		fprintf(f, "no growth beyond noise after %s threads", report_show(t, i, "measured_knee_threads", a));
	if (!report_null(t, i, "half_threads"))
		fprintf(f, ", efficiency below 50 %% beyond %.0f", report_real(t, i, "half_threads"));
	if (!strcmp(report_text(t, i, "outcome"), "fitted"))
		fprintf(f, "; contention %s +- %s, coherency %s +- %s", report_show(t, i, "sigma", a),
			report_show(t, i, "sigma_se", b), report_show(t, i, "kappa", c),
			report_show(t, i, "kappa_se", d));
	if (!report_null(t, i, "reason"))
		fprintf(f, "; %s: %s",
			!strcmp(report_text(t, i, "outcome"), "fitted") ? "no knee by the law" : "no law fitted",
			report_show(t, i, "reason", g));
	if (strcmp(report_text(t, i, "validation"), "measured") != 0)
		fprintf(f, " (%s)", report_show(t, i, "validation", g));
	fputc('\n', f);
}

/* What one design says at one threshold. */
static void say_headroom(const struct az_table *t, unsigned i, bool first, FILE *f)
{
	char a[REPORT_CELL];
	const char *outcome = report_text(t, i, "outcome");
	const char *design = report_show(t, i, "design", a);
	double low = report_real(t, i, "load_ratio_low"), high = report_real(t, i, "load_ratio_high");
	if (!strcmp(outcome, "reached")) {
		fprintf(f, "at %.3gx%s", report_real(t, i, "load_ratio"), first ? " the recorded load" : "");
		if (!report_null(t, i, "load_ratio_low") && !report_null(t, i, "load_ratio_high"))
			fprintf(f, " (%.3g to %.3g)", low, high);
		else if (!report_null(t, i, "load_ratio_low"))
			fprintf(f, " (%.3g or more)", low);
	} else if (!strcmp(outcome, "at lowest")) {
		fprintf(f, "already at %.3gx", report_real(t, i, "lowest_load_ratio"));
	} else {
		fprintf(f, "not up to %.3gx", report_real(t, i, "highest_load_ratio"));
	}
	fprintf(f, " under %s", design);
	if (!strcmp(report_text(t, i, "validation"), "unvalidated"))
		fputs(", unvalidated", f);
	else if (!report_null(t, i, "error_percent"))
		fprintf(f, ", %+.1f %% against native", report_real(t, i, "error_percent"));
}

void report_print_headroom(const struct az_table *t, const char *indent, FILE *f)
{
	static const char *const line[] = { "ladder", "lock", "threshold_percent", NULL };
	char lock[REPORT_CELL], engine[REPORT_CELL], kind[REPORT_CELL], threads[REPORT_CELL];
	for (unsigned i = 0, to; i < t->nrows; i = to) {
		bool reached = false;
		for (to = i; to < t->nrows && same(t, i, to, line); to++)
			reached |= strcmp(report_text(t, to, "outcome"), "not reached") != 0;
		/* A lock that no design waits for needs no line, but for the one that all is about. */
		if (report_real(t, i, "threshold_percent") != HEADROOM_PERCENT ||
		    !strcmp(report_text(t, i, "lock"), "all locks") ||
		    (!reached && strcmp(report_text(t, i, "lock"), "pgd_lock") != 0))
			continue;
		fprintf(f, "%sheadroom, %s, %s threads, %s: %s waits for %d %% of the CPU time ", indent,
			report_show(t, i, "engine", engine), report_show(t, i, "threads", threads),
			report_show(t, i, "lock_kind", kind), report_show(t, i, "lock", lock), HEADROOM_PERCENT);
		for (unsigned j = i; j < to; j++) {
			fputs(j > i ? "; " : "", f);
			say_headroom(t, j, j == i, f);
		}
		fputc('\n', f);
	}
}

/* The worst of the runs. */
static void print_pace(const struct az_table *t, FILE *f)
{
	double p50 = 0, p99 = 0, off = 0;
	unsigned late = 0;
	struct az_column ns = { "ns", "ns", "", AZ_NS, true, AZ_SHOWN };
	char a[REPORT_CELL], b[REPORT_CELL];
	if (!t->nrows)
		return;
	for (unsigned i = 0; i < t->nrows; i++) {
		double x = report_real(t, i, "duration_error_percent");
		/* Who is asked for more than it can do is late, that is no error of the pace. */
		if (x > 2) {
			late++;
			continue;
		}
		off = x > off ? x : -x > off ? -x : off;
		p50 = report_real(t, i, "drift_p50_ns") > p50 ? report_real(t, i, "drift_p50_ns") : p50;
		p99 = report_real(t, i, "drift_p99_ns") > p99 ? report_real(t, i, "drift_p99_ns") : p99;
	}
	if (late < t->nrows) {
		az_format(&ns, &(struct az_cell){ .kind = AZ_REAL, .r = p50 }, a, sizeof(a));
		az_format(&ns, &(struct az_cell){ .kind = AZ_REAL, .r = p99 }, b, sizeof(b));
		fprintf(f,
			"pace: operations began at most %s late at the median, %s at p99; durations within %.2g %%\n",
			a, b, off);
	}
	if (late)
		fprintf(f, "pace: %u of %u runs could not keep the pace asked for; headroom counts the load they did\n",
			late, t->nrows);
}

void report_print_prediction(const struct report *r, FILE *f)
{
	print_topologies(r->topologies, f);
	print_errors(r->scaling, f);
	for (unsigned i = 0; i < r->fit->nrows; i++)
		if (report_int(r->fit, i, "points") > 2)
			print_fit(r->fit, i, f);
	report_print_headroom(r->headroom, "", f);
	print_pace(r->drift, f);
}
