/*
 * cpus.h - the CPUs that this process may run on, and how they hang together as
 * the system tells it.
 */
#ifndef CALIBRATE_CPUS_H
#define CALIBRATE_CPUS_H

#include "replay/topology.h"

/* No more are looked at. */
#define CPUS_MAX 1024

struct cpu_place {
	unsigned cpu; /* Linux's number */
	int core, cluster, socket; /* the lowest CPU of each that it is in; -1: the system does not say */
};

struct cpus {
	unsigned n;
	struct cpu_place at[CPUS_MAX];
	/* Of the first, in 64-byte lines; 0: the system does not say. */
	uint32_t l1_lines, l2_lines;
	uint64_t llc_lines;
};

/* Reads @sysfs ("/sys/devices/system/cpu") for the CPUs of this thread's affinity. -errno. */
int cpus_read(const char *sysfs, struct cpus *c, struct mmr_err *e);

/* One more of at most CPUS_MAX. */
void cpus_add(const char *sysfs, unsigned cpu, struct cpus *c);

/* Two different ones. CPUs of which the system does not say enough count as one cluster, one socket. */
enum distance cpus_distance(const struct cpu_place *a, const struct cpu_place *b);

#endif
