/*
 * mkmmw FILE.mmw: a small workload with known counts, of every group of
 * information, with names that a terminal must never see.
 */
#include <stdio.h>

#include "schemas/mmw.h"

static struct mmw_writer *w;
static struct mmr_err e;

static void add(struct mmw_event ev)
{
	static uint64_t now;
	ev.time_ns = now;
	now += 100000000; /* 10 a second */
	if (mmw_add(w, &ev, &e))
		fprintf(stderr, "%s\n", e.text);
}

int main(int argc, char **argv)
{
	if (argc != 2 || mmw_create(argv[1], &w, &e)) {
		fprintf(stderr, "%s\n", argc == 2 ? e.text : "usage: mkmmw FILE.mmw");
		return 2;
	}
	uint32_t bash = mmw_string(w, "bash"), evil = mmw_string(w, "e\033[31m\"v\\il\n\xff\xc2\x9b");
	add((struct mmw_event){ .type = EV_PRESENT, .task = 1, .arg = 1, .mm = 1, .comm = bash });
	add((struct mmw_event){ .type = EV_PRESENT, .task = 2, .arg = 2, .mm = 2, .comm = evil });
	add((struct mmw_event){ .type = EV_FORK, .task = 1, .arg = 3, .mm = 3, .comm = bash, .cpu = 1 });
	add((struct mmw_event){ .type = EV_FORK, .task = 2, .arg = 4, .mm = 4, .comm = evil });
	add((struct mmw_event){ .type = EV_VFORK, .task = 2, .arg = 5, .mm = 2, .comm = evil });
	add((struct mmw_event){ .type = EV_EXEC, .task = 5, .mm = 5, .comm = bash });
	add((struct mmw_event){ .type = EV_THREAD, .task = 5, .arg = 6, .mm = 5, .comm = bash });
	add((struct mmw_event){ .type = EV_LOST, .aux = 4 });
	add((struct mmw_event){ .type = EV_EXIT, .task = 3, .arg = 3, .mm = 3, .comm = bash, .flags = EV_F_LAST });
	mmw_set_peaks(w, 6, 5);
	mmw_set_duration(w, 2000000000);
	mmw_info_text(w, MMW_INFO_SOURCE, "tracer", "perf");
	mmw_info_text(w, MMW_INFO_SOURCE, "host", "build7\033]0;owned\007");
	mmw_info_text(w, MMW_INFO_SOURCE, "kernel", "6.1.0");
	mmw_info_text(w, MMW_INFO_SOURCE, "streams", "2");
	mmw_info_text(w, MMW_INFO_SOURCE, "start_epoch_ns", "1700000000000000000");
	mmw_info_text(w, MMW_INFO_SOURCE, "command", "make -j8 \"all\"");
	mmw_info_count(w, MMW_INFO_SOURCE_EVENT, "sched:sched_process_fork", 3);
	mmw_info_count(w, MMW_INFO_SOURCE_EVENT, "sched:sched_process_exit", 4);
	mmw_info_count(w, MMW_INFO_UNRESOLVED, "exit", 2);
	mmw_info_count(w, MMW_INFO_UNRESOLVED, "free", 1);
	mmw_info_count(w, MMW_INFO_ASSUMED, "parent_adopted", 1);
	mmw_info_count(w, MMW_INFO_LOST, "channel0_0", 4);
	if (!mmw_finish(w, &e))
		return 0;
	fprintf(stderr, "%s\n", e.text);
	return 1;
}
