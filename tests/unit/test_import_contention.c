/* How the kernel waited for its locks: paired, summed up by who took the lock, named. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "tests/support/ctf_shape.h"
#include "tests/support/imported.h"
#include "tracegen/import_chains.h"

/* A kernel: where its functions lie. */
#define TEXT 0xffffffff81000000ull
#define AT(n) (TEXT + (n)*0x1000ull)
enum { SLOWPATH = 1, SPIN_LOCK, PGD_ALLOC, MM_INIT, COPY_PROCESS, KERNEL_CLONE, RELEASE_TASK, DO_EXIT, RWSEM, NOWHERE };
static const char *const symbols = "ffffffff81000000 T _stext\n"
				   "ffffffff81000000 T _text\n"
				   "ffffffff81001000 t native_queued_spin_lock_slowpath\n"
				   "ffffffff81002000 T _raw_spin_lock\n"
				   "ffffffff81003000 T pgd_alloc\n"
				   "ffffffff81004000 t mm_init.isra.0\n"
				   "ffffffff81005000 T copy_process\n"
				   "ffffffff81006000 T kernel_clone\n"
				   "ffffffff81007000 T release_task\n"
				   "ffffffff81008000 T do_exit\n"
				   "ffffffff81009000 T rwsem_down_write_slowpath\n"
				   "ffffffff8100a000 D not_a_function\n"
				   "ffffffffc0000000 t wait_here.part.0\t[acme]\n"
				   "ffffffffc0001000 t acme_end\t[acme]\n";

static const struct who init = { 1, 1, "init" }, bash = { 100, 100, "bash" }, make = { 101, 101, "make" },
			idle = { 0, 0, "swapper" };

static struct {
	char *dir, trace[160], list[160];
	struct shape *s;
	unsigned begin, end, symbol, mmap;
	bool perf;
} t;

static void open_trace(enum shape_kind kind)
{
	t.dir = scratch_make();
	t.perf = kind == SHAPE_PERF;
	snprintf(t.trace, sizeof(t.trace), "%s/trace", t.dir);
	snprintf(t.list, sizeof(t.list), "%s/kallsyms", t.dir);
	/* A host that is not ours, or its symbols would be at hand. */
	t.s = shape_open(t.trace, kind, 0, 2, "elsewhere");
	struct ctfw *w = shape_writer(t.s);
	if (t.perf) {
		t.begin = ctfw_event(
			w, "lock:contention_begin",
			"perf_tid:i32 perf_pid:i32 perf_callchain:x64 common_pid:i32 lock_addr:u64 flags:u32");
		t.end = ctfw_event(w, "lock:contention_end",
				   "perf_tid:i32 perf_pid:i32 common_pid:i32 lock_addr:u64 ret:i32");
		t.mmap = ctfw_event(w, "perf_mmap", "pid:u32 tid:u32 start:u64 filename:s");
	} else {
		t.begin = ctfw_event(w, "mmreplay:contention_begin",
				     "time:u64 cpu:u32 tid:i32 lock:u64 flags:u32 chain:x64");
		t.end = ctfw_event(w, "mmreplay:contention_end", "time:u64 cpu:u32 tid:i32 lock:u64 ret:i32");
		t.symbol = ctfw_event(w, "mmreplay:symbol", "time:u64 addr:u64 size:u64 name:s");
	}
	shape_capture(t.s, 1000, 0, 0);
	shape_present(t.s, 1000, init, 0, false);
	shape_present(t.s, 1000, bash, 1, false);
	shape_present(t.s, 1000, make, 1, false);
	shape_present_end(t.s, 1000);
}

static void waits(unsigned cpu, uint64_t ns, struct who w, uint64_t lock, int flags, const uint64_t *chain, int n)
{
	if (t.perf)
		ctfw_put(shape_writer(t.s), cpu, t.begin, ns, w.tid, w.tgid, n, chain, w.tid, lock, flags);
	else
		ctfw_put(shape_writer(t.s), cpu, t.begin, ns, ns, (int)cpu, w.tid, lock, flags, n, chain);
}

