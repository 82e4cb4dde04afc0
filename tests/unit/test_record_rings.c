/* Rings in memory: order over CPUs, records that wrap, gaps, and what no kernel writes. */
#include <errno.h>
#include <linux/perf_event.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "tracegen/record_rings.h"

#define SIZE 4096u
#define FREE_ID 370

static const char free_format[] = "name: sched_process_free\nID: 370\nformat:\n"
				  "\tfield:unsigned short common_type;\toffset:0;\tsize:2;\tsigned:0;\n\n"
				  "\tfield:char comm[16];\toffset:8;\tsize:16;\tsigned:0;\n"
				  "\tfield:pid_t pid;\toffset:24;\tsize:4;\tsigned:1;\n\n"
				  "print fmt: \"%d\", REC->pid\n";

struct fake {
	struct rec_formats formats;
	struct rec_rings rings;
};

static void fake_make(struct fake *f, unsigned n)
{
	memset(f, 0, sizeof(*f));
	assert_int_equal(rec_format_parse(&f->formats, REC_FREE, free_format, sizeof(free_format) - 1, "FORMAT", NULL),
			 0);
	f->rings = (struct rec_rings){ .formats = &f->formats,
				       .ring = calloc(n, sizeof(struct rec_ring)),
				       .heap = calloc(n, sizeof(unsigned)),
				       .bounce = malloc(UINT16_MAX + 1),
				       .epoll = -1,
				       .n = n };
	for (unsigned i = 0; i < n; i++) {
		struct rec_ring *r = &f->rings.ring[i];
		r->cpu = 10 + i;
		r->size = SIZE;
		r->page = calloc(1, (size_t)sysconf(_SC_PAGESIZE) + SIZE);
		memset(r->fd, -1, sizeof(r->fd));
	}
}

static void fake_free(struct fake *f)
{
	for (unsigned i = 0; i < f->rings.n; i++)
		free(f->rings.ring[i].page);
	free(f->rings.ring);
	free(f->rings.heap);
	free(f->rings.bounce);
	rec_formats_free(&f->formats);
}

/* Append @n bytes as the kernel does. */
static void append(struct fake *f, unsigned ring, const void *bytes, size_t n)
{
	struct rec_ring *r = &f->rings.ring[ring];
	uint8_t *data = (uint8_t *)r->page + sysconf(_SC_PAGESIZE);
	assert_true(r->page->data_head + n - r->page->data_tail <= SIZE);
	for (size_t i = 0; i < n; i++)
		data[(r->page->data_head + i) % SIZE] = ((const uint8_t *)bytes)[i];
	r->page->data_head += n;
}

static size_t sample(uint8_t *out, uint64_t time, uint32_t cpu, int32_t pid, unsigned pad)
{
	struct {
		struct perf_event_header header;
		uint32_t pid, tid;
		uint64_t time;
		uint32_t cpu, reserved, raw_size;
		uint16_t type;
		uint8_t rest[6];
		char comm[16];
		int32_t freed;
	} __attribute__((packed)) s = { .pid = 3, .tid = 4, .time = time, .cpu = cpu, .type = FREE_ID, .freed = pid };
	snprintf(s.comm, sizeof(s.comm), "task %d", pid);
	s.raw_size = 28 + pad;
	s.header = (struct perf_event_header){ .type = PERF_RECORD_SAMPLE, .size = (uint16_t)(sizeof(s) + pad) };
	memset(out, 0, sizeof(s) + pad);
	memcpy(out, &s, sizeof(s));
	return sizeof(s) + pad;
}

static void add(struct fake *f, unsigned ring, uint64_t time, int32_t pid, unsigned pad)
{
	uint8_t bytes[256];
	append(f, ring, bytes, sample(bytes, time, f->rings.ring[ring].cpu, pid, pad));
}

static void add_lost(struct fake *f, unsigned ring, uint64_t time, uint64_t count)
{
	struct {
		struct perf_event_header header;
		uint64_t id, count;
		uint32_t pid, tid;
		uint64_t time;
		uint32_t cpu, reserved;
	} l = { .header = { .type = PERF_RECORD_LOST, .size = sizeof(l) }, .count = count, .time = time };
	append(f, ring, &l, sizeof(l));
}

