/*
 * record_format.h - the kernel's tracepoints that record reads: where they
 * are, and how a raw sample of one becomes a struct rec_event.
 *
 * Field offsets are resolved once, from the tracepoints' `format` files by
 * libtraceevent; after rec_formats_load() a struct rec_formats is read-only and
 * may be shared between threads. Decoding allocates nothing.
 */
#ifndef MMR_RECORD_FORMAT_H
#define MMR_RECORD_FORMAT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "schemas/error.h"

enum rec_kind {
	REC_FORK,
	REC_EXEC,
	REC_EXIT,
	REC_FREE,
	REC_NEWTASK,
	REC_VMALLOC,
	REC_VFREE,
	REC_PURGE,
	REC_CONTENTION_BEGIN,
	REC_CONTENTION_END,
	REC_NR
};

#define REC_INTS 3
#define REC_TEXTS 2
#define REC_TEXT_MAX 4096 /* PATH_MAX: the longest is the path of an exec */

/* The kind's fields in the order in which struct rec_event holds them. */
struct rec_tracepoint {
	const char *system, *name; /* "sched", "sched_process_fork" */
	const char *emitted; /* name of the event that record emits for it */
	const char *ints[REC_INTS];
	const char *texts[REC_TEXTS];
	int64_t absent; /* what the last integer is where the kernel does not have the field... */
	bool last_optional; /* ...which only this allows */
	bool optional; /* the whole tracepoint may be missing */
	bool on_demand; /* only with rec_formats.contention */
	bool chain; /* with the kernel's call chain */
};

extern const struct rec_tracepoint rec_tracepoints[REC_NR];

/* One tracepoint event. Texts are terminated and cut at REC_TEXT_MAX - 1 bytes; they come raw from the kernel. */
struct rec_event {
	enum rec_kind kind;
	uint32_t cpu;
	uint64_t time; /* ns, CLOCK_MONOTONIC */
	int32_t tgid, tid; /* the task in whose context it happened */
	int64_t ints[REC_INTS];
	char texts[REC_TEXTS][REC_TEXT_MAX];
	/* The call chain, perf's marks included; in the ring: gone with the call that it comes with. */
	const uint64_t *chain;
	uint32_t frames;
};

struct rec_field {
	int offset, size; /* size 0: the kernel does not have it */
	bool is_signed, dynamic, relative;
};

struct rec_format {
	bool present;
	unsigned id;
	struct rec_field ints[REC_INTS], texts[REC_TEXTS];
};

struct rec_formats {
	struct rec_format kind[REC_NR];
	uint8_t *by_id; /* kind + 1 by tracepoint id, 0: none of ours; owned */
	unsigned ids;
	unsigned missing; /* optional tracepoints that this kernel does not have */
	bool contention; /* waits for locks are wanted, and every sample has a call chain, most of them of no frames */
};

/*
 * Open the events directory of tracefs: the mounted one or, for root, a
 * detached mount of our own that goes away with the descriptor. Returns the
 * descriptor, -EACCES when it may not be read, -EPERM when it is not mounted and
 * we may not mount it, or another -errno; @e says it.
 */
int rec_tracefs_open(struct mmr_err *e);

/* Read and resolve every tracepoint below @events (from rec_tracefs_open), waits for locks if they are wanted. 0 or -errno. */
int rec_formats_load(struct rec_formats *f, int events, bool contention, struct mmr_err *e);
void rec_formats_free(struct rec_formats *f);

/*
 * Resolve one tracepoint from the @size bytes of its format file @text, called
 * @where in messages. 0, or -EINVAL when a field is missing or has a size that
 * no integer has.
 */
int rec_format_parse(struct rec_formats *f, enum rec_kind kind, const char *text, size_t size, const char *where,
		     struct mmr_err *e);

/*
 * Decode the raw data of a sample into @ev's kind, ints and texts. False when it
 * is none of our tracepoints or too short for its fields.
 */
bool rec_decode(const struct rec_formats *f, const void *raw, size_t size, struct rec_event *ev);

#endif
