/* For people: one fact a line, then the counts. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "schemas/safe.h"
#include "tracegen/info.h"

#define COMMANDS_SHOWN 10
#define SOURCE_EVENTS_SHOWN 20

static void fact(const char *name, const char *value)
{
	char n[MMW_INFO_KEY_MAX + 1], v[MMW_INFO_VALUE_MAX + 1];
	safe_copy(n, sizeof(n), name);
	safe_copy(v, sizeof(v), value);
	printf("%-14s %s\n", n, v);
}

/* Nanoseconds since 1970 as a date. */
static void date(const char *name, const char *epoch_ns)
{
	char *end, buf[64];
	struct tm tm;
	unsigned long long ns = strtoull(epoch_ns, &end, 10);
	time_t s = (time_t)(ns / 1000000000u);
	if (*end || !ns || !gmtime_r(&s, &tm) || !strftime(buf, sizeof(buf), "%Y-%m-%d %H:%M:%S UTC", &tm))
		return;
	fact(name, buf);
}

static void duration(uint64_t ns)
{
	char buf[64];
	uint64_t s = ns / 1000000000u;
	if (s >= 3600)
		snprintf(buf, sizeof(buf), "%" PRIu64 " h %02" PRIu64 " min %02" PRIu64 " s", s / 3600, s / 60 % 60,
			 s % 60);
	else if (s >= 60)
		snprintf(buf, sizeof(buf), "%" PRIu64 " min %06.3f s", s / 60, (double)(ns % 60000000000u) / 1e9);
	else if (s)
		snprintf(buf, sizeof(buf), "%.3f s", (double)ns / 1e9);
	else
		snprintf(buf, sizeof(buf), "%.3f ms", (double)ns / 1e6);
	fact("duration", buf);
}

static void facts(const struct info *info)
{
	static const char *const first[] = { "tracer", "profile", "host", "kernel" };
	static const char *const elsewhere[] = { "streams", "state_dump" };
	const struct mmw_header *h = info->h;
	char buf[128];
	fact(info->imported ? "trace" : "workload", info->path);
	for (unsigned k = 0; k < sizeof(first) / sizeof(*first); k++) {
		const char *v = mmw_source(info->r, first[k]);
		if (v)
			fact(k ? first[k] : "source", v);
	}
	for (uint32_t i = 0; i < h->infos; i++) {
		struct mmw_info in = mmw_info(info->r, i);
		bool shown = in.group != MMW_INFO_SOURCE || mmw_is_contention(&in);
		for (unsigned k = 0; k < sizeof(elsewhere) / sizeof(*elsewhere); k++)
			shown |= !strcmp(in.key, elsewhere[k]);
		for (unsigned k = 0; k < sizeof(first) / sizeof(*first); k++)
			shown |= !strcmp(in.key, first[k]);
		if (!shown && !strcmp(in.key, "start_epoch_ns"))
			date("started", in.text);
		else if (!shown)
			fact(in.key, in.text);
	}
	duration(h->duration_ns);
	if (info->streams)
		snprintf(buf, sizeof(buf), "%u, %" PRIu64 " streams", h->cpus, info->streams);
	else
		snprintf(buf, sizeof(buf), "%u", h->cpus);
	fact("CPUs", buf);
	snprintf(buf, sizeof(buf), "%u, at most %u at once", h->tasks, h->peak_tasks);
	fact("tasks", buf);
	snprintf(buf, sizeof(buf), "%u, at most %u at once", h->mms, h->peak_mms);
	fact("mms", buf);
	if (h->areas) {
		snprintf(buf, sizeof(buf), "%u", h->areas);
		fact("vmalloc areas", buf);
	}
}