static void got(unsigned cpu, uint64_t ns, struct who w, uint64_t lock)
{
	if (t.perf)
		ctfw_put(shape_writer(t.s), cpu, t.end, ns, w.tid, w.tgid, w.tid, lock, 0);
	else
		ctfw_put(shape_writer(t.s), cpu, t.end, ns, ns, (int)cpu, w.tid, lock, 0);
}

#define CHAIN(...)                                                                                                     \
	(const uint64_t[]){ __VA_ARGS__ }, (int)(sizeof((const uint64_t[]){ __VA_ARGS__ }) / sizeof(uint64_t))
#define KERNEL_MARK ((uint64_t)-128)
#define USER_MARK ((uint64_t)-512)
/* pgd_alloc() takes a spinlock for copy_process(), through a function that the compiler has renamed. */
#define FORKS                                                                                                          \
	CHAIN(KERNEL_MARK, AT(SLOWPATH) + 8, AT(SPIN_LOCK) + 8, AT(PGD_ALLOC) + 8, AT(MM_INIT) + 8,                    \
	      AT(COPY_PROCESS) + 8, AT(KERNEL_CLONE) + 8, USER_MARK, 0x7f0000001000)
/* do_exit() takes it itself; the call is its last instruction. */
#define EXITS CHAIN(KERNEL_MARK, AT(SLOWPATH) + 8, AT(SPIN_LOCK) + 8, AT(DO_EXIT + 1))

static struct imported heard(const char *list)
{
	static volatile sig_atomic_t stop;
	struct imp_limits limits = { .stall_s = 5, .memory = 256u << 20 };
	struct imported i = { 0 };
	struct imp_inputs in;
	char *dirs[] = { t.trace };
	if (list) {
		FILE *f = fopen(t.list, "w");
		fputs(list, f);
		fclose(f);
		limits.symbols = t.list;
	}
	shape_close(t.s);
	snprintf(i.path, sizeof(i.path), "%s.mmw", t.trace);
	i.ret = imp_inputs_find(&in, dirs, 1, &i.e);
	if (!i.ret)
		i.ret = imp_run(&in, i.path, &limits, &stop, NULL, NULL, &i.result, &i.e);
	imp_inputs_free(&in);
	if (!i.ret)
		assert_int_equal(mmw_open(i.path, &i.r, &i.e), 0);
	return i;
}

static void done(struct imported *i)
{
	imported_free(i);
	scratch_remove(t.dir);
}

static void expect(const struct imported *i, const char *text)
{
	char *got_text;
	size_t size;
	if (i->ret)
		fail_msg("%s", i->e.text);
	FILE *f = open_memstream(&got_text, &size);
	for (uint32_t n = 0; n < mmw_contentions(i->r); n++) {
		const struct mmw_contention *c = mmw_contention(i->r, n);
		fprintf(f, "%s<%s %s %lu: %lu = %lu..%lu\n", c->caller, c->within, mmw_contention_type(c->flags),
			(unsigned long)c->contentions, (unsigned long)c->wait_total_ns, (unsigned long)c->wait_min_ns,
			(unsigned long)c->wait_max_ns);
	}
	fclose(f);
	assert_string_equal(got_text, text);
	free(got_text);
}

static void waits_are_summed_up_by_who_took_the_lock(void **state)
{
	(void)state;
	for (int perf = 0; perf < 2; perf++) {
		open_trace(perf ? SHAPE_PERF : SHAPE_UST);
		waits(0, 2000, bash, 0xa0, MMW_CON_SPIN, FORKS);
		got(0, 2500, bash, 0xa0);
		/* Two at once for one lock; one of them is interrupted, and the handler waits for another. */
		waits(0, 3000, bash, 0xa0, MMW_CON_SPIN, FORKS);
		waits(1, 3100, make, 0xa0, MMW_CON_SPIN, EXITS);
		waits(0, 3200, bash, 0xb0, MMW_CON_SPIN | MMW_CON_WRITE, EXITS);
		got(0, 3300, bash, 0xb0);
		got(1, 3400, make, 0xa0);
		got(0, 4000, bash, 0xa0);
		struct imported i = heard(symbols);
		expect(&i, "pgd_alloc<copy_process spinlock 2: 1500 = 500..1000\n"
			   "do_exit< spinlock 1: 300 = 300..300\n"
			   "do_exit< rwlock:W 1: 100 = 100..100\n");
		assert_int_equal(i.result.unresolved, 0);
		done(&i);
	}
}

