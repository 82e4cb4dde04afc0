#include "replay/figures.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void violations_note(struct violations *v, const char *invariant, const char *what, uint32_t task, uint32_t mm,
		     int slot, uint64_t event)
{
	for (unsigned i = 0; i < v->n; i++)
		if (!strcmp(v->kept[i].invariant, invariant) && !strcmp(v->kept[i].what, what)) {
			v->kept[i].count++;
			return;
		}
	if (v->n == VIOLATIONS_KEPT)
		return;
	struct violation *k = &v->kept[v->n++];
	*k = (struct violation){ .task = task, .mm = mm, .slot = slot, .event = event, .count = 1 };
	snprintf(k->invariant, sizeof(k->invariant), "%s", invariant);
	snprintf(k->what, sizeof(k->what), "%s", what);
}

int figures_make(struct run_figures *f)
{
	memset(f, 0, sizeof(*f));
	f->hists = calloc(EV_MAX + 2 * FIGURES_LOCKS, sizeof(*f->hists));
	f->locks = calloc(FIGURES_LOCKS, sizeof(*f->locks));
	f->ops = calloc(EV_MAX, sizeof(*f->ops));
	f->violations = calloc(VIOLATIONS_KEPT, sizeof(*f->violations));
	f->texts = calloc(FIGURES_LOCKS + 2 * VIOLATIONS_KEPT, sizeof(*f->texts));
	if (!f->hists || !f->locks || !f->ops || !f->violations || !f->texts)
		return -ENOMEM;
	f->run.locks = f->locks;
	f->run.ops = f->ops;
	f->run.violations = f->violations;
	return 0;
}

void run_figures_free(struct run_figures *f)
{
	free(f->hists);
	for (unsigned i = 0; i < f->run.nlocks; i++)
		free((struct result_interval *)f->locks[i].timeline);
	free(f->locks);
	free(f->ops);
	free(f->violations);
	for (unsigned i = 0; i < f->run.nconflicts; i++)
		free((char *)f->conflicts[i].line);
	free(f->conflicts);
	for (unsigned i = 0; i < f->run.nblockers; i++)
		free((char *)f->blockers[i].lock);
	free(f->blockers);
	for (unsigned i = 0; i < f->run.ncomms; i++)
		free((char *)f->comms[i].comm);
	free(f->comms);
	for (unsigned i = 0; i < f->run.nslow; i++)
		free((char *)f->slow[i].comm);
	free(f->slow);
	free(f->texts);
	memset(f, 0, sizeof(*f));
}

static const struct hist *keep(struct run_figures *f, const struct hist *h)
{
	struct hist *mine = &f->hists[f->nhists++];
	hist_init(mine);
	if (h)
		hist_merge(mine, h);
	return mine;
}

const char *figures_op_name(unsigned op)
{
	return op == EV_SWITCH ? "context_switch" : op == EV_NONE ? "replay" : ev_name(op);
}

void figures_op(struct run_figures *f, unsigned op, uint64_t count, const struct hist *latency)
{
	if (!count || !ev_name(op) || f->run.nops == EV_MAX)
		return;
	f->ops[f->run.nops++] =
		(struct result_op){ op == EV_SWITCH ? "context_switch" : ev_name(op), count, keep(f, latency) };
}

int figures_lock(struct run_figures *f, const struct result_lock *row)
{
	if (!row->acquisitions || f->run.nlocks == FIGURES_LOCKS)
		return 0;
	struct result_interval *timeline = calloc(row->nintervals + 1ul, sizeof(*timeline));
	if (!timeline)
		return -ENOMEM;
	unsigned i = f->run.nlocks++;
	struct result_lock *l = &f->locks[i];
	*l = *row;
	snprintf(f->texts[i], sizeof(*f->texts), "%s", row->lock);
	l->lock = f->texts[i];
	l->wait = keep(f, row->wait);
	l->hold = keep(f, row->hold);
	if (row->nintervals)
		memcpy(timeline, row->timeline, row->nintervals * sizeof(*timeline));
	l->timeline = timeline;
	return 0;
}

