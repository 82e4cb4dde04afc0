/* One JSON object; the names are a contract (DESIGN.md, "What machines read"). */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "schemas/safe.h"
#include "tracegen/info.h"

static void key(const char *name)
{
	json_string(stdout, name);
	printf(": ");
}

static void number(const char *name, uint64_t v)
{
	printf(",\n  ");
	key(name);
	printf("%" PRIu64, v);
}

static void text(const char *name, const char *v)
{
	printf(",\n  ");
	key(name);
	json_string(stdout, v ? v : "");
}

/* An object of all counts of a group; empty when there are none. */
static void counts(const struct info *info, const char *name, enum mmw_info_group group)
{
	const char *sep = "";
	printf(",\n  ");
	key(name);
	printf("{");
	for (uint32_t i = 0; i < info->h->infos; i++) {
		struct mmw_info in = mmw_info(info->r, i);
		if (in.group != group || mmw_is_contention(&in))
			continue;
		printf("%s\n    ", sep);
		key(in.key);
		if (group == MMW_INFO_SOURCE)
			json_string(stdout, in.text);
		else
			printf("%" PRIu64, in.count);
		sep = ",";
	}
	printf("%s}", *sep ? "\n  " : "");
}

static void events(const struct info *info)
{
	printf(",\n  \"events\": {");
	for (unsigned t = 1; t < EV_NR; t++)
		printf("%s\n    \"%s\": %" PRIu64, t > 1 ? "," : "", ev_name(t), info->h->count[t]);
	printf("\n  },\n  \"rates_per_second\": {");
	const char *sep = "";
	for (unsigned t = 1; t < EV_NR; t++) {
		if (t == EV_PRESENT || t == EV_PARENT || !info->h->count[t])
			continue;
		printf("%s\n    \"%s\": %.3f", sep, ev_name(t), info_rate(info, info->h->count[t]));
		sep = ",";
	}
	printf("%s}", *sep ? "\n  " : "");
}

static void commands(const struct info *info)
{
	printf(",\n  \"commands\": [");
	for (uint32_t i = 0; i < info->ncommands; i++) {
		const struct info_command *c = &info->commands[i];
		printf("%s\n    {\"name\": ", i ? "," : "");
		json_string(stdout, c->name);
		printf(", \"forks\": %" PRIu64 ", \"threads\": %" PRIu64 ", \"execs\": %" PRIu64 "}", c->forks,
		       c->threads, c->execs);
	}
	printf("%s]", info->ncommands ? "\n  " : "");
}

static void births(const struct info *info)
{
	const uint64_t *n = info->h->count;
	uint64_t processes = n[EV_FORK] + n[EV_VFORK];
	printf(",\n  \"births\": {\"processes\": %" PRIu64 ", \"threads\": %" PRIu64
	       ", \"vfork_percent\": %.3f, \"thread_percent\": %.3f}",
	       processes, n[EV_THREAD], info_percent(n[EV_VFORK], processes),
	       info_percent(n[EV_THREAD], processes + n[EV_THREAD]));
}

/* Of those that were born and ended within the workload; the others are counted. */
static void lifetime(const char *name, const struct info_lifetimes *l)
{
	printf("\n    \"%s\": {\"count\": %" PRIu64 ", \"min_ns\": %" PRIu64 ", \"mean_ns\": %.0f", name, l->us.count,
	       l->min_ns, l->us.count ? l->sum_ns / (double)l->us.count : 0);
	printf(", \"p50_ns\": %" PRIu64 ", \"p90_ns\": %" PRIu64 ", \"p99_ns\": %" PRIu64 ", \"max_ns\": %" PRIu64,
	       info_lifetime(l, 0.5), info_lifetime(l, 0.9), info_lifetime(l, 0.99), l->max_ns);
	printf(", \"older\": %" PRIu64 ", \"live_on\": %" PRIu64 "}", l->from_before, l->alive);
}

static void timeline(const struct info *info)
{
	printf(",\n  \"timeline\": [");
	for (uint32_t i = 0; i < info->intervals; i++) {
		const struct info_interval *n = &info->interval[i];
		printf("%s\n    {\"start_ns\": %" PRIu64 ", \"end_ns\": %" PRIu64 ", \"forks\": %" PRIu64
		       ", \"vforks\": %" PRIu64 ", \"threads\": %" PRIu64 ", \"execs\": %" PRIu64
		       ", \"exits\": %" PRIu64,
		       i ? "," : "", n->start_ns, n->end_ns, n->forks, n->vforks, n->threads, n->execs, n->exits);
		printf(", \"live_tasks\": %u, \"peak_tasks\": %u, \"live_mms\": %u, \"peak_mms\": %u, \"lost\": "
		       "%" PRIu64 "}",
		       n->live_tasks, n->most_tasks, n->live_mms, n->most_mms, n->lost);
	}
	printf("\n  ]");
}

/* Empty when the capture holds no such events. */
static void contention(const struct info *info)
{
	printf(",\n  \"kernel_contention\": [");
	for (uint32_t i = 0; i < mmw_contentions(info->r); i++) {
		const struct mmw_contention *c = mmw_contention(info->r, i);
		printf("%s\n    {\"caller\": ", i ? "," : "");
		json_string(stdout, c->caller);
		printf(", \"within\": ");
		json_string(stdout, c->within);
		printf(", \"type\": \"%s\", \"flags\": %u, \"contentions\": %" PRIu64 ", \"wait_total_ns\": %" PRIu64,
		       mmw_contention_type(c->flags), c->flags, c->contentions, c->wait_total_ns);
		printf(", \"wait_avg_ns\": %" PRIu64 ", \"wait_min_ns\": %" PRIu64 ", \"wait_max_ns\": %" PRIu64 "}",
		       c->wait_total_ns / c->contentions, c->wait_min_ns, c->wait_max_ns);
	}
	printf("%s]", mmw_contentions(info->r) ? "\n  " : "");
}

static void quality(const struct info *info)
{
	printf(",\n  \"capture_quality\": {\"state_dump\": ");
	json_string(stdout, info_state_dump(info));
	printf(", \"lost\": %" PRIu64 ", \"unresolved\": %" PRIu64 ", \"adopted\": %" PRIu64 "}", info->h->lost,
	       info->h->unresolved, info->adopted);
}

void info_print_json(const struct info *info)
{
	const struct mmw_header *h = info->h;
	printf("{\n  ");
	key("path");
	json_string(stdout, info->path);
	text("source", mmw_source(info->r, "tracer"));
	text("host", mmw_source(info->r, "host"));
	text("kernel", mmw_source(info->r, "kernel"));
	number("duration_ns", h->duration_ns);
	number("streams", info->streams);
	number("cpus", h->cpus);
	number("tasks", h->tasks);
	number("peak_tasks", h->peak_tasks);
	number("mms", h->mms);
	number("peak_mms", h->peak_mms);
	number("areas", h->areas);
	number("total_events", h->events);
	events(info);
	counts(info, "source_events", MMW_INFO_SOURCE_EVENT);
	number("lost", h->lost);
	counts(info, "lost_by", MMW_INFO_LOST);
	number("unresolved_events", h->unresolved);
	counts(info, "unresolved", MMW_INFO_UNRESOLVED);
	counts(info, "assumed", MMW_INFO_ASSUMED);
	commands(info);
	births(info);
	printf(",\n  \"lifetimes\": {");
	lifetime("processes", info->process);
	printf(",");
	lifetime("threads", info->thread);
	printf("\n  }");
	timeline(info);
	contention(info);
	quality(info);
	counts(info, "provenance", MMW_INFO_SOURCE);
	printf("\n}\n");
}
