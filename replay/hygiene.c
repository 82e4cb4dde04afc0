#include "replay/hygiene.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

bool hygiene_parse(const char *line, long hz, uint64_t *busy_ns, uint64_t *steal_ns)
{
	/* user nice system idle iowait irq softirq steal; guest time is in user already. */
	uint64_t t[8];
	if (hz <= 0 ||
	    sscanf(line,
		   "cpu %" SCNu64 " %" SCNu64 " %" SCNu64 " %" SCNu64 " %" SCNu64 " %" SCNu64 " %" SCNu64 " %" SCNu64,
		   &t[0], &t[1], &t[2], &t[3], &t[4], &t[5], &t[6], &t[7]) != 8)
		return false;
	uint64_t tick = 1000000000u / (uint64_t)hz;
	*busy_ns = (t[0] + t[1] + t[2] + t[5] + t[6]) * tick;
	*steal_ns = t[7] * tick;
	return true;
}

static bool read_line(const char *path, char *line, size_t size)
{
	FILE *f = fopen(path, "re");
	bool ok = f && fgets(line, (int)size, f);
	if (f)
		fclose(f);
	if (ok)
		line[strcspn(line, "\n")] = '\0';
	return ok;
}

static uint64_t own_ns(void)
{
	struct rusage u;
	getrusage(RUSAGE_SELF, &u);
	return (uint64_t)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) * 1000000000u +
	       (uint64_t)(u.ru_utime.tv_usec + u.ru_stime.tv_usec) * 1000u;
}

void hygiene_begin(struct hygiene_mark *m)
{
	char line[512];
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	m->at_ns = (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
	m->own_ns = own_ns();
	m->known = read_line("/proc/stat", line, sizeof(line)) &&
		   hygiene_parse(line, sysconf(_SC_CLK_TCK), &m->busy_ns, &m->steal_ns);
}

static uint64_t less(uint64_t a, uint64_t b)
{
	return a > b ? a - b : 0;
}

void hygiene_end(const struct hygiene_mark *m, struct result_hygiene *h)
{
	struct hygiene_mark now;
	char line[64];
	*h = (struct result_hygiene){ 0 };
	hygiene_begin(&now);
	if (!m->known || !now.known)
		return;
	long cpus = sysconf(_SC_NPROCESSORS_ONLN);
	h->cpu_ns = less(now.at_ns, m->at_ns) * (uint64_t)(cpus > 0 ? cpus : 1);
	h->other_ns = (int64_t)less(now.busy_ns, m->busy_ns) - (int64_t)less(now.own_ns, m->own_ns);
	h->steal_ns = less(now.steal_ns, m->steal_ns);
	if (getloadavg(&h->load, 1) != 1)
		h->load = 0;
	if (!read_line("/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor", h->governor, sizeof(h->governor)))
		h->governor[0] = '\0';
	h->smt = read_line("/sys/devices/system/cpu/smt/active", line, sizeof(line)) && line[0] == '1';
}