static void events(const struct info *info)
{
	printf("\n%-14s %12s %12s\n", "event", "count", "per second");
	for (unsigned t = 1; t < EV_NR; t++) {
		if (!info->h->count[t])
			continue;
		printf("%-14s %12" PRIu64, ev_name(t), info->h->count[t]);
		if (t != EV_PRESENT && t != EV_PARENT && info->h->duration_ns)
			printf(" %12.1f", info_rate(info, info->h->count[t]));
		printf("\n");
	}
	printf("%-14s %12" PRIu64 "\n", "all", info->h->events);
}

static void counts(const struct info *info, enum mmw_info_group group, const char *title, bool always, uint64_t sum)
{
	bool any = false;
	for (uint32_t i = 0; i < info->h->infos; i++) {
		struct mmw_info in = mmw_info(info->r, i);
		char name[MMW_INFO_KEY_MAX + 1];
		if (in.group != group)
			continue;
		if (!any)
			printf("\n%s\n", title);
		any = true;
		safe_copy(name, sizeof(name), in.key);
		printf("  %-40s %12" PRIu64 "\n", name, in.count);
	}
	if (!always || any)
		return;
	if (sum)
		printf("\n%s: %" PRIu64 "\n", title, sum);
	else
		printf("\n%s: none\n", title);
}

/* How far the capture is to be believed: with what it lost and could not resolve, which follow. */
static void quality(const struct info *info)
{
	printf("\ncapture quality\n  %-40s %12s\n", "state dump", info_state_dump(info));
	printf("  %-40s %12" PRIu64 "\n", "tasks that no state dump showed", info->adopted);
}

static int by_count(const void *a, const void *b)
{
	const struct mmw_info *x = a, *y = b;
	if (x->count != y->count)
		return x->count < y->count ? 1 : -1;
	return strcmp(x->key, y->key);
}

/* A trace may hold hundreds of kinds: the most frequent ones. */
static void source_events(const struct info *info)
{
	struct mmw_info *list = calloc(info->h->infos + 1u, sizeof(*list));
	uint32_t n = 0;
	for (uint32_t i = 0; list && i < info->h->infos; i++) {
		list[n] = mmw_info(info->r, i);
		n += list[n].group == MMW_INFO_SOURCE_EVENT;
	}
	if (n) {
		printf("\nevents of the trace\n");
		qsort(list, n, sizeof(*list), by_count);
	}
	for (uint32_t i = 0; i < n && i < SOURCE_EVENTS_SHOWN; i++) {
		char name[MMW_INFO_KEY_MAX + 1];
		safe_copy(name, sizeof(name), list[i].key);
		printf("  %-40s %12" PRIu64 "\n", name, list[i].count);
	}
	if (n > SOURCE_EVENTS_SHOWN)
		printf("  (%u more kinds; --format json names them)\n", n - SOURCE_EVENTS_SHOWN);
	free(list);
}

static void commands(const struct info *info)
{
	if (!info->ncommands)
		return;
	printf("\n%-24s %12s %12s %12s\n", "command", "forks", "threads", "execs");
	uint32_t shown = info->ncommands < COMMANDS_SHOWN ? info->ncommands : COMMANDS_SHOWN;
	for (uint32_t i = 0; i < shown; i++) {
		const struct info_command *c = &info->commands[i];
		char name[MMW_COMM_MAX + 1];
		safe_copy(name, sizeof(name), *c->name ? c->name : "(no name)");
		printf("%-24s %12" PRIu64 " %12" PRIu64 " %12" PRIu64 "\n", name, c->forks, c->threads, c->execs);
	}
	if (info->ncommands > shown)
		printf("(%u more)\n", info->ncommands - shown);
}

void info_print_table(const struct info *info)
{
	const struct mmw_header *h = info->h;
	facts(info);
	events(info);
	commands(info);
	info_print_time(info);
	quality(info);
	counts(info, MMW_INFO_LOST, "lost events", true, h->lost);
	counts(info, MMW_INFO_UNRESOLVED, "unresolved events", true, h->unresolved);
	counts(info, MMW_INFO_ASSUMED, "assumed", false, 0);
	source_events(info);
}
