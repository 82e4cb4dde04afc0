#include "tests/support/mmw_check.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum state { UNSEEN, LIVE, EXITED, FREED };
static const char *const state_name[] = { "was never seen", "lives", "has exited", "is freed" };

struct task {
	uint32_t leader, mm;
	uint32_t live; /* of a leader: members that live */
	uint8_t state;
};

struct area {
	uint32_t slot;
	uint8_t state;
};

#define SLOTS_MAX 1024u /* of any geometry */
#define CPUS_MAX 65536u

struct check {
	struct mmw_check *out;
	void (*report)(void *arg, uint64_t event, const char *text);
	void *arg;
	uint64_t event;
	const struct mmw_event *ev;
	uint32_t tasks, mms, areas, cpus;
	struct task *task;
	uint32_t *users; /* by mm; UINT32_MAX: never seen */
	struct area *area;
	uint8_t *slot; /* by top-level slot: memory was added */
	uint8_t *down; /* by CPU */
	bool pinned;
	uint32_t peak_mms_get_first; /* if an exec took the new mm before it put the old one */
};

static void __attribute__((format(printf, 2, 3))) wrong(struct check *c, const char *fmt, ...)
{
	char text[256];
	size_t n = 0;
	va_list ap;
	c->out->violations++;
	if (!c->report)
		return;
	if (c->ev)
		n = (size_t)snprintf(text, sizeof(text), "%s of task %u: ", ev_name(c->ev->type), c->ev->task);
	va_start(ap, fmt);
	vsnprintf(text + n, sizeof(text) - n, fmt, ap);
	va_end(ap);
	c->report(c->arg, c->event, text);
}

/* The task, which must be in @state; NULL with a violation when it is not. */
static struct task *need(struct check *c, uint32_t id, enum state state, const char *what)
{
	if (!id || id > c->tasks) {
		wrong(c, "%s is task %u of %u", what, id, c->tasks);
		return NULL;
	}
	struct task *t = &c->task[id];
	if (t->state == state)
		return t;
	wrong(c, "%s, task %u, %s", what, id, state_name[t->state]);
	return NULL;
}

static void get_mm(struct check *c, uint32_t mm)
{
	if (mm && c->users[mm]++ == 0 && ++c->out->live_mms > c->out->peak_mms)
		c->out->peak_mms = c->out->live_mms;
	if (c->out->peak_mms > c->peak_mms_get_first)
		c->peak_mms_get_first = c->out->peak_mms;
}

static void put_mm(struct check *c, uint32_t mm)
{
	if (mm && --c->users[mm] == 0)
		c->out->live_mms--;
}

/* An mm that nobody has had. */
static bool new_mm(struct check *c, uint32_t mm)
{
	if (!mm || mm > c->mms) {
		wrong(c, "mm %u of %u", mm, c->mms);
		return false;
	}
	if (c->users[mm] != UINT32_MAX) {
		wrong(c, "mm %u is not new", mm);
		return false;
	}
	c->users[mm] = 0;
	return true;
}

/* The new task @id joins @leader's group (its own: itself) with @mm, of which the users are right. */
static void born(struct check *c, uint32_t id, uint32_t leader, uint32_t mm)
{
	c->task[id] = (struct task){ .state = LIVE, .leader = leader, .mm = mm };
	c->task[leader].live++;
	get_mm(c, mm);
	if (++c->out->live_tasks > c->out->peak_tasks)
		c->out->peak_tasks = c->out->live_tasks;
}

static void present(struct check *c)
{
	const struct mmw_event *ev = c->ev;
	if (!need(c, ev->task, UNSEEN, "the task"))
		return;
	if (!ev->mm != !!(ev->flags & EV_F_KTHREAD)) {
		wrong(c, "mm %u, and%s a kernel thread", ev->mm, ev->flags & EV_F_KTHREAD ? "" : " not");
		return;
	}
	bool own = ev->arg == ev->task;
	if (!own &&
	    !(ev->arg && ev->arg <= c->tasks && (c->task[ev->arg].state == LIVE || c->task[ev->arg].state == EXITED))) {
		wrong(c, "its leader, task %u, is not there", ev->arg);
		return;
	}
	if (!own && c->task[ev->arg].mm != ev->mm) {
		wrong(c, "mm %u, its leader has mm %u", ev->mm, c->task[ev->arg].mm);
		return;
	}
	if (ev->mm && ev->mm <= c->mms && c->users[ev->mm] == UINT32_MAX && !new_mm(c, ev->mm))
		return;
	born(c, ev->task, ev->arg, ev->mm);
}

