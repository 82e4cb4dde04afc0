/*
 * Who is alive, interval by interval, and for how long. A file in order may
 * hold an impossible history: what names nobody counts, and changes nobody.
 */
#include <errno.h>
#include <stdlib.h>

#include "tracegen/idmap.h"
#include "tracegen/info.h"

struct life_task {
	struct idmap_entry e;
	uint32_t mm;
	bool thread, before;
	uint64_t born_ns;
};

/* A process, by its leader. */
struct life_group {
	struct idmap_entry e;
	bool before;
	uint64_t born_ns;
};

struct life_mm {
	struct idmap_entry e;
	uint32_t users;
};

struct info_life {
	struct info *info;
	struct idmap tasks, groups, mms;
	uint32_t at; /* the interval at hand */
};

struct info_life *info_life_new(struct info *info)
{
	struct info_life *l = calloc(1, sizeof(*l));
	if (!l)
		return NULL;
	l->info = info;
	int ret = idmap_init(&l->tasks, sizeof(struct life_task));
	ret |= idmap_init(&l->groups, sizeof(struct life_group));
	ret |= idmap_init(&l->mms, sizeof(struct life_mm));
	if (ret) {
		info_life_free(l);
		return NULL;
	}
	return l;
}

void info_life_free(struct info_life *l)
{
	if (!l)
		return;
	idmap_free(&l->tasks);
	idmap_free(&l->groups);
	idmap_free(&l->mms);
	free(l);
}

/* ---- intervals ---- */

static void look(struct info_life *l)
{
	struct info_interval *i = &l->info->interval[l->at];
	i->live_tasks = l->tasks.used;
	i->live_mms = l->mms.used;
	if (i->live_tasks > i->most_tasks)
		i->most_tasks = i->live_tasks;
	if (i->live_mms > i->most_mms)
		i->most_mms = i->live_mms;
}

/* The interval of @ns is at hand; those on the way are as the last one ended. */
static struct info_interval *go_to(struct info_life *l, uint64_t ns)
{
	while (l->at + 1 < l->info->intervals && ns >= l->info->interval[l->at].end_ns) {
		l->at++;
		look(l);
	}
	return &l->info->interval[l->at];
}

/* ---- lives ---- */

static int get_mm(struct info_life *l, uint32_t mm)
{
	if (!mm)
		return 0;
	struct life_mm *m = idmap_find(&l->mms, mm);
	if (!m)
		m = idmap_add(&l->mms, mm);
	if (!m)
		return -ENOMEM;
	m->users++;
	return 0;
}

static void put_mm(struct info_life *l, uint32_t mm)
{
	struct life_mm *m = mm ? idmap_find(&l->mms, mm) : NULL;
	if (m && !--m->users)
		idmap_drop(&l->mms, m);
}

static int begin(struct info_life *l, const struct mmw_event *ev, uint32_t task, bool thread)
{
	bool before = ev->type == EV_PRESENT;
	if (!task || idmap_find(&l->tasks, task))
		return 0;
	struct life_task *t = idmap_add(&l->tasks, task);
	if (!t)
		return -ENOMEM;
	t->mm = ev->mm;
	t->thread = thread;
	t->before = before;
	t->born_ns = ev->time_ns;
	if (!thread && !idmap_find(&l->groups, task)) {
		struct life_group *g = idmap_add(&l->groups, task);
		if (!g)
			return -ENOMEM;
		g->before = before;
		g->born_ns = ev->time_ns;
	}
	return get_mm(l, ev->mm);
}

static void lived(struct info_lifetimes *to, bool before, uint64_t ns)
{
	if (before) {
		to->from_before++;
		return;
	}
	if (!to->us.count || ns < to->min_ns)
		to->min_ns = ns;
	if (ns > to->max_ns)
		to->max_ns = ns;
	to->sum_ns += (double)ns;
	hist_add(&to->us, ns / 1000);
}

static void end(struct info_life *l, const struct mmw_event *ev)
{
	struct life_task *t = idmap_find(&l->tasks, ev->task);
	if (!t)
		return;
	if (t->thread)
		lived(l->info->thread, t->before, ev->time_ns - t->born_ns);
	put_mm(l, t->mm);
	idmap_drop(&l->tasks, t);
	struct life_group *g = ev->flags & EV_F_LAST ? idmap_find(&l->groups, ev->arg) : NULL;
	if (!g)
		return;
	lived(l->info->process, g->before, ev->time_ns - g->born_ns);
	idmap_drop(&l->groups, g);
}

/* A thread that takes over its leader is the process from then on. */
static int take_over(struct info_life *l, const struct mmw_event *ev, struct life_task *t)
{
	struct life_group *old = idmap_find(&l->groups, ev->arg), *g;
	if (!old || idmap_find(&l->groups, ev->task))
		return 0;
	g = idmap_add(&l->groups, ev->task);
	if (!g)
		return -ENOMEM;
	g->before = old->before;
	g->born_ns = old->born_ns;
	idmap_drop(&l->groups, old);
	t->thread = false;
	return 0;
}

static int exec(struct info_life *l, const struct mmw_event *ev)
{
	struct life_task *t = idmap_find(&l->tasks, ev->task);
	if (!t)
		return 0;
	int ret = get_mm(l, ev->mm);
	put_mm(l, t->mm);
	t->mm = ev->mm;
	return !ret && ev->flags & EV_F_LEADER ? take_over(l, ev, t) : ret;
}

int info_life_event(struct info_life *l, const struct mmw_event *ev)
{
	struct info_interval *i = go_to(l, ev->time_ns);
	int ret = 0;
	switch (ev->type) {
	case EV_PRESENT:
		l->info->adopted += (ev->flags & EV_F_ADOPTED) != 0;
		ret = begin(l, ev, ev->task, ev->arg != ev->task);
		break;
	case EV_FORK:
		i->forks++;
		ret = begin(l, ev, ev->arg, false);
		break;
	case EV_VFORK:
		i->vforks++;
		ret = begin(l, ev, ev->arg, false);
		break;
	case EV_THREAD:
		i->threads++;
		ret = begin(l, ev, ev->arg, true);
		break;
	case EV_EXEC:
		i->execs++;
		ret = exec(l, ev);
		break;
	case EV_EXIT:
		i->exits++;
		end(l, ev);
		break;
	case EV_LOST:
		i->lost += ev->aux;
		return 0;
	default:
		return 0;
	}
	look(l);
	return ret;
}

void info_life_end(struct info_life *l)
{
	const struct life_task *t = NULL;
	uint32_t at = 0;
	go_to(l, UINT64_MAX);
	while ((t = idmap_next(&l->tasks, &at, (void *)t)))
		l->info->thread->alive += t->thread;
	l->info->process->alive = l->groups.used;
}
