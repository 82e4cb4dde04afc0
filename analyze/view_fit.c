/* The view "fit": the scaling law for each series and design of v_scaling. */
#include <errno.h>
#include <math.h>
#include <string.h>

#include "analyze/report.h"
#include "analyze/usl.h"
#include "analyze/view_columns.h"
#include "analyze/view_db.h"
#include "analyze/view_table.h"

#define MOST_POINTS 512 /* thread counts of one series; what --threads could name */

const struct az_column columns_fit[] = {
	SESSION,
	SERIES,
	WORKLOAD,
	ENGINE,
	TOPOLOGY,
	LOCK_KIND,
	VT("era", "era", "kernel version the setting stands for"),
	PACE,
	SPEED,
	DESIGN,
	N("points", "points", "thread counts, without those that had more threads than CPUs"),
	N("most_threads", "up to", "most threads of the series"),
	R("lambda_per_s", "one thread", "lambda: events/s of one thread"),
	KR("lambda_se_per_s", "+-", "its standard error"),
	{ "sigma", "contention", "sigma: part of the work that waits in line", AZ_COUNT, true, AZ_SHOWN },
	{ "sigma_se", "+-", "its standard error", AZ_COUNT, true, AZ_SHOWN },
	{ "kappa", "coherency", "kappa: what each pair of threads costs, of the work of one", AZ_COUNT, true,
	  AZ_SHOWN },
	{ "kappa_se", "+-", "its standard error", AZ_COUNT, true, AZ_SHOWN },
	P("residual_percent", "off by", "root mean square of the relative residuals"),
	{ "knee_threads", "knee", "threads at which the law has its peak", AZ_COUNT, true, AZ_SHOWN },
	{ "knee_low_threads", "low", "95 % interval of the knee, lower end", AZ_COUNT, true, AZ_SHOWN },
	{ "knee_high_threads", "high", "95 % interval of the knee, upper end", AZ_COUNT, true, AZ_SHOWN },
	R("peak_events_per_s", "peak", "events/s there, by the law"),
	{ "half_threads", "50 %", "threads beyond which efficiency is below 50 %", AZ_COUNT, true, AZ_SHOWN },
	N("measured_knee_threads", "seen knee", "first thread count that no later one beats beyond noise"),
	KN("still_growing", "still growing", "1: that is the last one, no knee was seen"),
	VT("validation", "validation", "of the predictions: measured, validated, or unvalidated beyond a thread count"),
	KP("worst_error_percent", "worst error", "of the predictions, where this machine did the same"),
	T("outcome", "outcome", "fitted, or refused"),
	T("reason", "reason", "why it was refused, or why it claims no knee"),
	END,
};

static bool same_series(const struct az_table *t, unsigned a, unsigned b)
{
	return report_int(t, a, "series") == report_int(t, b, "series") &&
	       !strcmp(report_text(t, a, "design"), report_text(t, b, "design"));
}

/* "measured"; "validated up to 2 threads", with what lies beyond. */
static bool put_validation(struct az_table *out, const struct az_table *t, unsigned from, unsigned to)
{
	if (!strcmp(report_text(t, from, "validation"), "measured"))
		return az_table_text(out, "validation", "measured");
	int64_t up_to = 0;
	for (unsigned i = from; i < to; i++)
		if (!strcmp(report_text(t, i, "validation"), "validated"))
			up_to = report_int(t, i, "threads");
	char text[64] = "unvalidated";
	if (up_to)
		snprintf(text, sizeof(text), "unvalidated beyond %lld threads", (long long)up_to);
	if (up_to && !strcmp(report_text(t, to - 1, "validation"), "validated"))
		snprintf(text, sizeof(text), "validated");
	return az_table_text(out, "validation", text);
}

static void put_law(struct az_table *out, const struct usl *u)
{
	az_table_real(out, "lambda_per_s", u->lambda.value);
	az_table_real(out, "lambda_se_per_s", u->lambda.se);
	az_table_real(out, "sigma", u->sigma.value);
	az_table_real(out, "sigma_se", u->sigma.se);
	az_table_real(out, "kappa", u->kappa.value);
	az_table_real(out, "kappa_se", u->kappa.se);
	az_table_real(out, "residual_percent", 100 * u->residual);
	az_table_real(out, "half_threads", u->half);
	if (!u->peaks)
		return;
	az_table_real(out, "knee_threads", u->knee);
	az_table_real(out, "knee_low_threads", u->knee_low);
	az_table_real(out, "knee_high_threads", u->knee_high);
	az_table_real(out, "peak_events_per_s", u->peak_per_s);
}

/* Rows [from, to) of v_scaling are one series and design, by threads. */
static int put_fit(struct az_table *out, const struct az_table *t, unsigned from, unsigned to)
{
	static const char *const keys[] = {
		"session", "series", "workload", "engine", "topology",           "lock_kind",
		"era",     "pace",   "speed",    "design", "worst_error_percent"
	};
	struct usl_point p[MOST_POINTS];
	struct usl u;
	unsigned n = 0;
	for (unsigned i = from; i < to && n < MOST_POINTS; i++) {
		double x = report_real(t, i, "events_per_s"), low = report_real(t, i, "low_events_per_s"),
		       high = report_real(t, i, "high_events_per_s");
		/* More threads than CPUs are no more CPUs. */
		if (report_int(t, i, "oversubscribed") || x <= 0)
			continue;
		p[n++] = (struct usl_point){ (double)report_int(t, i, "threads"), x,
					     low > 0 ? sqrt(high / low) - 1 : NAN };
	}
	int rc = usl_fit(p, n, &u);
	if (rc || !az_table_row(out))
		return -ENOMEM;
	bool all = true;
	for (unsigned i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		all &= az_table_copy(out, keys[i], report_cell(t, from, keys[i]));
	all &= put_validation(out, t, from, to);
	az_table_int(out, "points", n);
	if (n) {
		az_table_int(out, "most_threads", (int64_t)u.most);
		az_table_int(out, "still_growing", u.still_growing);
		if (!u.still_growing)
			az_table_int(out, "measured_knee_threads", (int64_t)u.measured_knee);
	}
	if (u.fitted)
		put_law(out, &u);
	all &= az_table_text(out, "outcome", u.fitted ? "fitted" : "refused") &&
	       (!u.why[0] || az_table_text(out, "reason", u.why));
	return all ? 0 : -ENOMEM;
}

int fit_read(struct az_db *db, const struct az_filter *filters, struct az_table **out, struct mmr_err *e)
{
	struct az_view v = *az_view_by_name("scaling");
	struct az_table *points, *t = az_table_new(columns_fit);
	v.order_by = "session DESC, lock_kind, series, design, threads";
	int rc = t ? az_read(db, &v, filters, &points, e) : mmr_err_sys(e, -ENOMEM, "%s", db->sql.path);
	if (rc) {
		az_free(t);
		return rc;
	}
	for (unsigned from = 0, to; !rc && from < points->nrows; from = to) {
		for (to = from + 1; to < points->nrows && same_series(points, from, to);)
			to++;
		/* At the recorded pace throughput is what was asked for. */
		if (!strcmp(report_text(points, from, "pace"), "asap"))
			rc = put_fit(t, points, from, to);
	}
	az_free(points);
	if (rc) {
		az_free(t);
		return mmr_err_sys(e, rc, "%s", db->sql.path);
	}
	*out = t;
	return 0;
}
