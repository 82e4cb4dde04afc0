/* cpus.c - reading /sys/devices/system/cpu. */
#include "replay/calibrate/cpus.h"

#include <errno.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>

/* The first line of a file; false when there is none. */
static bool read_line(const char *sysfs, unsigned cpu, const char *what, char *buf, size_t size)
{
	char path[512];
	snprintf(path, sizeof(path), "%s/cpu%u/%s", sysfs, cpu, what);
	FILE *f = fopen(path, "r");
	bool ok = f && fgets(buf, (int)size, f);
	if (f)
		fclose(f);
	if (ok)
		buf[strcspn(buf, "\n")] = '\0';
	return ok;
}

/* The first CPU of a list like "4-7,12"; -1 when there is none. */
static int first_of_list(const char *sysfs, unsigned cpu, const char *what)
{
	char text[256], *end;
	if (!read_line(sysfs, cpu, what, text, sizeof(text)))
		return -1;
	long v = strtol(text, &end, 10);
	return end == text || v < 0 ? -1 : (int)v;
}

/* "2048K" in 64-byte lines. */
static uint64_t size_lines(const char *text)
{
	char *end;
	unsigned long long v = strtoull(text, &end, 10);
	return v * (*end == 'K' ? 1024 : *end == 'M' ? 1024 * 1024 : 1) / 64;
}

/* Who shares the last level with @cpu; of the first one, also the sizes on the way. */
static int read_caches(const char *sysfs, unsigned cpu, struct cpus *c)
{
	bool sizes = c->n == 0;
	int shared = -1;
	long last = 0;
	for (unsigned i = 0; i < 16; i++) {
		char what[64], text[64];
		snprintf(what, sizeof(what), "cache/index%u/level", i);
		if (!read_line(sysfs, cpu, what, text, sizeof(text)))
			break;
		long level = strtol(text, NULL, 10);
		snprintf(what, sizeof(what), "cache/index%u/type", i);
		if (!read_line(sysfs, cpu, what, text, sizeof(text)) || !strcmp(text, "Instruction"))
			continue;
		snprintf(what, sizeof(what), "cache/index%u/size", i);
		uint64_t lines = read_line(sysfs, cpu, what, text, sizeof(text)) ? size_lines(text) : 0;
		snprintf(what, sizeof(what), "cache/index%u/shared_cpu_list", i);
		if (level > last) {
			last = level;
			shared = first_of_list(sysfs, cpu, what);
			c->llc_lines = sizes ? lines : c->llc_lines;
		}
		if (sizes && level == 1)
			c->l1_lines = (uint32_t)lines;
		if (sizes && level == 2)
			c->l2_lines = (uint32_t)lines;
	}
	return shared;
}

void cpus_add(const char *sysfs, unsigned cpu, struct cpus *c)
{
	struct cpu_place *p = &c->at[c->n];
	p->cpu = cpu;
	p->core = first_of_list(sysfs, cpu, "topology/thread_siblings_list");
	p->socket = first_of_list(sysfs, cpu, "topology/core_siblings_list");
	p->cluster = read_caches(sysfs, cpu, c);
	c->n++;
}

int cpus_read(const char *sysfs, struct cpus *c, struct mmr_err *e)
{
	memset(c, 0, sizeof(*c));
	cpu_set_t *set = CPU_ALLOC(CPUS_MAX * 8);
	size_t size = CPU_ALLOC_SIZE(CPUS_MAX * 8);
	if (!set)
		return mmr_err_sys(e, -ENOMEM, "the CPUs of this machine");
	int rc = sched_getaffinity(0, size, set) ? mmr_err_sys(e, -errno, "the CPUs that this process may use") : 0;
	for (unsigned cpu = 0; !rc && cpu < CPUS_MAX * 8 && c->n < CPUS_MAX; cpu++)
		if (CPU_ISSET_S(cpu, size, set))
			cpus_add(sysfs, cpu, c);
	CPU_FREE(set);
	return rc;
}

enum distance cpus_distance(const struct cpu_place *a, const struct cpu_place *b)
{
	if (a->core >= 0 && a->core == b->core)
		return NEAR_SMT;
	if (a->socket != b->socket)
		return NEAR_REMOTE;
	return a->cluster == b->cluster ? NEAR_CLUSTER : NEAR_SOCKET;
}
