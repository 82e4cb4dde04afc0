/*
 * Event by event. Until the beginning only the books are kept. The output is
 * built from the books, not from the input's word: whatever comes out is a
 * possible history.
 */
#include <errno.h>
#include <inttypes.h>

#include "tracegen/subset_parts.h"

int sub_no_memory(struct sub *s)
{
	return mmr_err_sys(s->e, -ENOMEM, "%s: its tasks", s->path);
}

int sub_wrong(struct sub *s, const struct mmw_event *ev, const char *why)
{
	return mmr_err(s->e, -EBADMSG, "%s: event %" PRIu64 " (%s of task %u): %s", s->path, s->event,
		       ev_name(ev->type), ev->task, why);
}

int sub_emit(struct sub *s, struct mmw_event ev)
{
	if (!s->begun)
		return 0;
	ev.time_ns = ev.time_ns > s->from ? ev.time_ns - s->from : 0;
	if (ev.type == EV_LOST)
		s->result->count[SC_LOST] += ev.aux;
	s->result->written++;
	return mmw_add(s->w, &ev, s->e);
}

int sub_left_out(struct sub *s, enum sub_count why)
{
	s->result->count[why] += s->begun;
	return 0;
}

struct sub_task *sub_find(const struct sub *s, uint32_t task)
{
	return task ? idmap_find(&s->tasks, task) : NULL;
}

uint32_t sub_new_of(const struct sub *s, uint32_t task)
{
	const struct sub_task *t = sub_find(s, task);
	return t ? t->new : 0;
}

/* ---- what tasks do ---- */

static int switches(struct sub *s, const struct mmw_event *ev)
{
	struct mmw_event out = *ev;
	out.task = sub_new_of(s, ev->task);
	out.arg = sub_new_of(s, ev->arg);
	out.comm = 0;
	if (s->o->roots && !out.task && !out.arg)
		return sub_left_out(s, SC_OTHERS);
	return sub_emit(s, out);
}

/* The actor of @out and its name; false: it is the work of somebody outside the tree. */
static bool actor(struct sub *s, const struct mmw_event *ev, struct mmw_event *out)
{
	const struct sub_task *t = sub_find(s, ev->task);
	*out = *ev;
	out->task = t ? t->new : 0;
	out->comm = 0;
	if (s->begun && (t || !s->o->roots))
		out->comm = sub_name(s, ev->comm, t && t->kthread);
	return t || !s->o->roots;
}

static int by_others(struct sub *s, const struct mmw_event *ev)
{
	return sub_left_out(s, ev->task ? SC_OTHERS : SC_NO_TASK);
}

static int vmalloc(struct sub *s, const struct mmw_event *ev)
{
	struct mmw_event out;
	if (!actor(s, ev, &out))
		return by_others(s, ev);
	if (!s->begun)
		return 0;
	if (!ev->arg || idmap_find(&s->areas, ev->arg))
		return sub_wrong(s, ev, "the area is not new");
	struct sub_area *a = idmap_add(&s->areas, ev->arg);
	if (!a)
		return sub_no_memory(s);
	a->new = out.arg = ++s->area_ids;
	a->slot = ev->mm;
	return sub_emit(s, out);
}

/* Whoever frees what the tree has allocated: a kernel thread, mostly. */
static int vfree(struct sub *s, const struct mmw_event *ev)
{
	struct mmw_event out;
	struct sub_area *a = ev->arg ? idmap_find(&s->areas, ev->arg) : NULL;
	bool ours = actor(s, ev, &out);
	if (!a)
		return ours ? sub_left_out(s, SC_EARLIER_AREA) : by_others(s, ev);
	out.arg = a->new;
	out.mm = a->slot;
	idmap_drop(&s->areas, a);
	return sub_emit(s, out);
}

static int does(struct sub *s, const struct mmw_event *ev)
{
	struct mmw_event out;
	return actor(s, ev, &out) ? sub_emit(s, out) : by_others(s, ev);
}

/* ---- the machine ---- */

static int put_thing(struct sub *s, struct idmap *things, uint32_t id, bool there)
{
	void *thing = idmap_find(things, id);
	if (there && !thing && !idmap_add(things, id))
		return sub_no_memory(s);
	if (!there && thing)
		idmap_drop(things, thing);
	return 0;
}

static int machine(struct sub *s, const struct mmw_event *ev)
{
	if (s->o->roots)
		return sub_left_out(s, SC_NO_TASK);
	if (s->begun)
		return sub_emit(s, *ev);
	switch (ev->type) {
	case EV_HOT_ADD:
	case EV_HOT_REMOVE:
		if (ev->aux != EV_ANY_SLOT)
			return put_thing(s, &s->slots, ev->aux, ev->type == EV_HOT_ADD);
		s->any_slots += ev->type == EV_HOT_ADD;
		return 0;
	case EV_ONLINE:
	case EV_OFFLINE:
		return put_thing(s, &s->down, ev->aux, ev->type == EV_OFFLINE);
	case EV_PIN_ALL:
	case EV_UNPIN_ALL:
		s->pinned = ev->type == EV_PIN_ALL;
		return 0;
	default:
		return 0;
	}
}

int sub_event(struct sub *s, const struct mmw_event *ev)
{
	s->result->count[SC_BEFORE] += !s->begun;
	switch ((enum ev_type)ev->type) {
	case EV_PRESENT:
		return sub_present(s, ev);
	case EV_FORK:
	case EV_VFORK:
	case EV_THREAD:
		return sub_birth(s, ev);
	case EV_EXEC:
		return sub_exec(s, ev);
	case EV_EXIT:
		return sub_exits(s, ev);
	case EV_FREE:
		return sub_frees(s, ev);
	case EV_PARENT:
		return sub_parent(s, ev);
	case EV_SWITCH:
		return switches(s, ev);
	case EV_VMALLOC:
		return vmalloc(s, ev);
	case EV_VFREE:
		return vfree(s, ev);
	case EV_PURGE:
	case EV_FAULT:
		return does(s, ev);
	case EV_LOST:
		return sub_emit(s, *ev);
	case EV_HOT_ADD:
	case EV_HOT_REMOVE:
	case EV_SYNC:
	case EV_ONLINE:
	case EV_OFFLINE:
	case EV_PIN_ALL:
	case EV_UNPIN_ALL:
		return machine(s, ev);
	case EV_NONE:
	case EV_NR:
		break;
	}
	return sub_wrong(s, ev, "of a type that a subset does not know");
}
