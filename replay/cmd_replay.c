/* `mmreplay replay`: every combination asked for, interleaved, into the store. */
#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysinfo.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "replay/dialect/kernel.h"
#include "replay/options.h"
#include "replay/replay.h"

struct job {
	struct mmr_ctx *ctx;
	struct options o;
	struct mmw_reader *file;
	struct workload w;
	struct native_clock clock;
	struct result_sink *sink;
	char imported[PATH_MAX]; /* a trace's temporary .mmw, "" when there is none */
	unsigned run, runs;
	bool violation, lost;
};

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
	if (workload_copy(&j->w, j->o.copies, &e))
		return cmd_fail(j->ctx, e.code == -ENOMEM ? MMR_FAILED : MMR_BAD_INPUT, "%s: %s", path, e.text);
	return MMR_OK;
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
	return j->sink->set_workload(j->sink, &w, &e) ? cmd_fail(j->ctx, MMR_FAILED, "%s", e.text) : MMR_OK;
}

static void cpu_model(char *buf, size_t size)
{
	char line[256];
	FILE *f = fopen("/proc/cpuinfo", "r");
	snprintf(buf, size, "unknown");
	while (f && fgets(line, sizeof(line), f)) {
		char *colon = strchr(line, ':');
		if (strncmp(line, "model name", 10) || !colon)
			continue;
		colon[1 + strcspn(colon + 1, "\n")] = '\0';
		snprintf(buf, size, "%s", colon + 2);
		break;
	}
	if (f)
		fclose(f);
}

static int describe_machine(struct job *j)
{
	struct mmr_err e = { 0 };
	struct utsname u;
	struct sysinfo si;
	char model[128];
	uname(&u);
	cpu_model(model, sizeof(model));
	const struct result_machine m = {
		.host = u.nodename,
		.kernel = u.release,
		.cpu_model = model,
		.cpus = native_cpus(),
		.memory_bytes = sysinfo(&si) ? 0 : (uint64_t)si.totalram * si.mem_unit,
		.tsc_ghz = j->clock.ghz,
		.clock_read_ns_x1000 = j->clock.read_ps,
	};
	return j->sink->set_machine(j->sink, &m, &e) ? cmd_fail(j->ctx, MMR_FAILED, "%s", e.text) : MMR_OK;
}

/* ---- runs ---- */

struct setting {
	const struct design_ops *design;
	const struct design_choice *choice;
	const struct plan *plan;
	unsigned threads, repeat_no;
	bool oversubscribed;
	bool warm_up;
};

static void on_progress(void *arg, uint64_t done)
{
	struct job *j = arg;
	uint64_t each = j->w.n;
	cmd_progress(j->ctx, "replay", j->run * each + (done < each ? done : each), j->runs * each);
}

/* Once, unrecorded: the first repeat shall find memory and caches as the later ones do. */
static int warm_up(struct job *j, const struct run_config *nc)
{
	struct mmr_err e = { 0 };
	struct run_figures r;
	if (j->o.engine->run(nc, &r, &e))
		return cmd_fail(j->ctx, e.code == -EINVAL ? MMR_BAD_INPUT : MMR_FAILED, "%s", e.text);
	run_figures_free(&r);
	return *j->ctx->stop ? cmd_stopped(j->ctx) : MMR_OK;
}

