/* Reading the rings: a heap over them, keyed by the time of their next record. */
#include "tracegen/record_rings.h"

#include <errno.h>
#include <linux/perf_event.h>
#include <string.h>
#include <unistd.h>

/* What sample_type makes of a sample, and sample_id_all of the end of every other record. */
struct sample_id {
	uint32_t pid, tid;
	uint64_t time;
	uint32_t cpu, reserved;
};
struct sample {
	struct perf_event_header header;
	struct sample_id id;
	uint8_t rest
		[]; /* the call chain, where chains are wanted: how many, and as many addresses; the raw data: likewise */
} __attribute__((packed));
struct lost {
	struct perf_event_header header;
	uint64_t id, count;
} __attribute__((packed));

static uint8_t *data_of(const struct rec_ring *ring)
{
	/* data_offset is there since v4.1 and is the page size wherever it is 0. */
	uint64_t at = ring->page->data_offset;
	return (uint8_t *)ring->page + (at ? at : (uint64_t)sysconf(_SC_PAGESIZE));
}

/* @n bytes at the position @at, copied to @to. */
static void copy_out(const struct rec_ring *ring, uint64_t at, void *to, size_t n)
{
	size_t from = at & (ring->size - 1), first = ring->size - from;
	if (first > n)
		first = n;
	memcpy(to, data_of(ring) + from, first);
	memcpy((uint8_t *)to + first, data_of(ring), n - first);
}

/* The time of the record at tail into ring->next; false at the end of the round. */
static int peek(struct rec_ring *ring, bool *more)
{
	struct perf_event_header header;
	struct sample_id id;
	uint64_t left = ring->head - ring->tail;
	*more = left != 0;
	if (!left)
		return 0;
	if (left < sizeof(header))
		return -EBADMSG;
	copy_out(ring, ring->tail, &header, sizeof(header));
	if (header.size < sizeof(header) + sizeof(id) || header.size > left)
		return -EBADMSG;
	uint64_t at = header.type == PERF_RECORD_SAMPLE ? sizeof(header) : header.size - sizeof(id);
	copy_out(ring, ring->tail + at, &id, sizeof(id));
	ring->next = id.time;
	return 0;
}

static bool earlier(const struct rec_rings *r, unsigned a, unsigned b)
{
	const struct rec_ring *x = &r->ring[r->heap[a]], *y = &r->ring[r->heap[b]];
	return x->next < y->next || (x->next == y->next && r->heap[a] < r->heap[b]);
}

static void swap(struct rec_rings *r, unsigned a, unsigned b)
{
	unsigned ring = r->heap[a];
	r->heap[a] = r->heap[b];
	r->heap[b] = ring;
}

static void sift_up(struct rec_rings *r, unsigned i)
{
	for (; i && earlier(r, i, (i - 1) / 2); i = (i - 1) / 2)
		swap(r, i, (i - 1) / 2);
}

static void sift_down(struct rec_rings *r)
{
	for (unsigned i = 0, child; (child = 2 * i + 1) < r->heaped; i = child) {
		if (child + 1 < r->heaped && earlier(r, child + 1, child))
			child++;
		if (!earlier(r, child, i))
			return;
		swap(r, i, child);
	}
}

static void publish(struct rec_ring *ring)
{
	if (ring->published == ring->tail)
		return;
	/* The kernel may write over what was read as soon as it sees this. */
	__atomic_store_n(&ring->page->data_tail, ring->tail, __ATOMIC_RELEASE);
	ring->published = ring->tail;
}

/* Records begin at multiples of 8, and so do the addresses. */
static bool take_chain(const uint8_t **at, size_t *left, struct rec_event *ev)
{
	uint64_t n;
	if (*left < sizeof(n))
		return false;
	memcpy(&n, *at, sizeof(n));
	*at += sizeof(n);
	*left -= sizeof(n);
	if (n > *left / sizeof(uint64_t))
		return false;
	ev->chain = (const void *)*at;
	ev->frames = (uint32_t)n;
	*at += n * sizeof(uint64_t);
	*left -= n * sizeof(uint64_t);
	return true;
}

static int deliver_sample(struct rec_rings *r, struct rec_ring *ring, const struct sample *s,
			  const struct rec_sink *sink, struct rec_event *ev)
{
	size_t left = s->header.size - sizeof(*s);
	const uint8_t *at = s->rest;
	uint32_t raw_size;
	ev->chain = NULL;
	ev->frames = 0;
	if (s->header.size < sizeof(*s) || (r->formats->contention && !take_chain(&at, &left, ev)) ||
	    left < sizeof(raw_size))
		return -EBADMSG;
	memcpy(&raw_size, at, sizeof(raw_size));
	at += sizeof(raw_size);
	left -= sizeof(raw_size);
	if (raw_size > left || !rec_decode(r->formats, at, raw_size, ev))
		return -EBADMSG;
	ring->samples[ev->kind]++;
	ev->time = s->id.time;
	ev->cpu = s->id.cpu;
	ev->tgid = (int32_t)s->id.pid;
	ev->tid = (int32_t)s->id.tid;
	return sink->event(sink->arg, ev);
}

/* The record at tail goes to the sink. */
static int deliver(struct rec_rings *r, struct rec_ring *ring, const struct rec_sink *sink, struct rec_event *ev)
{
	struct perf_event_header header;
	copy_out(ring, ring->tail, &header, sizeof(header));
	size_t at = ring->tail & (ring->size - 1);
	const void *record = data_of(ring) + at;
	if (at + header.size > ring->size) {
		copy_out(ring, ring->tail, r->bounce, header.size);
		record = r->bounce;
	}
	int err = 0;
	if (header.type == PERF_RECORD_SAMPLE) {
		err = deliver_sample(r, ring, record, sink, ev);
	} else if (header.type == PERF_RECORD_LOST) {
		const struct lost *lost = record;
		if (header.size < sizeof(*lost))
			return -EBADMSG;
		ring->lost += lost->count;
		err = sink->lost(sink->arg, ring->next, ring->cpu, lost->count);
	}
	ring->tail += header.size;
	if (ring->tail - ring->published > ring->size / 16)
		publish(ring);
	return err;
}

static int broken(const struct rec_ring *ring, int err, struct mmr_err *e)
{
	if (err == -EBADMSG)
		mmr_err(e, err, "the ring buffer of CPU %u holds a record that makes no sense", ring->cpu);
	return err;
}

int rec_rings_drain(struct rec_rings *r, uint64_t until, const struct rec_sink *sink, struct mmr_err *e)
{
	struct rec_event ev;
	int err = 0;
	r->heaped = 0;
	for (unsigned i = 0; i < r->n; i++) {
		struct rec_ring *ring = &r->ring[i];
		bool more;
		ring->head = __atomic_load_n(&ring->page->data_head, __ATOMIC_ACQUIRE);
		err = peek(ring, &more);
		if (err)
			return broken(ring, err, e);
		if (more && ring->next <= until) {
			r->heap[r->heaped] = i;
			sift_up(r, r->heaped++);
		}
	}
	while (!err && r->heaped) {
		struct rec_ring *ring = &r->ring[r->heap[0]];
		bool more = false;
		err = deliver(r, ring, sink, &ev);
		if (!err)
			err = peek(ring, &more);
		if (err)
			broken(ring, err, e);
		if (!more || ring->next > until)
			r->heap[0] = r->heap[--r->heaped];
		sift_down(r);
	}
	for (unsigned i = 0; i < r->n; i++)
		publish(&r->ring[i]);
	return err;
}
