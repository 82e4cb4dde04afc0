/*
 * ctfgen - traces for tests and for the bench.
 *
 *   ctfgen bench DIR TRACER STREAMS EVENTS   at least EVENTS of a fork-heavy machine with STREAMS CPUs
 *   ctfgen life DIR TRACER                   a short history that import resolves completely
 *   ctfgen lossy DIR TRACER                  the same, and the tracer says that it dropped events
 *   ctfgen tracers                           the names of TRACER
 */
#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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
	shape_noise(s, cpu, ns + 5500);
	shape_exit(s, cpu, ns + 6000, worker, false);
	shape_exit(s, cpu, ns + 7000, cc, true);
	shape_free(s, cpu, ns + 7500, worker);
	shape_free(s, cpu, ns + 8000, cc);
	shape_exit(s, cpu, ns + 9000, make, true);
	shape_switch(s, cpu, ns + 9500, make, sh);
	shape_free(s, cpu, ns + 10000, make);
	shape_vfree(s, cpu, ns + 11000, gone, area);
}
#define TURN_EVENTS 16u /* or more, by tracer */

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

static void life(const char *dir, const char *tracer, bool lossy)
{
	struct shape *s = shape_open(dir, kind_of(tracer), 0, 2, NULL);
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

int main(int argc, char **argv)
{
	const char *what = argc > 1 ? argv[1] : "";
	if (!strcmp(what, "bench") && argc == 6)
		bench(argv[2], argv[3], (unsigned)atoi(argv[4]), strtoull(argv[5], NULL, 10));
	else if (!strcmp(what, "life") && argc == 4)
		life(argv[2], argv[3], false);
	else if (!strcmp(what, "lossy") && argc == 4)
		life(argv[2], argv[3], true);
	else if (!strcmp(what, "tracers"))
		for (unsigned i = 0; i < SHAPE_KINDS; i++)
			puts(shape_name[i]);
	else
		errx(2, "usage: ctfgen bench DIR TRACER STREAMS EVENTS | life DIR TRACER | lossy DIR TRACER | tracers");
	return 0;
}
