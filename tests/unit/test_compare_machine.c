/* Two sessions on a machine that moves: what the reference tells, what remains unknown, and how often equals alarm. */
#include <errno.h>
#include <stdint.h>

#include "analyze/stats.h"
#include "analyze/view_columns.h"
#include "analyze/view_table.h"
#include "tests/unit/compare_fixture.h"

/* ---- stores ---- */

static void a_machine_that_moved_is_no_difference(void **state)
{
	(void)state;
	struct fixture f;
	fixture_open(&f);
	runs(&f, "pgd_list", false, 1e6, 0.005, 9); /* 1: no floor */
	next_session(&f);
	runs(&f, "pgd_list", false, 0.95e6, 0.005, 9); /* 2 */
	expect(&f, "1", "2", COMPARE_WORSE, NOISE_SCATTER);
	expect(&f, "2", "1", COMPARE_BETTER, NOISE_SCATTER);
	next_session(&f);
	runs(&f, "null", true, 1e7, 0.005, 9); /* 3: with a floor */
	runs(&f, "pgd_list", false, 1e6, 0.005, 9);
	next_session(&f);
	runs(&f, "null", true, 0.94e7, 0.005, 9); /* 4: all is 5 or 6 % slower */
	runs(&f, "pgd_list", false, 0.95e6, 0.005, 9);
	expect(&f, "3", "4", COMPARE_SAME, NOISE_FLOOR);
	next_session(&f);
	runs(&f, "null", true, 1.001e7, 0.005, 9); /* 5: the design alone is */
	runs(&f, "pgd_list", false, 0.95e6, 0.005, 9);
	expect(&f, "3", "5", COMPARE_WORSE, NOISE_SCATTER);
	/* With repeats that scatter by 10 % nobody can tell. */
	next_session(&f);
	runs(&f, "pgd_list", false, 0.95e6, 0.1, 9); /* 6 */
	expect(&f, "1", "6", COMPARE_SAME, NOISE_SCATTER);
	/* Beyond any interval of the repeats, and yet no more than what they scatter by: 30 of 4 %, 3 % apart. */
	next_session(&f);
	runs(&f, "pgd_list", false, 1e6, 0.02, 30); /* 7 */
	next_session(&f);
	runs(&f, "pgd_list", false, 0.97e6, 0.02, 30); /* 8 */
	struct compare c;
	compared(&f, "7", "8", &c);
	assert_true(c.line[0].p < COMPARE_P && c.line[0].verdict == COMPARE_SAME);
	compare_free(&c);
	/* A session that became slower by as much meanwhile. */
	next_session(&f);
	runs(&f, "pgd_list", false, 1e6, 0.001, 4); /* 9 */
	f.config.seed = 2;
	for (unsigned i = 5; i <= 9; i++) {
		f.config.repeat_no = i;
		fixture_run(&f, 0.9e6, NULL, RUN_DONE, VERDICT_PASS);
	}
	compared(&f, "1", "9", &c);
	assert_true(c.line[0].noise > 0.09);
	compare_free(&c);
	fixture_gone(&f);
}

/* A session of 9 runs at @per_s with as many reference runs at @floor; 0: none. */
static void session(struct fixture *f, double per_s, double floor, double spread)
{
	next_session(f);
	f->config.design = "pgd_list";
	f->config.floor = false;
	for (unsigned i = 1; i <= 9; i++) {
		const double sign = i % 2 ? 1 : -1;
		f->config.repeat_no = i;
		const int64_t id = fixture_run(f, per_s * (1 + sign * spread), NULL, RUN_DONE, VERDICT_PASS);
		const struct result_reference r = { "null", i, 100000,
						    (uint64_t)llround(1e14 / (floor * (1 + sign * 0.002))) };
		if (floor > 0 && f->sink->reference(f->sink, id, &r, &f->e))
			fail_msg("%s", f->e.text);
	}
}

static double moved(struct fixture *f, const char *a, const char *b)
{
	struct compare c;
	compared(f, a, b, &c);
	assert_int_equal(c.nlines, 1);
	double m = c.line[0].moved;
	compare_free(&c);
	return m;
}

