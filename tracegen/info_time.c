/* For people: births, lifetimes, and what happened when. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "tracegen/info.h"

#define BAR 20

/* Three digits and a unit, in @buf of 16 bytes. */
static const char *human(char *buf, double ns)
{
	static const struct {
		double ns;
		const char *name;
	} units[] = { { 3600e9, "h" }, { 60e9, "min" }, { 1e9, "s" }, { 1e6, "ms" }, { 1e3, "us" }, { 1, "ns" } };
	unsigned u = 0;
	while (u + 1 < sizeof(units) / sizeof(units[0]) && ns < units[u].ns)
		u++;
	double v = ns / units[u].ns;
	if (v == 0)
		return memcpy(buf, "0 s", 4);
	snprintf(buf, 16, "%.*f %s", v < 9.995 ? 2 : v < 99.95 ? 1 : 0, v, units[u].name);
	return buf;
}

static void births(const struct info *info)
{
	const uint64_t *n = info->h->count;
	uint64_t processes = n[EV_FORK] + n[EV_VFORK];
	if (!processes && !n[EV_THREAD] && !n[EV_EXEC])
		return;
	printf("\nbirths\n  %-12s %12" PRIu64 "  %.1f %% of them by vfork; %.2f execs each\n", "processes", processes,
	       info_percent(n[EV_VFORK], processes), processes ? (double)n[EV_EXEC] / (double)processes : 0);
	printf("  %-12s %12" PRIu64 "  %.1f %% of all births\n", "threads", n[EV_THREAD],
	       info_percent(n[EV_THREAD], processes + n[EV_THREAD]));
}

static void lifetime(const char *name, const struct info_lifetimes *l)
{
	static const double at[] = { 0.5, 0.9, 0.99 };
	char buf[16];
	printf("  %-12s %12" PRIu64, name, l->us.count);
	for (unsigned i = 0; i < sizeof(at) / sizeof(at[0]); i++)
		printf(" %9s", l->us.count ? human(buf, (double)info_lifetime(l, at[i])) : "-");
	printf(" %9s %9" PRIu64 " %9" PRIu64 "\n", l->us.count ? human(buf, (double)l->max_ns) : "-", l->from_before,
	       l->alive);
}

static void lifetimes(const struct info *info)
{
	const struct info_lifetimes *p = info->process, *t = info->thread;
	if (!p->us.count && !p->from_before && !p->alive)
		return;
	printf("\n%-14s %12s %9s %9s %9s %9s %9s %9s\n", "lifetimes", "born, ended", "p50", "p90", "p99", "max",
	       "older", "live on");
	lifetime("processes", p);
	if (t->us.count || t->from_before || t->alive)
		lifetime("threads", t);
}

static void over_time(const struct info *info)
{
	double most = 0;
	char buf[16], bar[BAR + 1];
	if (!info->h->duration_ns)
		return;
	for (uint32_t i = 0; i < info->intervals; i++) {
		const struct info_interval *n = &info->interval[i];
		double rate = info_interval_rate(n, n->forks + n->vforks + n->threads);
		most = rate > most ? rate : most;
	}
	printf("\n%-12s %9s %9s %9s %9s %9s %9s  %s\n", "over time", "fork/s", "thread/s", "exec/s", "exit/s", "tasks",
	       "mms", "births");
	for (uint32_t i = 0; i < info->intervals; i++) {
		const struct info_interval *n = &info->interval[i];
		uint64_t forks = n->forks + n->vforks;
		double rate = info_interval_rate(n, forks + n->threads);
		int filled = most > 0 ? (int)(rate / most * BAR + 0.5) : 0;
		memset(bar, '#', (size_t)filled);
		bar[filled] = '\0';
		printf("  %-10s %9.1f %9.1f %9.1f %9.1f %9u %9u  %s%s\n", human(buf, (double)n->start_ns),
		       info_interval_rate(n, forks), info_interval_rate(n, n->threads), info_interval_rate(n, n->execs),
		       info_interval_rate(n, n->exits), n->most_tasks, n->most_mms, bar,
		       n->lost ? " (lost events)" : "");
	}
}

/* ---- the kernel's own waits ---- */

#define CONTENTION_SHOWN 12

/* What the replay has, too: shown however short the waits. */
static bool is_replayed(const struct mmw_contention *c)
{
	static const char *const names[] = { "copy_process", "do_exit", "release_task", "pgd_alloc", "pgd_free" };
	for (unsigned i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (!strcmp(c->caller, names[i]))
			return true;
	return false;
}

static void contention(const struct info *info)
{
	uint32_t rows = mmw_contentions(info->r), shown = 0;
	if (!rows)
		return;
	printf("\n%-28s %-20s %-11s %9s %10s %9s %9s\n", "the kernel's lock waits by", "within", "type", "contended",
	       "total", "avg", "max");
	for (uint32_t i = 0; i < rows; i++) {
		const struct mmw_contention *c = mmw_contention(info->r, i);
		char total[16], avg[16], max[16];
		if (i >= CONTENTION_SHOWN && !is_replayed(c))
			continue;
		shown++;
		printf("  %-26s %-20s %-11s %9" PRIu64 " %10s %9s %9s\n", c->caller, *c->within ? c->within : "-",
		       strcmp(c->caller, MMW_CONTENTION_OTHER) ? mmw_contention_type(c->flags) : "-", c->contentions,
		       human(total, (double)c->wait_total_ns),
		       human(avg, (double)c->wait_total_ns / (double)c->contentions),
		       human(max, (double)c->wait_max_ns));
	}
	if (rows > shown)
		printf("  (%u more; --format json names them)\n", rows - shown);
}

void info_print_time(const struct info *info)
{
	births(info);
	lifetimes(info);
	over_time(info);
	contention(info);
}
