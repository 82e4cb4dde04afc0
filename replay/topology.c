/*
 * topology.c - from a word on the command line to a machine, and from a machine
 * to words.
 *
 * A topology is made in layers, each over the one before: what is assumed of
 * any machine; a preset's published values, or what was measured here and what
 * follows from that; what the command line sets.
 */
#include "replay/topology.h"

#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "replay/calibration.h"
#include "replay/replay.h"
#include "replay/topology_presets.h"

#define COUNT(a) (sizeof(a) / sizeof(*(a)))

#define AUTO_CORES 8u /* per cluster */
#define AUTO_CLUSTERS 12u /* per socket, at most */
#define MAX_NS 1e9
#define MAX_LINES (1ull << 32) /* 256 GB */

static const char *const names[COST_NR] = {
#define COST_TEXT(name) #name,
	TOPOLOGY_COSTS(COST_TEXT)
#undef COST_TEXT
};

/* Of a server of the 2020s, where nothing better is known. */
static const struct {
	double ns;
	const char *source;
} assumed[COST_NR] = {
	[COST_step] = { 1, "a few cycles: the first cache's latency, half hidden" },
	[COST_l2] = { 3.7, "as a Xeon 8280: 14 - 4 cycles at 2.7 GHz (AT 14694)" },
	[COST_llc] = { 24.5, "as Skylake-SP: 26 ns, less 4 cycles (AT 11544)" },
	[COST_memory] = { 88.5, "as Skylake-SP: 90 ns, less 4 cycles (AT 11544)" },
	[COST_smt] = { 9.8, "as EPYC 7R13 (c2c)" },
	[COST_cluster] = { 23, "as EPYC 7R13 (c2c)" },
	[COST_socket] = { 107, "as EPYC 7R13, between its groups of 8 (c2c)" },
	[COST_remote] = { 197, "as two EPYC 7R13 (c2c)" },
	[COST_atomic] = { 6, "about 18 cycles" },
	[COST_fence] = { 8, "about 25 cycles" },
	[COST_clear] = { 0.6, "32 bytes a cycle" },
	[COST_copy] = { 1, "a load and a store of 32 bytes a cycle" },
	[COST_scan] = { 0.7, "eight entries, two cycles" },
	[COST_range_l2] = { 0.9, "as measured on a Xeon of 2.6 GHz" },
	[COST_range_llc] = { 1.9, "as measured on a Xeon of 2.6 GHz" },
	[COST_range_memory] = { 6.8, "as measured on a Xeon of 2.6 GHz" },
	[COST_event] = { 10, "as the native engine's floor on a Xeon of 2.6 GHz" },
	[COST_surprise] = { 9, "a misprediction and a half, of 15 to 20 cycles each" },
	[COST_look] = { 45, "as measured on a Xeon of 2.6 GHz" },
	[COST_rcu] = { 10, "two fences, half hidden" },
	[COST_ipi] = { 1500, "1 to 2 us on bare metal" },
	[COST_futex] = { 150, "a system call" },
	[COST_wake] = { 1200, "a system call and a run queue" },
	[COST_wakeup] = { 5000, "an idle CPU comes out of a light sleep" },
	[COST_grace] = { 500, "two walks over the readers" },
};

struct cost_value topology_assumed(enum cost c)
{
	struct cost_value v = { .ps = (uint64_t)llround(assumed[c].ns * 1000), .origin = COST_ASSUMED };
	snprintf(v.source, sizeof(v.source), "%s", assumed[c].source);
	return v;
}

const char *cost_name(enum cost c)
{
	return names[c];
}

void cost_text(uint64_t ps, char *buf, size_t size)
{
	snprintf(buf, size, "%.*f", ps < 10000 ? 3 : ps < 1000000 ? 1 : 0, (double)ps / 1000);
}

const char *distance_name(enum distance d)
{
	static const char *const text[NEAR_NR] = { "self", "smt", "cluster", "socket", "remote" };
	return text[d];
}

const char *cost_origin_name(enum cost_origin o)
{
	return o == COST_MEASURED ? "measured" : o == COST_PUBLISHED ? "published" : "assumed";
}

/* ---- this machine, made larger ---- */

static void take_measured(const struct calibration *here, struct topology *t)
{
	for (unsigned c = 0; c < COST_NR; c++) {
		const struct calibrated *m = &here->cost[c];
		struct cost_value *v = &t->cost[c];
		char low[16], high[16];
		/* Time has to go on while a simulated CPU waits. */
		if (!m->measured || (c == COST_step && !m->ps))
			continue;
		cost_text(m->low_ps, low, sizeof(low));
		cost_text(m->high_ps, high, sizeof(high));
		v->ps = m->ps;
		v->origin = COST_MEASURED;
		snprintf(v->source, sizeof(v->source), "this machine: %u runs, %s..%s ns", m->runs, low, high);
	}
	t->l1_lines = here->l1_lines ? here->l1_lines : t->l1_lines;
	t->l2_lines = here->l2_lines ? here->l2_lines : t->l2_lines;
	t->llc_lines = here->llc_lines ? here->llc_lines : t->llc_lines;
}

