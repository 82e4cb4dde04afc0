/* Whose events: the processes that a user named, and those that were their children when the trace began. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>

#include "tracegen/subset_parts.h"

#define CHECK_EVERY 65536 /* events between looks at the stop flag */

enum { UNDECIDED, OUTSIDE, INSIDE, ASKED };

/* The task that @ev brings in. */
static uint32_t born(const struct mmw_event *ev)
{
	return ev->type == EV_PRESENT ? ev->task : ev->arg;
}

static bool is_root(const struct sub_root *root, const struct mmw_event *ev)
{
	return root->number == (root->is_task ? born(ev) : ev->aux);
}

bool sub_tree_root(const struct sub *s, const struct mmw_event *ev)
{
	for (unsigned i = 0; i < s->o->roots; i++)
		if (is_root(&s->o->root[i], ev))
			return true;
	return false;
}

/* What the first reading has learnt of a root that is no process. */
struct missed {
	uint32_t thread, leader; /* a thread of that number, of this process */
};

static int take_process(struct sub *s, const struct mmw_event *ev)
{
	for (unsigned i = 0; i < s->o->roots; i++) {
		struct sub_found *f = &s->result->found[i];
		if (!is_root(&s->o->root[i], ev))
			continue;
		if (f->processes < sizeof(f->first) / sizeof(f->first[0]))
			f->first[f->processes] = born(ev);
		f->processes++;
	}
	if (ev->type != EV_PRESENT)
		return 0;
	if (idmap_find(&s->kin, ev->task))
		return 0; /* not new: the second reading says so */
	struct sub_kin *k = idmap_add(&s->kin, ev->task);
	if (!k)
		return sub_no_memory(s);
	k->inside = sub_tree_root(s, ev) ? INSIDE : UNDECIDED;
	return 0;
}

static void take_thread(struct sub *s, const struct mmw_event *ev, struct missed *missed)
{
	for (unsigned i = 0; i < s->o->roots; i++)
		if (is_root(&s->o->root[i], ev))
			missed[i] = (struct missed){ born(ev), ev->type == EV_PRESENT ? ev->arg : ev->task };
}

static int take(struct sub *s, const struct mmw_event *ev, struct missed *missed)
{
	struct sub_kin *k;
	switch (ev->type) {
	case EV_PRESENT:
		if (ev->arg != ev->task) {
			take_thread(s, ev, missed);
			return 0;
		}
		return take_process(s, ev);
	case EV_FORK:
	case EV_VFORK:
		return take_process(s, ev);
	case EV_THREAD:
		take_thread(s, ev, missed);
		return 0;
	case EV_PARENT:
		k = idmap_find(&s->kin, ev->task);
		if (k)
			k->parent = ev->arg;
		return 0;
	default:
		return 0;
	}
}

/* Every root is some process; else say what it is. */
static int all_found(struct sub *s, const struct missed *missed, bool tids)
{
	for (unsigned i = 0; i < s->o->roots; i++) {
		const struct sub_root *root = &s->o->root[i];
		const char *path = s->path, *kind = root->is_task ? "task" : "pid";
		if (s->result->found[i].processes)
			continue;
		if (missed[i].thread)
			return mmr_err(s->e, -EINVAL, "%s: %s %u is a thread of task %u: name a process", path, kind,
				       root->number, missed[i].leader);
		if (!root->is_task && !tids)
			return mmr_err(s->e, -EINVAL, "%s: says no pids; name a task by its number: --tree task:N",
				       path);
		return mmr_err(s->e, -EINVAL, "%s: no process has %s %u", path, kind, root->number);
	}
	return 0;
}

int sub_tree_read(struct sub *s, const volatile sig_atomic_t *stop)
{
	struct missed missed[SUB_ROOTS_MAX] = { 0 };
	struct mmw_cursor *c;
	struct mmw_event ev;
	bool tids = false;
	int ret = mmw_cursor_open(s->r, &c, s->e);
	for (uint64_t n = 0; !ret; n++) {
		if (n % CHECK_EVERY == 0 && *stop) {
			ret = mmr_err(s->e, -EINTR, "%s: stopped", s->path);
			break;
		}
		ret = mmw_next(c, &ev, s->e);
		if (ret <= 0)
			break;
		tids |= ev.aux && (ev.type == EV_PRESENT || ev.type == EV_FORK || ev.type == EV_VFORK);
		ret = take(s, &ev, missed);
	}
	mmw_cursor_close(c);
	return ret ? ret : all_found(s, missed, tids);
}

bool sub_tree_present(const struct sub *s, uint32_t task)
{
	struct sub_kin *first = idmap_find(&s->kin, task), *k = first;
	/* What a damaged file says may go round: whoever is met again is outside. */
	while (k && k->inside == UNDECIDED) {
		k->inside = ASKED;
		k = k->parent ? idmap_find(&s->kin, k->parent) : NULL;
	}
	uint8_t answer = k && k->inside == INSIDE ? INSIDE : OUTSIDE;
	for (k = first; k && k->inside == ASKED; k = idmap_find(&s->kin, k->parent))
		k->inside = answer;
	return first && first->inside == INSIDE;
}
