/* `mmreplay replay`: every combination asked for, interleaved, into the store. */
#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "replay/calibration.h"
#include "replay/dialect/kernel.h"
#include "replay/host.h"
#include "replay/replay.h"
#include "replay/surround.h"
#include "replay/sweep.h"

/* ---- input ---- */

/* A trace directory becomes a temporary workload file. Returns an exit status. */
static int import_trace(struct job *j, char *path)
{
	struct mmr_err e = { 0 };
	const char *tmp = getenv("TMPDIR");
	if (!tmp || !*tmp)
		tmp = "/tmp";
	int n = snprintf(j->imported, sizeof(j->imported), "%s/mmreplay-XXXXXX", tmp);
	int fd = n < (int)sizeof(j->imported) ? mkstemp(j->imported) : -1;
	if (fd < 0) {
		int err = n < (int)sizeof(j->imported) ? errno : ENAMETOOLONG;
		j->imported[0] = '\0';
		return cmd_fail(j->ctx, MMR_FAILED, "%s: cannot make a temporary file: %s", tmp, strerror(err));
	}
	close(fd);
	char *inputs[] = { path };
	int status = j->ctx->services->import(j->ctx, inputs, 1, j->imported, &e);
	if (status != MMR_OK && status != MMR_INCOMPLETE)
		return cmd_fail(j->ctx, status, "%s", e.text);
	j->lost = status == MMR_INCOMPLETE;
	return MMR_OK;
}

static int open_input(struct job *j)
{
	struct mmr_err e = { 0 };
	struct stat st;
	const char *path = j->o.input;
	if (stat(path, &st))
		return cmd_fail(j->ctx, MMR_BAD_INPUT, "%s: %s", path, strerror(errno));
	if (S_ISDIR(st.st_mode)) {
		if (!j->ctx->services->import)
			return cmd_fail(j->ctx, MMR_BAD_INPUT, "%s: is a directory, not a workload file", path);
		int status = import_trace(j, (char *)path);
		if (status)
			return status;
		path = j->imported;
	}
	if (mmw_open(path, &j->file, &e) || workload_load(j->file, &j->w, &e))
		return cmd_fail(j->ctx, e.code == -ENOMEM ? MMR_FAILED : MMR_BAD_INPUT, "%s", e.text);
	const struct geometry *g = j->o.geometry;
	const char *tracer = mmw_source(j->file, "tracer");
	if (choice_fits_workload(g, tracer ? tracer : "", &e))
		return cmd_fail(j->ctx, MMR_BAD_INPUT, "%s: %s", path, e.text);
	if (workload_fit(&j->w, g->kernel_boundary, g->nslots, g->vmalloc_first, g->vmalloc_last, &e))
		return cmd_fail(j->ctx, MMR_BAD_INPUT, "%s: %s", path, e.text);
	if (j->o.surround_bound_ns && surround_calibrate(&j->w, j->o.surround_bound_ns, &j->surround))
		return cmd_fail(j->ctx, MMR_FAILED, "no memory to look at the gaps");
	if (workload_copy(&j->w, j->o.copies, &e))
		return cmd_fail(j->ctx, e.code == -ENOMEM ? MMR_FAILED : MMR_BAD_INPUT, "%s: %s", path, e.text);
	return MMR_OK;
}

/* What of this run's own making is not the designs' doing. */
static void tell_conditions(struct job *j)
{
	const struct native_clock *c = &j->clock;
	char text[512];
	if (j->o.surround_bound_ns) {
		surround_text(&j->surround, text, sizeof(text));
		cmd_note(j->ctx, "surround, from the trace's gaps: %s", text);
	}
	if (!j->o.recorded || j->o.engine->simulated)
		return;
	native_pace_measure(&j->clock);
	cmd_note(j->ctx,
		 "recorded pace: sleeps end %.0f us late here, %.0f at most; the last %.0f us before each event are "
		 "spun",
		 (double)c->late_p50_ns / 1000, (double)c->late_max_ns / 1000, (double)c->spin_ns / 1000);
}

/* ---- the replay's own trace ---- */

static int trace_open(struct job *j)
{
	struct mmr_err e = { 0 };
	if (!j->o.trace || !j->ctx->services->trace_open(j->ctx, j->o.trace, &j->trace, &e))
		return MMR_OK;
	bool resources = e.code == -ENOMEM || e.code == -ENOSPC || e.code == -EDQUOT || e.code == -EIO;
	return cmd_fail(j->ctx, resources ? MMR_FAILED : MMR_BAD_INPUT, "--trace: %s", e.text);
}