static bool measured(const struct topology *t, enum cost c)
{
	return t->cost[c].origin == COST_MEASURED;
}

static void derive(struct topology *t, enum cost c, double ps, const char *source)
{
	t->cost[c].ps = (uint64_t)llround(ps);
	snprintf(t->cost[c].source, sizeof(t->cost[c].source), "%s", source);
}

/*
 * The ways that this machine does not have, from those that it has, as they are
 * to each other where all were measured: 9.8, 23, 107 and 197 ns (EPYC 7R13, c2c).
 */
static void derive_distances(struct topology *t)
{
	const struct cost_value *v = t->cost;
	if (!measured(t, COST_smt) && measured(t, COST_cluster) && v[COST_cluster].ps < v[COST_smt].ps)
		derive(t, COST_smt, (double)v[COST_cluster].ps, "not more than to another core");
	if (!measured(t, COST_socket) && measured(t, COST_cluster))
		derive(t, COST_socket, (double)v[COST_cluster].ps + 84000, "cluster + 84 ns, as EPYC 7R13 (c2c)");
	if (!measured(t, COST_socket) && measured(t, COST_remote) && v[COST_socket].ps > v[COST_remote].ps)
		derive(t, COST_socket, (double)v[COST_remote].ps, "not more than to another socket");
	if (!measured(t, COST_remote) && (measured(t, COST_socket) || measured(t, COST_cluster)))
		derive(t, COST_remote, (double)v[COST_socket].ps * 197 / 107, "1.84 x socket, as EPYC 7R13 (c2c)");
}

static void take_here(const struct calibration *here, struct topology *t)
{
	t->l1_lines = 512; /* 32 KB, 1 MB, 32 MB: as EPYC 9654 */
	t->l2_lines = 16384;
	t->llc_lines = 524288;
	if (!here)
		return;
	take_measured(here, t);
	derive_distances(t);
}

/* Sockets are whole, so that a CPU is at the same place however many others there are. */
static void auto_shape(unsigned cpus, struct topology *t)
{
	unsigned clusters = (cpus + AUTO_CORES - 1) / AUTO_CORES, per_socket = AUTO_CLUSTERS;
	t->cores = AUTO_CORES;
	t->smt = 1;
	if (clusters <= per_socket) {
		t->sockets = 1;
		t->clusters = clusters ? clusters : 1;
		return;
	}
	/* The last socket must not be one too many. */
	while ((clusters + per_socket - 1) / per_socket * per_socket * AUTO_CORES > TOPOLOGY_CPUS_MAX && per_socket > 1)
		per_socket--;
	t->clusters = per_socket;
	t->sockets = (clusters + per_socket - 1) / per_socket;
}

/* ---- presets ---- */

static const struct topology_preset *find_preset(const char *name)
{
	const struct topology_preset *p;
	for (unsigned i = 0; (p = topology_preset(i)); i++)
		if (!strcmp(p->name, name))
			return p;
	return NULL;
}

static void take_preset(const struct topology_preset *p, struct topology *t)
{
	t->sockets = p->sockets;
	t->clusters = p->clusters;
	t->cores = p->cores;
	t->smt = p->smt;
	t->l1_lines = p->l1_lines;
	t->l2_lines = p->l2_lines;
	t->llc_lines = p->llc_lines;
	for (const struct preset_cost *c = p->cost; c < p->cost + COUNT(p->cost) && c->ns > 0; c++) {
		struct cost_value *v = &t->cost[c->cost];
		v->ps = (uint64_t)llround(c->ns * 1000);
		v->origin = c->origin;
		snprintf(v->source, sizeof(v->source), "%s", c->source);
	}
	if (p->clusters == 1)
		derive(t, COST_socket, (double)t->cost[COST_cluster].ps, "not used: a socket is one cluster");
}

static const struct mmr_item *item(const char *name, const char *shape, const char *about)
{
	static struct mmr_item it;
	it = (struct mmr_item){ name, shape, about };
	return &it;
}

const struct mmr_item *list_topologies(unsigned i)
{
	static char shape[48];
	if (i == 0)
		return item("auto", "SOCKETSx12x8",
			    "this machine made larger: as many clusters of 8 cores and sockets of 12 clusters as the "
			    "largest --threads needs");
	const struct topology_preset *p = topology_preset(i - 1);
	if (!p)
		return NULL;
	snprintf(shape, sizeof(shape), "%ux%ux%ux%u", p->sockets, p->clusters, p->cores, p->smt);
	return item(p->name, shape, p->about);
}

