/*
 * ctfgen - traces for tests and for the bench.
 *
 *   ctfgen bench DIR TRACER STREAMS EVENTS   at least EVENTS of a fork-heavy machine with STREAMS CPUs
 *   ctfgen life DIR TRACER [HOST]            a short history that import resolves completely
 *   ctfgen lossy DIR TRACER                  the same, and the tracer says that it dropped events
 *   ctfgen contention DIR                    perf saw two waits for locks; DIR.kallsyms names who waited
 *   ctfgen hostile DIR HOW                   a trace that brings readers down
 *   ctfgen tracers | hostiles                the names of TRACER, and of HOW
 */
#include <err.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "tests/support/ctf_shape.h"

#define FORK 17u
#define VFORK 0x4111u
#define THREAD 0x3d0f00u
#define AREA 0xffffc90000000000ull

static enum shape_kind kind_of(const char *name)
{
	for (unsigned i = 0; i < SHAPE_KINDS; i++)
		if (!strcmp(name, shape_name[i]))
			return (enum shape_kind)i;
	errx(2, "no tracer called %s", name);
}

static void before(struct shape *s, unsigned shells)
{
	shape_capture(s, 1000, 0, 0);
	shape_present(s, 1000, (struct who){ 1, 1, "init" }, 0, false);
	shape_present(s, 1000, (struct who){ 2, 2, "kthreadd" }, 0, true);
	for (unsigned i = 0; i < shells; i++)
		shape_present(s, 1000, (struct who){ 1000 + (int)i, 1000 + (int)i, "sh" }, 1, false);
	shape_present_end(s, 1000);
}

/* What one shell does on its CPU: a child that execs, one that is vforked, a thread, and their ends. */
static void turn(struct shape *s, unsigned cpu, uint64_t ns, unsigned shell, int tid)
{
	const struct who sh = { 1000 + (int)shell, 1000 + (int)shell, "sh" }, gone = { 0, 0, "swapper" };
	const struct who child = { tid, tid, "sh" }, make = { tid, tid, "make" }, cc = { tid + 1, tid + 1, "cc" },
			 worker = { tid + 2, tid, "make" };
	const uint64_t area = AREA + ((uint64_t)tid << 16);
	shape_vmalloc(s, cpu, ns, sh, area, 0x5000);
	shape_fork(s, cpu, ns + 1000, sh, tid, tid, FORK);
	shape_switch(s, cpu, ns + 1500, sh, child);
	shape_exec(s, cpu, ns + 2000, tid, tid, "/usr/bin/make");
	shape_fork(s, cpu, ns + 3000, make, tid + 1, tid + 1, VFORK);
	shape_exec(s, cpu, ns + 4000, tid + 1, tid + 1, "/usr/bin/cc");
	shape_fork(s, cpu, ns + 5000, make, tid + 2, tid, THREAD);
	/* As in a capture of a real machine, half of the events are of no use. */
	for (unsigned i = 0; i < 10; i++)
		shape_noise(s, cpu, ns + 5500 + i);
	shape_exit(s, cpu, ns + 6000, worker, false);
	shape_exit(s, cpu, ns + 7000, cc, true);
	shape_free(s, cpu, ns + 7500, worker);
	shape_free(s, cpu, ns + 8000, cc);
	shape_exit(s, cpu, ns + 9000, make, true);
	shape_switch(s, cpu, ns + 9500, make, sh);
	shape_free(s, cpu, ns + 10000, make);
	shape_vfree(s, cpu, ns + 11000, gone, area);
}
#define TURN_EVENTS 25u /* or more, by tracer */

static void bench(const char *dir, const char *tracer, unsigned cpus, uint64_t events)
{
	struct shape *s = shape_open(dir, kind_of(tracer), 0, cpus, NULL);
	before(s, cpus);
	uint64_t turns = events / TURN_EVENTS / cpus + 1;
	/* Every CPU's turn overlaps with the others': the merge goes from stream to stream. */
	for (uint64_t t = 0; t < turns; t++)
		for (unsigned cpu = 0; cpu < cpus; cpu++)
			turn(s, cpu, 1000000 + t * 20000 + cpu * 7, cpu,
			     (int)(5000 + 4 * cpu + 4 * cpus * (t % (25000 / cpus + 1))));
	shape_close(s);
}

