/* keep.c - calibrations into the store and out of it. */
#include "replay/calibrate/keep.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "replay/host.h"

/* ---- measuring ---- */

static void tell_progress(void *arg, unsigned done, unsigned of)
{
	cmd_progress(arg, "calibrate", done, of);
}

int calibration_measure(struct mmr_ctx *ctx, struct calibration_session *s, struct mmr_err *e)
{
	const struct calibrate_request r = { &s->clock, ctx->stop, tell_progress, ctx };
	int rc = native_clock_measure(&s->clock, e);
	if (!rc)
		rc = calibrate(&r, &s->got, &s->cpus, &s->transfers, e);
	cmd_progress_end(ctx);
	return rc;
}

void calibration_session_free(struct calibration_session *s)
{
	transfers_free(&s->transfers);
}

/* ---- into the store ---- */

void calibration_why(const struct calibrated *c, const struct cost_value *instead, char *buf, size_t size)
{
	snprintf(buf, size, "%s; assumed: %s", c->why, instead->source);
}

/* How many lines the caches have: the same row, with another unit. */
#define CACHES 3u
static uint64_t cache_lines(const struct calibration *c, unsigned i)
{
	return i == 0 ? c->l1_lines : i == 1 ? c->l2_lines : c->llc_lines;
}

static const char *const cache_names[CACHES] = { "l1_lines", "l2_lines", "llc_lines" };

struct row_text {
	char name[32], why[CALIBRATION_WHY];
};

static unsigned cost_rows(const struct calibration_session *s, const struct topology *t, struct result_calibration *row,
			  struct row_text *text)
{
	unsigned n = 0;
	for (unsigned i = 0; i < CALIBRATED_NR; i++) {
		const struct calibrated *c = calibrated_at(&s->got, i);
		struct result_calibration *r = &row[n];
		*r = (struct result_calibration){ calibrated_name(i), c->ps, c->low_ps, c->high_ps, c->runs,
						  c->measured,        c->why };
		if (!c->measured) {
			/* An extra that was not measured is not there. */
			if (i >= COST_NR)
				continue;
			calibration_why(c, &t->cost[i], text[n].why, sizeof(text[n].why));
			r->ps = r->low_ps = r->high_ps = t->cost[i].ps;
			r->why = text[n].why;
		}
		n++;
	}
	return n;
}

static unsigned cache_rows(const struct calibration_session *s, struct result_calibration *row)
{
	for (unsigned i = 0; i < CACHES; i++) {
		uint64_t n = cache_lines(&s->got, i);
		row[i] = (struct result_calibration){
			cache_names[i], n, n, n, 0, true, i == 2 ? "64-byte lines that are ours" : "64-byte lines"
		};
	}
	return CACHES;
}

static unsigned pair_rows(const struct calibration_session *s, struct result_calibration *row, struct row_text *text)
{
	unsigned n = 0;
	for (const struct transfer *p = s->transfers.pair; p < s->transfers.pair + s->transfers.n; p++) {
		const struct calibrated *c = &p->one_way;
		if (!c->measured)
			continue;
		snprintf(text[n].name, sizeof(text[n].name), "pair %u-%u", s->cpus.at[p->a].cpu, s->cpus.at[p->b].cpu);
		row[n] = (struct result_calibration){
			text[n].name, c->ps, c->low_ps, c->high_ps, c->runs, true, distance_name(p->distance)
		};
		n++;
	}
	return n;
}

int calibration_put(struct result_sink *sink, const struct calibration_session *s, struct mmr_err *e)
{
	unsigned most = CALIBRATED_NR + CACHES + s->transfers.n;
	struct result_calibration *row = calloc(most, sizeof(*row));
	struct row_text *text = calloc(most, sizeof(*text));
	struct host host;
	struct result_machine m;
	struct topology t;
	int rc = row && text ? 0 : mmr_err_sys(e, -ENOMEM, "calibration");
	if (!rc)
		rc = topology_parse("auto", 1, &s->got, &t, e);
	if (!rc) {
		host_describe(&host, &s->clock, &m);
		rc = sink->set_machine(sink, &m, e);
	}
	if (!rc) {
		unsigned n = cost_rows(s, &t, row, text);
		n += cache_rows(s, row + n);
		n += pair_rows(s, row + n, text + n);
		rc = sink->set_calibration(sink, row, n, e);
	}
	free(row);
	free(text);
	return rc;
}

/* ---- out of the store ---- */

struct reading {
	struct calibration *out;
	unsigned rows;
};

static int take_row(void *arg, const struct result_calibration *row)
{
	struct reading *r = arg;
	r->rows++;
	if (!strcmp(row->name, cache_names[0]))
		r->out->l1_lines = row->ps > UINT32_MAX ? UINT32_MAX : (uint32_t)row->ps;
	else if (!strcmp(row->name, cache_names[1]))
		r->out->l2_lines = row->ps > UINT32_MAX ? UINT32_MAX : (uint32_t)row->ps;
	else if (!strcmp(row->name, cache_names[2]))
		r->out->llc_lines = row->ps;
	for (unsigned i = 0; i < CALIBRATED_NR; i++) {
		struct calibrated *c = (struct calibrated *)calibrated_at(r->out, i);
		if (strcmp(row->name, calibrated_name(i)))
			continue;
		*c = (struct calibrated){ row->measured, row->ps, row->low_ps, row->high_ps, row->runs, "" };
		if (!row->measured)
			c->ps = c->low_ps = c->high_ps = 0;
		snprintf(c->why, sizeof(c->why), "%s", row->why);
	}
	return 0;
}

static int measure_and_put(struct mmr_ctx *ctx, const char *db, struct calibration *out, struct mmr_err *e)
{
	struct calibration_session *s = calloc(1, sizeof(*s));
	struct result_sink *sink = NULL;
	int rc = s ? ctx->services->results_open(db, &sink, e) : mmr_err_sys(e, -ENOMEM, "calibration");
	if (!rc)
		rc = calibration_measure(ctx, s, e);
	if (!rc)
		rc = calibration_put(sink, s, e);
	if (!rc)
		*out = s->got;
	if (sink) {
		int closed = sink->close(sink, rc ? NULL : e);
		rc = rc ? rc : closed;
	}
	if (s)
		calibration_session_free(s);
	free(s);
	return rc;
}

int calibration_get(struct mmr_ctx *ctx, const char *db, struct calibration *out, struct mmr_err *e)
{
	static const struct native_clock unused;
	struct host host;
	struct result_machine m;
	struct reading r = { .out = out };
	memset(out, 0, sizeof(*out));
	host_describe(&host, &unused, &m);
	int rc = ctx->services->calibration_read(db, &m, take_row, &r, e);
	if (rc || r.rows)
		return rc;
	cmd_note(ctx, "%s holds no calibration of this machine: measuring what things cost here", db);
	return measure_and_put(ctx, db, out, e);
}
