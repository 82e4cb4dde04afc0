/*
 * ctf_writer.h - writes CTF 1.8 traces for tests: both byte orders, the packet
 * and event headers of LTTng and of perf, any number of streams, of any length.
 *
 * A struct ctfw belongs to one thread. Errors (no memory, the disk) end the
 * test program: there is nothing a test could do about them.
 */
#ifndef MMR_TEST_CTF_WRITER_H
#define MMR_TEST_CTF_WRITER_H

#include <stdbool.h>
#include <stdint.h>

enum ctfw_header {
	CTFW_COMPACT, /* LTTng: 5 bits of id, 27 of time, or 31 and both in full */
	CTFW_LARGE, /* LTTng: 16 bits of id, 32 of time, or 65535 and both in full */
	CTFW_PLAIN, /* perf: 32 bits of id, 64 of time */
};

struct ctfw_options {
	enum ctfw_header header;
	bool big_endian;
	bool underscore; /* field names begin with _ in the metadata, as LTTng's do */
	bool instance_id; /* packet headers name their stream (LTTng from 2.8 on) */
	bool sequence; /* packets are numbered (LTTng from 2.8 on): lost ones show */
	bool packetized; /* metadata in binary packets, as LTTng writes it */
	bool cpu_in_event; /* the CPU in each event's context instead of the packet's */
	const char *file_prefix; /* of stream files: "channel0_" */
	const char *clock; /* its name; NULL: no clock at all */
	int64_t clock_offset; /* ns; ignored when not absolute */
	bool absolute; /* the clock counts from 1970 with that offset */
	const char *env; /* what stands in env { }, "" for no such block */
	const char *uuid; /* 16 bytes; NULL: fixed ones */
	uint32_t packet_bytes; /* about; 0: 64 KiB */
};

struct ctfw;

/* Make directory @dir, which may exist, for a trace. */
struct ctfw *ctfw_open(const char *dir, const struct ctfw_options *o);
/*
 * Declare an event; its number. @fields: "name:type ..." with types i8 to i64
 * and u8 to u64 (signed, unsigned), s (string), c16 (16 characters), q32 (a
 * sequence of i32, its length in 8 bits before it), x64 (of u64, its length in 32
 * bits before it, as perf's call chains are).
 */
unsigned ctfw_event(struct ctfw *w, const char *name, const char *fields);
unsigned ctfw_stream(struct ctfw *w, unsigned cpu);
/*
 * An event of @stream at clock value @ns, not less than its last. Then a value
 * per field: i8 to i32 and u8 to u32 an int, 64 bits a uint64_t, s and c16 a
 * const char *, q32 an int (how many) and a const int32_t *, x64 a const uint64_t *.
 */
void ctfw_put(struct ctfw *w, unsigned stream, unsigned event, uint64_t ns, ...);
/* The tracer has dropped @n events of @stream: the packet at hand says so. */
void ctfw_lose(struct ctfw *w, unsigned stream, uint64_t n);
/* The packet at hand ends, and @n that should follow are missing. */
void ctfw_lose_packets(struct ctfw *w, unsigned stream, uint64_t n);
/* Write this as metadata instead of what belongs there; "%s" in it stands for that. */
void ctfw_metadata(struct ctfw *w, const char *text);
/* Write everything out; frees @w. */
void ctfw_close(struct ctfw *w);

#endif