void figures_violations(struct run_figures *f, const struct violations *v)
{
	char(*text)[160] = f->texts + FIGURES_LOCKS;
	for (unsigned i = 0; i < v->n; i++) {
		const struct violation *k = &v->kept[i];
		char *invariant = text[2 * i], *detail = text[2 * i + 1];
		snprintf(invariant, sizeof(*text), "%s", k->invariant);
		int n = snprintf(detail, sizeof(*text), "%s (task %u, mm %u, slot %d", k->what, k->task, k->mm,
				 k->slot);
		if (k->event != UINT64_MAX)
			n += snprintf(detail + n, sizeof(*text) - (size_t)n, ", event %llu",
				      (unsigned long long)k->event);
		snprintf(detail + n, sizeof(*text) - (size_t)n, ")");
		f->violations[i] =
			(struct result_violation){ invariant, detail, k->event, k->task, k->mm, k->slot, k->count };
	}
	f->run.nviolations = v->n;
}

/* @rows with room for one more than the @n there are; NULL: no memory, and @rows is as it was. */
static void *one_more(void *rows, unsigned n, size_t size)
{
	return n & (n - 1) ? rows : realloc(rows, (n ? 2ul * n : 1) * size);
}

int figures_conflict(struct run_figures *f, const struct result_conflict *row)
{
	struct result_conflict *all = one_more(f->conflicts, f->run.nconflicts, sizeof(*all));
	if (!all)
		return -ENOMEM;
	f->run.conflicts = f->conflicts = all;
	char *line = strdup(row->line);
	if (!line)
		return -ENOMEM;
	all[f->run.nconflicts] = *row;
	all[f->run.nconflicts++].line = line;
	return 0;
}

int figures_blocker(struct run_figures *f, const struct result_blocker *row)
{
	struct result_blocker *all = one_more(f->blockers, f->run.nblockers, sizeof(*all));
	if (!all)
		return -ENOMEM;
	f->run.blockers = f->blockers = all;
	char *lock = strdup(row->lock);
	if (!lock)
		return -ENOMEM;
	all[f->run.nblockers] = *row;
	all[f->run.nblockers++].lock = lock;
	return 0;
}

int figures_comm(struct run_figures *f, const struct result_comm *row)
{
	struct result_comm *all = one_more(f->comms, f->run.ncomms, sizeof(*all));
	if (!all)
		return -ENOMEM;
	f->run.comms = f->comms = all;
	char *comm = strdup(row->comm);
	if (!comm)
		return -ENOMEM;
	all[f->run.ncomms] = *row;
	all[f->run.ncomms++].comm = comm;
	return 0;
}

int figures_slow(struct run_figures *f, const struct result_slow *row)
{
	struct result_slow *all = one_more(f->slow, f->run.nslow, sizeof(*all));
	if (!all)
		return -ENOMEM;
	f->run.slow = f->slow = all;
	/* All in one piece: the task's name, the lock's, the holder's. */
	const char *lock = row->lock ? row->lock : "", *holder = row->holder_comm ? row->holder_comm : "";
	size_t a = strlen(row->comm) + 1, b = strlen(lock) + 1, c = strlen(holder) + 1;
	char *text = malloc(a + b + c);
	if (!text)
		return -ENOMEM;
	struct result_slow *s = &all[f->run.nslow++];
	*s = *row;
	s->comm = memcpy(text, row->comm, a);
	memcpy(text + a, lock, b);
	memcpy(text + a + b, holder, c);
	s->lock = row->lock ? text + a : NULL;
	s->holder_comm = row->holder_comm ? text + a + b : NULL;
	return 0;
}

void figures_judge(struct run_figures *f, bool stopped)
{
	struct result_run *run = &f->run;
	run->verdict = run->nviolations                  ? VERDICT_VIOLATION
		       : run->pairs_compared && !stopped ? VERDICT_PASS
							 : VERDICT_UNCHECKED;
}