static void fork_like(struct check *c)
{
	const struct mmw_event *ev = c->ev;
	/* The idle task, which has no id, forks, too; it shares nothing. */
	bool idle = !ev->task && ev->type == EV_FORK;
	const struct task *p = idle ? NULL : need(c, ev->task, LIVE, "the actor");
	if ((!p && !idle) || !need(c, ev->arg, UNSEEN, "the child"))
		return;
	if (ev->type != EV_FORK) {
		if (ev->mm != p->mm)
			wrong(c, "the child's mm is %u, the actor's %u", ev->mm, p->mm);
		else
			born(c, ev->arg, ev->type == EV_THREAD ? p->leader : ev->arg, ev->mm);
	} else if (ev->mm == 0) {
		if (ev->flags & EV_F_KTHREAD)
			born(c, ev->arg, ev->arg, 0);
		else
			wrong(c, "a child without mm that is no kernel thread");
	} else if (new_mm(c, ev->mm)) {
		born(c, ev->arg, ev->arg, ev->mm);
	}
}

static void exec(struct check *c)
{
	const struct mmw_event *ev = c->ev;
	struct task *t = need(c, ev->task, LIVE, "the task");
	if (!t || !new_mm(c, ev->mm))
		return;
	bool takes_over = ev->flags & EV_F_LEADER;
	if (takes_over && (ev->arg != t->leader || ev->arg == ev->task)) {
		wrong(c, "takes over from task %u, its leader is %u", ev->arg, t->leader);
		return;
	}
	if (!takes_over && (ev->arg || t->leader != ev->task))
		wrong(c, "leader is %u, old leader %u, and nothing is taken over", t->leader, ev->arg);
	if (c->task[t->leader].live != 1)
		wrong(c, "%u others of its group live", c->task[t->leader].live - 1);
	if (takes_over && c->task[ev->arg].state == LIVE)
		wrong(c, "the old leader, task %u, has not exited", ev->arg);
	if (takes_over) {
		c->task[ev->arg].live = 0;
		t->leader = ev->task;
		t->live = 1;
	}
	if (t->mm && c->users[t->mm] == 1 && c->out->live_mms + 1 > c->peak_mms_get_first)
		c->peak_mms_get_first = c->out->live_mms + 1;
	put_mm(c, t->mm);
	get_mm(c, ev->mm);
	t->mm = ev->mm;
}

static void exits(struct check *c)
{
	const struct mmw_event *ev = c->ev;
	struct task *t = need(c, ev->task, LIVE, "the task");
	if (!t)
		return;
	if (ev->arg != t->leader)
		wrong(c, "names the leader %u, it is %u", ev->arg, t->leader);
	if (ev->mm != t->mm)
		wrong(c, "leaves mm %u, it has %u", ev->mm, t->mm);
	uint32_t left = --c->task[t->leader].live;
	if ((left == 0) != !!(ev->flags & EV_F_LAST))
		wrong(c, "%u of the group are left, and it says %s", left, ev->flags & EV_F_LAST ? "none" : "some");
	put_mm(c, t->mm);
	t->state = EXITED;
	c->out->live_tasks--;
	c->out->unfreed++;
}

static void frees(struct check *c)
{
	const struct mmw_event *ev = c->ev;
	struct task *t = need(c, ev->task, EXITED, "the task");
	if (!t)
		return;
	if (ev->arg > c->tasks || (ev->arg && c->task[ev->arg].state == UNSEEN))
		wrong(c, "the parent, task %u, was never seen", ev->arg);
	if (t->leader == ev->task && t->live)
		wrong(c, "the leader of %u that live", t->live);
	t->state = FREED;
	c->out->unfreed--;
}

static void memory(struct check *c)
{
	const struct mmw_event *ev = c->ev;
	if (ev->task && (c->task[ev->task].state == UNSEEN || c->task[ev->task].state == FREED))
		wrong(c, "the actor %s", state_name[c->task[ev->task].state]);
	if (ev->type == EV_PURGE)
		return;
	if (!ev->arg || ev->arg > c->areas)
		wrong(c, "area %u of %u", ev->arg, c->areas);
	else if (c->area[ev->arg].state != (ev->type == EV_VMALLOC ? UNSEEN : LIVE))
		wrong(c, "area %u %s", ev->arg, state_name[c->area[ev->arg].state]);
	else if (ev->type == EV_VMALLOC)
		c->area[ev->arg] = (struct area){ ev->mm, LIVE };
	else if (c->area[ev->arg].slot != ev->mm)
		wrong(c, "area %u lies in slot %u, not %u", ev->arg, c->area[ev->arg].slot, ev->mm);
	else
		c->area[ev->arg].state = FREED;
}

static void machine(struct check *c)
{
	const struct mmw_event *ev = c->ev;
	bool slot = ev->type == EV_HOT_ADD || ev->type == EV_HOT_REMOVE, pins = ev->type == EV_PIN_ALL;
	bool gone = ev->type == EV_OFFLINE;
	if (ev->type == EV_PIN_ALL || ev->type == EV_UNPIN_ALL) {
		if (c->pinned == pins)
			wrong(c, "the page directories are %s", pins ? "pinned already" : "not pinned");
		c->pinned = pins;
	} else if (slot && ev->aux < SLOTS_MAX) {
		if (ev->type == EV_HOT_REMOVE && !c->slot[ev->aux])
			wrong(c, "nothing was added in slot %u", ev->aux);
		c->slot[ev->aux] = ev->type == EV_HOT_ADD;
	} else if (!slot && ev->aux < CPUS_MAX) {
		if (c->down[ev->aux] == gone)
			wrong(c, "CPU %u is %s already", ev->aux, gone ? "down" : "up");
		c->down[ev->aux] = gone;
	}
}

