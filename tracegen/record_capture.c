#include "tracegen/record.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

#include "tracegen/record_output.h"
#include "tracegen/record_tasks.h"

#define MS 1000000ull
#define S (1000 * MS)
/* A record is written a moment after its time was taken; what is older than this has arrived in every ring. */
#define SETTLED (1 * MS)
#define TICK_MS 100
/* Tasks are freed by RCU, after the command has been reaped. */
#define GRACE (200 * MS)
/* A command that ^C was meant for, too, gets this long before we pass it on, and that long then. */
#define ITS_OWN_END (500 * MS)
#define TOLD_END (5 * S)

static uint64_t now(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * S + (uint64_t)t.tv_nsec;
}

/* With the names of the functions that were not met before. */
static void contention(struct rec_capture *c, const struct rec_event *ev)
{
	uint64_t chain[REC_CHAIN_MAX];
	uint32_t n = rec_names_chain(ev->chain, ev->frames, chain);
	const struct symbol *s;
	for (uint32_t i = 0; i < n; i++)
		if ((s = rec_names_new(c->names, chain[i] - (i > 0))))
			c->ust->symbol(ev->time, s->from, s->to - s->from, symbols_name(&c->names->symbols, s));
	c->ust->contention_begin(ev->time, ev->cpu, ev->tid, (uint64_t)ev->ints[0], (uint32_t)ev->ints[1], chain, n);
}

static int on_event(void *arg, const struct rec_event *ev)
{
	struct rec_capture *c = arg;
	const struct mmr_ust *u = c->ust;
	/* The tracepoints go on and off one after the other: only the time in which all were on counts. */
	if (ev->time < c->on || ev->time > c->off)
		return 0;
	c->count[ev->kind]++;
	c->events++;
	switch (ev->kind) {
	case REC_FORK:
		u->fork(ev->time, ev->cpu, (int32_t)ev->ints[0], ev->tgid, ev->texts[0], (int32_t)ev->ints[1],
			ev->texts[1]);
		return 0;
	case REC_EXEC:
		u->exec(ev->time, ev->cpu, (int32_t)ev->ints[0], (int32_t)ev->ints[1], ev->texts[0]);
		return 0;
	case REC_EXIT:
		u->exit(ev->time, ev->cpu, (int32_t)ev->ints[0], ev->texts[0], (int8_t)ev->ints[1]);
		return 0;
	case REC_FREE:
		u->free(ev->time, ev->cpu, (int32_t)ev->ints[0], ev->texts[0]);
		return 0;
	case REC_NEWTASK:
		u->newtask(ev->time, ev->cpu, ev->tid, (int32_t)ev->ints[0], ev->texts[0], (uint64_t)ev->ints[1]);
		return 0;
	case REC_VMALLOC:
		u->vmalloc(ev->time, ev->cpu, ev->tid, (uint64_t)ev->ints[0], (uint64_t)ev->ints[1],
			   (int32_t)ev->ints[2]);
		return 0;
	case REC_VFREE:
		u->vfree(ev->time, ev->cpu, ev->tid, (uint64_t)ev->ints[0]);
		return 0;
	case REC_PURGE:
		u->purge(ev->time, ev->cpu, ev->tid, (uint64_t)ev->ints[0], (uint64_t)ev->ints[1],
			 (uint32_t)ev->ints[2]);
		return 0;
	case REC_CONTENTION_BEGIN:
		contention(c, ev);
		return 0;
	case REC_CONTENTION_END:
		u->contention_end(ev->time, ev->cpu, ev->tid, (uint64_t)ev->ints[0], (int32_t)ev->ints[1]);
		return 0;
	case REC_NR:
		break;
	}
	return -EINVAL;
}

static int on_lost(void *arg, uint64_t time, uint32_t cpu, uint64_t count)
{
	struct rec_capture *c = arg;
	c->lost += count;
	c->ust->lost(time, cpu, count);
	return 0;
}

static int pump(struct rec_capture *c, uint64_t until, struct mmr_err *e)
{
	struct rec_sink sink = { on_event, on_lost, c };
	return rec_rings_drain(c->rings, until, &sink, e);
}

struct dump {
	struct rec_capture *c;
	struct mmr_err *e;
};

static int on_task(void *arg, const struct rec_task *t)
{
	struct dump *d = arg;
	d->c->ust->statedump_process(now(), t->tid, t->tgid, t->ppid, t->kthread, (int8_t)t->state, t->comm);
	/* The rings fill while we read /proc. */
	if (++d->c->tasks % 32 == 0)
		return pump(d->c, now() - SETTLED, d->e);
	return 0;
}

static void emit_capture(struct rec_capture *c)
{
	struct utsname uts;
	struct timespec real;
	uname(&uts);
	clock_gettime(CLOCK_REALTIME, &real);
	c->ust->capture(now(), uts.nodename, uts.release, c->command, c->rings->n, (int32_t)getpid(),
			(int32_t)c->child->pid, real.tv_sec * (int64_t)S + real.tv_nsec);
}

static int look_after_cpus(struct rec_capture *c, struct mmr_err *e)
{
	unsigned came = 0, went = 0;
	char *online = rec_cpus_online();
	int err = online ? rec_rings_rescan(c->rings, online, &came, &went, e) : 0;
	free(online);
	c->cpus_came += came;
	c->cpus_went += went;
	return err;
}