#define MS 1000000ull

/* By when they began, in slices that grow with the time: 1 ms at first, 2 ms to hold 70. */
static void waits_have_their_time(void **state)
{
	(void)state;
	static const uint64_t at[] = { 2000, 2 * MS, 3 * MS, 70 * MS };
	open_trace(SHAPE_PERF);
	for (unsigned i = 0; i < 4; i++) {
		waits(0, at[i], bash, 0xa0, MMW_CON_SPIN, EXITS);
		got(0, at[i] + 100 + i, bash, 0xa0);
	}
	struct imported i = heard(symbols);
	expect(&i, "do_exit< spinlock 4: 406 = 100..103\n");
	/* Time 0 is the first event that is no state dump's: the first wait. */
	struct mmw_contention_time time = mmw_contention_time(i.r);
	assert_int_equal(time.length_ns, 2 * MS);
	assert_int_equal(time.first_end_ns, 2 * MS);
	const struct mmw_contention *c = mmw_contention(i.r, 0);
	assert_int_equal(c->slices, 3);
	/* 2 ms lies 1.998 ms after the first wait. */
	assert_true(c->slice[0].index == 0 && c->slice[0].contentions == 2 && c->slice[0].wait_total_ns == 201);
	assert_true(c->slice[1].index == 1 && c->slice[1].wait_max_ns == 102);
	assert_true(c->slice[2].index == 34 && c->slice[2].wait_min_ns == 103);
	done(&i);
}

/* It spins first, and sleeps then: one wait. And the one who is woken may be on another CPU. */
static void a_mutex_is_waited_for_once(void **state)
{
	(void)state;
	open_trace(SHAPE_PERF);
	waits(0, 2000, bash, 0xa0, MMW_CON_MUTEX | MMW_CON_SPIN, EXITS);
	waits(0, 2500, bash, 0xa0, MMW_CON_MUTEX, EXITS);
	got(1, 9000, bash, 0xa0);
	struct imported i = heard(symbols);
	expect(&i, "do_exit< mutex 1: 7000 = 7000..7000\n");
	assert_int_equal(i.result.unresolved, 0);
	done(&i);
}

/* One on each CPU, all called 0. */
static void the_idle_tasks_are_several(void **state)
{
	(void)state;
	open_trace(SHAPE_PERF);
	waits(0, 2000, idle, 0xa0, MMW_CON_SPIN, EXITS);
	waits(1, 2100, idle, 0xa0, MMW_CON_SPIN, EXITS);
	got(0, 2300, idle, 0xa0);
	got(1, 2900, idle, 0xa0);
	struct imported i = heard(symbols);
	expect(&i, "do_exit< spinlock 2: 1100 = 300..800\n");
	done(&i);
}

static void what_has_no_other_half_is_counted(void **state)
{
	(void)state;
	open_trace(SHAPE_PERF);
	got(0, 1900, bash, 0xa0);
	waits(0, 2000, bash, 0xa0, MMW_CON_SPIN, EXITS);
	waits(0, 3000, bash, 0xa0, MMW_CON_SPIN, EXITS); /* the end of the first is missing */
	got(0, 3500, bash, 0xa0);
	waits(0, 4000, bash, 0xb0, MMW_CON_SPIN, EXITS); /* for ever */
	got(0, 5000, bash, 0xc0);
	struct imported i = heard(symbols);
	expect(&i, "do_exit< spinlock 1: 500 = 500..500\n");
	assert_int_equal(imported_count(&i, MMW_INFO_UNRESOLVED, "contention"), 4);
	done(&i);
}

