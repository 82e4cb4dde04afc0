/*
 * record_rings.h - one perf ring buffer per CPU, fed by all our tracepoints.
 *
 * The kernel side of it is nothing but file descriptors: when the process
 * ends, however it ends, nothing is left behind. All functions are for one
 * thread; a struct rec_rings belongs to its caller.
 *
 * Events come out of rec_rings_drain() merged over the CPUs in time order, and
 * so in order for each CPU. What a ring dropped is known exactly: the kernel
 * counts every hit of a tracepoint, whether it found room or not.
 */
#ifndef MMR_RECORD_RINGS_H
#define MMR_RECORD_RINGS_H

#include "tracegen/record_format.h"

struct rec_ring {
	uint32_t cpu;
	bool offline; /* the CPU went down: what is in the ring is still read */
	int fd[REC_NR]; /* -1: tracepoint not there; fd[lead] owns the ring */
	struct perf_event_mmap_page *page;
	size_t size; /* of the data area, a power of two */
	uint64_t tail, published; /* read so far; told to the kernel so far */
	uint64_t head; /* end of what the current round reads */
	uint64_t next; /* time of the record at tail, in the current round */
	uint64_t samples[REC_NR]; /* decoded */
	uint64_t lost; /* reported as dropped */
};

struct rec_rings {
	const struct rec_formats *formats;
	struct rec_ring *ring; /* in the order of opening; a CPU that came back has several */
	unsigned n;
	int epoll; /* over the rings of CPUs that are up; readable: rec_rings_ready() */
	unsigned *heap; /* ring numbers, earliest next record first */
	unsigned heaped;
	size_t ring_size; /* what is asked for; less when memory is short */
	bool enabled;
	uint64_t missing[REC_NR]; /* after rec_rings_account(): hits of which no sample came */
	uint8_t *bounce; /* a record that wraps around the end of its ring */
};

/* What drain reports; @arg is the caller's. Neither is called after it returned non-zero. */
struct rec_sink {
	int (*event)(void *arg, const struct rec_event *ev);
	/* @count events of @cpu were dropped; @time is that of the first record after the gap. */
	int (*lost)(void *arg, uint64_t time, uint32_t cpu, uint64_t count);
	void *arg;
};

/* The CPUs of a kernel list like "0-3,8"; calls @each for every one. 0, or -EINVAL for a list that is none. */
int rec_cpu_list(const char *list, int (*each)(void *arg, unsigned cpu), void *arg);
/* The CPUs that are online now, as such a list, to be freed by the caller; NULL with errno set. */
char *rec_cpus_online(void);

/*
 * Open the tracepoints of @f on every CPU of @online, disabled. 0, or -errno
 * with @e; -EACCES and -EPERM mean that the right is missing.
 */
int rec_rings_open(struct rec_rings *r, const struct rec_formats *f, const char *online, struct mmr_err *e);
int rec_rings_enable(struct rec_rings *r, struct mmr_err *e);
void rec_rings_disable(struct rec_rings *r);

/*
 * Take up CPUs that came up since and mark those that went down. @came and
 * @went count them. 0 or -errno.
 */
int rec_rings_rescan(struct rec_rings *r, const char *online, unsigned *came, unsigned *went, struct mmr_err *e);

/* Once r->epoll is readable: forget the rings that hung up, so that it does not stay so. */
void rec_rings_ready(struct rec_rings *r);

/*
 * Hand every record not younger than @until (ns; UINT64_MAX: all) to @sink, in
 * time order over all rings. 0, -EBADMSG for a ring that makes no sense, or
 * what the sink returned.
 */
int rec_rings_drain(struct rec_rings *r, uint64_t until, const struct rec_sink *sink, struct mmr_err *e);

/*
 * After rec_rings_disable() and a drain of all: hold what came out against the
 * kernel's count of hits, and report through @sink what no record told of: what
 * was dropped behind the last record of a ring, and the samples that some
 * kernels skip in interrupts of an idle CPU (seen with sched_process_free on
 * 6.18, perf's own tools included).
 */
int rec_rings_account(struct rec_rings *r, uint64_t time, const struct rec_sink *sink);

void rec_rings_close(struct rec_rings *r);

#endif
