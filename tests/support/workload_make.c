#include "tests/support/workload_make.h"

#include <stdlib.h>
#include <string.h>

void wm_init(struct workload *w, unsigned cpus)
{
	memset(w, 0, sizeof(*w));
	w->cpus = cpus;
	w->peak_tasks = w->peak_mms = 64;
}

void wm_add(struct workload *w, struct mmw_event ev)
{
	if ((w->n & (w->n - 1)) == 0) {
		w->events = realloc(w->events, (w->n ? w->n * 2 : 1) * sizeof(*w->events));
		if (!w->events)
			abort();
	}
	ev.time_ns = w->n * 1000;
	w->duration_ns = ev.time_ns;
	w->events[w->n++] = ev;
}

void wm_names(struct workload *w, const char *const *names)
{
	struct comms *c = &w->comms;
	while (names[c->named])
		c->named++;
	c->strings = c->named + 1;
	c->name = calloc(c->named, sizeof(*c->name));
	c->slot = calloc(c->strings, sizeof(*c->slot));
	if (!c->name || !c->slot)
		abort();
	for (unsigned i = 0; i < c->named; i++) {
		strncpy(c->name[i], names[i], MMW_COMM_MAX);
		c->slot[i + 1] = (uint16_t)(COMM_FIRST + i);
	}
}

static uint32_t born(struct workload *w, enum ev_type type, uint32_t parent, unsigned cpu, bool own_mm, unsigned flags)
{
	uint32_t child = ++w->tasks;
	wm_add(w, (struct mmw_event){ .type = (uint8_t)type,
				      .flags = (uint8_t)flags,
				      .task = parent,
				      .arg = child,
				      .mm = own_mm ? ++w->mms : 0,
				      .cpu = (uint16_t)cpu });
	return child;
}

uint32_t wm_present(struct workload *w)
{
	uint32_t t = ++w->tasks;
	wm_add(w, (struct mmw_event){ .type = EV_PRESENT, .task = t, .arg = t, .mm = ++w->mms });
	return t;
}

uint32_t wm_fork(struct workload *w, uint32_t parent, unsigned cpu)
{
	return born(w, EV_FORK, parent, cpu, true, 0);
}

uint32_t wm_vfork(struct workload *w, uint32_t parent, unsigned cpu)
{
	return born(w, EV_VFORK, parent, cpu, false, EV_F_WAIT);
}

uint32_t wm_thread(struct workload *w, uint32_t creator, unsigned cpu)
{
	return born(w, EV_THREAD, creator, cpu, false, 0);
}

void wm_exec(struct workload *w, uint32_t task, unsigned cpu)
{
	wm_add(w, (struct mmw_event){ .type = EV_EXEC, .task = task, .mm = ++w->mms, .cpu = (uint16_t)cpu });
}

void wm_exit(struct workload *w, uint32_t task, unsigned cpu)
{
	wm_add(w, (struct mmw_event){ .type = EV_EXIT, .task = task, .cpu = (uint16_t)cpu });
}

void wm_free(struct workload *w, uint32_t task, uint32_t parent, unsigned cpu)
{
	wm_add(w, (struct mmw_event){ .type = EV_FREE, .task = task, .arg = parent, .cpu = (uint16_t)cpu });
}

void wm_storm(struct workload *w, unsigned parents, unsigned children, unsigned keep)
{
	uint32_t first = w->tasks + 1;
	for (unsigned p = 0; p < parents; p++)
		wm_present(w);
	for (unsigned c = 0; c < children; c++)
		for (unsigned p = 0; p < parents; p++) {
			uint32_t child = wm_fork(w, first + p, p % w->cpus);
			if (c + keep >= children)
				continue;
			wm_exit(w, child, (p + c) % w->cpus);
			wm_free(w, child, first + p, p % w->cpus);
		}
}
