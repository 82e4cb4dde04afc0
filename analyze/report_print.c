/* The report for people: header, a block per setting with the designs side by side, notes, the sentence. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "analyze/report.h"
#include "schemas/safe.h"

#define MAX_SHOWN 16 /* designs in one block; more go into a further one */
#define MAX_BLOCKS 8 /* settings; more are a table, a line per setting and design */
#define MAX_TROUBLES 5 /* lines about violations, and about failed runs */
#define LABEL 19
#define LEFT 2

#define PREDICTION "against native" /* the line that only predictions have */

static const struct {
	const char *label, *column;
	bool ratio; /* is a ratio to the baseline of use? */
} lines[] = {
	{ "events/s", "events_per_s", false },
	{ PREDICTION, "events_per_s", false },
	{ "spread of repeats", "cv_percent", false },
	{ "fork p50", "fork_p50_ns", true },
	{ "fork p99", "fork_p99_ns", true },
	{ "exit p50", "exit_p50_ns", true },
	{ "exit p99", "exit_p99_ns", true },
	{ "pgd_lock taken", "pgd_lock_acquisitions", true },
	{ "pgd_lock wait", "pgd_lock_wait_avg_ns", true },
	{ "pgd_lock hold", "pgd_lock_hold_avg_ns", true },
	{ "tasklist_lock taken", "tasklist_lock_acquisitions", true },
	{ "tasklist_lock wait", "tasklist_lock_wait_avg_ns", true },
	{ "tasklist_lock hold", "tasklist_lock_hold_avg_ns", true },
	{ "oracle", "verdict", false },
};

/* "1.40x" of the baseline's; "" when there is nothing to divide by. */
static void show_ratio(const struct report *r, unsigned base, unsigned row, const char *column, char buf[REPORT_CELL])
{
	double b = report_real(r->summary, base, column), d = report_real(r->summary, row, column);
	buf[0] = '\0';
	if (!report_null(r->summary, row, column) && b > 0)
		snprintf(buf, REPORT_CELL, "%.*fx", d / b < 100 ? 2 : 0, d / b);
}

/* The ratio with its noise. */
static void show_speed(const struct report *r, unsigned row, char buf[REPORT_CELL])
{
	const struct az_table *t = r->summary;
	if (report_null(t, row, "ratio"))
		snprintf(buf, REPORT_CELL, "-");
	else if (report_null(t, row, "ratio_low"))
		snprintf(buf, REPORT_CELL, "%.2fx one repeat", report_real(t, row, "ratio"));
	else
		snprintf(buf, REPORT_CELL, "%.2fx %.3f..%.3f", report_real(t, row, "ratio"),
			 report_real(t, row, "ratio_low"), report_real(t, row, "ratio_high"));
}

static const char *show_noise(const struct report *r, unsigned row)
{
	const struct az_table *t = r->summary;
	if (report_null(t, row, "beyond_noise"))
		return report_null(t, row, "ratio_low") ? "" : "not comparable";
	return report_int(t, row, "beyond_noise") ? "beyond noise" : "within noise";
}

static bool is_predicted(const struct report *r, unsigned row)
{
	return !strcmp(report_text(r->summary, row, "engine"), "sim");
}

/* How far it is from what this machine did: "4.0 % off", or that nobody knows. */
static void show_prediction(const struct report *r, unsigned row, char buf[REPORT_CELL])
{
	int at = report_scaling_row(r, row);
	if (at < 0)
		snprintf(buf, REPORT_CELL, "-");
	else if (report_null(r->scaling, (unsigned)at, "error_percent"))
		report_show(r->scaling, (unsigned)at, "validation", buf);
	else
		snprintf(buf, REPORT_CELL, "%+.1f %%", report_real(r->scaling, (unsigned)at, "error_percent"));
}

struct column {
	unsigned row; /* of summary */
	int width, beside; /* of the value and of the ratio beside it */
};