static int trace_start(struct job *j)
{
	struct mmr_err e = { 0 };
	char db[PATH_MAX], imported[PATH_MAX];
	const char *paths[] = { realpath(j->o.db, db) ? db : "", realpath(j->imported, imported) ? imported : "",
				NULL };
	if (!j->trace)
		return MMR_OK;
	int err = j->ctx->services->trace_start(j->trace, paths, &j->emit, &e);
	if (err == -EINTR)
		return cmd_stopped(j->ctx);
	return err ? cmd_fail(j->ctx, MMR_FAILED, "--trace: %s", e.text) : MMR_OK;
}

static int trace_end(struct job *j, int status)
{
	struct mmr_err e = { 0 };
	uint64_t lost = 0;
	bool told = j->emit != NULL;
	if (!j->trace)
		return status;
	int err = j->ctx->services->trace_end(j->trace, told, &lost, &e);
	/* What ended it early has been told. */
	if (!told || (err && status))
		return status;
	if (err)
		return cmd_fail(j->ctx, MMR_FAILED, "--trace: %s", e.text);
	if (lost)
		cmd_note(j->ctx, "--trace: %llu events found no room in LTTng's buffers and are missing in %s",
			 (unsigned long long)lost, j->o.trace);
	j->lost |= lost > 0;
	cmd_note(j->ctx, "trace in %s; `babeltrace2 %s` prints it", j->o.trace, j->o.trace);
	return status;
}

static int inject(struct job *j)
{
	struct mmr_err e = { 0 };
	const struct geometry *g = j->o.geometry;
	uint64_t short_by;
	if (workload_inject(&j->w, j->o.inject, j->o.ninject, g->direct_first, g->direct_last, g->boot_slots, &short_by,
			    &e))
		return cmd_fail(j->ctx, MMR_FAILED, "%s", e.text);
	if (short_by)
		cmd_note(j->ctx, "%llu additions were not injected: the direct map has no free slots left",
			 (unsigned long long)short_by);
	if (j->w.nothing_to_remove)
		cmd_note(j->ctx, "%llu removals were not injected: nothing that was added was left",
			 (unsigned long long)j->w.nothing_to_remove);
	return MMR_OK;
}

/* ---- what the store wants to know ---- */

static const char *text_of(const struct job *j, const char *key)
{
	const char *s = mmw_source(j->file, key);
	return s ? s : "";
}

/* How the kernel waited while it was captured, for the report to set beside; NULL: no memory. */
static struct result_contention *kernel_waits(const struct job *j, unsigned *n)
{
	*n = mmw_contentions(j->file);
	struct result_contention *row = calloc(*n + 1, sizeof(*row));
	for (unsigned i = 0; row && i < *n; i++) {
		const struct mmw_contention *c = mmw_contention(j->file, i);
		bool rest = !strcmp(c->caller, MMW_CONTENTION_OTHER);
		row[i] = (struct result_contention){ .caller = c->caller,
						     .within = c->within,
						     .type = rest ? "" : mmw_contention_type(c->flags),
						     .contentions = c->contentions,
						     .wait_total_ns = c->wait_total_ns,
						     .wait_min_ns = c->wait_min_ns,
						     .wait_max_ns = c->wait_max_ns };
	}
	return row;
}

static int describe_workload(struct job *j)
{
	struct mmr_err e = { 0 };
	const struct mmw_header *h = mmw_header(j->file);
	char hash[32];
	struct result_workload w = {
		.path = j->o.input,
		.source = text_of(j, "tracer"),
		.source_hash = text_of(j, "source_hash"),
		.host = text_of(j, "host"),
		.kernel = text_of(j, "kernel"),
		.profile = text_of(j, "profile"),
		.duration_ns = h->duration_ns,
		.cpus = h->cpus,
		.tasks = h->tasks,
		.mms = h->mms,
		.peak_mms = h->peak_mms,
		.lost = h->lost,
		.unresolved = h->unresolved,
	};
	if (!*w.source_hash) {
		snprintf(hash, sizeof(hash), "mmw-%08x-%llu", h->crc32, (unsigned long long)h->events);
		w.source_hash = hash;
	}
	memcpy(w.count, h->count, sizeof(w.count));
	j->lost |= h->lost > 0;
	struct result_contention *waits = kernel_waits(j, &w.ncontentions);
	w.contention = waits;
	int rc = waits ? j->sink->set_workload(j->sink, &w, &e) : mmr_err_sys(&e, -ENOMEM, "%s", j->o.input);
	free(waits);
	return rc ? cmd_fail(j->ctx, MMR_FAILED, "%s", e.text) : MMR_OK;
}

