/* A workload in memory: reading it, and putting injected events into it. */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "replay/plan.h"

/* At most so many stops per run: each compares every live directory. */
#define CHECKPOINTS_MAX 32

/* Top-level slots of any geometry. */
#define NSLOTS_RING 1024

int workload_load(const struct mmw_reader *r, struct workload *w, struct mmr_err *e)
{
	const struct mmw_header *h = mmw_header(r);
	*w = (struct workload){ .tasks = h->tasks,
				.mms = h->mms,
				.areas = h->areas,
				.peak_tasks = h->peak_tasks,
				.peak_mms = h->peak_mms,
				.cpus = h->cpus,
				.duration_ns = h->duration_ns };
	if (h->events >= UINT32_MAX)
		return mmr_err(e, -E2BIG, "%s: %llu events are more than one replay takes (4294967294)", mmw_path(r),
			       (unsigned long long)h->events);
	w->events = calloc(h->events ? h->events : 1, sizeof(*w->events));
	if (!w->events)
		return mmr_err(e, -ENOMEM, "%s: no memory for %llu events", mmw_path(r), (unsigned long long)h->events);
	struct mmw_cursor *c;
	int ret = mmw_cursor_open(r, &c, e);
	if (ret) {
		workload_free(w);
		return ret;
	}
	while (w->n < h->events && (ret = mmw_next(c, &w->events[w->n], e)) > 0)
		w->n++;
	mmw_cursor_close(c);
	if (ret < 0)
		workload_free(w);
	if (ret >= 0 && comms_make(&w->comms, r, w->events, w->n)) {
		ret = mmr_err(e, -ENOMEM, "%s: no memory for the command names", mmw_path(r));
		workload_free(w);
	}
	return ret < 0 ? ret : 0;
}

void workload_free(struct workload *w)
{
	comms_free(&w->comms);
	free(w->events);
	w->events = NULL;
	w->n = 0;
}

/* Its aux is a top-level slot. */
static bool names_slot(uint8_t type)
{
	return type == EV_HOT_ADD || type == EV_HOT_REMOVE || type == EV_SYNC || type == EV_FAULT;
}

int workload_fit(struct workload *w, uint32_t first, uint32_t nslots, uint32_t vmalloc_first, uint32_t vmalloc_last,
		 struct mmr_err *e)
{
	uint32_t lowest = UINT32_MAX, highest = 0;
	for (uint64_t i = 0; i < w->n; i++) {
		const struct mmw_event *ev = &w->events[i];
		if (ev->type == EV_VMALLOC) {
			lowest = ev->mm < lowest ? ev->mm : lowest;
			highest = ev->mm > highest ? ev->mm : highest;
		} else if (names_slot(ev->type) && (ev->aux < first || ev->aux >= nslots)) {
			return mmr_err(e, -EBADMSG, "event %llu (%s of slot %u): kernel slots are %u to %u",
				       (unsigned long long)i, ev_name(ev->type), ev->aux, first, nslots - 1);
		}
	}
	if (lowest >= vmalloc_first && highest <= vmalloc_last)
		return 0;
	for (uint64_t i = 0; i < w->n; i++) {
		struct mmw_event *ev = &w->events[i];
		if (ev->type == EV_VMALLOC || ev->type == EV_VFREE)
			ev->mm = vmalloc_first + (ev->mm - lowest) % (vmalloc_last - vmalloc_first + 1);
	}
	return 0;
}

int injection_parse(const char *spec, struct injection *out, struct mmr_err *e)
{
	char kind[16];
	const char *colon = strchr(spec, ':');
	size_t len = colon ? (size_t)(colon - spec) : 0;
	if (!len || len >= sizeof(kind))
		goto bad;
	memcpy(kind, spec, len);
	kind[len] = '\0';
	*out = (struct injection){ .type = strcmp(kind, "pin") ? ev_by_name(kind) : EV_PIN_ALL, .max = UINT64_MAX };
	if (out->type != EV_HOT_ADD && out->type != EV_HOT_REMOVE && out->type != EV_SYNC && strcmp(kind, "pin"))
		goto bad;
	char *end;
	out->rate = strtod(colon + 1, &end);
	if (end == colon + 1 || !(out->rate > 0) || !isfinite(out->rate))
		goto bad;
	if (!*end)
		return 0;
	if (strncmp(end, ",max=", 5))
		goto bad;
	const char *number = end + 5;
	out->max = strtoull(number, &end, 10);
	if (end == number || *end || *number == '-' || !out->max)
		goto bad;
	return 0;
bad:
	return mmr_err(
		e, -EINVAL,
		"--inject %s: expected hot_add:RATE[,max=N], or hot_remove, sync, pin likewise, RATE per second of "
		"recorded time",
		spec);
}

struct insertion {
	uint64_t time_ns;
	enum ev_type type; /* EV_NONE: a checkpoint */
	uint32_t slot;
	uint64_t order; /* of those at one time */
};