static void cell_of(const struct report *r, unsigned base, unsigned row, unsigned line, char value[REPORT_CELL],
		    char beside[REPORT_CELL])
{
	beside[0] = '\0';
	if (!strcmp(lines[line].label, PREDICTION)) {
		show_prediction(r, row, value);
		return;
	}
	report_show(r->summary, row, lines[line].column, value);
	if (row == base)
		return;
	if (lines[line].ratio)
		show_ratio(r, base, row, lines[line].column, beside);
	else if (!strcmp(lines[line].column, "events_per_s"))
		show_speed(r, row, beside);
	else if (!strcmp(lines[line].column, "cv_percent"))
		snprintf(beside, REPORT_CELL, "%s", show_noise(r, row));
}

static int max(int a, int b)
{
	return a > b ? a : b;
}

static void print_lines(const struct report *r, unsigned base, const struct column *c, unsigned n, FILE *f)
{
	char value[REPORT_CELL], beside[REPORT_CELL];
	for (unsigned line = 0; line < sizeof(lines) / sizeof(lines[0]); line++) {
		char text[4096];
		if (!strcmp(lines[line].label, PREDICTION) && !is_predicted(r, base))
			continue;
		size_t used = (size_t)snprintf(text, sizeof(text), "%*s%-*s", LEFT, "", LABEL, lines[line].label);
		for (unsigned i = 0; i < n && used < sizeof(text); i++) {
			cell_of(r, base, c[i].row, line, value, beside);
			used += (size_t)snprintf(text + used, sizeof(text) - used, "  %*s", c[i].width, value);
			if (c[i].row != base && used < sizeof(text))
				used += (size_t)snprintf(text + used, sizeof(text) - used, "  %-*s", c[i].beside,
							 beside);
		}
		used = strnlen(text, sizeof(text) - 1);
		while (used && text[used - 1] == ' ')
			text[--used] = '\0';
		fprintf(f, "%s\n", text);
	}
}

/* Rows [first, last) of the summary are one setting; @from is the first of those shown. */
static void print_designs(const struct report *r, unsigned first, const struct column *c, unsigned n, const char *title,
			  FILE *f)
{
	char name[REPORT_CELL];
	int used = fprintf(f, "%-*s", LABEL + LEFT, title);
	int pad = used - (LABEL + LEFT);
	for (unsigned i = 0; i < n; i++) {
		report_show(r->summary, c[i].row, "design", name);
		fprintf(f, "  %*s", max(0, c[i].width - pad), name);
		pad = 0;
		if (c[i].row != first)
			fprintf(f, "  %-*s", i + 1 < n ? c[i].beside : 0, "ratio");
	}
	fputc('\n', f);
}

static void print_block(const struct report *r, unsigned first, unsigned last, FILE *f)
{
	char value[REPORT_CELL], beside[REPORT_CELL], title[REPORT_CELL];
	struct column c[MAX_SHOWN];
	const struct az_table *t = r->summary;
	int64_t threads = report_int(t, first, "threads");
	int used = snprintf(title, sizeof(title), "%" PRId64 " thread%s%s, %s", threads, threads == 1 ? "" : "s",
			    report_int(t, first, "oversubscribed") ? " (oversubscribed)" : "",
			    report_show(t, first, "lock_kind", value));
	if (is_predicted(r, first))
		used += snprintf(title + used, sizeof(title) - (size_t)used, ", sim");
	if (strcmp(report_text(t, first, "pace"), "asap") != 0)
		snprintf(title + used, sizeof(title) - (size_t)used, ", %gx", report_real(t, first, "speed"));
	for (unsigned from = first; from < last;) {
		unsigned n = 0;
		for (; from < last && n < MAX_SHOWN; from++, n++) {
			c[n] = (struct column){ .row = from };
			c[n].width = (int)strlen(report_show(t, from, "design", value));
			for (unsigned line = 0; line < sizeof(lines) / sizeof(lines[0]); line++) {
				cell_of(r, first, from, line, value, beside);
				c[n].width = max(c[n].width, (int)strlen(value));
				c[n].beside = max(c[n].beside, (int)strlen(beside));
			}
		}
		/* The title may be longer than the labels: the first column gives way. */
		c[0].width = max(c[0].width, (int)strlen(title) - LABEL - LEFT +
						     (int)strlen(report_show(t, c[0].row, "design", value)));
		print_designs(r, first, c, n, title, f);
		print_lines(r, first, c, n, f);
	}
	fputc('\n', f);
}

