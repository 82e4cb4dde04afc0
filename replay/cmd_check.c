/* `mmreplay check`: every design in every scenario, or the race on real CPUs. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "replay/check_options.h"
#include "replay/check_table.h"
#include "replay/dialect/kernel.h"
#include "replay/litmus.h"
#include "replay/replay.h"

/* Cells of the shortest interleaving's search: beyond this the shortest so far is told. */
#define SEARCH_LIMIT 1000000u

struct session {
	struct mmr_ctx *ctx;
	struct check_options o;
	struct cell *cell;
	unsigned ncells;
	unsigned violations; /* broken cells that may not be */
};

/* ---- which cells ---- */

static const char *const word_locks[] = { "ticket", "qspinlock", NULL };
static const char *const any_lock[] = { "blocking", NULL };

static void add_cell(struct session *s, const struct design_choice *d, const char *lock, const struct scenario *sc)
{
	const struct design_ops *ops = design_find(d->ops->name, "check", lock);
	s->cell[s->ncells++] = (struct cell){
		.design = d->label,
		.lock = lock,
		.ops = ops ? ops : d->ops,
		.fixed = d->fixed,
		.scenario = sc,
		.geometry = s->o.geometry,
		.era = s->o.era,
		.memory = s->o.memory,
		.max_executions = s->o.limit,
	};
}

/* A design that looks at lock words runs with the real locks; to the others a lock is a lock. */
static int make_cells(struct session *s)
{
	s->cell = calloc((size_t)s->o.ndesigns * s->o.nscenarios * 2, sizeof(*s->cell));
	if (!s->cell)
		return -ENOMEM;
	for (unsigned d = 0; d < s->o.ndesigns; d++) {
		const struct design_choice *c = &s->o.design[d];
		const char *const forced[] = { s->o.lock, NULL };
		const char *const *lock = s->o.lock                           ? forced
					  : c->ops->flags & DESIGN_LOCK_WORDS ? word_locks
									      : any_lock;
		for (; *lock; lock++)
			for (unsigned i = 0; i < s->o.nscenarios; i++)
				add_cell(s, c, *lock, s->o.scenario[i]);
	}
	return 0;
}

/* ---- what may be broken ---- */

/* Broken on purpose, or as posted with a bug that was not repaired. */
static bool may_break(const struct cell *c)
{
	return c->ops->flags & DESIGN_NEGATIVE || c->ops->bugs & ~c->fixed;
}

/* Does a scenario called @name have a design with @verdict? */
static bool some(const struct session *s, const char *name, enum check_verdict verdict)
{
	for (unsigned i = 0; i < s->ncells; i++)
		if (s->cell[i].verdict == verdict && !strcmp(s->cell[i].scenario->name, name))
			return true;
	return false;
}

/* A scenario that nothing breaks, or that breaks everything, shows nothing. */
static bool scenarios_tell(const struct session *s)
{
	bool ok = true;
	for (unsigned i = 0; i < s->o.nscenarios; i++) {
		const char *name = s->o.scenario[i]->name;
		if (i && !strcmp(name, s->o.scenario[i - 1]->name))
			continue;
		for (unsigned v = CHECK_HOLDS; v <= CHECK_BROKEN; v++)
			if (!some(s, name, (enum check_verdict)v)) {
				cmd_note(s->ctx, "scenario %s: no design %s in it", name,
					 v == CHECK_HOLDS ? "holds" : "is broken");
				ok = false;
			}
	}
	return ok;
}

/* A negative control that nothing breaks is none. */
static bool controls_tell(const struct session *s)
{
	bool ok = true;
	for (unsigned d = 0; d < s->o.ndesigns && s->o.all_scenarios; d++) {
		bool broken = !(s->o.design[d].ops->flags & DESIGN_NEGATIVE);
		for (unsigned i = 0; i < s->ncells && !broken; i++)
			broken = s->cell[i].design == s->o.design[d].label && s->cell[i].verdict == CHECK_BROKEN;
		if (!broken) {
			cmd_note(s->ctx, "negative control %s: no scenario breaks it", s->o.design[d].label);
			ok = false;
		}
	}
	return ok;
}

/* ---- running ---- */

