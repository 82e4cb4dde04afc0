/*
 * mmw.h - the compiled workload, .mmw: reading and writing.
 *
 * The byte table of the format is in schemas/mmw.md; the structures below are
 * its little-endian image. A file is a header block, event blocks of fixed
 * size, a string table (command names) and an information table (where the
 * trace came from and what its import could not resolve).
 *
 * Writing streams: memory does not grow with the number of events. The file is
 * made under a temporary name in the target's folder and renamed when it is
 * complete; mmw_abort(), or a failed mmw_finish(), leaves nothing behind.
 * A writer is used by one thread. A reader may be shared by threads as long as
 * each has its own struct mmw_cursor.
 */
#ifndef MMR_MMW_H
#define MMR_MMW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "schemas/error.h"
#include "schemas/event.h"

#define MMW_MAGIC "MMWORK\r\n" /* the CR LF catches transfers in text mode */
#define MMW_BLOCK_MAGIC 0x42574d4dU /* "MMWB" */
#define MMW_VERSION 1
#define MMW_HEADER_SIZE 4096
#define MMW_BLOCK_SIZE 65536
#define MMW_RECORDS_PER_BLOCK 2046
#define MMW_COMM_MAX 255 /* bytes of a command name, as stored */
#define MMW_STRINGS_MAX 65536 /* distinct names; later ones are counted and become "" */
#define MMW_INFO_KEY_MAX 127
#define MMW_INFO_VALUE_MAX 4095

/* One event: 32 bytes. What the fields mean for each type: event.h. */
struct mmw_event {
	uint64_t time_ns; /* since the start of the workload; never decreases within a file */
	uint32_t task;
	uint32_t arg;
	uint32_t mm;
	uint32_t comm; /* the actor's command name (fork, exec, present: the child's, the new one, its own) */
	uint32_t aux;
	uint8_t type; /* enum ev_type */
	uint8_t flags; /* enum ev_flag */
	uint16_t cpu; /* the recorded CPU */
};

struct mmw_block_header {
	uint32_t magic;
	uint32_t crc32; /* of the whole block with this field 0 */
	uint32_t count;
	uint32_t reserved;
	uint64_t first_event; /* ordinal of the first record */
	uint64_t first_time_ns;
	uint64_t last_time_ns;
	uint8_t pad[24];
};

struct mmw_header {
	char magic[8];
	uint32_t version;
	uint32_t header_size;
	uint32_t block_size;
	uint32_t record_size;
	uint64_t events;
	uint64_t blocks; /* the first lies at header_size, the others follow */
	uint64_t strings_offset, strings_size;
	uint64_t info_offset, info_size;
	uint32_t strings, infos; /* entries; string 0 is "" and not stored */
	uint32_t strings_crc32, info_crc32;
	uint32_t tasks, mms, areas; /* ids run from 1 to these */
	uint32_t cpus; /* highest recorded CPU + 1 */
	uint32_t peak_tasks, peak_mms; /* live at once, by the importer's book-keeping */
	uint64_t duration_ns;
	uint64_t count[EV_MAX]; /* events by type */
	uint64_t lost; /* dropped by the tracer: the information table's sum, or the lost events' if that is more */
	uint64_t unresolved; /* sum of the unresolved counts in the information table */
	uint32_t complete; /* 1 once everything is written */
	uint32_t crc32; /* of the first header_size bytes with this field 0 */
};

/* Groups of the information table. */
enum mmw_info_group {
	/* text: tracer, host, kernel, clock, command, input, source_hash, start_epoch_ns, generator, seed... */
	MMW_INFO_SOURCE = 1,
	MMW_INFO_SOURCE_EVENT, /* count by trace event name */
	MMW_INFO_UNRESOLVED, /* count by kind: dropped, because nobody knows what it refers to */
	MMW_INFO_ASSUMED, /* count by kind: resolved by a stated assumption */
	MMW_INFO_LOST, /* count by stream or reason */
	MMW_INFO_GROUPS
};

/*
 * How the kernel itself waited for its locks during the capture: what its
 * tracepoints lock:contention_begin and _end said, by who took the lock. Data
 * symbols are often missing, so a lock goes by the function that takes it.
 */
enum mmw_contention_flag { /* the kernel's LCB_F_* */
			   MMW_CON_SPIN = 1,
			   MMW_CON_READ = 2,
			   MMW_CON_WRITE = 4,
			   MMW_CON_RT = 8,
			   MMW_CON_PERCPU = 16,
			   MMW_CON_MUTEX = 32,
};

#define MMW_CONTENTION_NAME 255 /* bytes of a function's name */
#define MMW_CONTENTION_UNKNOWN "(unknown)" /* the caller of these is not known: no call chain, or no symbols */
#define MMW_CONTENTION_OTHER "(other)" /* the sum of those that waited least, within and flags unset */

/* Of a row, the waits that began in one slice of the time. */
struct mmw_contention_slice {
	uint32_t index; /* struct mmw_contention_time says when that is */
	uint64_t contentions, wait_total_ns, wait_min_ns, wait_max_ns;
};

/* Slice i is length_ns long and ends at first_end_ns + i * length_ns; what began before time 0 lies in the first. */
struct mmw_contention_time {
	uint64_t first_end_ns, length_ns; /* length_ns 0: the file does not say when */
};
#define MMW_CONTENTION_SLICES 64 /* at most */