struct out {
	unsigned events, gaps;
	uint64_t last, lost;
	int32_t pid[4096];
	uint32_t cpu[4096];
	int fail_at;
};

static int on_event(void *arg, const struct rec_event *ev)
{
	struct out *o = arg;
	char want[16];
	assert_int_equal(ev->kind, REC_FREE);
	assert_true(ev->time >= o->last);
	assert_int_equal(ev->tgid, 3);
	assert_int_equal(ev->tid, 4);
	snprintf(want, sizeof(want), "task %d", (int)ev->ints[0]);
	assert_string_equal(ev->texts[0], want);
	o->last = ev->time;
	o->pid[o->events] = (int32_t)ev->ints[0];
	o->cpu[o->events++] = ev->cpu;
	return o->fail_at && (int)o->events == o->fail_at ? -ECANCELED : 0;
}

static int on_lost(void *arg, uint64_t time, uint32_t cpu, uint64_t count)
{
	struct out *o = arg;
	assert_true(time >= o->last);
	assert_int_equal(cpu, 11);
	o->gaps++;
	o->lost += count;
	return 0;
}

static int drain(struct fake *f, uint64_t until, struct out *o)
{
	struct rec_sink sink = { on_event, on_lost, o };
	return rec_rings_drain(&f->rings, until, &sink, NULL);
}

static void the_cpus_come_out_in_time_order(void **state)
{
	(void)state;
	struct fake f;
	struct out *o = calloc(1, sizeof(*o));
	fake_make(&f, 3);
	for (int i = 0; i < 60; i++)
		add(&f, (unsigned)(i * i % 3), 1000 + (uint64_t)i, i, 0);
	assert_int_equal(drain(&f, UINT64_MAX, o), 0);
	assert_int_equal(o->events, 60);
	for (int i = 0; i < 60; i++) {
		assert_int_equal(o->pid[i], i);
		assert_int_equal(o->cpu[i], 10 + i * i % 3);
	}
	/* All of it is free again. */
	for (unsigned i = 0; i < 3; i++)
		assert_true(f.rings.ring[i].page->data_tail == f.rings.ring[i].page->data_head);
	fake_free(&f);
	free(o);
}

static void what_is_younger_waits(void **state)
{
	(void)state;
	struct fake f;
	struct out *o = calloc(1, sizeof(*o));
	fake_make(&f, 2);
	add(&f, 0, 10, 1, 0);
	add(&f, 0, 30, 3, 0);
	add(&f, 1, 20, 2, 0);
	assert_int_equal(drain(&f, 9, o), 0);
	assert_int_equal(o->events, 0);
	assert_int_equal(drain(&f, 20, o), 0);
	assert_int_equal(o->events, 2);
	/* Late on the other CPU, but still in order. */
	add(&f, 1, 25, 9, 0);
	assert_int_equal(drain(&f, 30, o), 0);
	assert_int_equal(o->events, 4);
	assert_int_equal(o->pid[2], 9);
	fake_free(&f);
	free(o);
}

static void records_wrap_at_every_byte(void **state)
{
	(void)state;
	struct fake f;
	struct out *o = calloc(1, sizeof(*o));
	fake_make(&f, 1);
	/* Records are multiples of 8 in a kernel; 68 + 4 * n here, so that every cut of that kind comes up. */
	for (int i = 0; i < 4000; i++) {
		add(&f, 0, (uint64_t)i, i, 4 + (unsigned)i % 7 * 8);
		if (i % 20 == 19)
			assert_int_equal(drain(&f, UINT64_MAX, o), 0);
	}
	assert_int_equal(o->events, 4000);
	for (int i = 0; i < 4000; i++)
		assert_int_equal(o->pid[i], i);
	assert_int_equal(f.rings.ring[0].samples[REC_FREE], 4000);
	fake_free(&f);
	free(o);
}