static void without_names_there_are_sums(void **state)
{
	(void)state;
	open_trace(SHAPE_PERF);
	waits(0, 2000, bash, 0xa0, MMW_CON_SPIN, EXITS);
	got(0, 2300, bash, 0xa0);
	waits(0, 3000, bash, 0xa0, MMW_CON_SPIN, NULL, 0);
	got(0, 3100, bash, 0xa0);
	struct imported i = heard(NULL);
	expect(&i, "(unknown)< spinlock 2: 400 = 100..300\n");
	assert_int_equal(imported_count(&i, MMW_INFO_ASSUMED, "contention_caller_unknown"), 2);
	done(&i);
	/* Nothing but lock code, an address that nobody knows, one of user space. */
	open_trace(SHAPE_PERF);
	waits(0, 2000, bash, 0xa0, MMW_CON_SPIN, CHAIN(AT(SLOWPATH), AT(SPIN_LOCK) + 1));
	got(0, 2300, bash, 0xa0);
	waits(0, 3000, bash, 0xa0, MMW_CON_SPIN, CHAIN(TEXT - 1, AT(DO_EXIT) + 1));
	got(0, 3100, bash, 0xa0);
	waits(0, 4000, bash, 0xa0, MMW_CON_SPIN, CHAIN(0x1000, 0x7fffffffffffffff));
	got(0, 4100, bash, 0xa0);
	i = heard(symbols);
	expect(&i, "(unknown)< spinlock 3: 500 = 100..300\n");
	done(&i);
}

static void functions_of_modules(void **state)
{
	(void)state;
	open_trace(SHAPE_PERF);
	waits(0, 2000, bash, 0xa0, MMW_CON_WRITE,
	      CHAIN(AT(RWSEM) + 4, 0xffffffffc0000100, AT(RELEASE_TASK) + 4, AT(DO_EXIT) + 4));
	got(0, 2300, bash, 0xa0);
	struct imported i = heard(symbols);
	expect(&i, "wait_here[acme]<release_task rwsem:W 1: 300 = 300..300\n");
	done(&i);
}

/* The list is of another boot, or of the file that was booted: perf says where this kernel lay. */
static void a_kernel_that_has_moved(void **state)
{
	(void)state;
	open_trace(SHAPE_PERF);
	const uint64_t by = 0x12000000;
	ctfw_put(shape_writer(t.s), 0, t.mmap, 1000, -1, 0, TEXT + by, "[kernel.kallsyms]_text");
	ctfw_put(shape_writer(t.s), 0, t.mmap, 1000, -1, 0, (uint64_t)0x1000, "/usr/bin/true");
	waits(0, 2000, bash, 0xa0, MMW_CON_SPIN, CHAIN(AT(SPIN_LOCK) + 4 + by, AT(PGD_ALLOC) + 4 + by));
	got(0, 2300, bash, 0xa0);
	struct imported i = heard(symbols);
	expect(&i, "pgd_alloc< spinlock 1: 300 = 300..300\n");
	done(&i);
}

/* What our recorder says of the functions that it met: without any list. */
static void a_capture_has_its_own_names(void **state)
{
	(void)state;
	open_trace(SHAPE_UST);
	struct ctfw *w = shape_writer(t.s);
	ctfw_put(w, 0, t.symbol, 1500, (uint64_t)1500, AT(SPIN_LOCK), (uint64_t)0x40, "_raw_spin_lock_irqsave");
	ctfw_put(w, 0, t.symbol, 1500, (uint64_t)1500, AT(PGD_ALLOC), (uint64_t)0x100, "pgd_alloc");
	ctfw_put(w, 0, t.symbol, 1500, (uint64_t)1500, AT(PGD_ALLOC), (uint64_t)0x100, "pgd_alloc");
	ctfw_put(w, 0, t.symbol, 1500, (uint64_t)1500, AT(MM_INIT), (uint64_t)-5, "all_there_is");
	waits(0, 2000, bash, 0xa0, MMW_CON_SPIN, CHAIN(AT(SPIN_LOCK) + 4, AT(PGD_ALLOC) + 4));
	got(0, 2300, bash, 0xa0);
	waits(0, 3000, bash, 0xa0, MMW_CON_SPIN, CHAIN(AT(SPIN_LOCK) + 4, AT(PGD_ALLOC) + 0x101, AT(PGD_ALLOC) + 1));
	got(0, 3100, bash, 0xa0);
	struct imported i = heard(NULL);
	expect(&i, "pgd_alloc< spinlock 1: 300 = 300..300\n(unknown)< spinlock 1: 100 = 100..100\n");
	done(&i);
}

