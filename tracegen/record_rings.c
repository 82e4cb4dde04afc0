/* Opening, enabling and accounting; reading is in record_drain.c. */
#include "tracegen/record_rings.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/perf_event.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

/* For all CPUs together, so that a machine with hundreds of them does not lose its memory to us. */
#define ALL_RINGS (256ul << 20)
#define RING_MAX (8ul << 20)
#define RING_MIN (128ul << 10)

int rec_cpu_list(const char *list, int (*each)(void *arg, unsigned cpu), void *arg)
{
	const char *s = list;
	while (*s && *s != '\n') {
		char *end;
		unsigned long from = strtoul(s, &end, 10), to = from;
		if (end == s)
			return -EINVAL;
		if (*end == '-') {
			s = end + 1;
			to = strtoul(s, &end, 10);
			if (end == s)
				return -EINVAL;
		}
		if (to < from || to > 1u << 20 || (*end && *end != ',' && *end != '\n'))
			return -EINVAL;
		for (unsigned long cpu = from; cpu <= to; cpu++) {
			int err = each(arg, (unsigned)cpu);
			if (err)
				return err;
		}
		s = *end == ',' ? end + 1 : end;
	}
	return 0;
}

char *rec_cpus_online(void)
{
	enum { MAX = 4096 };
	char *list = malloc(MAX);
	int fd = open("/sys/devices/system/cpu/online", O_RDONLY | O_CLOEXEC);
	ssize_t n = list && fd >= 0 ? read(fd, list, MAX - 1) : -1;
	int err = errno;
	if (fd >= 0)
		close(fd);
	if (n <= 0) {
		free(list);
		errno = n ? err : ENODATA;
		return NULL;
	}
	list[n] = '\0';
	return list;
}