static int look_after_disk(const struct rec_capture *c, struct mmr_err *e)
{
	if (rec_output_room(c->dir) >= c->reserve)
		return 0;
	return mmr_err(e, -ENOSPC, "the disk of %s is full: stopped early", c->dir);
}

static int wait_for_news(struct rec_capture *c, int pidfd, uint64_t until, struct mmr_err *e)
{
	struct pollfd p[] = {
		{ .fd = c->rings->epoll, .events = POLLIN },
		{ .fd = c->died, .events = POLLIN },
		{ .fd = c->child->gone ? -1 : pidfd, .events = POLLIN },
	};
	uint64_t t = now(), left = until > t ? until - t : 0;
	int ms = left / MS < TICK_MS ? (int)(left / MS) : TICK_MS;
	if (poll(p, 3, ms) > 0) {
		if (p[0].revents)
			rec_rings_ready(c->rings);
		if (p[1].revents)
			return mmr_err(e, -EPIPE, "the LTTng session daemon died");
	}
	return 0;
}

/* When to end: the first of several reasons, and what the command is told meanwhile. */
struct ending {
	uint64_t deadline; /* of the duration */
	uint64_t tell; /* send the command SIGTERM then */
	uint64_t give_up; /* and do not wait for it any longer then */
	uint64_t at; /* the end */
};

static void consider_ending(struct rec_capture *c, struct ending *end, uint64_t t)
{
	struct rec_child *child = c->child;
	bool asked = *c->stop || t >= end->deadline;
	if (!child->pid) {
		end->at = asked ? t : end->at;
		return;
	}
	if (end->at != UINT64_MAX)
		return;
	if (rec_child_done(child)) {
		end->at = t + GRACE;
		return;
	}
	if (asked && end->tell == UINT64_MAX && end->give_up == UINT64_MAX)
		end->tell = *c->stop == SIGINT ? t + ITS_OWN_END : t;
	if (asked)
		c->ended_child = true;
	if (t >= end->tell) {
		kill(child->pid, SIGTERM);
		end->tell = UINT64_MAX;
		end->give_up = t + TOLD_END;
	}
	if (t >= end->give_up) {
		c->child_left = true;
		end->at = t;
	}
}

static int loop(struct rec_capture *c, struct mmr_err *e)
{
	struct ending end = { UINT64_MAX, UINT64_MAX, UINT64_MAX, UINT64_MAX };
	int pidfd = c->child->pid ? (int)syscall(SYS_pidfd_open, c->child->pid, 0) : -1;
	uint64_t t = now(), look = t;
	int err = 0;
	if (c->duration)
		end.deadline = t + c->duration;
	while (!err && t < end.at) {
		uint64_t wake = end.at < end.deadline ? end.at : end.deadline;
		wake = end.tell < wake ? end.tell : wake;
		err = wait_for_news(c, pidfd, end.give_up < wake ? end.give_up : wake, e);
		t = now();
		if (!err)
			err = pump(c, t - SETTLED, e);
		if (!err && t >= look) {
			look = t + TICK_MS * MS;
			err = look_after_disk(c, e);
			if (!err)
				err = look_after_cpus(c, e);
			if (c->tick)
				c->tick(c->arg, c->events);
		}
		consider_ending(c, &end, t);
	}
	if (pidfd >= 0)
		close(pidfd);
	return err;
}

/* A capture that failed ends its command, as ^C would. */
static void end_child(struct rec_capture *c)
{
	if (!c->child->pid || c->child->gone || rec_child_held(c->child))
		return;
	kill(c->child->pid, SIGTERM);
	for (uint64_t t = now(), end = t + TOLD_END; !rec_child_done(c->child) && t < end; t = now())
		nanosleep(&(struct timespec){ .tv_nsec = 10 * MS }, NULL);
	c->child_left = !c->child->gone;
}

static int run(struct rec_capture *c, struct mmr_err *e)
{
	struct dump dump = { c, e };
	int err = rec_tasks_walk("/proc", on_task, &dump, e);
	if (err)
		return err;
	c->ust->statedump_end(now(), c->tasks);
	if (c->child->pid && !*c->stop) {
		err = rec_child_release(c->child, e);
		if (err)
			return err;
	}
	return loop(c, e);
}

int rec_capture(struct rec_capture *c, struct mmr_err *e)
{
	struct rec_sink sink = { on_event, on_lost, c };
	c->on = c->off = UINT64_MAX;
	emit_capture(c);
	int err = rec_rings_enable(c->rings, e);
	if (!err) {
		c->on = now();
		err = run(c, e);
	}
	c->off = now();
	rec_rings_disable(c->rings);
	/* What was read is whole even when something else failed. */
	if (err != -EBADMSG) {
		int last = rec_rings_drain(c->rings, UINT64_MAX, &sink, err ? NULL : e);
		if (!last)
			rec_rings_account(c->rings, c->off, &sink);
		err = err ? err : last;
	}
	c->ust->capture_end(now(), c->events, c->lost);
	if (err)
		end_child(c);
	return err;
}