struct mmw_contention {
	const char *caller; /* the function that took the lock, the first one outside the kernel's lock code */
	/*
	 * The nearest of copy_process, do_exit, release_task, pgd_alloc, pgd_free
	 * and the exec functions that called the caller, "" when none did. A row
	 * whose caller is one of them is about a lock that it takes itself.
	 */
	const char *within;
	uint32_t flags; /* enum mmw_contention_flag: as the wait began */
	uint64_t contentions, wait_total_ns, wait_min_ns, wait_max_ns;
	/* When they began: slices that are not empty, in order; together they are the row's waits. None: it is not known. */
	const struct mmw_contention_slice *slice;
	uint32_t slices;
};

/* ---- writing ---- */

struct mmw_writer;

/*
 * Start FILE @path. On success *@w must end in mmw_finish() or mmw_abort(). A
 * symbolic link is followed; a device such as /dev/null is written directly,
 * anything else that is no regular file is refused (-EINVAL, -EISDIR).
 */
int mmw_create(const char *path, struct mmw_writer **w, struct mmr_err *e);

/*
 * Append one event. Times must not decrease (-EINVAL); counts, peaks of ids,
 * cpus and duration are kept here. Errors of the disk show here or in finish.
 */
int mmw_add(struct mmw_writer *w, const struct mmw_event *ev, struct mmr_err *e);

/* The index of @name in the string table, 0 for "" and when the table is full. */
uint32_t mmw_string(struct mmw_writer *w, const char *name);

/*
 * Set a text (group SOURCE), or add @n to a count (the other groups). Bounded
 * by MMW_INFO_*_MAX; longer texts are cut. Of keys by the thousand, the later
 * ones' counts are added up under "(other)".
 */
void mmw_info_text(struct mmw_writer *w, enum mmw_info_group group, const char *key, const char *value);
void mmw_info_count(struct mmw_writer *w, enum mmw_info_group group, const char *key, uint64_t n);

/* Row @row of the kernel's own contention; rows are numbered from 0, the longest wait_total_ns first. */
void mmw_add_contention(struct mmw_writer *w, uint32_t row, const struct mmw_contention *c);
/* What the slices of the rows stand for; without it they are of no use. */
void mmw_set_contention_time(struct mmw_writer *w, const struct mmw_contention_time *t);

/* The peaks are the importer's to know: tasks that have not exited, mms that have users. */
void mmw_set_peaks(struct mmw_writer *w, uint32_t tasks, uint32_t mms);

/* The trace went on until @ns after its start; without this it ends with its last event. */
void mmw_set_duration(struct mmw_writer *w, uint64_t ns);

/*
 * Write what is left, sync, rename. Frees @w in every case; removes the
 * temporary file on failure. -EINVAL: more ids than the events can have
 * brought in (they have to be dense), or peaks above them.
 */
int mmw_finish(struct mmw_writer *w, struct mmr_err *e);

/* Throw away. @w may be NULL. */
void mmw_abort(struct mmw_writer *w);

/* ---- reading ---- */

struct mmw_reader;

/*
 * Open and check @path: magic, version, sizes against the file's length, the
 * checksums of header, strings and information. -EPROTO: not a workload file;
 * -EBADMSG: damaged or truncated; -ENOTSUP: another version.
 */
int mmw_open(const char *path, struct mmw_reader **r, struct mmr_err *e);
void mmw_close(struct mmw_reader *r);

const struct mmw_header *mmw_header(const struct mmw_reader *r);
const char *mmw_path(const struct mmw_reader *r);
const char *mmw_comm(const struct mmw_reader *r, uint32_t index); /* "" when out of range */

struct mmw_info {
	enum mmw_info_group group;
	const char *key;
	const char *text; /* counts: the number in decimal */
	uint64_t count; /* texts: 0 */
};
/* Entry @i of header.infos, in the order in which keys were first set. */
struct mmw_info mmw_info(const struct mmw_reader *r, uint32_t i);
/* The text of @key in group SOURCE, or NULL. */
const char *mmw_source(const struct mmw_reader *r, const char *key);

/* Rows of the kernel's own contention; 0: the capture did not hold any such events, or there was none. */
uint32_t mmw_contentions(const struct mmw_reader *r);
/* Row @i, NULL past the end; it lives as long as @r. */
const struct mmw_contention *mmw_contention(const struct mmw_reader *r, uint32_t i);
/* When its slices are. */
struct mmw_contention_time mmw_contention_time(const struct mmw_reader *r);
/* "spinlock", "rwlock:W", "rwsem:R", "mutex"... as perf lock calls them; "?" for flags that say nothing. */
const char *mmw_contention_type(uint32_t flags);
/* Is this entry of the information table such a row, or about them? For who shows the others. */
bool mmw_is_contention(const struct mmw_info *in);

/* Reads events one after another; a block is read, not mapped, so a file that shrinks is an error, not a signal. */
struct mmw_cursor;
int mmw_cursor_open(const struct mmw_reader *r, struct mmw_cursor **c, struct mmr_err *e);
/*
 * The next event: 1 and *@ev, 0 at the end, -errno on damage. Checked here: the
 * block's checksum and count, ascending times, known types, ids within the
 * header's ranges.
 */
int mmw_next(struct mmw_cursor *c, struct mmw_event *ev, struct mmr_err *e);
void mmw_cursor_close(struct mmw_cursor *c);

#endif