static void life(const char *dir, const char *tracer, const char *host, bool lossy)
{
	struct shape *s = shape_open(dir, kind_of(tracer), 0, 2, host);
	before(s, 2);
	for (unsigned t = 0; t < 5; t++)
		for (unsigned cpu = 0; cpu < 2; cpu++)
			turn(s, cpu, 1000000 + t * 20000 + cpu * 7, cpu, (int)(5000 + 4 * cpu));
	if (lossy) {
		shape_lost(s, 1, 2000000, 42);
		turn(s, 1, 2100000, 1, 6000);
	}
	shape_close(s);
}

/* pgd_alloc() waits 1 us for copy_process(), release_task() 3 us; of the 2 us of another nobody knows a name. */
static void contention(const char *dir)
{
	static const uint64_t forks[] = { 0xffffffff81001008, 0xffffffff81002008, 0xffffffff81003008, 0x7f0000001000 },
			      waits[] = { 0xffffffff81001008, 0xffffffff81004008 }, unknown[] = { 0xffffffff80000000 };
	const struct {
		const uint64_t *chain;
		int n, flags;
		uint64_t ns;
	} wait[] = { { forks, 4, 1, 1000 }, { waits, 2, 5, 3000 }, { unknown, 1, 1, 2000 } };
	struct shape *s = shape_open(dir, SHAPE_PERF, 0, 2, NULL);
	struct ctfw *w = shape_writer(s);
	unsigned begin = ctfw_event(w, "lock:contention_begin",
				    "perf_tid:i32 perf_callchain:x64 lock_addr:u64 flags:u32"),
		 end = ctfw_event(w, "lock:contention_end", "perf_tid:i32 lock_addr:u64 ret:i32");
	char path[4096];
	before(s, 2);
	turn(s, 0, 1000000, 0, 5000);
	for (unsigned i = 0; i < 3; i++) {
		ctfw_put(w, 0, begin, 2000000 + i * 10000, 1000, wait[i].n, wait[i].chain, (uint64_t)0xffff888000001000,
			 wait[i].flags);
		ctfw_put(w, 0, end, 2000000 + i * 10000 + wait[i].ns, 1000, (uint64_t)0xffff888000001000, 0);
	}
	shape_close(s);
	snprintf(path, sizeof(path), "%s.kallsyms", dir);
	FILE *f = fopen(path, "w");
	if (!f ||
	    fputs("ffffffff81001000 T _raw_spin_lock\nffffffff81002000 T pgd_alloc\n"
		  "ffffffff81003000 T copy_process\nffffffff81004000 T release_task\n",
		  f) < 0 ||
	    fclose(f))
		err(1, "%s", path);
}

/* ---- hostile ones ---- */

#define TRACE "/* CTF 1.8 */ trace { major = 1; minor = 8; byte_order = le;"
#define U(bits) "integer { size = " #bits "; align = 8; }"

