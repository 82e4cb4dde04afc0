/*
 * The verdict: one sentence with two rates. At the rate that was recorded, what
 * pgd_lock costs; at saturation, which design wins and by how much beyond noise.
 */
#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "analyze/report.h"

const char *outcome_name(enum outcome o)
{
	static const char *const names[] = {
		[OUTCOME_WINS] = "wins",
		[OUTCOME_SHARED] = "shared",
		[OUTCOME_NO_DIFFERENCE] = "no_difference",
		[OUTCOME_VIOLATION] = "violation",
		[OUTCOME_INCOMPLETE] = "incomplete",
		[OUTCOME_ONE_REPEAT] = "one_repeat",
		[OUTCOME_ONE_DESIGN] = "one_design",
	};
	return names[o];
}

static const char *design(const struct report *r, int row)
{
	return report_text(r->summary, (unsigned)row, "design");
}

static double ratio(const struct report *r, int row)
{
	return report_real(r->summary, (unsigned)row, "ratio");
}

static bool is_broken(const struct report *r, int row)
{
	return report_int(r->summary, (unsigned)row, "session_violations") > 0;
}

/* What the harness alone costs: in the tables, but nobody it could win against. */
static bool is_floor(const struct report *r, int row)
{
	return report_int(r->summary, (unsigned)row, "floor") == 1;
}

/* May row @row of the setting be compared with its baseline? */
static bool is_pair(const struct report *r, const struct verdict *v, int row)
{
	return row != v->first && !is_floor(r, row) && !is_broken(r, row) && !is_broken(r, v->first) &&
	       !report_null(r->summary, (unsigned)row, "ratio");
}

static bool beyond(const struct report *r, int row)
{
	return report_int(r->summary, (unsigned)row, "beyond_noise") == 1;
}

/* ---- which outcome ---- */

static void find_saturation(const struct report *r, struct verdict *v)
{
	v->first = v->last = 0;
	if (!r->saturation->nrows)
		return;
	int64_t setting = report_int(r->saturation, 0, "setting");
	while (v->first < (int)r->summary->nrows && report_int(r->summary, (unsigned)v->first, "setting") != setting)
		v->first++;
	v->last = v->first;
	while (v->last < (int)r->summary->nrows && report_int(r->summary, (unsigned)v->last, "setting") == setting)
		v->last++;
}

/* The fastest of those that beat the baseline, or the baseline when it beats all others. */
static void find_winner(const struct report *r, struct verdict *v)
{
	int best = v->first;
	bool any = false, all_slower = true;
	for (int i = v->first; i < v->last; i++) {
		if (!is_pair(r, v, i))
			continue;
		any |= beyond(r, i);
		all_slower &= beyond(r, i) && ratio(r, i) < 1;
		if (beyond(r, i) && ratio(r, i) > 1 && (best == v->first || ratio(r, i) > ratio(r, best)))
			best = i;
	}
	v->outcome = any ? OUTCOME_SHARED : OUTCOME_NO_DIFFERENCE;
	if (best == v->first) {
		if (all_slower)
			v->winner = best;
	} else {
		v->winner = best;
		/* Intervals that overlap with the best one's do not tell the two apart. */
		for (int i = v->first; i < v->last; i++)
			if (i != best && is_pair(r, v, i) &&
			    report_real(r->summary, (unsigned)i, "ratio_high") >=
				    report_real(r->summary, (unsigned)best, "ratio_low"))
				v->winner = -1;
	}
	if (v->winner >= 0)
		v->outcome = OUTCOME_WINS;
}

static void find_outcome(const struct report *r, struct verdict *v)
{
	int pairs = 0, judged = 0, designs = 0;
	bool broken = false;
	for (int i = v->first; i < v->last; i++) {
		broken |= is_broken(r, i);
		designs += !is_floor(r, i);
		if (!is_pair(r, v, i))
			continue;
		pairs++;
		judged += !report_null(r->summary, (unsigned)i, "beyond_noise");
	}
	if (broken && !pairs)
		v->outcome = OUTCOME_VIOLATION;
	else if (designs <= 1)
		v->outcome = OUTCOME_ONE_DESIGN;
	else if (!pairs)
		v->outcome = OUTCOME_INCOMPLETE;
	else if (!judged)
		v->outcome = OUTCOME_ONE_REPEAT;
	else
		find_winner(r, v);
}

/* ---- the sentence ---- */

