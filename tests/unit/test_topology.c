/* Topologies: what each word makes, what is refused and how, where a CPU lies and how far from another. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "replay/calibration.h"
#include "replay/replay.h"
#include "replay/topology.h"

static struct topology make(const char *spec, unsigned cpus, const struct calibration *here)
{
	struct topology t;
	struct mmr_err e = { 0 };
	if (topology_parse(spec, cpus, here, &t, &e))
		fail_msg("%s: %s", spec, e.text);
	return t;
}

static void shape_is(const char *spec, unsigned cpus, unsigned sockets, unsigned clusters, unsigned cores, unsigned smt)
{
	struct topology t = make(spec, cpus, NULL);
	if (t.sockets != sockets || t.clusters != clusters || t.cores != cores || t.smt != smt)
		fail_msg("%s for %u CPUs is %ux%ux%ux%u", spec ? spec : "NULL", cpus, t.sockets, t.clusters, t.cores,
			 t.smt);
}

static void shapes(void **state)
{
	(void)state;
	shape_is("1x1x1", 1, 1, 1, 1, 1);
	shape_is("2x12x8", 192, 2, 12, 8, 1);
	shape_is("2x12x8x2", 384, 2, 12, 8, 2);
	shape_is("64x8x8", 4096, 64, 8, 8, 1);
	shape_is("laptop", 8, 1, 1, 4, 2);
	shape_is("epyc-2x96", 192, 2, 12, 8, 2);
	shape_is("power8-16s", 192, 16, 1, 12, 8);
	shape_is("xeon-8s", 1, 8, 1, 28, 2);
}

static void automatic(void **state)
{
	(void)state;
	shape_is(NULL, 1, 1, 1, 8, 1);
	shape_is("", 8, 1, 1, 8, 1);
	shape_is("auto", 9, 1, 2, 8, 1);
	shape_is("auto", 96, 1, 12, 8, 1);
	shape_is("auto", 97, 2, 12, 8, 1);
	shape_is("auto", 1024, 11, 12, 8, 1);
	for (unsigned n = 1; n <= TOPOLOGY_CPUS_MAX; n++) {
		struct topology t = make("auto", n, NULL);
		assert_in_range(topology_cpus(&t), n, TOPOLOGY_CPUS_MAX);
		assert_int_equal(t.cores, 8);
		assert_in_range(t.clusters, 1, 12);
	}
}

/* A CPU is at the same place whether 96, 97 or 1000 are simulated. */
static void places_stay(void **state)
{
	(void)state;
	struct topology a = make("auto", 300, NULL), b = make("auto", 3000, NULL);
	for (unsigned i = 0; i < 300; i += 7)
		for (unsigned j = 0; j < 300; j += 11)
			assert_int_equal(topology_distance(&a, i, j), topology_distance(&b, i, j));
}

/* Cores first, cluster by cluster, socket by socket; then their second threads. */
static void distances(void **state)
{
	(void)state;
	struct topology t = make("2x3x4x2", 48, NULL);
	assert_int_equal(topology_cpus(&t), 48);
	assert_int_equal(topology_core(&t, 23), 23);
	assert_int_equal(topology_core(&t, 24), 0);
	assert_int_equal(topology_cluster(&t, 3), 0);
	assert_int_equal(topology_cluster(&t, 4), 1);
	assert_int_equal(topology_cluster(&t, 28), 1);
	assert_int_equal(topology_distance(&t, 5, 5), NEAR_SELF);
	assert_int_equal(topology_distance(&t, 5, 29), NEAR_SMT);
	assert_int_equal(topology_distance(&t, 4, 7), NEAR_CLUSTER);
	assert_int_equal(topology_distance(&t, 28, 7), NEAR_CLUSTER);
	assert_int_equal(topology_distance(&t, 3, 4), NEAR_SOCKET);
	assert_int_equal(topology_distance(&t, 0, 11), NEAR_SOCKET);
	assert_int_equal(topology_distance(&t, 11, 12), NEAR_REMOTE);
	assert_int_equal(topology_distance(&t, 47, 0), NEAR_REMOTE);
	unsigned n[NEAR_NR] = { 0 };
	for (unsigned i = 0; i < 48; i++)
		n[topology_distance(&t, 0, i)]++;
	assert_int_equal(n[NEAR_SELF], 1);
	assert_int_equal(n[NEAR_SMT], 1);
	assert_int_equal(n[NEAR_CLUSTER], 6);
	assert_int_equal(n[NEAR_SOCKET], 16);
	assert_int_equal(n[NEAR_REMOTE], 24);
}

