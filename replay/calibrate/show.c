/* show.c - a calibration as a table and as JSON. */
#include "replay/calibrate/show.h"

#include <stdio.h>
#include <string.h>

#include "replay/host.h"
#include "schemas/safe.h"

#define MATRIX_MAX 16u /* CPUs; of more, the table has the figures by distance only */

static double ns(uint64_t ps)
{
	return (double)ps / 1000;
}

/* ---- table ---- */

static void table_line(const char *name, const struct calibrated *c, const struct cost_value *instead)
{
	char value[24], low[24], high[24], spread[52] = "-", runs[12] = "-", why[CALIBRATION_WHY];
	if (!c->measured && !instead)
		return;
	cost_text(c->measured ? c->ps : instead->ps, value, sizeof(value));
	if (c->measured) {
		cost_text(c->low_ps, low, sizeof(low));
		cost_text(c->high_ps, high, sizeof(high));
		snprintf(spread, sizeof(spread), "%s..%s", low, high);
		snprintf(runs, sizeof(runs), "%u", c->runs);
		snprintf(why, sizeof(why), "%s", c->why);
	} else {
		calibration_why(c, instead, why, sizeof(why));
	}
	printf("%-12s %9s  %-15s %5s  %-8s  %s\n", name, value, spread, runs, c->measured ? "measured" : "assumed",
	       why);
}

static const struct transfer *find_pair(const struct transfers *t, unsigned a, unsigned b)
{
	for (unsigned i = 0; i < t->n; i++)
		if ((t->pair[i].a == a && t->pair[i].b == b) || (t->pair[i].a == b && t->pair[i].b == a))
			return &t->pair[i];
	return NULL;
}

static void print_matrix(const struct calibration_session *s)
{
	const struct cpus *c = &s->cpus;
	printf("\nns from CPU to CPU, one way\n%8s", "");
	for (unsigned b = 0; b < c->n; b++)
		printf(" %7u", c->at[b].cpu);
	for (unsigned a = 0; a < c->n; a++) {
		printf("\n%8u", c->at[a].cpu);
		for (unsigned b = 0; b < c->n; b++) {
			const struct transfer *p = find_pair(&s->transfers, a, b);
			char value[24] = "-";
			if (p && p->one_way.measured)
				cost_text(p->one_way.ps, value, sizeof(value));
			printf(" %7s", value);
		}
	}
	printf("\n");
}

void show_table(const struct calibration_session *s)
{
	const struct calibration *g = &s->got;
	struct host host;
	struct result_machine m;
	struct topology t;
	char model[128];
	host_describe(&host, &s->clock, &m);
	safe_copy(model, sizeof(model), m.cpu_model);
	topology_parse("auto", 1, g, &t, NULL);
	printf("%s, %u CPU%s used, time stamp counter at %.3f GHz\n", model, s->cpus.n, s->cpus.n == 1 ? "" : "s",
	       s->clock.ghz);
	printf("caches of %u KB and %u KB per core; %llu KB of the last one's %llu KB found to be ours\n\n",
	       g->l1_lines / 16, g->l2_lines / 16, (unsigned long long)g->llc_lines / 16,
	       (unsigned long long)s->cpus.llc_lines / 16);
	printf("%-12s %9s  %-15s %5s  %-8s  %s\n", "cost", "ns", "quartiles", "runs", "origin", "how, or why not");
	for (unsigned i = 0; i < CALIBRATED_NR; i++)
		table_line(calibrated_name(i), calibrated_at(g, i), i < COST_NR ? &t.cost[i] : NULL);
	if (s->cpus.n > 1 && s->cpus.n <= MATRIX_MAX)
		print_matrix(s);
	else if (s->transfers.n < s->transfers.there)
		printf("\n%u of %u pairs of CPUs measured; the store has them, as `pair A-B`\n", s->transfers.n,
		       s->transfers.there);
}

/* ---- JSON ---- */

static void json_field(const char *name, const char *value)
{
	printf(", \"%s\": ", name);
	json_string(stdout, value);
}

static void json_figures(const struct calibrated *c)
{
	printf(", \"ns\": %.3f, \"low_ns\": %.3f, \"high_ns\": %.3f, \"runs\": %u", ns(c->ps), ns(c->low_ps),
	       ns(c->high_ps), c->runs);
}

static void json_one(const char *name, const struct calibrated *c, const struct cost_value *instead)
{
	char why[CALIBRATION_WHY];
	printf("    {\"name\": ");
	json_string(stdout, name);
	if (c->measured) {
		json_figures(c);
		json_field("origin", "measured");
		json_field("source", c->why);
	} else {
		printf(", \"ns\": ");
		instead ? (void)printf("%.3f", ns(instead->ps)) : (void)printf("null");
		printf(", \"low_ns\": null, \"high_ns\": null, \"runs\": 0");
		json_field("origin", "assumed");
		if (instead)
			calibration_why(c, instead, why, sizeof(why));
		json_field("source", instead ? why : c->why);
	}
	printf("}");
}

void show_json(const struct calibration_session *s)
{
	const struct calibration *g = &s->got;
	struct host host;
	struct result_machine m;
	struct topology t;
	host_describe(&host, &s->clock, &m);
	topology_parse("auto", 1, g, &t, NULL);
	printf("{\n  \"machine\": {\"cpus\": %u, \"tsc_ghz\": %.4f", s->cpus.n, s->clock.ghz);
	json_field("host", m.host);
	json_field("kernel", m.kernel);
	json_field("cpu_model", m.cpu_model);
	printf("},\n  \"caches\": {\"l1_lines\": %u, \"l2_lines\": %u, \"llc_lines\": %llu, \"llc_lines_told\": "
	       "%llu},\n",
	       g->l1_lines, g->l2_lines, (unsigned long long)g->llc_lines, (unsigned long long)s->cpus.llc_lines);
	printf("  \"costs\": [\n");
	for (unsigned i = 0; i < COST_NR; i++) {
		json_one(cost_name(i), &g->cost[i], &t.cost[i]);
		printf("%s\n", i + 1 < COST_NR ? "," : "");
	}
	printf("  ],\n  \"extras\": [\n");
	for (unsigned i = 0; i < EXTRA_NR; i++) {
		json_one(extra_name(i), &g->extra[i], NULL);
		printf("%s\n", i + 1 < EXTRA_NR ? "," : "");
	}
	printf("  ],\n  \"transfers\": [");
	const char *sep = "";
	for (const struct transfer *p = s->transfers.pair; p < s->transfers.pair + s->transfers.n; p++) {
		if (!p->one_way.measured)
			continue;
		printf("%s\n    {\"a\": %u, \"b\": %u", sep, s->cpus.at[p->a].cpu, s->cpus.at[p->b].cpu);
		json_field("distance", distance_name(p->distance));
		json_figures(&p->one_way);
		printf("}");
		sep = ",";
	}
	printf("\n  ]\n}\n");
}
