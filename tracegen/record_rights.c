/* One line that says which right is missing. */
#include <errno.h>
#include <linux/capability.h>
#include <stdio.h>
#include <string.h>

#include "tracegen/record.h"

static int paranoid(void)
{
	int level = 2;
	FILE *f = fopen("/proc/sys/kernel/perf_event_paranoid", "re");
	if (f) {
		if (fscanf(f, "%d", &level) != 1)
			level = 2;
		fclose(f);
	}
	return level;
}

static bool may_perf(void)
{
	unsigned long long caps = 0;
	char line[256];
	FILE *f = fopen("/proc/self/status", "re");
	while (f && fgets(line, sizeof(line), f))
		if (sscanf(line, "CapEff: %llx", &caps) == 1)
			break;
	if (f)
		fclose(f);
	return paranoid() < 0 || caps & (1ull << CAP_PERFMON) || caps & (1ull << CAP_SYS_ADMIN);
}

int rec_no_right(enum rec_tracefs tracefs, bool no_perf, struct mmr_err *e)
{
	static const char *const lacks[] = {
		[REC_TRACEFS_READ] = "",
		[REC_TRACEFS_DENIED] = "read access to tracefs (/sys/kernel/tracing)",
		[REC_TRACEFS_ABSENT] = "a mounted tracefs (`mount -t tracefs nodev /sys/kernel/tracing`)",
	};
	char perf[128] = "";
	if (no_perf && may_perf())
		return mmr_err(
			e, -EPERM,
			"perf_event_open is refused although the right is there: a container's seccomp filter or "
			"a security module forbids it; run it on the host");
	if (no_perf || !may_perf())
		snprintf(perf, sizeof(perf), "CAP_PERFMON (or kernel.perf_event_paranoid=-1: it is %d)", paranoid());
	return mmr_err(e, -EPERM, "no right to read the kernel's tracepoints: missing %s%s%s; run it as root", perf,
		       *perf && *lacks[tracefs] ? " and " : "", lacks[tracefs]);
}