static void overrides(void **state)
{
	(void)state;
	struct topology plain = make("epyc-2x96", 1, NULL);
	struct topology t = make("epyc-2x96,remote=130,l2=4.25,atomic=0,l1_lines=7,l2_lines=4294967295,llc_lines=99,"
				 "remote=131.0006",
				 1, NULL);
	assert_int_equal(t.cost[COST_remote].ps, 131001); /* the last counts */
	assert_int_equal(t.cost[COST_l2].ps, 4250);
	assert_int_equal(t.cost[COST_atomic].ps, 0);
	assert_int_equal(t.l1_lines, 7);
	assert_int_equal(t.l2_lines, UINT32_MAX);
	assert_int_equal(t.llc_lines, 99);
	assert_int_equal(t.cost[COST_l2].origin, COST_ASSUMED);
	assert_string_equal(t.cost[COST_l2].source, "given with --topology");
	/* Nothing else has moved. */
	for (unsigned c = 0; c < COST_NR; c++)
		if (c != COST_remote && c != COST_l2 && c != COST_atomic)
			assert_memory_equal(&t.cost[c], &plain.cost[c], sizeof(plain.cost[c]));
	/* Each cost has a name by which it is set. */
	for (unsigned c = 0; c < COST_NR; c++) {
		char spec[64];
		snprintf(spec, sizeof(spec), "1x1x2,%s=12.5", cost_name(c));
		assert_int_equal(make(spec, 2, NULL).cost[c].ps, 12500);
	}
}

/* Published or assumed, each with its source, whole; nearer is never dearer. */
static void presets(void **state)
{
	(void)state;
	const struct mmr_item *it;
	unsigned n = 0, published = 0;
	for (unsigned i = 0; (it = list_topologies(i)); i++, n++) {
		struct topology t = make(it->name, 1, NULL);
		assert_string_equal(t.name, it->name);
		assert_true(*it->about && *it->detail);
		for (unsigned c = 0; c < COST_NR; c++) {
			assert_true(t.cost[c].ps > 0);
			assert_true(t.cost[c].origin != COST_MEASURED);
			assert_in_range(strlen(t.cost[c].source), 4, sizeof(t.cost[c].source) - 2);
			published += t.cost[c].origin == COST_PUBLISHED;
		}
		assert_true(t.cost[COST_l2].ps < t.cost[COST_llc].ps && t.cost[COST_llc].ps < t.cost[COST_memory].ps);
		assert_true(t.cost[COST_smt].ps < t.cost[COST_cluster].ps);
		assert_true(t.cost[COST_cluster].ps <= t.cost[COST_socket].ps);
		assert_true(t.cost[COST_socket].ps < t.cost[COST_remote].ps);
		assert_true(t.l1_lines < t.l2_lines && t.l2_lines < t.llc_lines);
	}
	assert_int_equal(n, 5);
	assert_true(published > 15);
}

static struct calibrated value(uint64_t ps)
{
	return (struct calibrated){ true, ps, ps - ps / 10, ps + ps / 10, 21, "" };
}

