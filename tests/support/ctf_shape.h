/*
 * ctf_shape.h - one history of tasks, told as different tracers tell it: LTTng's
 * kernel tracer of several versions, perf, our own provider. A test writes the
 * history once and expects the same workload from each.
 */
#ifndef MMR_TEST_CTF_SHAPE_H
#define MMR_TEST_CTF_SHAPE_H

#include <stdbool.h>
#include <stdint.h>

#include "tests/support/ctf_writer.h"

enum shape_kind {
	SHAPE_LTTNG_2_5, /* sys_clone, exit_syscall; vfork is unknown call 58; no exec, no exit events */
	SHAPE_LTTNG_2_8, /* syscall_entry_clone {clone_flags}, instance ids, sequence numbers */
	SHAPE_LTTNG_2_10,
	SHAPE_LTTNG_2_13, /* syscall_entry_clone {flags}, another state dump */
	SHAPE_PERF,
	SHAPE_UST,
	SHAPE_KINDS
};
extern const char *const shape_name[SHAPE_KINDS];

enum shape_option {
	SHAPE_BIG_ENDIAN = 1,
	SHAPE_NO_FLAGS = 2, /* neither newtask events nor system calls */
	SHAPE_NO_FREE = 4,
	SHAPE_PACKETIZED = 8,
	SHAPE_CPU_IN_EVENT = 16,
	SHAPE_LARGE = 32, /* LTTng's large event header */
	SHAPE_NO_SWITCH = 64,
};

struct shape;

struct who {
	int tid, tgid;
	const char *comm;
};

/* @host: NULL for "box". */
struct shape *shape_open(const char *dir, enum shape_kind kind, unsigned options, unsigned cpus, const char *host);
struct ctfw *shape_writer(struct shape *s);
void shape_close(struct shape *s);

/* The state before: call for all tasks (leaders first), then the end. perf has it at time 0. */
void shape_present(struct shape *s, uint64_t ns, struct who w, int ppid, bool kthread);
void shape_present_end(struct shape *s, uint64_t ns);
/* @flags: clone flags; the child has the parent's name. */
void shape_fork(struct shape *s, unsigned cpu, uint64_t ns, struct who parent, int tid, int tgid, uint32_t flags);
/* @old: the tid before, of a thread that takes over; @file's last part becomes the name. */
void shape_exec(struct shape *s, unsigned cpu, uint64_t ns, int tid, int old, const char *file);
void shape_exit(struct shape *s, unsigned cpu, uint64_t ns, struct who w, bool last);
void shape_free(struct shape *s, unsigned cpu, uint64_t ns, struct who w);
void shape_switch(struct shape *s, unsigned cpu, uint64_t ns, struct who from, struct who to);
/* perf and our own only; others do nothing. */
void shape_vmalloc(struct shape *s, unsigned cpu, uint64_t ns, struct who w, uint64_t addr, uint64_t size);
void shape_vfree(struct shape *s, unsigned cpu, uint64_t ns, struct who w, uint64_t addr);
void shape_purge(struct shape *s, unsigned cpu, uint64_t ns, struct who w, unsigned n);
/* Something import has no use for. */
void shape_noise(struct shape *s, unsigned cpu, uint64_t ns);
/* Our own only: the recorder's name card; and how much later than they happened the events of @cpu come out. */
void shape_capture(struct shape *s, uint64_t ns, int recorder, int child);
void shape_late(struct shape *s, unsigned cpu, uint64_t late);
void shape_lost(struct shape *s, unsigned cpu, uint64_t ns, uint64_t count);

#endif
