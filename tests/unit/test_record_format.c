/* Format files and raw samples as kernels of several ages write them, and as none should. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "tracegen/record_format.h"

#define COMMON                                                                                                         \
	"format:\n"                                                                                                    \
	"\tfield:unsigned short common_type;\toffset:0;\tsize:2;\tsigned:0;\n"                                         \
	"\tfield:unsigned char common_flags;\toffset:2;\tsize:1;\tsigned:0;\n"                                         \
	"\tfield:unsigned char common_preempt_count;\toffset:3;\tsize:1;\tsigned:0;\n"                                 \
	"\tfield:int common_pid;\toffset:4;\tsize:4;\tsigned:1;\n\n"
#define PRINT "\nprint fmt: \"x=%d\", REC->common_pid\n"

/* v6.18 */
static const char fork_new[] = "name: sched_process_fork\nID: 366\n" COMMON
			       "\tfield:__data_loc char[] parent_comm;\toffset:8;\tsize:4;\tsigned:0;\n"
			       "\tfield:pid_t parent_pid;\toffset:12;\tsize:4;\tsigned:1;\n"
			       "\tfield:__data_loc char[] child_comm;\toffset:16;\tsize:4;\tsigned:0;\n"
			       "\tfield:pid_t child_pid;\toffset:20;\tsize:4;\tsigned:1;\n" PRINT;
/* Up to v6.17 the names lay in the record. */
static const char fork_old[] =
	"name: sched_process_fork\nID: 270\n" COMMON "\tfield:char parent_comm[16];\toffset:8;\tsize:16;\tsigned:1;\n"
	"\tfield:pid_t parent_pid;\toffset:24;\tsize:4;\tsigned:1;\n"
	"\tfield:char child_comm[16];\toffset:28;\tsize:16;\tsigned:1;\n"
	"\tfield:pid_t child_pid;\toffset:44;\tsize:4;\tsigned:1;\n" PRINT;
static const char exec_rel[] =
	"name: sched_process_exec\nID: 9\n" COMMON "\tfield:__rel_loc char[] filename;\toffset:8;\tsize:4;\tsigned:0;\n"
	"\tfield:pid_t pid;\toffset:12;\tsize:4;\tsigned:1;\n"
	"\tfield:pid_t old_pid;\toffset:16;\tsize:4;\tsigned:1;\n" PRINT;
static const char exit_new[] =
	"name: sched_process_exit\nID: 369\n" COMMON "\tfield:char comm[16];\toffset:8;\tsize:16;\tsigned:0;\n"
	"\tfield:pid_t pid;\toffset:24;\tsize:4;\tsigned:1;\n"
	"\tfield:int prio;\toffset:28;\tsize:4;\tsigned:1;\n"
	"\tfield:bool group_dead;\toffset:32;\tsize:1;\tsigned:0;\n" PRINT;
static const char exit_old[] =
	"name: sched_process_exit\nID: 369\n" COMMON "\tfield:char comm[16];\toffset:8;\tsize:16;\tsigned:0;\n"
	"\tfield:pid_t pid;\toffset:24;\tsize:4;\tsigned:1;\n"
	"\tfield:int prio;\toffset:28;\tsize:4;\tsigned:1;\n" PRINT;
static const char vmalloc[] =
	"name: alloc_vmap_area\nID: 716\n" COMMON "\tfield:unsigned long addr;\toffset:8;\tsize:8;\tsigned:0;\n"
	"\tfield:unsigned long size;\toffset:16;\tsize:8;\tsigned:0;\n"
	"\tfield:unsigned long align;\toffset:24;\tsize:8;\tsigned:0;\n"
	"\tfield:unsigned long vstart;\toffset:32;\tsize:8;\tsigned:0;\n"
	"\tfield:unsigned long vend;\toffset:40;\tsize:8;\tsigned:0;\n"
	"\tfield:int failed;\toffset:48;\tsize:4;\tsigned:1;\n" PRINT;

struct raw {
	uint8_t bytes[256];
	size_t size;
};

static void put(struct raw *r, size_t at, const void *from, size_t n)
{
	memcpy(r->bytes + at, from, n);
	if (at + n > r->size)
		r->size = at + n;
}

static void put32(struct raw *r, size_t at, uint32_t v)
{
	put(r, at, &v, sizeof(v));
}

static void put64(struct raw *r, size_t at, uint64_t v)
{
	put(r, at, &v, sizeof(v));
}

static void begin(struct raw *r, uint16_t id)
{
	memset(r, 0, sizeof(*r));
	put(r, 0, &id, sizeof(id));
	put32(r, 4, 4711);
}