static int one_run(struct job *j, const struct setting *s)
{
	struct mmr_err e = { 0 };
	const struct options *o = &j->o;
	const struct result_config rc = {
		.subject = s->design->subject,
		.design = s->choice->label,
		.engine = s->design->engine,
		.lock = s->design->lock,
		.era = o->era->name,
		.geometry = o->geometry->name,
		.threads = s->threads,
		.partition = partition_name(s->plan->partition),
		.order_mode = order_name(o->order),
		.pace = o->pace,
		.speed = 1,
		.copies = o->copies,
		.measure = o->measure_name,
		.surround = o->surround,
		.inject = o->inject_text,
		.delay = o->delay_text,
		.sample_every = o->sample_every,
		.repeat_no = s->repeat_no,
		.seed = o->seed,
		.oversubscribed = s->oversubscribed,
		.floor = s->design->flags & DESIGN_FLOOR,
		.version = MMR_VERSION,
		.command = j->ctx->command_line,
	};
	const struct run_config nc = {
		.workload = &j->w,
		.plan = s->plan,
		.design = s->design,
		.geometry = o->geometry,
		.clock = &j->clock,
		.oversubscribed = s->oversubscribed,
		.measure = o->measure,
		.sample_every = o->sample_every,
		.seed = o->seed + s->repeat_no,
		.sync_policy = o->era->sync_policy,
		.fault_handler = o->era->fault_handler,
		.fixed = s->choice->fixed,
		.delays = o->delay,
		.ndelays = o->ndelay,
		.stop = j->ctx->stop,
		.progress = on_progress,
		.progress_arg = j,
	};
	if (s->warm_up)
		return warm_up(j, &nc);
	int64_t id;
	if (j->sink->run_begin(j->sink, &rc, &id, &e))
		return cmd_fail(j->ctx, MMR_FAILED, "%s", e.text);
	struct run_figures r;
	struct result_run failed = { .status = RUN_FAILED, .failure = e.text };
	bool ran = o->engine->run(&nc, &r, &e) == 0;
	struct mmr_err stored = { 0 };
	int ret = j->sink->run_end(j->sink, id, ran ? &r.run : &failed, &stored);
	if (!ran)
		return cmd_fail(j->ctx, e.code == -EINVAL ? MMR_BAD_INPUT : MMR_FAILED, "%s", e.text);
	if (r.run.verdict == VERDICT_VIOLATION) {
		j->violation = true;
		cmd_note(j->ctx, "%s, %u threads, %s: %s: %s", rc.design, s->threads, rc.lock,
			 r.run.violations[0].invariant, r.run.violations[0].detail);
	}
	bool interrupted = r.run.status == RUN_INTERRUPTED;
	run_figures_free(&r);
	if (ret)
		return cmd_fail(j->ctx, MMR_FAILED, "%s", stored.text);
	j->run++;
	return interrupted ? cmd_stopped(j->ctx) : MMR_OK;
}

/* For one thread count: repeats outermost, so that the designs alternate. */
static int one_thread_count(struct job *j, unsigned threads)
{
	struct mmr_err e = { 0 };
	struct plan plan;
	const struct options *o = &j->o;
	if (plan_make_ordered(&j->w, threads, o->partition, o->order, &plan, &e))
		return cmd_fail(j->ctx, e.code == -ENOMEM ? MMR_FAILED : MMR_BAD_INPUT, "%s: %s", o->input, e.text);
	int status = MMR_OK;
	/* Repeat 0 is the warm-up; a single run is asked for by those who want no more than that. */
	for (unsigned r = o->repeat == 1 || o->engine->simulated; r <= o->repeat && !status; r++)
		for (unsigned l = 0; l < o->nlocks && !status; l++)
			for (unsigned d = 0; d < o->ndesigns && !status; d++) {
				const struct setting s = {
					.design = design_find(o->designs[d].ops->name, o->engine->name, o->locks[l]),
					.choice = &o->designs[d],
					.plan = &plan,
					.threads = threads,
					.repeat_no = r,
					.warm_up = r == 0,
					.oversubscribed = !o->engine->simulated && threads > native_cpus(),
				};
				status = one_run(j, &s);
			}
	plan_free(&plan);
	return status;
}

static int run_all(struct job *j)
{
	struct mmr_err e = { 0 };
	j->runs = j->o.nthreads * j->o.nlocks * j->o.ndesigns * j->o.repeat;
	if (design_check_all(&e) || native_clock_measure(&j->clock, &e))
		return cmd_fail(j->ctx, MMR_FAILED, "%s", e.text);
	int status = open_input(j);
	if (!status)
		status = inject(j);
	if (!status && j->ctx->services->results_open(j->o.db, &j->sink, &e))
		status = cmd_fail(j->ctx, e.code == -EIO || e.code == -ENOSPC ? MMR_FAILED : MMR_BAD_INPUT, "%s",
				  e.text);
	if (!status)
		status = describe_machine(j);
	if (!status)
		status = describe_workload(j);
	for (unsigned t = 0; t < j->o.nthreads && !status; t++)
		status = one_thread_count(j, j->o.threads[t]);
	return status;
}

int cmd_replay(struct mmr_ctx *ctx, int argc, char **argv)
{
	struct mmr_err e = { 0 };
	struct job *j = calloc(1, sizeof(*j));
	if (!j)
		return cmd_fail(ctx, MMR_FAILED, "no memory");
	j->ctx = ctx;
	options_parse(&j->o, argc, argv);
	int status = run_all(j);
	if (j->sink && j->sink->close(j->sink, &e) && !status)
		status = cmd_fail(ctx, MMR_FAILED, "%s", e.text);
	if (!status) {
		cmd_progress_end(ctx);
		cmd_note(ctx, "%u runs of %llu events stored in %s; `mmreplay report --db %s` compares them", j->run,
			 (unsigned long long)j->w.n, j->o.db, j->o.db);
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