/* What was measured here counts for auto and for shapes; the ways that are not here follow from those that are. */
static void from_here(void **state)
{
	(void)state;
	struct calibration here = { .l1_lines = 768, .l2_lines = 32768, .llc_lines = 1u << 20 };
	here.cost[COST_step] = value(1500);
	here.cost[COST_cluster] = value(23000);
	struct topology t = make("2x2x8", 32, &here), none = make("2x2x8", 32, NULL);
	assert_int_equal(t.cost[COST_step].ps, 1500);
	assert_int_equal(t.cost[COST_step].origin, COST_MEASURED);
	assert_string_equal(t.cost[COST_step].source, "this machine: 21 runs, 1.350..1.650 ns");
	assert_int_equal(t.cost[COST_cluster].ps, 23000);
	/* The machine that the rule is from comes out of it again. */
	assert_int_equal(t.cost[COST_socket].ps, 107000);
	assert_int_equal(t.cost[COST_remote].ps, 197000);
	assert_int_equal(t.cost[COST_remote].origin, COST_ASSUMED);
	assert_non_null(strstr(t.cost[COST_remote].source, "1.84 x socket"));
	assert_int_equal(t.cost[COST_memory].ps, none.cost[COST_memory].ps);
	assert_int_equal(t.l1_lines, 768);
	assert_int_equal(t.llc_lines, 1u << 20);
	/* A fast pair of cores: its threads are not further apart. */
	here.cost[COST_cluster] = value(5000);
	t = make("auto", 1, &here);
	assert_int_equal(t.cost[COST_smt].ps, 5000);
	/* Two sockets of one cluster: what lies between is assumed, but not beyond what is measured. */
	here.cost[COST_cluster] = value(60000);
	here.cost[COST_remote] = value(130000);
	t = make("auto", 1, &here);
	assert_int_equal(t.cost[COST_socket].ps, 130000);
	assert_int_equal(t.cost[COST_remote].ps, 130000);
	assert_int_equal(t.cost[COST_remote].origin, COST_MEASURED);
	/* An override has the last word, a preset its own. */
	t = make("auto,step=3", 1, &here);
	assert_int_equal(t.cost[COST_step].ps, 3000);
	struct topology p = make("laptop", 1, NULL), q = make("laptop", 1, &here);
	assert_memory_equal(p.cost, q.cost, sizeof(p.cost));
}

static const struct {
	const char *spec;
	unsigned cpus;
	const char *says;
} wrong[] = {
	{ "nonsense", 1, "'nonsense' is neither auto, laptop" },
	{ "Laptop", 1, "neither" },
	{ "2x4", 1, "neither" },
	{ "2x4x", 1, "neither" },
	{ "x2x4", 1, "neither" },
	{ "2x4x8x1x1", 1, "neither" },
	{ "2x4x8y", 1, "neither" },
	{ "2 x 4 x 8", 1, "neither" },
	{ "-2x4x8", 1, "neither" },
	{ "2x0x8", 1, "can be 0" },
	{ "2x4x8x0", 1, "can be 0" },
	{ "4097x1x1", 1, "more than 4096 CPUs" },
	{ "16x16x16x2", 1, "more than 4096 CPUs" },
	{ "99999999999999999999x1x1", 1, "more than 4096 CPUs" },
	{ "4096x4096x4096", 1, "more than 4096 CPUs" },
	{ "2x2x2", 9, "2x2x2 has 8 CPUs, fewer than the 9 threads" },
	{ "laptop", 9, "laptop has 8 CPUs, fewer" },
	{ "auto", 4097, "no machine has more than 4096 CPUs, and 4097 threads" },
	{ ",", 1, "empty word" },
	{ ",laptop", 1, "empty word" },
	{ "laptop,", 1, "empty word" },
	{ "laptop,,l2=3", 1, "empty word" },
	{ "laptop,l2", 1, "'l2' is not of the form" },
	{ "laptop,2x4x8", 1, "'2x4x8' is not of the form" },
	{ "laptop,speed=3", 1, "nothing called 'speed'" },
	{ "laptop,=3", 1, "nothing called ''" },
	{ "laptop,l2=", 1, "l2=: not a number" },
	{ "laptop,l2=.", 1, "l2=.: not a number" },
	{ "laptop,l2=1.2.3", 1, "not a number of nanoseconds" },
	{ "laptop,l2=-1", 1, "not a number of nanoseconds" },
	{ "laptop,l2=1e3", 1, "not a number of nanoseconds" },
	{ "laptop,l2=0x10", 1, "not a number of nanoseconds" },
	{ "laptop,l2=inf", 1, "not a number of nanoseconds" },
	{ "laptop,l2=4ns", 1, "not a number of nanoseconds" },
	{ "laptop,l2=1000000001", 1, "from 0 to 1e9" },
	{ "laptop,step=0", 1, "above 0" },
	{ "laptop,step=0.0001", 1, "above 0" },
	{ "laptop,l1_lines=0", 1, "from 1 to" },
	{ "laptop,l1_lines=4294967296", 1, "from 1 to" },
	{ "laptop,l2_lines=-1", 1, "from 1 to" },
	{ "laptop,llc_lines=1.5", 1, "from 1 to" },
	{ "laptop,llc_lines=99999999999999999999", 1, "from 1 to" },
	{ "lap\033[2Jtop", 1, "neither" },
};