static void gaps_are_told_where_they_are(void **state)
{
	(void)state;
	struct fake f;
	struct out *o = calloc(1, sizeof(*o));
	fake_make(&f, 2);
	add(&f, 0, 10, 1, 0);
	add(&f, 1, 11, 2, 0);
	add_lost(&f, 1, 15, 7);
	add(&f, 1, 15, 3, 0);
	add_lost(&f, 1, 40, 1);
	add(&f, 0, 20, 4, 0);
	assert_int_equal(drain(&f, 20, o), 0);
	assert_int_equal(o->events, 4);
	assert_int_equal(o->gaps, 1);
	assert_int_equal(o->lost, 7);
	assert_int_equal(drain(&f, UINT64_MAX, o), 0);
	assert_int_equal(o->lost, 8);
	assert_int_equal(f.rings.ring[1].lost, 8);
	fake_free(&f);
	free(o);
}

static void other_records_are_passed_over(void **state)
{
	(void)state;
	struct fake f;
	struct out *o = calloc(1, sizeof(*o));
	struct {
		struct perf_event_header header;
		uint64_t time, id, stream;
		uint32_t pid, tid;
		uint64_t when;
		uint32_t cpu, reserved;
	} throttle = { .header = { .type = PERF_RECORD_THROTTLE, .size = sizeof(throttle) }, .when = 12 };
	fake_make(&f, 1);
	add(&f, 0, 10, 1, 0);
	append(&f, 0, &throttle, sizeof(throttle));
	add(&f, 0, 15, 2, 0);
	assert_int_equal(drain(&f, UINT64_MAX, o), 0);
	assert_int_equal(o->events, 2);
	fake_free(&f);
	free(o);
}

static void what_makes_no_sense_ends_it(void **state)
{
	(void)state;
	uint8_t good[256], bad[256];
	size_t n = sample(good, 10, 10, 1, 0);
	/* Where, and what goes there: size 0, size too small, size past the head, raw size, id of nobody. */
	static const struct {
		size_t at;
		uint16_t value;
	} harm[] = { { 6, 0 }, { 6, 16 }, { 6, 0x4000 }, { 32, 0xffff }, { 36, 5 }, { 32, 12 } };
	for (unsigned i = 0; i < sizeof(harm) / sizeof(harm[0]); i++) {
		struct fake f;
		struct out *o = calloc(1, sizeof(*o));
		struct mmr_err e = { 0 };
		struct rec_sink sink = { on_event, on_lost, o };
		fake_make(&f, 2);
		memcpy(bad, good, n);
		memcpy(bad + harm[i].at, &harm[i].value, 2);
		append(&f, 1, good, n);
		append(&f, 1, bad, n);
		assert_int_equal(rec_rings_drain(&f.rings, UINT64_MAX, &sink, &e), -EBADMSG);
		assert_non_null(strstr(e.text, "CPU 11"));
		assert_int_equal(o->events, 1);
		fake_free(&f);
		free(o);
	}
}

static void a_sink_that_fails_is_not_called_again(void **state)
{
	(void)state;
	struct fake f;
	struct out *o = calloc(1, sizeof(*o));
	fake_make(&f, 2);
	for (int i = 0; i < 10; i++)
		add(&f, (unsigned)i % 2, (uint64_t)i, i, 0);
	o->fail_at = 3;
	assert_int_equal(drain(&f, UINT64_MAX, o), -ECANCELED);
	assert_int_equal(o->events, 3);
	o->fail_at = 0;
	assert_int_equal(drain(&f, UINT64_MAX, o), 0);
	assert_int_equal(o->events, 10);
	fake_free(&f);
	free(o);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_cpus_come_out_in_time_order),
		cmocka_unit_test(what_is_younger_waits),
		cmocka_unit_test(records_wrap_at_every_byte),
		cmocka_unit_test(gaps_are_told_where_they_are),
		cmocka_unit_test(other_records_are_passed_over),
		cmocka_unit_test(what_makes_no_sense_ends_it),
		cmocka_unit_test(a_sink_that_fails_is_not_called_again),
	};
	return cmocka_run_group_tests_name("record_rings", tests, NULL, NULL);
}