/* A lock that bears this many times the recorded rate: how many exactly is of no use. */
#define FAR 10000

/* What pgd_lock costs under the design of summary row @row. */
static void say_cost(const struct report *r, int row, FILE *f)
{
	char cost[REPORT_CELL], rate[REPORT_CELL], hold[REPORT_CELL], full[REPORT_CELL];
	const struct az_table *t = r->cost;
	const char *name = design(r, row);
	unsigned i = 0;
	while (i < t->nrows && strcmp(report_text(t, i, "design"), name) != 0)
		i++;
	bool measured = i < t->nrows && !report_null(t, i, "rate_per_s");
	if (i == t->nrows || (measured && report_real(t, i, "rate_per_s") <= 0)) {
		fprintf(f, "is not taken under %s", name);
	} else if (report_int(t, i, "saturated") == 1) {
		fprintf(f, "cannot bear that rate under %s (taken %s, held %s: %s of the time)", name,
			report_show(t, i, "rate_per_s", rate), report_show(t, i, "hold_avg_ns", hold),
			report_show(t, i, "utilisation_percent", cost));
	} else if (report_null(t, i, "cost_percent")) {
		fprintf(f, "was not timed under %s", name);
	} else {
		fprintf(f, "costs %s of the CPU time under %s (taken %s, held %s",
			report_show(t, i, "cost_percent", cost), name, report_show(t, i, "rate_per_s", rate),
			report_show(t, i, "hold_avg_ns", hold));
		if (report_real(t, i, "saturates_at_ratio") < FAR)
			fprintf(f, ", saturated at %s that rate", report_show(t, i, "saturates_at_ratio", full));
		fputc(')', f);
	}
}

static void say_recorded(const struct report *r, const struct verdict *v, FILE *f)
{
	char events[REPORT_CELL], forks[REPORT_CELL];
	if (report_null(r->session, 0, "recorded_events_per_s")) {
		fputs("The workload has no recorded duration, so nothing is said about a recorded rate", f);
		return;
	}
	fprintf(f, "At the recorded rate (%s events, %s forks) pgd_lock ",
		report_show(r->session, 0, "recorded_events_per_s", events),
		report_show(r->session, 0, "recorded_forks_per_s", forks));
	int last = v->first;
	for (int i = v->first; i < v->last; i++)
		if (!is_floor(r, i))
			last = i;
	for (int i = v->first; i <= last; i++) {
		if (is_floor(r, i) && i != v->first)
			continue;
		fputs(i == v->first ? "" : i < last ? ", " : " and ", f);
		say_cost(r, i, f);
	}
}

/* Close to 1 two digits would hide on which side it lies. */
static int digits(double bound)
{
	return fabs(bound - 1) < 0.01 ? 4 : 2;
}

/* " (95 % interval 1.38 to 1.42)"; @inverse: of the baseline against the design. */
static void say_interval(const struct report *r, int row, bool inverse, const char *more, FILE *f)
{
	double low = report_real(r->summary, (unsigned)row, "ratio_low"),
	       high = report_real(r->summary, (unsigned)row, "ratio_high");
	if (report_null(r->summary, (unsigned)row, "ratio_low"))
		return;
	if (inverse) {
		double l = 1 / high;
		high = 1 / low;
		low = l;
	}
	fprintf(f, " (95 %% interval %.*f to %.*f%s)", digits(low), low, digits(high), high, more);
}

/* "of the events/s of C, A does 1.40x (95 % interval ...) and B does 0.98x (...)" */
static void say_pairs(const struct report *r, const struct verdict *v, FILE *f)
{
	const char *join = ", ";
	fprintf(f, "of the events/s of %s", design(r, v->first));
	for (int i = v->first; i < v->last; i++) {
		if (!is_pair(r, v, i))
			continue;
		fprintf(f, "%s%s does %.2fx", join, design(r, i), ratio(r, i));
		say_interval(r, i, false, beyond(r, i) ? "" : ", within noise", f);
		join = " and ";
	}
}

/* The others of @v that can be compared; *@only is the last of them. */
static int count_pairs(const struct report *r, const struct verdict *v, int *only)
{
	int n = 0;
	for (int i = v->first; i < v->last; i++)
		if (is_pair(r, v, i)) {
			*only = i;
			n++;
		}
	return n;
}