static int parse(struct rec_formats *f, enum rec_kind kind, const char *text, struct mmr_err *e)
{
	return rec_format_parse(f, kind, text, strlen(text), "FORMAT", e);
}

static void a_fork_of_today(void **state)
{
	(void)state;
	struct rec_formats f = { 0 };
	struct rec_event *ev = calloc(1, sizeof(*ev));
	struct raw r;
	assert_int_equal(parse(&f, REC_FORK, fork_new, NULL), 0);
	begin(&r, 366);
	put32(&r, 8, 5u << 16 | 24);
	put32(&r, 12, 100);
	put32(&r, 16, 6u << 16 | 29);
	put32(&r, 20, 101);
	put(&r, 24, "bash\0child\0", 11);
	assert_true(rec_decode(&f, r.bytes, r.size, ev));
	assert_int_equal(ev->kind, REC_FORK);
	assert_int_equal(ev->ints[0], 100);
	assert_int_equal(ev->ints[1], 101);
	assert_string_equal(ev->texts[0], "bash");
	assert_string_equal(ev->texts[1], "child");
	/* No byte less will do. */
	for (size_t n = 0; n < r.size; n++)
		assert_false(rec_decode(&f, r.bytes, n, ev));
	free(ev);
	rec_formats_free(&f);
}

static void a_fork_of_an_older_kernel(void **state)
{
	(void)state;
	struct rec_formats f = { 0 };
	struct rec_event *ev = calloc(1, sizeof(*ev));
	struct raw r;
	assert_int_equal(parse(&f, REC_FORK, fork_old, NULL), 0);
	begin(&r, 270);
	put(&r, 8, "0123456789abcdef", 16); /* no terminator: as long as can be */
	put32(&r, 24, 7);
	put(&r, 28, "b\0rest of before", 16);
	put32(&r, 44, 8);
	assert_true(rec_decode(&f, r.bytes, r.size, ev));
	assert_string_equal(ev->texts[0], "0123456789abcdef");
	assert_string_equal(ev->texts[1], "b");
	assert_int_equal(ev->ints[1], 8);
	free(ev);
	rec_formats_free(&f);
}

static void a_relative_string(void **state)
{
	(void)state;
	struct rec_formats f = { 0 };
	struct rec_event *ev = calloc(1, sizeof(*ev));
	struct raw r;
	assert_int_equal(parse(&f, REC_EXEC, exec_rel, NULL), 0);
	begin(&r, 9);
	put32(&r, 8, 8u << 16 | 8); /* 8 behind the word itself, which ends at 12 */
	put32(&r, 12, 55);
	put32(&r, 16, 54);
	put(&r, 20, "/bin/ls", 8);
	assert_true(rec_decode(&f, r.bytes, r.size, ev));
	assert_string_equal(ev->texts[0], "/bin/ls");
	assert_int_equal(ev->ints[0], 55);
	assert_int_equal(ev->ints[1], 54);
	free(ev);
	rec_formats_free(&f);
}

static void strings_that_point_nowhere(void **state)
{
	(void)state;
	struct rec_formats f = { 0 };
	struct rec_event *ev = calloc(1, sizeof(*ev));
	struct raw r;
	assert_int_equal(parse(&f, REC_FORK, fork_new, NULL), 0);
	static const uint32_t bad[] = { 5u << 16 | 0xffff, 0xffffu << 16 | 24, 1u << 16 | 40, 0xffffffff };
	for (unsigned i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		begin(&r, 366);
		put32(&r, 8, 4u << 16 | 24);
		put32(&r, 16, bad[i]);
		put(&r, 24, "ab\0cd\0ef\0gh\0ij\0", 16);
		assert_false(rec_decode(&f, r.bytes, r.size, ev));
	}
	/* An empty one is none of them. */
	put32(&r, 16, 40);
	assert_true(rec_decode(&f, r.bytes, r.size, ev));
	assert_string_equal(ev->texts[1], "");
	free(ev);
	rec_formats_free(&f);
}

static void group_dead_where_there_is_one(void **state)
{
	(void)state;
	struct rec_formats f = { 0 };
	struct rec_event *ev = calloc(1, sizeof(*ev));
	struct raw r;
	begin(&r, 369);
	put(&r, 8, "true", 5);
	put32(&r, 24, 9);
	put32(&r, 28, 120);
	put(&r, 32, "\1", 1);
	assert_int_equal(parse(&f, REC_EXIT, exit_new, NULL), 0);
	assert_true(rec_decode(&f, r.bytes, r.size, ev));
	assert_int_equal(ev->ints[1], 1);
	rec_formats_free(&f);
	assert_int_equal(parse(&f, REC_EXIT, exit_old, NULL), 0);
	assert_true(rec_decode(&f, r.bytes, r.size, ev));
	assert_int_equal(ev->ints[0], 9);
	assert_int_equal(ev->ints[1], -1);
	free(ev);
	rec_formats_free(&f);
}

