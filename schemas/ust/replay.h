/* replay.h - the part of provider.h's table that replay_tp.h's tracepoints fill. */
#ifndef MMR_UST_REPLAY_H
#define MMR_UST_REPLAY_H

#include <stdbool.h>
#include <stdint.h>

enum mmr_ust_mode { MMR_UST_EXCLUSIVE, MMR_UST_READ, MMR_UST_WRITE };

/* Called as those of struct mmr_ust; fields as in replay_tp.h, @op an enum ev_type, @mode an enum mmr_ust_mode. */
struct mmr_ust_replay {
	/* A session records these events now. */
	bool (*enabled)(void);
	void (*run_begin)(uint64_t time, int64_t run, const char *workload, const char *design, const char *lock_kind,
			  uint32_t workers, uint32_t repeat_no);
	void (*run_end)(uint64_t time, int64_t run, uint64_t events);
	void (*op_begin)(uint64_t time, uint16_t worker, uint8_t op, uint32_t task, uint32_t mm, uint32_t event);
	void (*op_end)(uint64_t time, uint16_t worker, uint8_t op, uint32_t task, uint32_t mm, uint32_t event,
		       uint64_t took_ns);
	void (*lock_acquired)(uint64_t time, uint16_t worker, const char *lock, uint8_t mode, uint64_t waited_ns);
	void (*lock_released)(uint64_t time, uint16_t worker, const char *lock, uint8_t mode, uint64_t held_ns);
};

#endif