static void the_reference_tells_that_it_moved(void **state)
{
	(void)state;
	struct fixture f;
	fixture_open(&f);
	f.config.threads = 2;
	session(&f, 1e6, 1e7, 0.005); /* 1 */
	session(&f, 0.95e6, 0.96e7, 0.005); /* 2: all is slower */
	session(&f, 0.95e6, 1e7, 0.005); /* 3: the design is */
	session(&f, 0.95e6, 1.04e7, 0.005); /* 4: on a faster machine, even */
	session(&f, 0.95e6, 0, 0.005); /* 5: nobody knows */
	expect(&f, "1", "2", COMPARE_SAME, NOISE_FLOOR);
	assert_true(fabs(moved(&f, "1", "2") - log(0.96)) < 1e-3);
	assert_true(fabs(moved(&f, "2", "1") + log(0.96)) < 1e-3);
	expect(&f, "1", "3", COMPARE_WORSE, NOISE_SCATTER);
	expect(&f, "3", "1", COMPARE_BETTER, NOISE_SCATTER);
	expect(&f, "1", "4", COMPARE_WORSE, NOISE_SCATTER);
	expect(&f, "1", "5", COMPARE_WORSE, NOISE_SCATTER);
	assert_true(isnan(moved(&f, "1", "5")));
	/* It is no design of the sweep: no view has it. */
	assert_int_equal(fixture_real(&f, "SELECT COUNT(*) FROM v_runs"), 45);
	assert_int_equal(fixture_real(&f, "SELECT COUNT(*) FROM reference_run"), 36);
	assert_int_equal(fixture_real(&f, "SELECT COUNT(DISTINCT design) FROM v_summary"), 1);
	/* That one of the two has another setting as well does not matter, whatever its partition. */
	session(&f, 0.95e6, 0.96e7, 0.005); /* 6 */
	f.config.threads = 4;
	f.config.partition = "cpu";
	runs(&f, "pgd_list", false, 1e6, 0.005, 3);
	f.config.threads = 2;
	f.config.partition = sample_config().partition;
	assert_true(fabs(moved(&f, "1", "6") - log(0.96)) < 1e-3);
	/* Other threads, another partition: its speed is another, and says nothing of the machine. */
	f.config.threads = 4;
	session(&f, 0.95e6, 0.9e7, 0.005); /* 7 */
	assert_true(isnan(moved(&f, "1", "7")));
	f.config.threads = 2;
	f.config.partition = "balanced";
	session(&f, 0.95e6, 0.96e7, 0.005); /* 8 */
	assert_true(isnan(moved(&f, "1", "8")));
	fixture_gone(&f);
}

/* Of a session that was hit in most of its repeats, the rest is what it was. */
static void the_best_repeats_have_their_say(void **state)
{
	(void)state;
	struct fixture f;
	struct compare c;
	fixture_open(&f);
	session(&f, 1e6, 1e7, 0.005); /* 1 */
	next_session(&f);
	for (unsigned i = 1; i <= 9; i++) {
		f.config.repeat_no = i;
		const double per_s = i == 3 ? 1e6 : i == 7 ? 0.99e6 : 0.88e6;
		const int64_t id = fixture_run(&f, per_s, NULL, RUN_DONE, VERDICT_PASS);
		const struct result_reference r = { "null", i, 100000, 10000000 + i };
		assert_int_equal(f.sink->reference(f.sink, id, &r, &f.e), 0);
	}
	session(&f, 0.88e6, 1e7, 0.005); /* 3 */
	compared(&f, "1", "2", &c);
	assert_true(c.line[0].p < COMPARE_P && fabs(c.line[0].c.change) > c.line[0].noise);
	compare_free(&c);
	expect(&f, "1", "2", COMPARE_SAME, NOISE_BEST);
	expect(&f, "2", "1", COMPARE_SAME, NOISE_BEST);
	expect(&f, "1", "3", COMPARE_WORSE, NOISE_SCATTER);
	fixture_gone(&f);
}

