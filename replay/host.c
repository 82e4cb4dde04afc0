#include "replay/host.h"

#include <stdio.h>
#include <string.h>
#include <sys/sysinfo.h>

static void cpu_model(char *buf, size_t size)
{
	char line[256];
	FILE *f = fopen("/proc/cpuinfo", "r");
	snprintf(buf, size, "unknown");
	while (f && fgets(line, sizeof(line), f)) {
		char *colon = strchr(line, ':');
		if (strncmp(line, "model name", 10) || !colon)
			continue;
		colon[1 + strcspn(colon + 1, "\n")] = '\0';
		snprintf(buf, size, "%s", colon + 2);
		break;
	}
	if (f)
		fclose(f);
}

void host_describe(struct host *h, const struct native_clock *clock, struct result_machine *m)
{
	struct sysinfo si;
	if (uname(&h->names))
		memset(&h->names, 0, sizeof(h->names));
	cpu_model(h->model, sizeof(h->model));
	*m = (struct result_machine){
		.host = h->names.nodename,
		.kernel = h->names.release,
		.cpu_model = h->model,
		.cpus = native_cpus(),
		.memory_bytes = sysinfo(&si) ? 0 : (uint64_t)si.totalram * si.mem_unit,
		.tsc_ghz = clock->ghz,
		.clock_read_ns_x1000 = clock->read_ps,
	};
}
