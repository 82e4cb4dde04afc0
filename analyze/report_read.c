/* Reading what the report needs. */
#include <assert.h>
#include <errno.h>
#include <string.h>

#include "analyze/report.h"
#include "analyze/view_db.h"

const struct az_cell *report_cell(const struct az_table *t, unsigned row, const char *name)
{
	int col = az_find_column(t, name);
	assert(col >= 0);
	return az_cell(t, row, (unsigned)col);
}

int64_t report_int(const struct az_table *t, unsigned row, const char *name)
{
	const struct az_cell *c = report_cell(t, row, name);
	return c->kind == AZ_INT ? c->i : c->kind == AZ_REAL ? (int64_t)c->r : 0;
}

double report_real(const struct az_table *t, unsigned row, const char *name)
{
	const struct az_cell *c = report_cell(t, row, name);
	return c->kind == AZ_INT || c->kind == AZ_REAL ? c->r : 0;
}

const char *report_text(const struct az_table *t, unsigned row, const char *name)
{
	const struct az_cell *c = report_cell(t, row, name);
	return c->kind == AZ_STR ? c->s : "";
}

bool report_null(const struct az_table *t, unsigned row, const char *name)
{
	return report_cell(t, row, name)->kind == AZ_NULL;
}

const char *report_show(const struct az_table *t, unsigned row, const char *name, char buf[REPORT_CELL])
{
	int col = az_find_column(t, name);
	assert(col >= 0);
	az_format(&t->columns[col], az_cell(t, row, (unsigned)col), buf, REPORT_CELL);
	return buf;
}

int report_scaling_row(const struct report *r, unsigned row)
{
	const struct az_table *t = r->scaling;
	for (unsigned i = 0; i < t->nrows; i++)
		if (report_int(t, i, "setting") == report_int(r->summary, row, "setting") &&
		    !strcmp(report_text(t, i, "design"), report_text(r->summary, row, "design")))
			return (int)i;
	return -1;
}

void report_values(const struct az_table *t, const char *column, char *buf, size_t size)
{
	char value[REPORT_CELL], other[REPORT_CELL];
	size_t used = 0;
	buf[0] = '\0';
	for (unsigned i = 0; i < t->nrows && used < size; i++) {
		bool known = false;
		report_show(t, i, column, value);
		for (unsigned j = 0; j < i && !known; j++)
			known = !strcmp(report_show(t, j, column, other), value);
		if (!known)
			used += (size_t)snprintf(buf + used, size - used, "%s%s", used ? ", " : "", value);
	}
}

static int read_view(struct az_db *db, const char *name, const char *order, const struct az_filter *f,
		     struct az_table **t, struct mmr_err *e)
{
	struct az_view v = *az_view_by_name(name);
	v.order_by = order;
	return az_read(db, &v, f, t, e);
}

int report_read(struct az_db *db, const struct az_table *sessions, unsigned row, struct report *r, struct mmr_err *e)
{
	struct az_filter which[] = {
		{ "session", *report_cell(sessions, row, "session") },
		{ "workload_id", *report_cell(sessions, row, "workload_id") },
		{ 0 },
	};
	struct az_filter of_session[] = { which[0], { 0 } };
	struct az_filter failed[] = { which[0], { "status", { .kind = AZ_STR, .s = (char *)"failed" } }, { 0 } };
	*r = (struct report){ 0 };
	const struct {
		const char *view, *order;
		bool session;
		struct az_table **table;
	} more[] = {
		{ "scaling", "lock_kind, series, design, threads", true, &r->scaling },
		{ "fit", NULL, true, &r->fit },
		{ "headroom", "ladder, lock, threshold_percent, design", true, &r->headroom },
		{ "drift", "run_id", true, &r->drift },
		{ "time", "setting, design", true, &r->time },
		{ "topologies", "topology, seq", false, &r->topologies },
		{ "hygiene", "setting", true, &r->hygiene },
		{ "descheduled", "lock, setting, design", true, &r->descheduled },
	};
	int rc = read_view(db, "sessions", NULL, which, &r->session, e);
	if (!rc)
		rc = read_view(db, "settings", "setting", which, &r->setting, e);
	if (!rc)
		rc = read_view(db, "summary", "threads, setting, is_baseline DESC, first_run", which, &r->summary, e);
	if (!rc)
		rc = read_view(db, "saturation", "engine = 'sim'", which, &r->saturation, e);
	if (!rc)
		rc = read_view(db, "violations", "run_id, seq", of_session, &r->violation, e);
	if (!rc)
		rc = read_view(db, "runs", "run_id", failed, &r->failed, e);
	for (unsigned i = 0; !rc && i < sizeof(more) / sizeof(more[0]); i++)
		rc = read_view(db, more[i].view, more[i].order, more[i].session ? of_session : NULL, more[i].table, e);
	/* A capture without such events has nothing to set beside. */
	int64_t waits = 0;
	char captured[128];
	snprintf(captured, sizeof(captured), "SELECT count(*) FROM kernel_contention WHERE workload_id = %lld",
		 (long long)which[1].value.i);
	if (!rc)
		rc = sql_int(&db->sql, captured, &waits, e);
	if (!rc && waits)
		rc = read_view(db, "kernel", "place, basis DESC, lock_kind, threads, first_run", which, &r->kernel, e);
	if (rc)
		return rc;
	/* A store that somebody else wrote may say anything. */
	if (!r->session->nrows || !r->setting->nrows || !r->summary->nrows)
		return mmr_err(e, -EBADMSG, "%s: session %lld has no complete description", db->sql.path,
			       (long long)which[0].value.i);
	/* Without a complete run there is no series, and no row meets this. */
	struct az_filter cost[] = {
		{ "lock", { .kind = AZ_STR, .s = (char *)"pgd_lock" } },
		{ "series", { .kind = AZ_NULL } },
		{ 0 },
	};
	if (r->saturation->nrows)
		cost[1].value = *report_cell(r->saturation, 0, "series");
	return read_view(db, "cost", "cost_percent DESC", cost, &r->cost, e);
}

void report_free(struct report *r)
{
	az_free(r->session);
	az_free(r->setting);
	az_free(r->summary);
	az_free(r->saturation);
	az_free(r->cost);
	az_free(r->violation);
	az_free(r->failed);
	az_free(r->scaling);
	az_free(r->fit);
	az_free(r->headroom);
	az_free(r->drift);
	az_free(r->time);
	az_free(r->topologies);
	az_free(r->hygiene);
	az_free(r->descheduled);
	az_free(r->kernel);
}
