/*
 * subset_fixture.h - a workload as text, what a part of it is as text, and where
 * both are. Included once by each test of subsets; one thread.
 */
#ifndef MMR_TEST_SUBSET_FIXTURE_H
#define MMR_TEST_SUBSET_FIXTURE_H

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "tests/support/imported.h"
#include "tests/support/mmw_check.h"
#include "tests/support/mmw_text.h"
#include "tracegen/subset.h"

static struct {
	char *dir, in[128], out[128];
	struct sub_result result;
	struct mmr_err e;
} t;

static inline int setup(void **state)
{
	(void)state;
	t.dir = scratch_make();
	snprintf(t.in, sizeof(t.in), "%s/in.mmw", t.dir);
	snprintf(t.out, sizeof(t.out), "%s/out.mmw", t.dir);
	return 0;
}

static inline int teardown(void **state)
{
	(void)state;
	scratch_remove(t.dir);
	return 0;
}

static inline void report(void *arg, uint64_t event, const char *text)
{
	(void)arg;
	print_error("event %ld: %s\n", (long)event, text);
}

/* What the options @from, @to (NULL: not given) and @trees make of the workload at t.in: as sub_run(). */
static inline int run(const char *from, const char *to, const char *const *trees, bool anonymise)
{
	static volatile sig_atomic_t stop;
	struct sub_options o = { .anonymise = anonymise };
	struct mmw_reader *r;
	struct mmw_check check;
	t.e = (struct mmr_err){ 0 };
	if ((from && sub_when_parse(from, &o.from, &t.e)) || (to && sub_when_parse(to, &o.to, &t.e)))
		fail_msg("%s", t.e.text);
	for (; trees && *trees; trees++)
		assert_int_equal(sub_root_parse(*trees, &o.root[o.roots++], &t.e), 0);
	assert_int_equal(mmw_open(t.in, &r, &t.e), 0);
	int ret = sub_run(r, t.out, &o, &stop, NULL, NULL, &t.result, &t.e);
	mmw_close(r);
	assert_int_equal(ret, t.e.code);
	if (ret) {
		assert_int_not_equal(access(t.out, F_OK), 0);
		return ret;
	}
	assert_int_equal(mmw_check(t.out, report, NULL, &check, &t.e), 0);
	assert_int_equal(check.violations, 0);
	assert_int_equal(check.events, t.result.written);
	return 0;
}

static inline void expect(const char *text)
{
	if (t.e.code)
		fail_msg("%s", t.e.text);
	char *got = mmw_to_text(t.out, true);
	assert_string_equal(got, text);
	free(got);
	unlink(t.out);
}

/* A process with a thread, its vforked child, one that comes and goes, and one that exits before 10 us. */
static const char *const small = "0 present 1>1 mm1 aux1 init\n"
				 "0 present,kthread 2>2 aux2 kthreadd\n"
				 "0 present 3>3 mm2 aux30 bash\n"
				 "0 parent 3>1 bash\n"
				 "1000 fork 3>4 mm3 aux40 bash\n"
				 "2000 exec 4>0 mm4 make\n"
				 "3000 thread 4>5 mm4 aux41 make\n"
				 "4000 vmalloc 4>1 mm402 aux4 make\n"
				 "5000 vfork,wait 4>6 mm4 aux42 make\n"
				 "6000 fork 3>7 mm5 aux43 bash\n"
				 "7000 exit,last 7>7 mm5 bash\n"
				 "12000 free 7>3 bash\n"
				 "13000 exec 6>0 mm6 cc\n"
				 "14000 vfree 2>1 mm402 aux4 kthreadd\n"
				 "15000 vmalloc 5>2 mm402 aux2 make\n"
				 "16000 exit 5>4 mm4 make\n"
				 "17000 vfree 2>2 mm402 aux2 kthreadd\n"
				 "18000 fork 6>8 mm7 aux44 cc\n"
				 "19000 lost 0>0 aux7\n"
				 "20000 exit,last 6>6 mm6 cc\n"
				 "21000 free 6>4 cc\n"
				 "22000 purge 2>0 aux3 kthreadd\n"
				 "23000 hot_add 0>0 aux300\n"
				 "24000 exit,last 8>8 mm7 cc\n";

#endif