static void one_reference_run_is_none(void **state)
{
	(void)state;
	struct fixture f;
	fixture_open(&f);
	session(&f, 1e6, 1e7, 0.005);
	session(&f, 0.95e6, 0.96e7, 0.005);
	struct result_reference again = { "null", 9, 200000, 20000000 };
	/* The same repeat again takes its place; a run that is not there has no setting. */
	assert_int_equal(f.sink->reference(f.sink, 18, &again, &f.e), 0);
	assert_int_equal(fixture_real(&f, "SELECT COUNT(*) FROM reference_run"), 18);
	assert_int_equal(f.sink->reference(f.sink, 99, &again, &f.e), -EINVAL);
	session(&f, 0.95e6, 0, 0.005);
	again.repeat_no = 1;
	assert_int_equal(f.sink->reference(f.sink, 19, &again, &f.e), 0);
	assert_true(isnan(moved(&f, "1", "3")));
	/* Runs of the floor as a design and reference runs are not the same. */
	runs(&f, "null", true, 0.96e7, 0.005, 9);
	assert_true(isnan(moved(&f, "1", "3")));
	fixture_gone(&f);
}

/* 9 runs that had to share the CPUs with others, which took @part. */
static void crowded(struct fixture *f, double per_s, double part)
{
	next_session(f);
	for (unsigned i = 1; i <= 9; i++) {
		int64_t id;
		struct result_run r = { .status = RUN_DONE,
					.verdict = VERDICT_PASS,
					.events = 1000000,
					.wall_ns = (uint64_t)llround(1e15 / per_s * (i % 2 ? 1.005 : 0.995)) };
		r.hygiene.cpu_ns = 2 * r.wall_ns;
		r.hygiene.other_ns = (int64_t)(part * (double)r.hygiene.cpu_ns);
		f->config.repeat_no = i;
		const struct result_reference ref = { "null", i, 100000, 10000000 + i };
		if (f->sink->run_begin(f->sink, &f->config, &id, &f->e) || f->sink->run_end(f->sink, id, &r, &f->e) ||
		    f->sink->reference(f->sink, id, &ref, &f->e))
			fail_msg("%s", f->e.text);
	}
}

static void others_that_took_the_cpus_make_it_unknown(void **state)
{
	(void)state;
	struct fixture f;
	fixture_open(&f);
	const unsigned cpus = sample_machine().cpus;
	const double left = 1 - 1.0 / cpus;
	f.config.threads = cpus;
	crowded(&f, 1e6, 0.01); /* 1 */
	crowded(&f, 0.9e6, 0.1); /* 2 */
	crowded(&f, 0.5e6, 0.4); /* 3 */
	crowded(&f, 0.2e6, 0.4); /* 4 */
	expect(&f, "1", "2", COMPARE_WORSE, NOISE_SCATTER);
	expect(&f, "1", "3", COMPARE_SAME, NOISE_OTHERS);
	expect(&f, "3", "1", COMPARE_SAME, NOISE_OTHERS);
	expect(&f, "1", "4", COMPARE_WORSE, NOISE_OTHERS);
	/* One thread leaves them the other CPUs. */
	f.config.threads = 1;
	crowded(&f, 1e6, 0.01); /* 5 */
	crowded(&f, 0.9e6, left + 0.1); /* 6 */
	crowded(&f, 0.7e6, left + 0.3); /* 7 */
	expect(&f, "5", "6", COMPARE_WORSE, NOISE_SCATTER);
	expect(&f, "5", "7", COMPARE_SAME, NOISE_OTHERS);
	fixture_gone(&f);
}

/* ---- simulated: a machine that is a little faster or slower in each session ---- */

static const struct az_column row_columns[] = {
	T("lock_kind", "", ""), T("threads", "", ""),    T("speed", "", ""),  T("design", "", ""),
	T("figure", "", ""),    T("unit", "", ""),       T("better", "", ""), T("partition", "", ""),
	N("place", "", ""),     N("step", "", ""),       N("floor", "", ""),  N("repeat_no", "", ""),
	N("value", "", ""),     N("violations", "", ""), N("crowd", "", ""),  END,
};
static const struct az_column fact_columns[] = { T("name", "", ""), T("value", "", ""), END };