static int describe_machine(struct job *j)
{
	struct mmr_err e = { 0 };
	struct host host;
	struct result_machine m;
	host_describe(&host, &j->clock, &m);
	return j->sink->set_machine(j->sink, &m, &e) ? cmd_fail(j->ctx, MMR_FAILED, "%s", e.text) : MMR_OK;
}

/* What was measured here goes into a machine that is this one made larger. Makes the store when nothing was. */
static int measured_topology(struct job *j)
{
	struct mmr_err e = { 0 };
	struct calibration here;
	struct options *o = &j->o;
	if (!topology_is_of_here(o->topology_spec))
		return MMR_OK;
	int rc = calibration_get(j->ctx, o->db, &here, &e);
	if (rc == -EINTR)
		return cmd_stopped(j->ctx);
	if (!rc)
		rc = topology_parse(o->topology_spec, options_most_threads(o), &here, &o->topology, &e);
	return rc ? cmd_fail(j->ctx, rc == -EIO || rc == -ENOSPC ? MMR_FAILED : MMR_BAD_INPUT, "%s", e.text) : MMR_OK;
}

static int describe_topology(struct job *j)
{
	struct mmr_err e = { 0 };
	const struct topology *t = &j->o.topology;
	struct result_cost costs[COST_NR];
	const struct result_topology r = { j->topology, costs, COST_NR };
	topology_text(t, j->topology, TOPOLOGY_TEXT);
	if (j->o.exact)
		strncat(j->topology, "; exact", sizeof(j->topology) - strlen(j->topology) - 1);
	for (unsigned i = 0; i < COST_NR; i++)
		costs[i] = (struct result_cost){ cost_name((enum cost)i), t->cost[i].ps,
						 cost_origin_name(t->cost[i].origin), t->cost[i].source };
	return j->sink->set_topology(j->sink, &r, &e) ? cmd_fail(j->ctx, MMR_FAILED, "%s", e.text) : MMR_OK;
}

static int run_all(struct job *j)
{
	struct mmr_err e = { 0 };
	if (design_check_all(&e) || native_clock_measure(&j->clock, &e))
		return cmd_fail(j->ctx, MMR_FAILED, "%s", e.text);
	int status = trace_open(j);
	if (!status)
		status = open_input(j);
	if (!status)
		status = inject(j);
	if (!status && j->o.engine->simulated)
		status = measured_topology(j);
	if (!status && j->ctx->services->results_open(j->o.db, &j->sink, &e))
		status = cmd_fail(j->ctx, e.code == -EIO || e.code == -ENOSPC ? MMR_FAILED : MMR_BAD_INPUT, "%s",
				  e.text);
	if (!status)
		status = describe_machine(j);
	if (!status)
		status = describe_workload(j);
	if (!status && j->o.engine->simulated)
		status = describe_topology(j);
	if (status)
		return status;
	tell_conditions(j);
	status = trace_start(j);
	return status ? status : sweep(j);
}

int cmd_replay(struct mmr_ctx *ctx, int argc, char **argv)
{
	struct mmr_err e = { 0 };
	struct job *j = calloc(1, sizeof(*j));
	if (!j)
		return cmd_fail(ctx, MMR_FAILED, "no memory");
	j->ctx = ctx;
	options_parse(&j->o, argc, argv);
	int status = trace_end(j, run_all(j));
	if (j->sink && j->sink->close(j->sink, &e) && !status)
		status = cmd_fail(ctx, MMR_FAILED, "%s", e.text);
	if (!status) {
		cmd_progress_end(ctx);
		char there[48] = "";
		if (j->resumed)
			snprintf(there, sizeof(there), ", %u were there", j->there);
		cmd_note(ctx, "%u runs of %llu events stored in %s%s; `mmreplay report --db %s` compares them",
			 j->progress.ended, (unsigned long long)j->w.n, j->o.db, there, j->o.db);
	}
	workload_free(&j->w);
	mmw_close(j->file);
	if (*j->imported)
		unlink(j->imported);
	bool violation = j->violation, lost = j->lost;
	free(j);
	if (!status && violation)
		status = MMR_FAILED;
	else if (!status && lost)
		status = MMR_INCOMPLETE;
	return cmd_done(ctx, status);
}