static void a_list_that_is_none(void **state)
{
	static const struct {
		const char *text, *says;
	} cases[] = {
		{ "0000000000000000 T _text\n0000000000000000 T do_exit\n", "its addresses are hidden" },
		{ "", "it holds no function" },
		{ "ffffffff81000000 D data\n", "it holds no function" },
		{ "ffffffff81000000 T do_exit\nhello\n", "line 2: no list of the kernel's symbols" },
	};
	(void)state;
	for (unsigned n = 0; n < sizeof(cases) / sizeof(cases[0]); n++) {
		open_trace(SHAPE_PERF);
		waits(0, 2000, bash, 0xa0, MMW_CON_SPIN, EXITS);
		got(0, 2300, bash, 0xa0);
		struct imported i = heard(cases[n].text);
		assert_true(i.ret < 0);
		if (!strstr(i.e.text, cases[n].says) || strncmp(i.e.text, t.list, strlen(t.list)))
			fail_msg("%s", i.e.text);
		done(&i);
	}
}

/* More callers than rows: the rest is one. */
static void rows_are_bounded(void **state)
{
	char *list, name[32];
	size_t size;
	(void)state;
	FILE *f = open_memstream(&list, &size);
	for (unsigned n = 0; n < 150; n++)
		fprintf(f, "%016lx T function_%u\n", (unsigned long)AT(n), n);
	fclose(f);
	open_trace(SHAPE_PERF);
	for (unsigned n = 0; n < 150; n++) {
		waits(0, 2000 + n * 1000, bash, 0xa0, MMW_CON_SPIN, CHAIN(AT(n) + 4));
		got(0, 2000 + n * 1000 + 1 + n, bash, 0xa0);
	}
	struct imported i = heard(list);
	assert_int_equal(i.ret, 0);
	assert_int_equal(mmw_contentions(i.r), 101);
	snprintf(name, sizeof(name), "function_%u", 149);
	assert_string_equal(mmw_contention(i.r, 0)->caller, name);
	const struct mmw_contention *rest = mmw_contention(i.r, 100);
	assert_string_equal(rest->caller, MMW_CONTENTION_OTHER);
	assert_int_equal(rest->contentions, 50);
	assert_int_equal(rest->wait_total_ns, 50 * 51 / 2);
	assert_int_equal(rest->wait_min_ns, 1);
	assert_int_equal(rest->wait_max_ns, 50);
	done(&i);
	free(list);
}

/* As many chains as a hostile trace likes: the first ones have numbers. */
static void chains_are_bounded(void **state)
{
	static struct imp_chains c;
	(void)state;
	imp_chains_init(&c);
	for (uint64_t n = 0; n < IMP_CHAINS_MAX + 100; n++) {
		const uint64_t ip[] = { AT(n), KERNEL_MARK, AT(n) + 1, 5 };
		int32_t number = imp_chain_number(&c, ip, 4);
		assert_int_equal(number, n < IMP_CHAINS_MAX ? n + 1 : 0);
	}
	const uint64_t again[] = { AT(77), AT(77) + 1 };
	assert_int_equal(imp_chain_number(&c, again, 2), 78);
	assert_int_equal(imp_chain(&c, 78)->depth, 2);
	assert_null(imp_chain(&c, 0));
	assert_null(imp_chain(&c, -1));
	assert_null(imp_chain(&c, IMP_CHAINS_MAX + 1));
	uint64_t deep[100];
	for (unsigned n = 0; n < 100; n++)
		deep[n] = TEXT + n;
	assert_int_equal(imp_chain_number(&c, deep, 100), 0);
	imp_chains_free(&c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(waits_are_summed_up_by_who_took_the_lock),
		cmocka_unit_test(waits_have_their_time),
		cmocka_unit_test(a_mutex_is_waited_for_once),
		cmocka_unit_test(the_idle_tasks_are_several),
		cmocka_unit_test(what_has_no_other_half_is_counted),
		cmocka_unit_test(without_names_there_are_sums),
		cmocka_unit_test(functions_of_modules),
		cmocka_unit_test(a_kernel_that_has_moved),
		cmocka_unit_test(a_capture_has_its_own_names),
		cmocka_unit_test(a_list_that_is_none),
		cmocka_unit_test(rows_are_bounded),
		cmocka_unit_test(chains_are_bounded),
	};
	return cmocka_run_group_tests_name("import contention", tests, NULL, NULL);
}