/* ---- the words ---- */

static int unknown(const char *word, struct mmr_err *e)
{
	char there[256] = "auto";
	const struct topology_preset *p;
	for (unsigned i = 0; (p = topology_preset(i)); i++) {
		strncat(there, ", ", sizeof(there) - strlen(there) - 1);
		strncat(there, p->name, sizeof(there) - strlen(there) - 1);
	}
	return mmr_err(e, -EINVAL, "--topology: '%s' is neither %s nor SOCKETSxCLUSTERSxCORES[xSMT]", word, there);
}

/* SOCKETSxCLUSTERSxCORES[xSMT] */
static int parse_shape(const char *word, struct topology *t, struct mmr_err *e)
{
	unsigned long n[4] = { 0, 0, 0, 1 }, cpus = 1;
	unsigned parts = 0;
	for (const char *s = word;; s++) {
		char *end;
		if (parts == 4 || !isdigit((unsigned char)*s))
			return unknown(word, e);
		errno = 0;
		n[parts] = strtoul(s, &end, 10);
		if (errno || n[parts] > TOPOLOGY_CPUS_MAX)
			n[parts] = TOPOLOGY_CPUS_MAX + 1; /* told below */
		parts++;
		s = end;
		if (!*s)
			break;
		if (*s != 'x')
			return unknown(word, e);
	}
	if (parts < 3)
		return unknown(word, e);
	for (unsigned i = 0; i < 4; i++) {
		if (!n[i])
			return mmr_err(e, -EINVAL, "--topology: '%s': none of the numbers can be 0", word);
		cpus *= n[i];
		if (cpus > TOPOLOGY_CPUS_MAX)
			return mmr_err(e, -EINVAL, "--topology: '%s' has more than %u CPUs", word, TOPOLOGY_CPUS_MAX);
	}
	t->sockets = (unsigned)n[0];
	t->clusters = (unsigned)n[1];
	t->cores = (unsigned)n[2];
	t->smt = (unsigned)n[3];
	return 0;
}

static int set_lines(const char *what, const char *value, uint64_t max, uint64_t *lines, struct mmr_err *e)
{
	char *end;
	errno = 0;
	unsigned long long v = strtoull(value, &end, 10);
	if (!isdigit((unsigned char)*value) || *end || errno || !v || v > max)
		return mmr_err(e, -EINVAL, "--topology: %s=%s: not a number of 64-byte lines from 1 to %llu", what,
			       value, (unsigned long long)max);
	*lines = v;
	return 0;
}

static int set_cost(const char *what, const char *value, struct cost_value *v, bool may_be_0, struct mmr_err *e)
{
	char *end;
	errno = 0;
	double ns = strtod(value, &end);
	/* Plain decimals: no signs, no hexadecimal, no "inf". */
	if (value[strspn(value, "0123456789.")] || end == value || *end || ns > MAX_NS ||
	    (!may_be_0 && llround(ns * 1000) == 0))
		return mmr_err(e, -EINVAL, "--topology: %s=%s: not a number of nanoseconds %s to 1e9", what, value,
			       may_be_0 ? "from 0" : "above 0");
	v->ps = (uint64_t)llround(ns * 1000);
	v->origin = COST_ASSUMED;
	snprintf(v->source, sizeof(v->source), "given with --topology");
	return 0;
}

static int override(char *word, struct topology *t, struct mmr_err *e)
{
	char *value = strchr(word, '=');
	uint64_t lines = 0;
	int rc;
	if (!value)
		return mmr_err(e, -EINVAL, "--topology: '%s' is not of the form WHAT=VALUE", word);
	*value++ = '\0';
	for (unsigned c = 0; c < COST_NR; c++)
		/* Time has to go on while a simulated CPU waits. */
		if (!strcmp(word, names[c]))
			return set_cost(word, value, &t->cost[c], c != COST_step, e);
	if (!strcmp(word, "l1_lines") || !strcmp(word, "l2_lines")) {
		rc = set_lines(word, value, UINT32_MAX, &lines, e);
		if (!rc)
			*(word[1] == '1' ? &t->l1_lines : &t->l2_lines) = (uint32_t)lines;
		return rc;
	}
	if (!strcmp(word, "llc_lines"))
		return set_lines(word, value, MAX_LINES, &t->llc_lines, e);
	return mmr_err(e, -EINVAL, "--topology: nothing called '%s' to set; `mmreplay calibrate` lists the costs",
		       word);
}

