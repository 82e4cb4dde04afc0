/*
 * workload_copy.c - --copies: the same workload several times side by side, as
 * if as many machines' loads had been brought to one.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "replay/plan.h"

/* Copies begin within this, and within this part of the recording. */
#define SPREAD_NS 1000000000ull
#define SPREAD_PART 8

/* What happens to the machine happens once, however many loads it carries. */
static bool once(uint8_t type)
{
	switch (type) {
	case EV_NONE:
	case EV_HOT_ADD:
	case EV_HOT_REMOVE:
	case EV_ONLINE:
	case EV_OFFLINE:
	case EV_PIN_ALL:
	case EV_UNPIN_ALL:
	case EV_LOST:
		return true;
	default:
		return false;
	}
}

static void shift(struct mmw_event *ev, const struct workload *w, uint32_t copy)
{
	uint32_t tasks = copy * w->tasks;
	ev->cpu = (uint16_t)(ev->cpu + copy * w->cpus);
	if (ev->task)
		ev->task += tasks;
	switch (ev->type) {
	case EV_VMALLOC:
	case EV_VFREE:
		/* mm is a slot: the address space that areas come from is the machine's. */
		ev->arg += ev->arg ? copy * w->areas : 0;
		break;
	default:
		ev->arg += ev->arg ? tasks : 0;
		ev->mm += ev->mm ? copy * w->mms : 0;
		break;
	}
}

/* A copy on its way: its next event, and when that is. */
struct copying {
	uint64_t time_ns, next;
	uint32_t copy;
};

static bool earlier(const struct copying *a, const struct copying *b)
{
	return a->time_ns != b->time_ns ? a->time_ns < b->time_ns : a->copy < b->copy;
}

static void sift_down(struct copying *heap, uint32_t n, uint32_t at)
{
	struct copying moving = heap[at];
	for (uint32_t child; (child = 2 * at + 1) < n; at = child) {
		if (child + 1 < n && earlier(&heap[child + 1], &heap[child]))
			child++;
		if (!earlier(&heap[child], &moving))
			break;
		heap[at] = heap[child];
	}
	heap[at] = moving;
}

/*
 * When copy @k begins: evenly over the spread, however many there are, the
 * first at once (multiples of the golden ratio).
 */
static uint64_t delay_of(uint32_t k, uint64_t duration_ns)
{
	uint64_t spread = duration_ns / SPREAD_PART < SPREAD_NS ? duration_ns / SPREAD_PART : SPREAD_NS;
	uint64_t fraction = k * 0x9e3779b9ull & UINT32_MAX;
	return fraction * spread >> 32;
}

/* Events that are there before anything happens stay at their time. */
static uint64_t time_of(const struct workload *w, uint64_t first, uint64_t i, uint64_t delay)
{
	return w->events[i].time_ns + (i < first ? 0 : delay);
}

static uint64_t merge(const struct workload *w, uint32_t copies, struct copying *heap, struct mmw_event *out)
{
	uint64_t first = 0, n = 0;
	uint32_t left = copies;
	while (first < w->n && w->events[first].type == EV_PRESENT)
		first++;
	for (uint32_t k = 0; k < copies; k++)
		heap[k] = (struct copying){ time_of(w, first, 0, delay_of(k, w->duration_ns)), 0, k };
	for (uint32_t root = copies / 2; root-- > 0;)
		sift_down(heap, copies, root);
	while (left) {
		struct copying *c = &heap[0];
		const struct mmw_event *ev = &w->events[c->next];
		if (!c->copy || !once(ev->type)) {
			out[n] = *ev;
			out[n].time_ns = c->time_ns;
			shift(&out[n++], w, c->copy);
		}
		if (++c->next < w->n)
			c->time_ns = time_of(w, first, c->next, delay_of(c->copy, w->duration_ns));
		else
			*c = heap[--left];
		if (left)
			sift_down(heap, left, 0);
	}
	return n;
}

static int too_many(const struct workload *w, unsigned copies, struct mmr_err *e)
{
	const struct {
		uint64_t n, most;
		const char *what;
	} counts[] = {
		{ w->n, UINT32_MAX - 1, "events" },       { w->tasks, UINT32_MAX - 1, "tasks" },
		{ w->mms, UINT32_MAX - 1, "mms" },        { w->areas, UINT32_MAX - 1, "vmalloc areas" },
		{ w->cpus, UINT16_MAX, "recorded CPUs" },
	};
	for (unsigned i = 0; i < sizeof(counts) / sizeof(*counts); i++)
		if (counts[i].n * copies > counts[i].most)
			return mmr_err(e, -E2BIG, "--copies %u: %llu %s are more than one replay takes (%llu)", copies,
				       (unsigned long long)counts[i].n * copies, counts[i].what,
				       (unsigned long long)counts[i].most);
	return 0;
}

int workload_copy(struct workload *w, unsigned copies, struct mmr_err *e)
{
	if (copies <= 1 || !w->n)
		return 0;
	int ret = too_many(w, copies, e);
	if (ret)
		return ret;
	struct copying *heap = calloc(copies, sizeof(*heap));
	struct mmw_event *all = calloc(w->n * copies, sizeof(*all));
	if (!heap || !all) {
		free(heap);
		free(all);
		return mmr_err(e, -ENOMEM, "no memory for %u copies of %llu events", copies, (unsigned long long)w->n);
	}
	uint64_t n = merge(w, copies, heap, all);
	free(heap);
	free(w->events);
	w->events = all;
	w->n = n;
	w->tasks *= copies;
	w->mms *= copies;
	w->areas *= copies;
	w->cpus *= copies;
	w->peak_tasks = (uint32_t)((uint64_t)w->peak_tasks * copies);
	w->peak_mms = (uint32_t)((uint64_t)w->peak_mms * copies);
	if (w->duration_ns < all[n - 1].time_ns)
		w->duration_ns = all[n - 1].time_ns;
	return 0;
}
