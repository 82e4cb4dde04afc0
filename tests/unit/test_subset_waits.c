/* The kernel's waits in a part: those of its time, by caller. */
#include "tests/unit/subset_fixture.h"

/* Slices of 4 us; the first began 1 us before time 0. */
static void add_waits(struct mmw_writer *w)
{
	static const struct mmw_contention_slice fork[] = { { 0, 1, 10, 10, 10 },
							    { 2, 2, 50, 20, 30 },
							    { 5, 1, 90, 90, 90 } };
	static const struct mmw_contention_slice exit[] = { { 2, 1, 60, 60, 60 } }, rest[] = { { 2, 9, 900, 1, 200 } };
	static const struct mmw_contention_slice late[] = { { 5, 1, 5, 5, 5 } };
	mmw_add_contention(w, 0, &(struct mmw_contention){ "copy_process", "", 5, 4, 150, 10, 90, fork, 3 });
	mmw_add_contention(w, 1, &(struct mmw_contention){ "do_exit", "[acme]", 5, 1, 60, 60, 60, exit, 1 });
	mmw_add_contention(w, 2, &(struct mmw_contention){ "pgd_free", "", 1, 1, 5, 5, 5, late, 1 });
	mmw_add_contention(w, 3, &(struct mmw_contention){ MMW_CONTENTION_OTHER, "", 0, 9, 900, 1, 200, rest, 1 });
	mmw_set_contention_time(w, &(struct mmw_contention_time){ 3000, 4000 });
}

static void expect_waits(const char *text)
{
	struct mmw_reader *r;
	char *got;
	size_t size;
	FILE *f = open_memstream(&got, &size);
	assert_int_equal(mmw_open(t.out, &r, &t.e), 0);
	for (uint32_t i = 0; i < mmw_contentions(r); i++) {
		const struct mmw_contention *c = mmw_contention(r, i);
		fprintf(f, "%s %s %lu: %lu = %lu..%lu at", c->caller, c->within, (unsigned long)c->contentions,
			(unsigned long)c->wait_total_ns, (unsigned long)c->wait_min_ns, (unsigned long)c->wait_max_ns);
		for (uint32_t j = 0; j < c->slices; j++)
			fprintf(f, " %u", c->slice[j].index);
		fputc('\n', f);
	}
	struct mmw_contention_time time = mmw_contention_time(r);
	fprintf(f, "%lu %lu\n", (unsigned long)time.first_end_ns, (unsigned long)time.length_ns);
	fclose(f);
	mmw_close(r);
	unlink(t.out);
	assert_string_equal(got, text);
	free(got);
}

static void waits_of_the_kernel_go_with_their_time(void **state)
{
	(void)state;
	mmw_from_text(t.in, small, add_waits);
	run(NULL, NULL, NULL, true);
	expect_waits("copy_process  4: 150 = 10..90 at 0 2 5\ndo_exit [module] 1: 60 = 60..60 at 2\n"
		     "pgd_free  1: 5 = 5..5 at 5\n(other)  9: 900 = 1..200 at 2\n3000 4000\n");
	/* Slice 2 is from 7 to 11 us: its middle is within, those of 1 and 5 are not. The order is by what is left. */
	run("6us", "14us", NULL, false);
	assert_false(t.result.contention_left_out);
	assert_int_equal(t.result.contention_slice_ns, 4000);
	expect_waits("do_exit [acme] 1: 60 = 60..60 at 0\ncopy_process  2: 50 = 20..30 at 0\n"
		     "(other)  9: 900 = 1..200 at 0\n5000 4000\n");
	/* From time 0 on, with what began before; to the end. */
	run(NULL, "2us", NULL, false);
	expect_waits("copy_process  1: 10 = 10..10 at 0\n3000 4000\n");
	run("12us", NULL, NULL, false);
	expect_waits("copy_process  1: 90 = 90..90 at 2\npgd_free  1: 5 = 5..5 at 2\n3000 4000\n");
	/* A part of a part. */
	run("6us", NULL, NULL, false);
	assert_int_equal(rename(t.out, t.in), 0);
	run("6us", NULL, NULL, false);
	expect_waits("copy_process  1: 90 = 90..90 at 2\npgd_free  1: 5 = 5..5 at 2\n3000 4000\n");
	/* Nobody waited then; and of a tree nobody knows. */
	mmw_from_text(t.in, small, add_waits);
	run("13us", "16us", NULL, false);
	assert_true(t.result.contention_none && !t.result.contention_left_out);
	expect_waits("0 0\n");
	run(NULL, NULL, (const char *const[]){ "30", NULL }, false);
	assert_true(t.result.contention_left_out);
	expect_waits("0 0\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(waits_of_the_kernel_go_with_their_time),
	};
	return cmocka_run_group_tests_name("subset waits", tests, setup, teardown);
}