/* The interleaving that breaks @c, to @text. */
static int explain(struct session *s, struct cell *c, FILE *text)
{
	struct mmr_err e = { 0 };
	struct schedule sched;
	struct cell told = *c;
	int ret = cell_shortest(c, SEARCH_LIMIT, s->ctx->stop, &sched, &e);
	if (!ret) {
		ret = cell_tell(&told, &sched, text, s->o.width, &e);
		schedule_free(&sched);
	}
	/* The line says what the interleaving beneath it shows. */
	if (!ret)
		c->result.violation = told.result.violation;
	if (ret && !*s->ctx->stop)
		return cmd_fail(s->ctx, e.code == -EINVAL ? MMR_BAD_INPUT : MMR_FAILED, "%s", e.text);
	return MMR_OK;
}

static int print_cell(struct session *s, struct cell *c)
{
	char *text = NULL;
	size_t size = 0;
	int status = MMR_OK;
	if (s->o.verbose && c->verdict == CHECK_BROKEN) {
		FILE *f = open_memstream(&text, &size);
		if (!f)
			return cmd_fail(s->ctx, MMR_FAILED, "no memory");
		status = explain(s, c, f);
		fclose(f);
	}
	check_table_cell(c);
	if (size)
		printf("\n%s\n", text);
	free(text);
	return status;
}

static int run_cell(struct session *s, struct cell *c)
{
	struct mmr_err e = { 0 };
	cmd_progress(s->ctx, "check", (uint64_t)(c - s->cell), s->ncells);
	int ret = cell_run(c, s->ctx->stop, &e);
	if (ret) {
		char name[64];
		scenario_full_name(c->scenario, name, sizeof(name));
		/* A geometry without room is the user's; everything else is ours. */
		return cmd_fail(s->ctx, e.code == -EINVAL ? MMR_BAD_INPUT : MMR_FAILED, "%s, %s: %s", c->design, name,
				e.text);
	}
	if (c->result.interrupted || *s->ctx->stop)
		return MMR_OK;
	s->violations += c->verdict == CHECK_BROKEN && !may_break(c);
	cmd_progress_end(s->ctx);
	if (s->o.json) {
		check_json_cell(c, c == s->cell);
		return MMR_OK;
	}
	return print_cell(s, c);
}

static int run_all(struct session *s)
{
	int status = MMR_OK;
	if (make_cells(s))
		return cmd_fail(s->ctx, MMR_FAILED, "no memory");
	s->o.json ? check_json_begin() : check_table_head();
	unsigned done = 0;
	for (; done < s->ncells && !status && !*s->ctx->stop; done++)
		status = run_cell(s, &s->cell[done]);
	cmd_progress_end(s->ctx);
	if (s->o.json)
		check_json_end();
	if (status || *s->ctx->stop)
		return status ? status : cmd_stopped(s->ctx);
	if (!s->o.json && s->o.ndesigns > 1 && s->o.nscenarios > 1)
		check_table_matrix(s->cell, s->ncells);
	if (!s->o.all_designs && s->violations)
		cmd_note(s->ctx, "broken: %u of %u cells", s->violations, s->ncells);
	if (!s->o.all_designs)
		return s->violations ? MMR_FAILED : MMR_OK;
	bool ok = scenarios_tell(s);
	/* With an era or a lock forced, what a control is for may be out of reach. */
	bool plain = !s->o.era && !s->o.lock && !s->o.geometry && s->o.memory == MEMORY_TSO;
	return (ok && (!plain || controls_tell(s))) || !plain ? MMR_OK : MMR_FAILED;
}

/* ---- again ---- */

/* What the file says, as a cell. */
static int cell_of(struct session *s, const struct schedule *sched, struct cell *c, struct design_choice *d)
{
	struct mmr_err e = { 0 };
	unsigned n, count;
	const struct scenario *all = scenario_all(&count);
	const char *file = s->o.schedule;
	*c = (struct cell){ .memory = !strcmp(sched->memory, "sc") ? MEMORY_SC : MEMORY_TSO };
	if (design_choose(sched->design, "check", d, 1, &n, &e))
		return cmd_fail(s->ctx, MMR_BAD_INPUT, "%s: line %u: %s", file, sched->line, e.text);
	c->design = d->label;
	c->fixed = d->fixed;
	c->lock = sched->lock;
	c->ops = design_find(d->ops->name, "check", sched->lock);
	for (unsigned i = 0; i < count; i++) {
		char name[64];
		scenario_full_name(&all[i], name, sizeof(name));
		if (!strcmp(name, sched->scenario))
			c->scenario = &all[i];
	}
	bool own = !strcmp(sched->geometry, "own");
	c->geometry = own ? NULL : geometry_find(sched->geometry);
	const char *unknown = !c->ops                                              ? "lock"
			      : !c->scenario                                       ? "scenario"
			      : !own && !c->geometry                               ? "geometry"
			      : strcmp(memory_name(c->memory), sched->memory) != 0 ? "memory model"
										   : NULL;
	if (unknown)
		return cmd_fail(s->ctx, MMR_BAD_INPUT, "%s: line %u: the schedule names an unknown %s", file,
				sched->line, unknown);
	return MMR_OK;
}