static int by_time(const void *a, const void *b)
{
	const struct insertion *x = a, *y = b;
	if (x->time_ns != y->time_ns)
		return x->time_ns < y->time_ns ? -1 : 1;
	/* A checkpoint after the additions of its instant. */
	if ((x->type == EV_NONE) != (y->type == EV_NONE))
		return (x->type == EV_NONE) - (y->type == EV_NONE);
	return x->order < y->order ? -1 : x->order > y->order;
}

static uint64_t how_many(const struct workload *w, const struct injection *in)
{
	double n = floor(in->rate * (double)w->duration_ns / 1e9);
	uint64_t cap = in->max < 10000000 ? in->max : 10000000;
	return n < 1 ? 1 : n > (double)cap ? cap : (uint64_t)n;
}

static bool is_taken(const uint32_t *taken, uint32_t slot)
{
	for (; *taken; taken++)
		if (*taken == slot)
			return true;
	return false;
}

/* When: evenly over the recording, not at its ends, where little lives. Returns how many were made. */
static uint64_t schedule(const struct workload *w, const struct injection *list, unsigned n, struct insertion *ins)
{
	uint64_t made = 0, checkpoints = 0;
	for (unsigned i = 0; i < n; i++) {
		uint64_t count = how_many(w, &list[i]), step = w->duration_ns / (count + 1);
		uint64_t every = (count + CHECKPOINTS_MAX / 2 - 1) / (CHECKPOINTS_MAX / 2);
		for (uint64_t j = 0; j < count; j++) {
			struct insertion it = { step * (j + 1), list[i].type, 0, made };
			if (it.type == EV_PIN_ALL && j % 2)
				it.type = EV_UNPIN_ALL;
			ins[made++] = it;
			if (it.type != EV_SYNC && j % every == 0 && checkpoints++ < CHECKPOINTS_MAX) {
				ins[made] = (struct insertion){ it.time_ns + step / 2, EV_NONE, 0, made };
				made++;
			}
		}
	}
	qsort(ins, made, sizeof(*ins), by_time);
	return made;
}

/* Where: slots in a ring, the free ones, then those in use, each in the order in which they became so. */
struct slots {
	uint32_t ring[NSLOTS_RING];
	uint32_t n, free_at, nfree, used_at, nused;
};

static void slots_init(struct slots *s, uint32_t first, uint32_t last, const uint32_t *taken)
{
	memset(s, 0, sizeof(*s));
	for (uint32_t slot = first; slot <= last && s->n < NSLOTS_RING; slot++)
		if (!is_taken(taken, slot))
			s->ring[s->n++] = slot;
	s->nfree = s->n;
}

/* False: there is none for it. */
static bool give_slot(struct slots *s, struct insertion *it)
{
	if (it->type == EV_HOT_ADD) {
		if (!s->nfree)
			return false;
		it->slot = s->ring[s->free_at];
		s->free_at = (s->free_at + 1) % s->n;
		s->nfree--;
		s->nused++;
	} else if (it->type == EV_HOT_REMOVE) {
		if (!s->nused)
			return false;
		/* What is behind the last free one becomes free: the ring holds it already. */
		it->slot = s->ring[s->used_at];
		s->used_at = (s->used_at + 1) % s->n;
		s->nused--;
		s->nfree++;
	}
	return true;
}

int workload_inject(struct workload *w, const struct injection *list, unsigned n, uint32_t first, uint32_t last,
		    const uint32_t *taken, uint64_t *short_by, struct mmr_err *e)
{
	uint64_t room = 0;
	struct slots slots;
	*short_by = 0;
	for (unsigned i = 0; i < n; i++)
		room += how_many(w, &list[i]);
	if (!room)
		return 0;
	struct insertion *ins = calloc(room + CHECKPOINTS_MAX, sizeof(*ins));
	struct mmw_event *all = calloc(w->n + room + CHECKPOINTS_MAX, sizeof(*all));
	if (!ins || !all) {
		free(ins);
		free(all);
		return mmr_err(e, -ENOMEM, "no memory to inject %llu events", (unsigned long long)room);
	}
	uint64_t made = schedule(w, list, n, ins), out = 0, next = 0;
	slots_init(&slots, first, last, taken);
	for (uint64_t i = 0; i <= w->n; i++) {
		while (next < made && (i == w->n || ins[next].time_ns < w->events[i].time_ns)) {
			struct insertion *it = &ins[next++];
			it->slot = *taken;
			if (!give_slot(&slots, it)) {
				*short_by += it->type == EV_HOT_ADD;
				w->nothing_to_remove += it->type == EV_HOT_REMOVE;
				continue;
			}
			all[out++] = (struct mmw_event){ .time_ns = it->time_ns,
							 .type = (uint8_t)it->type,
							 .flags = EV_F_INJECTED,
							 .aux = it->slot,
							 .cpu = (uint16_t)(w->cpus ? next % w->cpus : 0) };
			w->injected += it->type != EV_NONE;
		}
		if (i < w->n)
			all[out++] = w->events[i];
	}
	free(ins);
	free(w->events);
	w->events = all;
	w->n = out;
	return 0;
}