static void switches(struct check *c)
{
	const uint32_t ids[] = { c->ev->task, c->ev->arg };
	for (unsigned i = 0; i < 2; i++)
		if (ids[i] && (c->task[ids[i]].state == UNSEEN || c->task[ids[i]].state == FREED))
			wrong(c, "task %u %s", ids[i], state_name[c->task[ids[i]].state]);
}

static void one(struct check *c)
{
	const struct mmw_event *ev = c->ev;
	c->out->count[ev->type]++;
	if (ev->cpu >= c->cpus)
		wrong(c, "CPU %u of %u", ev->cpu, c->cpus);
	if (c->down[ev->cpu])
		wrong(c, "CPU %u is down", ev->cpu);
	switch (ev->type) {
	case EV_PRESENT:
		present(c);
		break;
	case EV_FORK:
	case EV_VFORK:
	case EV_THREAD:
		fork_like(c);
		break;
	case EV_EXEC:
		exec(c);
		break;
	case EV_EXIT:
		exits(c);
		break;
	case EV_FREE:
		frees(c);
		break;
	case EV_SWITCH:
	case EV_PARENT:
		switches(c);
		break;
	case EV_VMALLOC:
	case EV_VFREE:
	case EV_PURGE:
		memory(c);
		break;
	case EV_HOT_ADD:
	case EV_HOT_REMOVE:
	case EV_ONLINE:
	case EV_OFFLINE:
	case EV_PIN_ALL:
	case EV_UNPIN_ALL:
		machine(c);
		break;
	default:
		break;
	}
}

static void whole(struct check *c, const struct mmw_header *h)
{
	c->ev = NULL;
	c->event = UINT64_MAX;
	for (unsigned t = 0; t < EV_MAX; t++)
		if (h->count[t] != c->out->count[t])
			wrong(c, "the header counts %" PRIu64 " %s, there are %" PRIu64, h->count[t],
			      ev_name(t) ? ev_name(t) : "?", c->out->count[t]);
	uint32_t unseen[3] = { 0 };
	for (uint32_t i = 1; i <= c->tasks; i++)
		unseen[0] += c->task[i].state == UNSEEN;
	for (uint32_t i = 1; i <= c->mms; i++)
		unseen[1] += c->users[i] == UINT32_MAX;
	for (uint32_t i = 1; i <= c->areas; i++)
		unseen[2] += c->area[i].state == UNSEEN;
	if (unseen[0] || unseen[1] || unseen[2])
		wrong(c, "ids are not dense: %u tasks, %u mms, %u areas never come into being", unseen[0], unseen[1],
		      unseen[2]);
	if (h->peak_tasks != c->out->peak_tasks)
		wrong(c, "the header's peak is %u tasks, the events' %u", h->peak_tasks, c->out->peak_tasks);
	if (h->peak_mms < c->out->peak_mms || h->peak_mms > c->peak_mms_get_first)
		wrong(c, "the header's peak is %u mms, the events' %u", h->peak_mms, c->out->peak_mms);
}

int mmw_check(const char *path, void (*report)(void *arg, uint64_t event, const char *text), void *arg,
	      struct mmw_check *out, struct mmr_err *e)
{
	struct mmw_reader *r;
	struct mmw_cursor *cursor = NULL;
	struct mmw_event ev;
	*out = (struct mmw_check){ 0 };
	int ret = mmw_open(path, &r, e);
	if (ret)
		return ret;
	const struct mmw_header *h = mmw_header(r);
	struct check c = { .out = out,
			   .report = report,
			   .arg = arg,
			   .tasks = h->tasks,
			   .mms = h->mms,
			   .areas = h->areas,
			   .cpus = h->cpus };
	c.task = calloc(h->tasks + 1ull, sizeof(*c.task));
	c.users = malloc((h->mms + 1ull) * sizeof(*c.users));
	c.area = calloc(h->areas + 1ull, sizeof(*c.area));
	c.slot = calloc(SLOTS_MAX, 1);
	c.down = calloc(CPUS_MAX, 1);
	if (!c.task || !c.users || !c.area || !c.slot || !c.down)
		ret = mmr_err_sys(e, -ENOMEM, "%s", path);
	else
		ret = mmw_cursor_open(r, &cursor, e);
	if (!ret) {
		memset(c.users, 0xff, (h->mms + 1ull) * sizeof(*c.users));
		while ((ret = mmw_next(cursor, &ev, e)) > 0) {
			c.ev = &ev;
			one(&c);
			c.event++;
		}
	}
	out->events = c.event;
	if (!ret)
		whole(&c, h);
	mmw_cursor_close(cursor);
	free(c.task);
	free(c.users);
	free(c.area);
	free(c.slot);
	free(c.down);
	mmw_close(r);
	return ret;
}