static int run_schedule(struct session *s, const struct schedule *sched)
{
	struct mmr_err e = { 0 };
	struct design_choice d;
	struct cell c;
	int status = cell_of(s, sched, &c, &d);
	if (status)
		return status;
	char *text = NULL;
	size_t size = 0;
	FILE *f = open_memstream(&text, &size);
	if (!f)
		return cmd_fail(s->ctx, MMR_FAILED, "no memory");
	/* The text first: nothing is printed of a schedule that does not fit. */
	int ret = cell_tell(&c, sched, f, s->o.width, &e);
	fclose(f);
	if (ret) {
		status = cmd_fail(s->ctx, e.code == -EINVAL ? MMR_BAD_INPUT : MMR_FAILED, "%s: line %u: %s",
				  s->o.schedule, sched->line, e.text);
	} else if (strcmp(c.result.violation.invariant, sched->violation) != 0) {
		status = cmd_fail(s->ctx, MMR_BAD_INPUT, "%s: line %u: it breaks %s here, not %s", s->o.schedule,
				  sched->line, c.result.violation.invariant, sched->violation);
	} else {
		if (!s->violations++)
			check_table_head();
		check_table_cell(&c);
		printf("\n%s\n", text);
	}
	free(text);
	return status;
}

static int run_schedules(struct session *s)
{
	struct mmr_err e = { 0 };
	struct schedule sched;
	unsigned line = 0, n = 0;
	int status = MMR_OK, ret;
	FILE *f = fopen(s->o.schedule, "r");
	if (!f)
		return cmd_fail(s->ctx, MMR_BAD_INPUT, "%s: %s", s->o.schedule, strerror(errno));
	while (!status && (ret = schedule_read(f, s->o.schedule, &line, &sched, &e)) != 0) {
		if (ret < 0) {
			status = cmd_fail(s->ctx, ret == -ENOMEM ? MMR_FAILED : MMR_BAD_INPUT, "%s", e.text);
			break;
		}
		n++;
		status = run_schedule(s, &sched);
		schedule_free(&sched);
	}
	fclose(f);
	if (!status && !n)
		return cmd_fail(s->ctx, MMR_BAD_INPUT, "%s: no schedule in it", s->o.schedule);
	return status ? status : s->violations ? MMR_FAILED : MMR_OK;
}

int cmd_check(struct mmr_ctx *ctx, int argc, char **argv)
{
	struct mmr_err e = { 0 };
	struct session *s = calloc(1, sizeof(*s));
	if (!s)
		return cmd_fail(ctx, MMR_FAILED, "no memory");
	s->ctx = ctx;
	check_options_parse(&s->o, argc, argv);
	int status;
	if (design_check_all(&e))
		status = cmd_fail(ctx, MMR_FAILED, "%s", e.text);
	else if (s->o.native)
		status = check_litmus(ctx, s->o.barriers, s->o.rounds, s->o.json);
	else
		status = s->o.schedule ? run_schedules(s) : run_all(s);
	free(s->cell);
	free(s);
	return cmd_done(ctx, status);
}

const struct mmr_item *list_scenarios(unsigned i)
{
	static struct {
		struct mmr_item item;
		char name[64], detail[64];
	} row;
	unsigned n;
	const struct scenario *all = scenario_all(&n);
	if (i >= n)
		return NULL;
	scenario_full_name(&all[i], row.name, sizeof(row.name));
	snprintf(row.detail, sizeof(row.detail), "%u CPUs", all[i].cpus);
	row.item = (struct mmr_item){ row.name, row.detail, all[i].about };
	return &row.item;
}