bool topology_is_of_here(const char *spec)
{
	char word[32];
	if (!spec || !*spec)
		return true;
	size_t n = strcspn(spec, ",");
	if (n >= sizeof(word))
		return true;
	memcpy(word, spec, n);
	word[n] = '\0';
	return !find_preset(word);
}

int topology_parse(const char *spec, unsigned cpus_needed, const struct calibration *here, struct topology *t,
		   struct mmr_err *e)
{
	char text[512], *save = NULL;
	struct topology made = { 0 };
	const struct topology_preset *p;
	int rc = 0;
	if (!spec || !*spec)
		spec = "auto";
	if (cpus_needed > TOPOLOGY_CPUS_MAX)
		return mmr_err(e, -EINVAL,
			       "--topology: no machine has more than %u CPUs, and %u threads were asked for",
			       TOPOLOGY_CPUS_MAX, cpus_needed);
	if (strlen(spec) >= sizeof(text))
		return mmr_err(e, -EINVAL, "--topology: longer than %zu characters", sizeof(text) - 1);
	strcpy(text, spec);
	if (text[0] == ',' || text[strlen(text) - 1] == ',' || strstr(text, ",,"))
		return mmr_err(e, -EINVAL, "--topology: '%s': an empty word between commas", spec);
	char *word = strtok_r(text, ",", &save);
	for (unsigned c = 0; c < COST_NR; c++)
		made.cost[c] = topology_assumed(c);
	snprintf(made.name, sizeof(made.name), "%s", word);
	if ((p = find_preset(word))) {
		take_preset(p, &made);
	} else {
		take_here(here, &made);
		if (strcmp(word, "auto"))
			rc = parse_shape(word, &made, e);
		else
			auto_shape(cpus_needed, &made);
	}
	while (!rc && (word = strtok_r(NULL, ",", &save)))
		rc = override(word, &made, e);
	if (rc)
		return rc;
	if (topology_cpus(&made) < cpus_needed)
		return mmr_err(e, -EINVAL, "--topology: %s has %u CPUs, fewer than the %u threads asked for", made.name,
			       topology_cpus(&made), cpus_needed);
	*t = made;
	return 0;
}

/* ---- and back ---- */

__attribute__((format(printf, 4, 5))) static size_t append(char *buf, size_t size, size_t at, const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	int n = at < size ? vsnprintf(buf + at, size - at, fmt, ap) : 0;
	va_end(ap);
	return at + (n > 0 ? (size_t)n : 0);
}

static const char *plural(unsigned n)
{
	return n == 1 ? "" : "s";
}

static size_t shape_text(const struct topology *t, char *buf, size_t size)
{
	return append(buf, size, 0, "%s: %u socket%s x %u cluster%s x %u core%s x %u thread%s", t->name, t->sockets,
		      plural(t->sockets), t->clusters, plural(t->clusters), t->cores, plural(t->cores), t->smt,
		      plural(t->smt));
}

/* Exact: picoseconds are three decimals at most. */
static void ns_text(uint64_t ps, char *buf, size_t size)
{
	int n = snprintf(buf, size, "%llu.%03u", (unsigned long long)(ps / 1000), (unsigned)(ps % 1000));
	while (n > 0 && buf[n - 1] == '0')
		buf[--n] = '\0';
	if (n > 0 && buf[n - 1] == '.')
		buf[--n] = '\0';
}

void topology_text(const struct topology *t, char *buf, size_t size)
{
	char ns[32];
	size_t at = shape_text(t, buf, size);
	at = append(buf, size, at, "; lines: l1=%u l2=%u llc=%llu; ns:", t->l1_lines, t->l2_lines,
		    (unsigned long long)t->llc_lines);
	for (unsigned c = 0; c < COST_NR; c++) {
		ns_text(t->cost[c].ps, ns, sizeof(ns));
		at = append(buf, size, at, " %s=%s%c", names[c], ns, cost_origin_name(t->cost[c].origin)[0]);
	}
	append(buf, size, at, " (m measured here, p published, a assumed)");
}

void topology_print(const struct topology *t, FILE *f)
{
	char text[128], ns[32];
	shape_text(t, text, sizeof(text));
	fprintf(f, "%s: %u CPUs\n", text, topology_cpus(t));
	fprintf(f, "caches of %u KB and %u KB per core, %llu KB per cluster\n", t->l1_lines / 16, t->l2_lines / 16,
		(unsigned long long)t->llc_lines / 16);
	fprintf(f, "%-8s %10s  %-9s  %s\n", "cost", "ns", "origin", "source");
	for (unsigned c = 0; c < COST_NR; c++) {
		ns_text(t->cost[c].ps, ns, sizeof(ns));
		fprintf(f, "%-8s %10s  %-9s  %s\n", names[c], ns, cost_origin_name(t->cost[c].origin),
			t->cost[c].source);
	}
}