static int open_event(const struct rec_formats *f, unsigned kind, unsigned cpu, size_t ring_size)
{
	struct perf_event_attr attr = {
		.type = PERF_TYPE_TRACEPOINT,
		.size = sizeof(attr),
		.config = f->kind[kind].id,
		.sample_period = 1,
		.sample_type = PERF_SAMPLE_TID | PERF_SAMPLE_TIME | PERF_SAMPLE_CPU | PERF_SAMPLE_RAW,
		.disabled = 1,
		.sample_id_all = 1,
		.watermark = 1,
		.wakeup_watermark = (uint32_t)(ring_size / 4),
		.use_clockid = 1,
		.clockid = CLOCK_MONOTONIC,
	};
	/* All samples of a ring are of one form: those that need no chain have an empty one. */
	if (f->contention) {
		attr.sample_type |= PERF_SAMPLE_CALLCHAIN;
		attr.exclude_callchain_user = 1;
		attr.exclude_callchain_kernel = !rec_tracepoints[kind].chain;
	}
	int fd = (int)syscall(SYS_perf_event_open, &attr, -1, cpu, -1, PERF_FLAG_FD_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

static void ring_close(struct rec_ring *ring)
{
	if (ring->page)
		munmap(ring->page, ring->size + (size_t)sysconf(_SC_PAGESIZE));
	for (unsigned k = 0; k < REC_NR; k++)
		if (ring->fd[k] >= 0)
			close(ring->fd[k]);
}

/* Map a ring to @fd, of @size or of what can be had. */
static int ring_map(struct rec_ring *ring, int fd, size_t size)
{
	for (; size >= RING_MIN; size /= 2) {
		void *map = mmap(NULL, size + (size_t)sysconf(_SC_PAGESIZE), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
		if (map != MAP_FAILED) {
			ring->page = map;
			ring->size = size;
			return 0;
		}
		/* EPERM is perf_event_mlock_kb here, a matter of size, too. */
		if (errno != ENOMEM && errno != EPERM)
			break;
	}
	return -errno;
}

static int ring_open(struct rec_rings *r, struct rec_ring *ring, unsigned cpu, struct mmr_err *e)
{
	int err = 0, lead = -1;
	memset(ring, 0, sizeof(*ring));
	memset(ring->fd, -1, sizeof(ring->fd));
	ring->cpu = cpu;
	for (unsigned k = 0; k < REC_NR; k++) {
		const struct rec_tracepoint *tp = &rec_tracepoints[k];
		if (!r->formats->kind[k].present)
			continue;
		int fd = open_event(r->formats, k, cpu, r->ring_size);
		if (fd < 0) {
			err = mmr_err_sys(e, fd, "perf_event_open(%s:%s, CPU %u)", tp->system, tp->name, cpu);
			goto fail;
		}
		ring->fd[k] = fd;
		if (lead < 0) {
			lead = fd;
			err = ring_map(ring, fd, r->ring_size);
			if (err) {
				mmr_err_sys(e, err, "ring buffer of CPU %u", cpu);
				goto fail;
			}
		} else if (ioctl(fd, PERF_EVENT_IOC_SET_OUTPUT, lead)) {
			err = mmr_err_sys(e, -errno, "%s:%s into the ring of CPU %u", tp->system, tp->name, cpu);
			goto fail;
		}
	}
	return 0;
fail:
	ring_close(ring);
	return err;
}

static int ring_enable(struct rec_ring *ring, struct mmr_err *e)
{
	for (unsigned k = 0; k < REC_NR; k++)
		if (ring->fd[k] >= 0 && ioctl(ring->fd[k], PERF_EVENT_IOC_ENABLE, 0))
			return mmr_err_sys(e, -errno, "switching on %s:%s on CPU %u", rec_tracepoints[k].system,
					   rec_tracepoints[k].name, ring->cpu);
	return 0;
}

struct growth {
	struct rec_rings *r;
	unsigned came;
	struct mmr_err *e;
};

static int add_cpu(void *arg, unsigned cpu)
{
	struct growth *g = arg;
	struct rec_rings *r = g->r;
	for (unsigned i = 0; i < r->n; i++)
		if (r->ring[i].cpu == cpu && !r->ring[i].offline)
			return 0;
	struct rec_ring *ring = realloc(r->ring, (r->n + 1) * sizeof(*ring));
	if (ring)
		r->ring = ring;
	unsigned *heap = realloc(r->heap, (r->n + 1) * sizeof(*heap));
	if (heap)
		r->heap = heap;
	if (!ring || !heap)
		return mmr_err_sys(g->e, -ENOMEM, "CPU %u", cpu);
	int err = ring_open(r, &ring[r->n], cpu, g->e);
	/* It went down between the list and here. */
	if (err == -ENODEV)
		return 0;
	if (err)
		return err;
	r->n++;
	g->came++;
	struct epoll_event ready = { .events = EPOLLIN, .data.fd = ring[r->n - 1].fd[REC_FORK] };
	if (epoll_ctl(r->epoll, EPOLL_CTL_ADD, ready.data.fd, &ready))
		return mmr_err_sys(g->e, -errno, "waiting for the ring of CPU %u", cpu);
	return r->enabled ? ring_enable(&ring[r->n - 1], g->e) : 0;
}

static int count_cpu(void *arg, unsigned cpu)
{
	(void)cpu;
	++*(unsigned *)arg;
	return 0;
}

int rec_rings_open(struct rec_rings *r, const struct rec_formats *f, const char *online, struct mmr_err *e)
{
	struct growth g = { .r = r, .e = e };
	unsigned cpus = 0;
	memset(r, 0, sizeof(*r));
	r->formats = f;
	r->epoll = epoll_create1(EPOLL_CLOEXEC);
	r->bounce = malloc(UINT16_MAX + 1);
	int err = !r->bounce || r->epoll < 0 ? -ENOMEM : rec_cpu_list(online, count_cpu, &cpus);
	if (!err && !cpus)
		err = -EINVAL;
	if (err == -ENOMEM) {
		mmr_err_sys(e, err, "ring buffers");
	} else if (err) {
		mmr_err(e, err, "the list of CPUs online, '%s', makes no sense", online);
	} else {
		r->ring_size = RING_MAX;
		while (r->ring_size > RING_MIN && r->ring_size * cpus > ALL_RINGS)
			r->ring_size /= 2;
		err = rec_cpu_list(online, add_cpu, &g);
	}
	if (err)
		rec_rings_close(r);
	return err;
}

int rec_rings_enable(struct rec_rings *r, struct mmr_err *e)
{
	r->enabled = true;
	for (unsigned i = 0; i < r->n; i++) {
		int err = ring_enable(&r->ring[i], e);
		if (err)
			return err;
	}
	return 0;
}

void rec_rings_disable(struct rec_rings *r)
{
	r->enabled = false;
	for (unsigned i = 0; i < r->n; i++)
		for (unsigned k = 0; k < REC_NR; k++)
			if (r->ring[i].fd[k] >= 0)
				ioctl(r->ring[i].fd[k], PERF_EVENT_IOC_DISABLE, 0);
}

struct member {
	unsigned cpu;
	bool found;
};

static int is_member(void *arg, unsigned cpu)
{
	struct member *m = arg;
	m->found |= m->cpu == cpu;
	return 0;
}

int rec_rings_rescan(struct rec_rings *r, const char *online, unsigned *came, unsigned *went, struct mmr_err *e)
{
	struct growth g = { .r = r, .e = e };
	*went = 0;
	for (unsigned i = 0; i < r->n; i++) {
		struct member m = { .cpu = r->ring[i].cpu };
		if (r->ring[i].offline || rec_cpu_list(online, is_member, &m) || m.found)
			continue;
		/* The kernel took the events off that CPU for good: when it comes back it gets new ones. */
		r->ring[i].offline = true;
		epoll_ctl(r->epoll, EPOLL_CTL_DEL, r->ring[i].fd[REC_FORK], NULL);
		++*went;
	}
	int err = rec_cpu_list(online, add_cpu, &g);
	*came = g.came;
	return err;
}

void rec_rings_ready(struct rec_rings *r)
{
	struct epoll_event ready[16];
	int n = epoll_wait(r->epoll, ready, 16, 0);
	for (int i = 0; i < n; i++)
		if (ready[i].events & (EPOLLHUP | EPOLLERR))
			epoll_ctl(r->epoll, EPOLL_CTL_DEL, ready[i].data.fd, NULL);
}

int rec_rings_account(struct rec_rings *r, uint64_t time, const struct rec_sink *sink)
{
	int err = 0;
	for (unsigned i = 0; i < r->n && !err; i++) {
		struct rec_ring *ring = &r->ring[i];
		uint64_t missing = 0, hits;
		for (unsigned k = 0; k < REC_NR; k++) {
			if (ring->fd[k] < 0 || read(ring->fd[k], &hits, sizeof(hits)) != sizeof(hits) ||
			    hits <= ring->samples[k])
				continue;
			missing += hits - ring->samples[k];
			r->missing[k] += hits - ring->samples[k];
		}
		if (missing <= ring->lost)
			continue;
		err = sink->lost(sink->arg, time, ring->cpu, missing - ring->lost);
		ring->lost = missing;
	}
	return err;
}

void rec_rings_close(struct rec_rings *r)
{
	for (unsigned i = 0; i < r->n; i++)
		ring_close(&r->ring[i]);
	free(r->ring);
	free(r->heap);
	free(r->bounce);
	if (r->epoll >= 0)
		close(r->epoll);
	memset(r, 0, sizeof(*r));
	r->epoll = -1;
}
