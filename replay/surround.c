#include "replay/surround.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What somebody does, and what takes time; a grace period frees a task, and a switch is followed by anything. */
static bool tells(uint8_t type)
{
	switch (type) {
	case EV_FORK:
	case EV_VFORK:
	case EV_THREAD:
	case EV_EXEC:
	case EV_EXIT:
	case EV_VMALLOC:
	case EV_VFREE:
	case EV_PURGE:
		return true;
	default:
		return false;
	}
}

/* What was written down, not done, then. */
static bool happened(uint8_t type)
{
	return type != EV_NONE && type != EV_PRESENT && type != EV_PARENT && type != EV_LOST;
}

static int by_value(const void *a, const void *b)
{
	const uint64_t *x = a, *y = b;
	return *x < *y ? -1 : *x > *y;
}

/* What the gaps of @type are: how many, and themselves in @gap. @last: of each CPU, its last event, +1. */
static uint64_t collect(const struct workload *w, uint8_t type, uint64_t bound_ns, uint64_t *last, uint64_t *gap)
{
	uint64_t n = 0;
	memset(last, 0, (UINT16_MAX + 1ull) * sizeof(*last));
	for (uint64_t i = 0; i < w->n; i++) {
		const struct mmw_event *ev = &w->events[i];
		if (!happened(ev->type))
			continue;
		const struct mmw_event *was = last[ev->cpu] ? &w->events[last[ev->cpu] - 1] : NULL;
		last[ev->cpu] = i + 1;
		if (was && was->type == type && ev->time_ns - was->time_ns <= bound_ns)
			gap[n++] = ev->time_ns - was->time_ns;
	}
	return n;
}

int surround_calibrate(const struct workload *w, uint64_t bound_ns, struct surround *out)
{
	uint64_t *gap = calloc(w->n + 1, sizeof(*gap)), *last = calloc(UINT16_MAX + 1ull, sizeof(*last));
	memset(out, 0, sizeof(*out));
	for (unsigned type = 0; gap && last && type < EV_NR; type++) {
		uint64_t n = tells((uint8_t)type) ? collect(w, (uint8_t)type, bound_ns, last, gap) : 0;
		if (n < SURROUND_LEAST)
			continue;
		qsort(gap, n, sizeof(*gap), by_value);
		out->ns[type] = gap[n / 2];
	}
	int ret = gap && last ? 0 : -ENOMEM;
	free(gap);
	free(last);
	return ret;
}

void surround_text(const struct surround *s, char *buf, size_t size)
{
	size_t used = 0;
	snprintf(buf, size, "nothing");
	for (unsigned type = 0; type < EV_NR && used < size; type++)
		if (s->ns[type])
			used += (size_t)snprintf(buf + used, size - used, "%s%s %.1f us", used ? ", " : "",
						 ev_name(type), (double)s->ns[type] / 1000);
}
