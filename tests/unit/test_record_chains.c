/* Samples with call chains: what comes out, what no kernel writes, and which functions are named. */
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

#include "tracegen/record_names.h"
#include "tracegen/record_rings.h"

#define SIZE 4096u
#define BEGIN_ID 408

static const char format[] = "name: contention_begin\nID: 408\nformat:\n"
			     "\tfield:unsigned short common_type;\toffset:0;\tsize:2;\tsigned:0;\n\n"
			     "\tfield:void * lock_addr;\toffset:8;\tsize:8;\tsigned:0;\n"
			     "\tfield:unsigned int flags;\toffset:16;\tsize:4;\tsigned:0;\n\n"
			     "print fmt: \"%p\", REC->lock_addr\n";

static struct {
	struct rec_formats formats;
	struct rec_rings rings;
	struct rec_ring ring;
	unsigned heap[1], events;
	uint64_t lock, sum;
	uint32_t frames;
} t;

static int setup(void **state)
{
	(void)state;
	memset(&t, 0, sizeof(t));
	assert_int_equal(rec_format_parse(&t.formats, REC_CONTENTION_BEGIN, format, sizeof(format) - 1, "FORMAT", NULL),
			 0);
	t.formats.contention = true;
	t.rings = (struct rec_rings){ .formats = &t.formats,
				      .ring = &t.ring,
				      .heap = t.heap,
				      .bounce = malloc(UINT16_MAX + 1),
				      .epoll = -1,
				      .n = 1 };
	t.ring.size = SIZE;
	t.ring.page = calloc(1, (size_t)sysconf(_SC_PAGESIZE) + SIZE);
	memset(t.ring.fd, -1, sizeof(t.ring.fd));
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	free(t.rings.bounce);
	free(t.ring.page);
	rec_formats_free(&t.formats);
	return 0;
}

/* A sample that says it has @says frames and has @n; @cut bytes are missing at its end. */
static void append(uint64_t says, unsigned n, unsigned cut)
{
	struct {
		struct perf_event_header header;
		uint32_t pid, tid;
		uint64_t time;
		uint32_t cpu, reserved;
		uint64_t nr, ip[64];
	} s = { .tid = 4, .time = 1, .nr = says };
	struct {
		uint32_t size;
		uint16_t type;
		uint8_t rest[6];
		uint64_t lock;
		uint32_t flags;
	} __attribute__((packed)) raw = { .size = 20, .type = BEGIN_ID, .lock = 0xabc0, .flags = 5 };
	uint8_t bytes[1024] = { 0 }, *data = (uint8_t *)t.ring.page + sysconf(_SC_PAGESIZE);
	size_t fixed = offsetof(__typeof__(s), ip), size = fixed + n * 8 + sizeof(raw);
	for (unsigned i = 0; i < n; i++)
		s.ip[i] = 0x100 + i;
	size = (size + 7) / 8 * 8 - cut;
	s.header = (struct perf_event_header){ .type = PERF_RECORD_SAMPLE, .size = (uint16_t)size };
	memcpy(bytes, &s, fixed + n * 8);
	memcpy(bytes + fixed + n * 8, &raw, sizeof(raw));
	for (size_t i = 0; i < size; i++)
		data[(t.ring.page->data_head + i) % SIZE] = bytes[i];
	t.ring.page->data_head += size;
}

static int on_event(void *arg, const struct rec_event *ev)
{
	(void)arg;
	assert_int_equal(ev->kind, REC_CONTENTION_BEGIN);
	assert_int_equal(ev->ints[1], 5);
	t.lock = (uint64_t)ev->ints[0];
	t.frames = ev->frames;
	t.sum = 0;
	for (uint32_t i = 0; i < ev->frames; i++)
		t.sum += ev->chain[i];
	t.events++;
	return 0;
}

static int on_lost(void *arg, uint64_t time, uint32_t cpu, uint64_t count)
{
	(void)arg;
	(void)time;
	(void)cpu;
	(void)count;
	return -EINVAL;
}

static int drain(void)
{
	struct mmr_err e;
	const struct rec_sink sink = { on_event, on_lost, NULL };
	return rec_rings_drain(&t.rings, UINT64_MAX, &sink, &e);
}

static void chains_come_out(void **state)
{
	(void)state;
	/* Often enough that they wrap around the ring's end everywhere. */
	for (unsigned i = 0; i < 1000; i++) {
		unsigned n = i % 50;
		append(n, n, 0);
		assert_int_equal(drain(), 0);
		assert_int_equal(t.events, i + 1);
		assert_int_equal(t.lock, 0xabc0);
		assert_int_equal(t.frames, n);
		assert_int_equal(t.sum, n * 0x100 + n * (n - 1) / 2);
	}
}

static void chains_that_lie(void **state)
{
	static const struct {
		uint64_t says;
		unsigned n, cut;
	} cases[] = { { 4, 3, 0 },  { 64, 3, 0 }, { UINT64_MAX, 3, 0 }, { 1ull << 61, 0, 0 },
		      { 3, 3, 16 }, { 0, 0, 24 }, { 0, 0, 32 },         { (UINT64_MAX >> 3) + 1, 3, 0 } };
	(void)state;
	for (unsigned i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		append(cases[i].says, cases[i].n, cases[i].cut);
		assert_int_equal(drain(), -EBADMSG);
		assert_int_equal(t.events, 0);
		t.ring.page->data_head = t.ring.page->data_tail = t.ring.tail = t.ring.published = 0;
	}
}

static void each_function_is_named_once(void **state)
{
	static struct rec_names n;
	uint64_t chain[REC_CHAIN_MAX], deep[100];
	(void)state;
	assert_int_equal(symbols_add(&n.symbols, 0x2000, 0x2100, "second", true), 0);
	assert_int_equal(symbols_add(&n.symbols, 0x1000, 0x1100, "first", true), 0);
	symbols_find(&n.symbols, 0);
	n.told = calloc(2, 1);
	const struct symbol *s = rec_names_new(&n, 0x1010);
	assert_string_equal(symbols_name(&n.symbols, s), "first");
	assert_null(rec_names_new(&n, 0x1010));
	assert_null(rec_names_new(&n, 0x1020));
	assert_null(rec_names_new(&n, 0x1100));
	assert_null(rec_names_new(&n, 0xfff));
	s = rec_names_new(&n, 0x20ff);
	assert_string_equal(symbols_name(&n.symbols, s), "second");
	rec_names_free(&n);
	/* Without names nobody is named. */
	assert_null(rec_names_new(&n, 0x1010));

	const uint64_t marked[] = { (uint64_t)PERF_CONTEXT_KERNEL, 0xffffffff81000000, 0xffffffff81000100,
				    (uint64_t)PERF_CONTEXT_USER };
	assert_int_equal(rec_names_chain(marked, 4, chain), 2);
	assert_true(chain[0] == marked[1] && chain[1] == marked[2]);
	for (unsigned i = 0; i < 100; i++)
		deep[i] = i;
	assert_int_equal(rec_names_chain(deep, 100, chain), REC_CHAIN_MAX);
	assert_int_equal(rec_names_chain(NULL, 0, chain), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(chains_come_out, setup, teardown),
		cmocka_unit_test_setup_teardown(chains_that_lie, setup, teardown),
		cmocka_unit_test(each_function_is_named_once),
	};
	return cmocka_run_group_tests_name("record chains", tests, NULL, NULL);
}
