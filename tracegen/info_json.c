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
		if (in.group != group)
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
		if (t == EV_PRESENT || !info->h->count[t])
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
	counts(info, "provenance", MMW_INFO_SOURCE);
	printf("\n}\n");
}