static void refused(void **state)
{
	(void)state;
	for (unsigned i = 0; i < sizeof(wrong) / sizeof(*wrong); i++) {
		struct topology t, before;
		struct mmr_err e = { 0 };
		memset(&t, 0xa5, sizeof(t));
		before = t;
		if (topology_parse(wrong[i].spec, wrong[i].cpus, NULL, &t, &e) != -EINVAL)
			fail_msg("%s was taken", wrong[i].spec);
		if (strncmp(e.text, "--topology: ", 12) || !strstr(e.text, wrong[i].says) || strpbrk(e.text, "\n\033"))
			fail_msg("%s: %s", wrong[i].spec, e.text);
		assert_memory_equal(&t, &before, sizeof(t));
	}
	char longer[600];
	memset(longer, '1', sizeof(longer));
	longer[sizeof(longer) - 1] = '\0';
	struct topology t;
	struct mmr_err e = { 0 };
	assert_int_equal(topology_parse(longer, 1, NULL, &t, &e), -EINVAL);
	assert_non_null(strstr(e.text, "longer than"));
}

static void in_words(void **state)
{
	(void)state;
	char text[TOPOLOGY_TEXT], small[40];
	struct calibration here = { 0 };
	here.cost[COST_step] = value(1503);
	struct topology t = make("2x1x4,l2=0", 1, &here);
	topology_text(&t, text, sizeof(text));
	assert_non_null(strstr(text, "2x1x4: 2 sockets x 1 cluster x 4 cores x 1 thread; lines: l1=512 l2=16384 "
				     "llc=524288; ns: step=1.503m l2=0a "));
	assert_null(strchr(text, '\n'));
	/* The largest fit. */
	t = make("power8-16s", 1, NULL);
	for (unsigned c = 0; c < COST_NR; c++)
		t.cost[c].ps = 999999999999;
	t.llc_lines = UINT64_MAX;
	t.l1_lines = t.l2_lines = UINT32_MAX;
	memset(t.name, 'x', sizeof(t.name) - 1);
	topology_text(&t, text, sizeof(text));
	assert_non_null(strstr(text, "a assumed)"));
	topology_text(&t, small, sizeof(small));
	assert_int_equal(strlen(small), sizeof(small) - 1);

	char *printed = NULL;
	size_t size = 0;
	FILE *f = open_memstream(&printed, &size);
	t = make("epyc-2x96", 1, NULL);
	topology_print(&t, f);
	fclose(f);
	assert_non_null(strstr(printed, "epyc-2x96: 2 sockets x 12 clusters x 8 cores x 2 threads: 384 CPUs\n"));
	assert_non_null(strstr(printed, "caches of 32 KB and 1024 KB per core, 32768 KB per cluster\n"));
	assert_non_null(strstr(printed, "remote          197  published  c2c: two EPYC 7R13\n"));
	free(printed);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(shapes),    cmocka_unit_test(automatic), cmocka_unit_test(places_stay),
		cmocka_unit_test(distances), cmocka_unit_test(overrides), cmocka_unit_test(presets),
		cmocka_unit_test(from_here), cmocka_unit_test(refused),   cmocka_unit_test(in_words),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