static void print_header(const struct report *r, FILE *f)
{
	const struct az_table *s = r->session, *g = r->setting;
	char a[REPORT_CELL], b[REPORT_CELL], c[REPORT_CELL], d[REPORT_CELL];
	fprintf(f, "session %s  workload %s: ", report_show(s, 0, "session", a), report_show(s, 0, "workload", b));
	if (report_text(s, 0, "profile")[0])
		fprintf(f, "generated by %s (%s)", report_show(s, 0, "source", a), report_show(s, 0, "profile", b));
	else
		fprintf(f, "recorded with %s on %s (%s)", report_show(s, 0, "source", a),
			report_show(s, 0, "recorded_host", b), report_show(s, 0, "recorded_kernel", c));
	fprintf(f, ", %s on %s CPUs, %s events\n", report_show(s, 0, "duration_ns", a),
		report_show(s, 0, "recorded_cpus", b), report_show(s, 0, "recorded_events", c));
	fprintf(f, "replayed on %s: %s, %s CPUs, %s, Linux %s; %s\n", report_show(s, 0, "host", a),
		report_show(s, 0, "cpu_model", b), report_show(s, 0, "cpus", c), report_show(s, 0, "memory_bytes", d),
		report_text(s, 0, "kernel"), report_text(s, 0, "started_at"));
	char engines[REPORT_CELL], speeds[REPORT_CELL];
	report_values(g, "engine", engines, sizeof(engines));
	report_values(g, "speed", speeds, sizeof(speeds));
	fprintf(f, "engine %s, era %s, geometry %s, ", engines, report_show(g, 0, "era", b),
		report_show(g, 0, "geometry", c));
	fprintf(f, "order %s, pace %s", report_show(g, 0, "order_mode", a), report_show(g, 0, "pace", b));
	if (strcmp(report_text(g, 0, "pace"), "asap") != 0)
		fprintf(f, " x %s", speeds);
	fprintf(f, ", partition %s", report_show(g, 0, "partition", c));
	if (report_int(g, 0, "copies") > 1)
		fprintf(f, ", copies %s", report_show(g, 0, "copies", a));
	if (report_text(g, 0, "inject")[0])
		fprintf(f, ", inject %s", report_show(g, 0, "inject", a));
	if (report_text(g, 0, "delay")[0])
		fprintf(f, ", delay %s", report_show(g, 0, "delay", a));
	fprintf(f, ", surround %s\n", report_show(g, 0, "surround", a));
	fprintf(f, "%s of %s runs complete", report_show(s, 0, "done", a), report_show(s, 0, "runs", b));
	static const char *const others[] = { "running", "interrupted", "failed" };
	for (unsigned i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		if (report_int(s, 0, others[i]))
			fprintf(f, ", %s %s", report_show(s, 0, others[i], a), others[i]);
	fputs("\n\n", f);
}

/* How measuring changed what was measured. */
static void print_distortion(const struct report *r, FILE *f)
{
	const char *measure = report_text(r->setting, 0, "measure");
	char clock[REPORT_CELL], every[REPORT_CELL];
	report_show(r->session, 0, "clock_read_ns", clock);
	if (!strcmp(measure, "off"))
		fputs("measured: nothing but the run's time (--measure off)\n", f);
	else if (!strcmp(measure, "full"))
		fprintf(f,
			"measured: every acquisition (--measure full); each clock read costs %s and lengthens what it "
			"times\n",
			clock);
	else
		fprintf(f,
			"measured: 1 acquisition in %s (--measure %s); a clock read costs %s and lengthens what it "
			"times\n",
			report_show(r->setting, 0, "sample_every", every), measure, clock);
}

#define NOISY_PERCENT 5 /* CPU time of others, beyond which speeds are not only ours */

/* How quiet the machine was: the worst of the settings. */
static void print_hygiene(const struct report *r, FILE *f)
{
	const struct az_table *t = r->hygiene;
	char a[REPORT_CELL], b[REPORT_CELL], governor[REPORT_CELL];
	unsigned worst = 0;
	if (!t->nrows)
		return;
	for (unsigned i = 1; i < t->nrows; i++)
		if (report_real(t, i, "other_percent") + report_real(t, i, "steal_percent") >
		    report_real(t, worst, "other_percent") + report_real(t, worst, "steal_percent"))
			worst = i;
	fprintf(f, "machine: other processes took up to %s of the CPU time, the hypervisor %s; load average up to %.3g",
		report_show(t, worst, "other_percent", a), report_show(t, worst, "steal_percent", b),
		report_real(t, worst, "load"));
	if (report_text(t, worst, "governor")[0])
		fprintf(f, "; governor %s", report_show(t, worst, "governor", governor));
	if (report_int(t, worst, "smt"))
		fputs("; threads share cores (SMT)", f);
	fputc('\n', f);
	if (report_real(t, worst, "other_percent") + report_real(t, worst, "steal_percent") > NOISY_PERCENT)
		fputs("machine: not quiet; speeds of other sessions differ by as much for no other reason\n", f);
}

/* Of each lock, all settings and designs together: they would be a table. */
static void print_descheduled(const struct report *r, FILE *f)
{
	const struct az_table *t = r->descheduled;
	for (unsigned i = 0, next; i < t->nrows; i = next) {
		int64_t off = 0, timed = 0, off_ns = 0;
		char lock[REPORT_CELL], total[REPORT_CELL];
		for (next = i; next < t->nrows && !strcmp(report_text(t, next, "lock"), report_text(t, i, "lock"));
		     next++) {
			off += report_int(t, next, "descheduled");
			timed += report_int(t, next, "timed");
			off_ns += report_int(t, next, "descheduled_ns");
		}
		const struct az_column ns = { "", "", "", AZ_NS, true, AZ_SHOWN };
		az_format(&ns, &(struct az_cell){ .kind = AZ_INT, .i = off_ns, .r = (double)off_ns }, total,
			  sizeof(total));
		fprintf(f, "%s %s: the holder was off its CPU in %lld of %lld timed holds, %s together\n",
			i ? "            " : "descheduled:", report_show(t, i, "lock", lock), (long long)off,
			(long long)timed, total);
	}
	if (t->nrows)
		fputs("             set apart from all hold figures unless --descheduled include; --view descheduled "
		      "has both\n",
		      f);
}

/* How far the repeats of one thing are from each other: the floor where it ran, else the worst of the designs. */
static void print_scatter(const struct report *r, FILE *f)
{
	const struct az_table *t = r->summary;
	int worst = -1;
	bool floor = false;
	for (unsigned i = 0; i < t->nrows; i++) {
		const bool is_floor = report_int(t, i, "floor");
		if (report_null(t, i, "cv_percent") || (floor && !is_floor))
			continue;
		if (worst < 0 || (is_floor && !floor) ||
		    report_real(t, i, "cv_percent") > report_real(t, (unsigned)worst, "cv_percent"))
			worst = (int)i;
		floor |= is_floor;
	}
	char design[REPORT_CELL], cv[REPORT_CELL], threads[REPORT_CELL];
	if (worst >= 0)
		fprintf(f, "noise: repeats of %s scatter by up to %s (at %s thread%s)%s\n",
			report_show(t, (unsigned)worst, "design", design),
			report_show(t, (unsigned)worst, "cv_percent", cv),
			report_show(t, (unsigned)worst, "threads", threads),
			report_int(t, (unsigned)worst, "threads") == 1 ? "" : "s",
			floor ? ": what the machine alone does" : "");
}

static void print_method(const struct report *r, FILE *f)
{
	char a[REPORT_CELL], b[REPORT_CELL];
	print_hygiene(r, f);
	print_descheduled(r, f);
	print_distortion(r, f);
	print_scatter(r, f);
	fputs("noise: repeats are interleaved and compared in pairs; a..b is the 95 % interval of the ratio (Student's "
	      "t, from 5 repeats on without the outer fifths)\n"
	      "wait, hold: mean per acquisition, waiting or not; p50, p99: of the timed operations; medians of the "
	      "repeats\n"
	      "cost at the recorded rate: rate x (hold + wait) / CPUs, wait = rate x E[hold^2] / (2 (1 - rate x hold)) "
	      "(M/G/1)\n",
	      f);
	for (unsigned i = 0; i < r->setting->nrows; i++)
		if (report_int(r->setting, i, "oversubscribed")) {
			fprintf(f, "oversubscribed: more threads than the %s CPUs; waits contain time off the CPU\n",
				report_show(r->session, 0, "cpus", a));
			break;
		}
	if (report_int(r->session, 0, "lost") || report_int(r->session, 0, "unresolved"))
		fprintf(f,
			"the recording is incomplete: %s events lost by the tracer, %s unresolved by the import; its "
			"rates are "
			"lower bounds\n",
			report_show(r->session, 0, "lost", a), report_show(r->session, 0, "unresolved", b));
}

/* What went wrong, a line each, the first ones. */
static void print_troubles(const struct report *r, FILE *f)
{
	char run[REPORT_CELL], name[REPORT_CELL], threads[REPORT_CELL], what[REPORT_CELL], more[REPORT_CELL];
	for (unsigned i = 0; i < r->violation->nrows && i < MAX_TROUBLES; i++)
		fprintf(f, "violation: run %s, %s, threads %s: %s: %s\n", report_show(r->violation, i, "run_id", run),
			report_show(r->violation, i, "design", name), report_show(r->violation, i, "threads", threads),
			report_show(r->violation, i, "invariant", what), report_show(r->violation, i, "detail", more));
	if (r->violation->nrows > MAX_TROUBLES)
		fprintf(f, "violation: %u more; `--view violations` shows all\n", r->violation->nrows - MAX_TROUBLES);
	for (unsigned i = 0; i < r->failed->nrows && i < MAX_TROUBLES; i++)
		fprintf(f, "failed: run %s, %s, threads %s: %s\n", report_show(r->failed, i, "run_id", run),
			report_show(r->failed, i, "design", name), report_show(r->failed, i, "threads", threads),
			report_show(r->failed, i, "failure", what));
	if (r->failed->nrows > MAX_TROUBLES)
		fprintf(f, "failed: %u more; `--view runs` shows all\n", r->failed->nrows - MAX_TROUBLES);
}

/* The baseline of row @row's setting when the two ended in different states, else @row. */
static unsigned ended_elsewhere(const struct report *r, unsigned row)
{
	const struct az_table *t = r->summary;
	unsigned base = row;
	while (base && report_int(t, base - 1, "setting") == report_int(t, row, "setting"))
		base--;
	const char *here = report_text(t, row, "state_digest"), *there = report_text(t, base, "state_digest");
	return here[0] && there[0] && strcmp(here, there) != 0 ? base : row;
}

/* Each such design once. */
static void print_states(const struct report *r, FILE *f)
{
	const struct az_table *t = r->summary;
	for (unsigned i = 0; i < t->nrows; i++) {
		char a[REPORT_CELL], b[REPORT_CELL];
		unsigned base = ended_elsewhere(r, i);
		bool said = base == i || report_int(t, i, "floor") == 1;
		for (unsigned j = 0; j < i && !said; j++)
			said = !strcmp(report_text(t, j, "design"), report_text(t, i, "design")) &&
			       ended_elsewhere(r, j) != j;
		if (!said)
			fprintf(f, "state: %s and %s ended in different states, so they did not do the same work\n",
				report_show(t, base, "design", a), report_show(t, i, "design", b));
	}
}

void report_print_notes(const struct report *r, FILE *f)
{
	print_method(r, f);
	print_states(r, f);
	print_troubles(r, f);
}

void report_print(const struct report *r, const struct verdict *v, FILE *f)
{
	const struct az_table *t = r->summary;
	print_header(r, f);
	if (r->setting->nrows > MAX_BLOCKS) {
		az_print_table(t, f);
		fputc('\n', f);
	}
	for (unsigned first = 0, last; first < t->nrows && r->setting->nrows <= MAX_BLOCKS; first = last) {
		for (last = first + 1; last < t->nrows; last++)
			if (report_int(t, last, "setting") != report_int(t, first, "setting"))
				break;
		print_block(r, first, last, f);
	}
	print_method(r, f);
	report_print_prediction(r, f);
	report_print_kernel(r->kernel, f);
	print_states(r, f);
	print_troubles(r, f);
	char *sentence = strdup(v->sentence);
	if (sentence)
		safe_copy(sentence, strlen(v->sentence) + 1, v->sentence);
	fprintf(f, "\n%s\n", sentence ? sentence : "");
	free(sentence);
}
