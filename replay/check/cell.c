/* One design in one scenario. */
#include "replay/check/cell.h"

#include <errno.h>
#include <string.h>
#include <time.h>

#include "replay/check/columns.h"
#include "replay/check/linear.h"
#include "replay/dialect/kernel.h"
#include "replay/era.h"

const char *memory_name(enum check_memory m)
{
	return m == MEMORY_SC ? "sc" : "tso";
}

const char *verdict_name(enum check_verdict v)
{
	static const char *const name[] = {
		[CHECK_HOLDS] = "holds",
		[CHECK_BROKEN] = "broken",
		[CHECK_BOUNDED] = "bounded",
		[CHECK_EXCLUDED] = "excluded",
	};
	return name[v];
}

void scenario_full_name(const struct scenario *s, char *buf, size_t size)
{
	snprintf(buf, size, "%s/%s%s%s", s->name, s->range, *s->policy ? "/" : "", s->policy);
}

/* ---- what makes no sense ---- */

/* NULL: nothing speaks against it. */
static const char *why_excluded(const struct cell *c)
{
	u32 has = c->ops->flags, needs = c->scenario->needs;
	bool vmalloc = !strcmp(c->scenario->range, "VM");
	if (strcmp(c->ops->lock, c->lock))
		return "not built for this lock";
	if (has & DESIGN_FLOOR)
		return "has no page tables";
	if (needs & NEEDS_REMOVAL && !(has & DESIGN_REMOVES))
		return "additions only";
	if (needs & NEEDS_32BIT && has & DESIGN_64BIT)
		return "64 bit only";
	if (needs & NEEDS_32BIT && c->geometry && geometry_bits(c->geometry) != 32)
		return "the geometry has 64 bits";
	if (c->geometry && geometry_bits(c->geometry) == 32 && has & DESIGN_64BIT)
		return "64 bit only";
	if (needs & NEEDS_EAGER && has & DESIGN_NEEDS_FAULT)
		return "needs the fault handler";
	if (vmalloc && c->era && (c->era->sync_policy == SYNC_EAGER) != !!(needs & NEEDS_EAGER))
		return c->era->sync_policy == SYNC_EAGER ? "the era has no fault handler" : "the era fills by faults";
	return NULL;
}

/* ---- running ---- */

static int prepare(const struct cell *c, struct history *h, struct check_config *config, struct mmr_err *e)
{
	const struct geometry *g = c->geometry ? c->geometry : scenario_geometry(c->scenario);
	int ret = history_bind(h, c->scenario, c->ops, g, e);
	*config = (struct check_config){
		.programs = &h->programs,
		.arg = h,
		.geometry = g,
		.fixed = c->fixed,
		.memory = c->memory,
		.reduction = c->reduction,
		.max_executions = c->max_executions,
	};
	scenario_policy(c->scenario, c->ops, &config->sync_policy, &config->fault_handler);
	return ret;
}

static double now(void)
{
	struct timespec ts;
	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

int cell_run(struct cell *c, const volatile sig_atomic_t *stop, struct mmr_err *e)
{
	struct check_config config;
	struct history h;
	memset(&c->result, 0, sizeof(c->result));
	c->seconds = 0;
	c->reason = why_excluded(c);
	if (c->reason) {
		c->verdict = CHECK_EXCLUDED;
		return 0;
	}
	int ret = prepare(c, &h, &config, e);
	if (ret)
		return ret;
	config.stop = stop;
	double from = now();
	ret = check_run(&config, &c->result, e);
	c->seconds = now() - from;
	c->verdict = c->result.verdict;
	return ret;
}

/* ---- the shortest one ---- */

struct best {
	struct linear linear;
	bool found;
	int ret;
};

static void consider(void *arg, const struct check_trace *t)
{
	struct best *b = arg;
	struct linear l;
	if (b->ret)
		return;
	int ret = linear_make(&l, t, b->found ? b->linear.switches : UINT16_MAX);
	if (ret == -ERANGE)
		return;
	b->ret = ret;
	if (ret || (b->found && !linear_better(&l, &b->linear))) {
		linear_free(&l);
		return;
	}
	linear_free(&b->linear);
	b->linear = l;
	b->found = true;
}

static void fill_schedule(const struct cell *c, const struct check_violation *v, struct schedule *s)
{
	snprintf(s->design, sizeof(s->design), "%s", c->design);
	scenario_full_name(c->scenario, s->scenario, sizeof(s->scenario));
	snprintf(s->lock, sizeof(s->lock), "%s", c->lock);
	snprintf(s->memory, sizeof(s->memory), "%s", memory_name(c->memory));
	snprintf(s->geometry, sizeof(s->geometry), "%s", c->geometry ? c->geometry->name : "own");
	snprintf(s->violation, sizeof(s->violation), "%s", v->invariant);
}

int cell_shortest(const struct cell *c, u64 limit, const volatile sig_atomic_t *stop, struct schedule *s,
		  struct mmr_err *e)
{
	struct check_config config;
	struct check_result r;
	struct history h;
	struct best best = { .found = false };
	memset(s, 0, sizeof(*s));
	int ret = prepare(c, &h, &config, e);
	if (ret)
		return ret;
	config.stop = stop;
	config.all = true;
	config.broken = consider;
	config.callback_arg = &best;
	config.max_executions = limit;
	ret = check_run(&config, &r, e);
	if (!ret && r.interrupts) {
		/* What was collected before that was found out counts its steps otherwise. */
		linear_free(&best.linear);
		best = (struct best){ .found = false };
		config.interrupts = true;
		ret = check_run(&config, &r, e);
	}
	if (!ret && best.ret)
		ret = mmr_err(e, best.ret, "no memory for an interleaving");
	if (!ret && !best.found)
		ret = mmr_err(e, -ENOENT, "no interleaving that breaks it was found");
	if (ret) {
		linear_free(&best.linear);
		return ret;
	}
	fill_schedule(c, &r.violation, s);
	s->interrupts = r.interrupts;
	s->thread = best.linear.thread;
	s->n = best.linear.steps;
	return 0;
}

/* ---- telling ---- */

struct telling {
	const struct cell *c;
	const struct history *h;
	const struct schedule *s;
	FILE *f;
	unsigned width;
	int ret;
};

static void tell(void *arg, const struct check_trace *t)
{
	struct telling *x = arg;
	x->ret = columns_print(x->f, t, x->h, x->width);
	struct schedule s = *x->s;
	fill_schedule(x->c, &t->violation, &s);
	schedule_write(x->f, &s);
}

int cell_tell(struct cell *c, const struct schedule *s, FILE *f, unsigned width, struct mmr_err *e)
{
	struct check_config config;
	struct history h;
	int ret = prepare(c, &h, &config, e);
	if (ret)
		return ret;
	struct telling x = { c, &h, s, f, width, 0 };
	config.broken = tell;
	config.callback_arg = &x;
	config.schedule = s->thread;
	config.nschedule = s->n;
	config.interrupts = s->interrupts;
	double from = now();
	ret = check_run(&config, &c->result, e);
	c->seconds = now() - from;
	c->verdict = c->result.verdict;
	if (!ret && x.ret)
		ret = mmr_err(e, x.ret, "no memory for an interleaving");
	if (!ret && c->verdict != CHECK_BROKEN)
		ret = mmr_err(e, -EINVAL, "the schedule breaks nothing here");
	return ret;
}
