/*
 * provider.h - the table through which a program emits the events of
 * mmreplay_tp.h (record) and replay_tp.h (replay --trace).
 *
 * The provider (libmmreplay-ust.so) is loaded with dlopen() because linking it
 * would start LTTng's threads in every mmreplay. It exports one constant,
 * MMR_UST_SYMBOL, of type struct mmr_ust. A caller checks version and size
 * before it touches anything else.
 *
 * Every function may be called by several threads at once; none blocks, none
 * reports an error: an event that finds no room is counted by LTTng. Strings
 * are copied before the call returns and must not be NULL. Times are ns of
 * CLOCK_MONOTONIC.
 */
#ifndef MMR_UST_PROVIDER_H
#define MMR_UST_PROVIDER_H

#include <stdbool.h>
#include <stdint.h>

#include "schemas/ust/replay.h"

#define MMR_UST_VERSION 3
#define MMR_UST_SYMBOL "mmr_ust"
#define MMR_UST_FILE "libmmreplay-ust.so"

struct mmr_ust {
	uint32_t version;
	uint32_t size; /* of this structure */

	/* A session records mmreplay_tp.h's events now; false means that they go nowhere. */
	bool (*enabled)(void);

	void (*capture)(uint64_t time, const char *host, const char *kernel, const char *command, uint32_t cpus,
			int32_t recorder_tgid, int32_t child_tgid, int64_t epoch_ns);
	void (*fork)(uint64_t time, uint32_t cpu, int32_t parent_tid, int32_t parent_tgid, const char *parent_comm,
		     int32_t child_tid, const char *child_comm);
	void (*newtask)(uint64_t time, uint32_t cpu, int32_t parent_tid, int32_t tid, const char *comm,
			uint64_t clone_flags);
	void (*exec)(uint64_t time, uint32_t cpu, int32_t tid, int32_t old_tid, const char *filename);
	void (*exit)(uint64_t time, uint32_t cpu, int32_t tid, const char *comm, int8_t group_dead);
	void (*free)(uint64_t time, uint32_t cpu, int32_t tid, const char *comm);
	void (*vmalloc)(uint64_t time, uint32_t cpu, int32_t tid, uint64_t addr, uint64_t size, int32_t failed);
	void (*vfree)(uint64_t time, uint32_t cpu, int32_t tid, uint64_t addr);
	void (*purge)(uint64_t time, uint32_t cpu, int32_t tid, uint64_t start, uint64_t end, uint32_t npurged);
	/* @frames addresses at @chain, copied. */
	void (*contention_begin)(uint64_t time, uint32_t cpu, int32_t tid, uint64_t lock, uint32_t flags,
				 const uint64_t *chain, uint32_t frames);
	void (*contention_end)(uint64_t time, uint32_t cpu, int32_t tid, uint64_t lock, int32_t ret);
	void (*symbol)(uint64_t time, uint64_t addr, uint64_t size, const char *name);
	void (*lost)(uint64_t time, uint32_t cpu, uint64_t count);
	void (*statedump_process)(uint64_t time, int32_t tid, int32_t tgid, int32_t ppid, uint8_t kthread, int8_t state,
				  const char *comm);
	void (*statedump_end)(uint64_t time, uint32_t tasks);
	void (*capture_end)(uint64_t time, uint64_t events, uint64_t lost);

	const struct mmr_ust_replay *replay;
};

/* The provider's own, between its files. */
extern const struct mmr_ust_replay mmr_ust_replay;

#endif