/* What HOW is, by the metadata; a stream of small numbers stands beside it. */
static const struct hostile {
	const char *how, *metadata;
} hostile[] = {
	/* An event takes no bit: there is no end to them. */
	{ "zero-event", TRACE " }; stream { }; event { name = nothing; };" },
	{ "zero-struct", TRACE " }; stream { }; event { name = nothing; fields := struct { }; };" },
	/* 2^34 elements; the stream's first number says so. */
	{ "long-sequence",
	  TRACE " }; stream { }; event { name = e; fields := struct { " U(64) " n; " U(8) " v[n]; }; };" },
	{ "long-array", TRACE " }; stream { }; event { name = e; fields := struct { " U(8) " v[17179869184]; }; };" },
	{ "clock-of-0-hz", TRACE
	  " }; clock { name = c; freq = 0; }; stream { event.header := struct { integer { size = 64; "
	  "align = 8; map = clock.c.value; } timestamp; }; }; event { name = e; fields := struct { " U(8) " v; }; };" },
	{ "clock-far-away", TRACE
	  " }; clock { name = c; freq = 1; offset_s = 9223372036854775807; offset = 18446744073709551615; }; stream { "
	  "event.header := struct { integer { size = 64; align = 8; map = clock.c.value; } timestamp; }; }; event { "
	  "name = e; "
	  "fields := struct { " U(8) " v; }; };" },
	{ "size-0", TRACE " }; stream { }; event { name = e; fields := struct { integer { size = 0; } v; }; };" },
	{ "size-65", TRACE " }; stream { }; event { name = e; fields := struct { integer { size = 65; } v; }; };" },
	{ "align-0",
	  TRACE " }; stream { }; event { name = e; fields := struct { integer { size = 8; align = 0; } v; }; };" },
	{ "align-3",
	  TRACE " }; stream { }; event { name = e; fields := struct { integer { size = 8; align = 3; } v; }; };" },
	{ "align-huge", TRACE " }; stream { }; event { name = e; fields := struct { integer { size = 8; align = "
			      "9223372036854775808; } v; }; };" },
	{ "float-3",
	  TRACE " }; stream { }; event { name = e; fields := struct { floating_point { exp_dig = 3; mant_dig = 4; "
		"} v; }; };" },
	{ "enum-empty", TRACE " }; stream { }; event { name = e; fields := struct { enum : " U(8) " { } v; }; };" },
	{ "variant-of-itself",
	  TRACE " }; stream { }; event { name = e; fields := struct { variant <v> { " U(8) " a; } v; }; };" },
	{ "unknown-tag",
	  TRACE " }; stream { }; event { name = e; fields := struct { variant <x> { " U(8) " a; } v; }; };" },
	{ "unknown-length", TRACE " }; stream { }; event { name = e; fields := struct { " U(8) " v[n]; }; };" },
	{ "two-names", TRACE " }; stream { }; event { name = e; fields := struct { " U(8) " v; " U(8) " v; }; };" },
	{ "two-events", TRACE " }; stream { }; event { name = e; id = 0; }; event { name = f; id = 0; };" },
	{ "two-streams", TRACE " }; stream { }; stream { }; event { name = e; };" },
	{ "no-stream", TRACE " };" },
	{ "no-trace", "/* CTF 1.8 */ stream { };" },
	{ "header-is-string",
	  TRACE " packet.header := struct { string magic; string stream_id; }; }; stream { }; event { name = e; };" },
	{ "packet-of-0", TRACE " }; stream { packet.context := struct { " U(64) " packet_size; " U(
				 64) " content_size; }; }; "
				     "event { name = e; fields := struct { " U(8) " v; }; };" },
	{ "id-of-nobody",
	  TRACE " }; stream { event.header := struct { " U(8) " id; }; }; event { name = e; id = 7; };" },
	{ "signed-length",
	  TRACE " }; stream { }; event { name = e; fields := struct { integer { size = 8; signed = 1; } n; " U(
		  8) " v[n]; }; };" },
	/* These trip assertions, divide by zero, or follow a null pointer in babeltrace2 2.0.4. */
	{ "enum-backwards",
	  TRACE " }; stream { }; event { name = e; fields := struct { enum : " U(8) " { a = 5 ... 3 } v; }; };" },
	{ "variant-with-more", TRACE " }; stream { }; event { name = e; fields := struct { enum : " U(
				       8) " { a } t; variant <t> { " U(8) " a; " U(8) " b; } v; }; };" },
	{ "typedef-of-pointer",
	  TRACE " }; typedef " U(8) " *foo; stream { }; event { name = e; fields := struct { foo v; }; };" },
	{ "clock-without-freq",
	  TRACE " }; clock { name = c; }; stream { event.header := struct { integer { size = 64; align = 8; "
		"map = clock.c.value; } timestamp; }; }; event { name = e; fields := struct { " U(8) " v; }; };" },
	{ "fields-are-a-number", TRACE " }; stream { }; event { name = e; fields := " U(8) "; };" },
	/* These eat memory, or take for ever. */
	{ "array-of-nothing",
	  TRACE " }; stream { }; event { name = e; fields := struct { " U(8) " n; struct { } v[100000000]; }; };" },
	{ "packet-size-of-8-bits",
	  TRACE " }; stream { packet.context := struct { " U(8) " packet_size; }; }; event { name = e; "
								"fields := struct { " U(8) " v; }; };" },
	{ "half", TRACE " }; stream { event.hea" },
	{ "words", "what is this, then?" },
	{ "zeros", NULL },
	{ "deep", NULL },
	{ "random", NULL },
};
#define HOSTILES (sizeof(hostile) / sizeof(hostile[0]))

