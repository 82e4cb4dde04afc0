/* --design lists, repairs of single bugs, and what does not go together. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#define KLOCK_ticket
#include "replay/choice.h"
#include "replay/dialect/pgd.h"
#include "replay/era.h"

static void walk_nothing(struct kernel *k, u32 slot)
{
	(void)k;
	(void)slot;
}

static const struct pgd_hooks hooks = { .sync = walk_nothing };
PGD_DESIGN(test_buggy, hooks, .source = "test", .about = "has bugs", .expect = "broken",
	   .flags = DESIGN_NEEDS_FAULT | DESIGN_64BIT, .bugs = 1u << 1 | 1u << 7 | 1u << 10);

static struct design_choice list[8];
static unsigned n;
static struct mmr_err e;

static int choose(const char *arg)
{
	return design_choose(arg, "native", list, 8, &n, &e);
}

static void accepted(const char *arg, unsigned want, const char *labels)
{
	char got[512] = "";
	if (choose(arg))
		fail_msg("%s: %s", arg, e.text);
	assert_int_equal(n, want);
	for (unsigned i = 0; i < n; i++) {
		strcat(got, i ? " " : "");
		strcat(got, list[i].label);
	}
	assert_string_equal(got, labels);
}

static void refused(const char *arg, const char *why)
{
	if (choose(arg) != -EINVAL)
		fail_msg("'%s' was accepted", arg);
	if (!strstr(e.text, why))
		fail_msg("'%s': said '%s', not '%s'", arg, e.text, why);
}

static void lists_are_cut_at_commas(void **state)
{
	(void)state;
	accepted("null", 1, "null");
	accepted("pgd_list,task_list", 2, "pgd_list task_list");
	accepted("pgd_list,,task_list,", 2, "pgd_list task_list");
	accepted("null,null", 2, "null null");
	refused("", "empty");
	refused(",", "empty");
	refused("pgd_list,x\033[1m", "no design called 'x");
	assert_null(strchr(e.text, '\033'));
	refused("null,null,null,null,null,null,null,null,null", "more than 8");
}

static void repairs_continue_over_commas(void **state)
{
	(void)state;
	accepted("test_buggy:fix=K10", 1, "test_buggy:fix=K10");
	assert_int_equal(list[0].fixed, 1u << 10);
	accepted("null,test_buggy:fix=K10,K7,pgd_list", 3, "null test_buggy:fix=K7,K10 pgd_list");
	assert_int_equal(list[0].fixed, 0);
	assert_int_equal(list[1].fixed, 1u << 10 | 1u << 7);
	assert_int_equal(list[2].fixed, 0);
	accepted("test_buggy:fix=K1,test_buggy:fix=K1,K7,K10", 2, "test_buggy:fix=K1 test_buggy:fix=K1,K7,K10");
	accepted("test_buggy", 1, "test_buggy");
	assert_int_equal(list[0].fixed, 0);
}

static void what_cannot_be_repaired_is_told(void **state)
{
	(void)state;
	refused("test_buggy:fix=K2", "can be repaired: K1, K7, K10");
	refused("test_buggy:fix=K1,K8", "fix=K8: bugs of it that can be repaired: K1, K7, K10");
	refused("test_buggy:fix=", "can be repaired");
	refused("test_buggy:fix=K1000000", "can be repaired");
	refused("test_buggy:fix=K42", "can be repaired");
	refused("test_buggy:fix=7", "can be repaired");
	refused("test_buggy:fix=K1,k7", "no design called 'k7'");
	refused("pgd_list:fix=K1", "can be repaired: none");
	/* No list of repairs comes before it. */
	refused("pgd_list,K7", "no design called 'K7'");
	refused("K7", "no design called 'K7'");
	refused("test_buggy:fox=K1", "no design called");
}

static void files_that_are_none_are_told(void **state)
{
	(void)state;
	refused("./absent.so", "absent.so");
	refused("absent.so", "./absent.so");
	refused("/etc/passwd", "/etc/passwd");
	/* A library, but not of designs. */
	refused("libm.so.6/../x", "No such file");
}

static void what_does_not_go_together(void **state)
{
	(void)state;
	const struct era *old = era_find("v4.1"), *later = era_find("v5.8");
	const struct geometry *four = geometry_find("x86_64-4level"), *five = geometry_find("x86_64-5level");
	const struct geometry *small = geometry_find("i386-2level");
	const struct design_ops *plain = design_find("pgd_list", "native", "ticket");
	const struct design_ops *buggy = design_find("test_buggy", "native", "ticket");
	assert_int_equal(choice_fits(old, four, plain, &e), 0);
	assert_int_equal(choice_fits(old, five, NULL, &e), -EINVAL);
	assert_non_null(strstr(e.text, "v4.12"));
	assert_int_equal(choice_fits(later, five, plain, &e), 0);
	assert_int_equal(choice_fits(old, small, plain, &e), 0);
	assert_int_equal(choice_fits(old, four, buggy, &e), 0);
	assert_int_equal(choice_fits(later, four, buggy, &e), -EINVAL);
	assert_non_null(strstr(e.text, "fault handler"));
	assert_int_equal(choice_fits(old, small, buggy, &e), -EINVAL);
	assert_non_null(strstr(e.text, "64 bit"));
	assert_int_equal(choice_fits_workload(small, "generate", &e), 0);
	assert_int_equal(choice_fits_workload(small, "lttng-kernel", &e), -EINVAL);
	assert_int_equal(choice_fits_workload(four, "lttng-kernel", &e), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lists_are_cut_at_commas),         cmocka_unit_test(repairs_continue_over_commas),
		cmocka_unit_test(what_cannot_be_repaired_is_told), cmocka_unit_test(files_that_are_none_are_told),
		cmocka_unit_test(what_does_not_go_together),
	};
	return cmocka_run_group_tests_name("choice", tests, NULL, NULL);
}
