/* compare_fixture.h - sessions to be compared, and a source of chance with a seed. */
#ifndef MMR_TESTS_COMPARE_FIXTURE_H
#define MMR_TESTS_COMPARE_FIXTURE_H

#include "analyze/compare.h"
#include "tests/unit/store_fixture.h"

static uint64_t random_state;

static inline double uniform(void)
{
	random_state = random_state * 6364136223846793005ull + 1442695040888963407ull;
	return ((double)(random_state >> 11) + 0.5) / 9007199254740992.0;
}

static inline double normal(void)
{
	return sqrt(-2 * log(uniform())) * cos(2 * M_PI * uniform());
}

static inline void compared(struct fixture *f, const char *a, const char *b, struct compare *c)
{
	*c = (struct compare){ 0 };
	if (compare_side_open(&c->side[0], a, f->path, 0, &f->e) ||
	    compare_side_open(&c->side[1], b, f->path, 0, &f->e) || compare_judge(c, &f->e))
		fail_msg("%s", f->e.text);
}

/* @n runs around @per_s, alternately @spread above and below. */
static inline void runs(struct fixture *f, const char *design, bool floor, double per_s, double spread, unsigned n)
{
	f->config.design = design;
	f->config.floor = floor;
	for (unsigned i = 1; i <= n; i++) {
		f->config.repeat_no = i;
		fixture_run(f, per_s * (i % 2 ? 1 + spread : 1 - spread), NULL, RUN_DONE, VERDICT_PASS);
	}
}

static inline void next_session(struct fixture *f)
{
	struct result_machine m = sample_machine();
	struct result_workload w = sample_workload();
	f->sink->close(f->sink, NULL);
	if (results_open(f->path, &f->sink, &f->e) || f->sink->set_machine(f->sink, &m, &f->e) ||
	    f->sink->set_workload(f->sink, &w, &f->e))
		fail_msg("%s", f->e.text);
}

static inline void expect(struct fixture *f, const char *a, const char *b, enum compare_verdict v, enum noise_source s)
{
	struct compare c;
	compared(f, a, b, &c);
	assert_int_equal(c.nlines, 1);
	assert_string_equal(compare_verdict_name(c.line[0].verdict), compare_verdict_name(v));
	assert_int_equal(c.line[0].noise_source, s);
	compare_free(&c);
}

#endif