static void write_file(const char *dir, const char *name, const void *data, size_t n)
{
	char path[4096];
	snprintf(path, sizeof(path), "%s/%s", dir, name);
	FILE *f = fopen(path, "w");
	if (!f || fwrite(data, 1, n, f) != n || fclose(f))
		err(1, "%s", path);
}

static void hostile_trace(const char *dir, const char *how)
{
	enum { SIZE = 1 << 20 };
	unsigned char *buf = calloc(1, SIZE), stream[4096] = { 0, 0, 0, 0, 4 };
	const struct hostile *h = NULL;
	for (unsigned i = 0; i < HOSTILES; i++)
		if (!strcmp(hostile[i].how, how))
			h = &hostile[i];
	if (!h || !buf)
		errx(2, "nothing hostile called %s", how);
	if (mkdir(dir, 0777) && errno != EEXIST)
		err(1, "%s", dir);
	for (unsigned i = 8; i < sizeof(stream); i++)
		stream[i] = (unsigned char)(i % 7);
	write_file(dir, "stream", stream, sizeof(stream));
	if (h->metadata) {
		write_file(dir, "metadata", h->metadata, strlen(h->metadata));
	} else if (!strcmp(how, "zeros")) {
		write_file(dir, "metadata", buf, 4096);
	} else if (!strcmp(how, "deep")) {
		/* Structures in structures, as deep as the parser's stack, and deeper. */
		char *at = (char *)buf;
		at += sprintf(at, TRACE " }; stream { }; event { name = e; fields := ");
		for (unsigned i = 0; i < 50000; i++)
			at += sprintf(at, "struct { ");
		for (unsigned i = 0; i < 50000; i++)
			at += sprintf(at, "} v; ");
		write_file(dir, "metadata", buf, (size_t)(at - (char *)buf));
	} else {
		uint32_t x = 12345;
		for (unsigned i = 0; i < 65536; i++)
			buf[i] = (unsigned char)((x = x * 1664525 + 1013904223) >> 24);
		write_file(dir, "metadata", buf, 65536);
	}
	free(buf);
}

int main(int argc, char **argv)
{
	const char *what = argc > 1 ? argv[1] : "";
	if (!strcmp(what, "bench") && argc == 6)
		bench(argv[2], argv[3], (unsigned)atoi(argv[4]), strtoull(argv[5], NULL, 10));
	else if (!strcmp(what, "life") && (argc == 4 || argc == 5))
		life(argv[2], argv[3], argv[4], false);
	else if (!strcmp(what, "lossy") && argc == 4)
		life(argv[2], argv[3], NULL, true);
	else if (!strcmp(what, "contention") && argc == 3)
		contention(argv[2]);
	else if (!strcmp(what, "hostile") && argc == 4)
		hostile_trace(argv[2], argv[3]);
	else if (!strcmp(what, "hostiles"))
		for (unsigned i = 0; i < HOSTILES; i++)
			puts(hostile[i].how);
	else if (!strcmp(what, "tracers"))
		for (unsigned i = 0; i < SHAPE_KINDS; i++)
			puts(shape_name[i]);
	else
		errx(2, "usage: ctfgen bench DIR TRACER STREAMS EVENTS | life DIR TRACER [HOST] | lossy DIR TRACER | "
			"contention DIR | hostile DIR HOW | tracers | hostiles");
	return 0;
}