static void addresses_keep_all_their_bits(void **state)
{
	(void)state;
	struct rec_formats f = { 0 };
	struct rec_event *ev = calloc(1, sizeof(*ev));
	struct raw r;
	assert_int_equal(parse(&f, REC_VMALLOC, vmalloc, NULL), 0);
	begin(&r, 716);
	put64(&r, 8, 0xffffc90000005000ull);
	put64(&r, 16, 0x5000);
	put32(&r, 48, (uint32_t)-12);
	assert_true(rec_decode(&f, r.bytes, r.size, ev));
	assert_true((uint64_t)ev->ints[0] == 0xffffc90000005000ull);
	assert_int_equal(ev->ints[1], 0x5000);
	assert_int_equal(ev->ints[2], -12);
	free(ev);
	rec_formats_free(&f);
}

static void kinds_are_told_apart_by_id(void **state)
{
	(void)state;
	struct rec_formats f = { 0 };
	struct rec_event *ev = calloc(1, sizeof(*ev));
	struct raw r;
	assert_int_equal(parse(&f, REC_VMALLOC, vmalloc, NULL), 0);
	assert_int_equal(parse(&f, REC_EXEC, exec_rel, NULL), 0);
	assert_int_equal(parse(&f, REC_EXIT, exit_old, NULL), 0);
	begin(&r, 369);
	put32(&r, 28, 120);
	assert_true(rec_decode(&f, r.bytes, r.size, ev));
	assert_int_equal(ev->kind, REC_EXIT);
	static const uint16_t foreign[] = { 0, 1, 8, 10, 368, 717, 0xffff };
	for (unsigned i = 0; i < sizeof(foreign) / sizeof(foreign[0]); i++) {
		put(&r, 0, &foreign[i], 2);
		assert_false(rec_decode(&f, r.bytes, r.size, ev));
	}
	free(ev);
	rec_formats_free(&f);
}

/* @text with @from replaced by @to must be refused, and the message must hold @why. */
static void refused(const char *text, const char *from, const char *to, const char *why)
{
	struct rec_formats f = { 0 };
	struct mmr_err e = { 0 };
	char changed[4096];
	const char *at = strstr(text, from);
	assert_non_null(at);
	snprintf(changed, sizeof(changed), "%.*s%s%s", (int)(at - text), text, to, at + strlen(from));
	assert_int_not_equal(parse(&f, REC_FORK, changed, &e), 0);
	assert_non_null(strstr(e.text, why));
	assert_non_null(strstr(e.text, "FORMAT"));
	rec_formats_free(&f);
}

static void formats_that_will_not_do(void **state)
{
	(void)state;
	refused(fork_new, "child_pid", "kid_pid", "child_pid");
	refused(fork_new, "parent_comm", "mother_comm", "parent_comm");
	refused(fork_new, "pid_t child_pid;\toffset:20;\tsize:4", "pid_t child_pid;\toffset:20;\tsize:3", "child_pid");
	refused(fork_new, "__data_loc char[] child_comm", "int child_comm", "child_comm");
	refused(fork_new, "ID: 366", "ID: 70000", "ID");
	refused(fork_new, "name: sched_process_fork", "name: sched_process_spoon", "sched_process_fork");
	refused(fork_new, fork_new, "", "sched_process_fork");
	refused(fork_new, fork_new, "nonsense\n\n\1\2\3", "sched_process_fork");
	/* Cut anywhere, it is an error. */
	for (size_t n = 0; n < sizeof(fork_new) - 1; n++) {
		struct rec_formats f = { 0 };
		assert_int_not_equal(rec_format_parse(&f, REC_FORK, fork_new, n, "FORMAT", NULL), 0);
		rec_formats_free(&f);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_fork_of_today),
		cmocka_unit_test(a_fork_of_an_older_kernel),
		cmocka_unit_test(a_relative_string),
		cmocka_unit_test(strings_that_point_nowhere),
		cmocka_unit_test(group_dead_where_there_is_one),
		cmocka_unit_test(addresses_keep_all_their_bits),
		cmocka_unit_test(kinds_are_told_apart_by_id),
		cmocka_unit_test(formats_that_will_not_do),
	};
	return cmocka_run_group_tests_name("record_format", tests, NULL, NULL);
}
