#include "tracegen/tracegen.h"

const struct mmr_item *list_sources(unsigned i)
{
	static const struct mmr_item item[] = {
		{ "lttng-kernel", "sched_process_*, lttng_statedump_*, system calls",
		  "a session of LTTng's kernel tracer, 2.5 to 2.13: lttng enable-event -k 'sched_process_*'" },
		{ "perf", "sched:*, task:*, vmalloc:*, perf_*",
		  "perf record -a -e ..., then perf data convert --to-ctf DIR --all" },
		{ "mmreplay-ust", "mmreplay:*", "what `mmreplay record` writes" },
	};
	return i < sizeof(item) / sizeof(item[0]) ? &item[i] : NULL;
}