static void say_outcome(const struct report *r, const struct verdict *v, FILE *f)
{
	int only = v->first, pairs = count_pairs(r, v, &only);
	bool inverse;
	switch (v->outcome) {
	case OUTCOME_WINS:
		fprintf(f, "%s wins beyond noise: ", design(r, v->winner));
		if (pairs > 1) {
			say_pairs(r, v, f);
			break;
		}
		inverse = v->winner == v->first;
		fprintf(f, "it does %.2fx the events/s of %s", inverse ? 1 / ratio(r, only) : ratio(r, only),
			design(r, inverse ? only : v->first));
		say_interval(r, only, inverse, "", f);
		break;
	case OUTCOME_SHARED:
		fputs("no single design wins: ", f);
		say_pairs(r, v, f);
		break;
	case OUTCOME_NO_DIFFERENCE:
		fputs("there is no difference beyond noise: ", f);
		say_pairs(r, v, f);
		break;
	case OUTCOME_ONE_REPEAT:
		fputs("one repeat says nothing about noise, so no design wins: ", f);
		say_pairs(r, v, f);
		break;
	case OUTCOME_ONE_DESIGN:
		fprintf(f, "%s has no other design to be compared with", design(r, v->first));
		break;
	case OUTCOME_VIOLATION:
		fputs("nothing can be compared", f);
		break;
	case OUTCOME_INCOMPLETE:
		fputs("no two designs have a complete run to be compared", f);
		break;
	}
}

/* Designs of the session that broke an invariant, each once. */
static void say_broken(const struct report *r, FILE *f)
{
	const struct az_table *s = r->summary, *t = r->violation;
	for (unsigned i = 0; i < s->nrows; i++) {
		const char *name = design(r, (int)i);
		bool known = !is_broken(r, (int)i);
		for (unsigned j = 0; j < i; j++)
			known |= !strcmp(design(r, (int)j), name);
		if (known)
			continue;
		const char *invariant = "an invariant";
		for (unsigned j = 0; j < t->nrows; j++)
			if (!strcmp(report_text(t, j, "design"), name)) {
				invariant = report_text(t, j, "invariant");
				break;
			}
		int64_t n = report_int(s, i, "session_violations");
		fprintf(f, "; %s broke %s in %" PRId64 " run%s, so its figures cannot be compared", name, invariant, n,
			n == 1 ? "" : "s");
	}
}

/* Whether the setting of the verdict is a prediction, and how good it is known to be. */
static const char *say_prediction(const struct report *r, const struct verdict *v)
{
	int row = report_scaling_row(r, (unsigned)v->first);
	if (strcmp(report_text(r->saturation, 0, "engine"), "sim") != 0)
		return "";
	return row >= 0 && !report_null(r->scaling, (unsigned)row, "error_percent") ? ", simulated"
										    : ", simulated, unvalidated";
}

static void say_all(const struct report *r, const struct verdict *v, FILE *f)
{
	int64_t runs = report_int(r->session, 0, "runs");
	if (v->first == v->last) {
		fprintf(f, "No run of %" PRId64 " is complete, so there is no verdict", runs);
	} else {
		char speed[REPORT_CELL];
		const struct az_table *t = r->saturation;
		int64_t threads = report_int(t, 0, "threads");
		bool asap = !strcmp(report_text(r->setting, 0, "pace"), "asap");
		say_recorded(r, v, f);
		fprintf(f, "; at %s (%s events, %" PRId64 " thread%s%s, %s%s) ",
			asap ? "saturation" : "the replay's pace", report_show(t, 0, "events_per_s", speed), threads,
			threads == 1 ? "" : "s", report_int(t, 0, "oversubscribed") ? ", oversubscribed" : "",
			report_text(t, 0, "lock_kind"), say_prediction(r, v));
		say_outcome(r, v, f);
		if (v->incomplete)
			fprintf(f, "; %" PRId64 " of %" PRId64 " runs are not complete and are left out", v->incomplete,
				runs);
	}
	say_broken(r, f);
	fputc('.', f);
}

int verdict_reach(const struct report *r, struct verdict *v)
{
	size_t size;
	*v = (struct verdict){ .winner = -1 };
	v->incomplete = report_int(r->session, 0, "runs") - report_int(r->session, 0, "done");
	find_saturation(r, v);
	find_outcome(r, v);
	FILE *f = open_memstream(&v->sentence, &size);
	if (!f)
		return -ENOMEM;
	say_all(r, v, f);
	return fclose(f) ? -ENOMEM : 0;
}

void verdict_free(struct verdict *v)
{
	free(v->sentence);
}