static void add(struct az_table *t, bool floor, unsigned repeat_no, double value)
{
	if (!az_table_row(t) || !az_table_text(t, "lock_kind", "ticket") || !az_table_text(t, "threads", "1") ||
	    !az_table_text(t, "speed", "0") || !az_table_text(t, "design", floor ? "null" : "pgd_list") ||
	    !az_table_text(t, "figure", "events/s") || !az_table_text(t, "unit", "per_s") ||
	    !az_table_text(t, "better", "higher"))
		fail();
	az_table_int(t, "floor", floor);
	az_table_int(t, "repeat_no", repeat_no);
	az_table_real(t, "value", value);
}

struct world {
	double drift; /* standard deviation of a session */
	double feels; /* standard deviation of the part of it that the design feels, which is about 1 */
	double repeats; /* of a design's repeats; the floor's scatter one and a half times as much */
	unsigned references;
};

static void simulate(struct compare_side *s, const struct world *w, double effect)
{
	const double all = w->drift * normal(), own = all * (1 + w->feels * normal());
	s->path = strdup("nowhere.db");
	s->rows = az_table_new(row_columns);
	s->reference = az_table_new(row_columns);
	s->facts = az_table_new(fact_columns);
	for (unsigned i = 1; i <= 9; i++)
		add(s->rows, false, i, 1e6 * exp(own + effect + w->repeats * normal()));
	for (unsigned i = 1; i <= w->references; i++)
		add(s->reference, true, i, 1e7 * exp(all + 1.5 * w->repeats * normal()));
}

#define TRIALS 250

/* The part of comparisons that named a difference of @effect one. */
static double named(const struct world *w, double effect)
{
	unsigned n = 0;
	random_state = 20191214;
	for (unsigned i = 0; i < TRIALS; i++) {
		struct compare c = { 0 };
		struct mmr_err e = { 0 };
		simulate(&c.side[0], w, 0);
		simulate(&c.side[1], w, effect);
		assert_int_equal(compare_judge(&c, &e), 0);
		n += c.line[0].verdict != COMPARE_SAME;
		compare_free(&c);
	}
	return (double)n / TRIALS;
}

static void equals_seldom_alarm_on_a_machine_that_moves(void **state)
{
	(void)state;
	static const double drifts[] = { 0, 0.01, 0.03, 0.06 };
	for (unsigned i = 0; i < 4; i++)
		for (unsigned references = 3; references <= 9; references += 3) {
			const struct world w = { drifts[i], 0.2, 0.01, references };
			const double part = named(&w, 0);
			if (part > 0.05)
				fail_msg("drift %.2f, %u references: %.1f %% false alarms", w.drift, references,
					 100 * part);
		}
	/* What it is worth: nobody told this one. */
	const struct world untold = { 0.03, 0, 0.01, 0 };
	assert_true(named(&untold, 0) > 0.3);
}

static void differences_are_named_when_it_rests(void **state)
{
	(void)state;
	const struct world quiet = { 0.002, 0, 0.01, 9 }, few = { 0.002, 0, 0.01, 6 }, moving = { 0.03, 0, 0.01, 9 };
	assert_true(named(&quiet, log(0.95)) > 0.97);
	assert_true(named(&few, log(0.95)) > 0.9);
	assert_true(named(&quiet, -log(0.95)) > 0.97);
	/* A machine that moves by as much hides half of them, but not what is larger. */
	assert_true(named(&moving, log(0.85)) > 0.95);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_machine_that_moved_is_no_difference),
		cmocka_unit_test(the_reference_tells_that_it_moved),
		cmocka_unit_test(the_best_repeats_have_their_say),
		cmocka_unit_test(one_reference_run_is_none),
		cmocka_unit_test(others_that_took_the_cpus_make_it_unknown),
		cmocka_unit_test(equals_seldom_alarm_on_a_machine_that_moves),
		cmocka_unit_test(differences_are_named_when_it_rests),
	};
	return cmocka_run_group_tests_name("compare_machine", tests, NULL, NULL);
}
