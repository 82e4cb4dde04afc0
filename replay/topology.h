/*
 * topology.h - a machine to imagine: how its CPUs hang together, and what
 * things cost there. What the sim engine knows of hardware is in here.
 *
 * Each cost says where it comes from: measured on this machine (`mmreplay
 * calibrate`), published, or assumed; results carry that with them. A struct
 * topology is constant once it is made.
 */
#ifndef REPLAY_TOPOLOGY_H
#define REPLAY_TOPOLOGY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "schemas/error.h"

/*
 * In picoseconds. Names as --topology's overrides and `mmreplay calibrate` spell them.
 *
 *   step      one shared access that hits the nearest cache, with the code around it
 *   l2 llc memory      an access that finds the line there, beyond a step
 *   smt       a line that the other thread of this core has written
 *   cluster socket remote   a line that another core has written: same cluster (one last-level
 *             cache), same socket, other socket; from its store to our load's end
 *   atomic    a locked instruction on a line of our own, beyond a step
 *   fence     smp_mb()
 *   clear copy   a cached line of a page cleared; copied, reading and writing
 *   scan      a cached line of a page looked through for entries that are not 0
 *   range_l2 range_llc range_memory   a line of a page that is cleared or copied and comes from
 *             there, beyond that: neighbours are fetched meanwhile
 *   event     one event of the replay itself that was foreseen: what `null` costs, less the shared
 *             accesses in it;  surprise: what it costs more when the processor expected another
 *   look      the end of a wait for another worker, beyond its line's way: half a pause, the clock twice
 *   rcu       rcu_read_lock() and unlock together
 *   ipi       an interrupt to another CPU, until its answer is seen
 *   futex     a futex() call that finds that it need not sleep, or nobody to wake
 *   wake      what it costs to wake a sleeper;  wakeup: until that one runs
 *   grace     an RCU grace period when no CPU reads
 */
/* clang-format off */
#define TOPOLOGY_COSTS(C) \
	C(step) C(l2) C(llc) C(memory) C(smt) C(cluster) C(socket) C(remote) C(atomic) C(fence) C(clear) C(copy) C(scan) \
	C(range_l2) C(range_llc) C(range_memory) C(event) C(surprise) C(look) C(rcu) C(ipi) C(futex) C(wake) C(wakeup) C(grace)
/* clang-format on */

enum cost {
#define COST_ENUM(name) COST_##name,
	TOPOLOGY_COSTS(COST_ENUM)
#undef COST_ENUM
		COST_NR
};

enum cost_origin { COST_ASSUMED, COST_PUBLISHED, COST_MEASURED };

struct cost_value {
	uint64_t ps;
	enum cost_origin origin;
	char source[64]; /* "this machine, 21 runs, 58..64 ns"; what was published where; why assumed */
};

struct topology {
	char name[32];
	unsigned sockets, clusters, cores, smt; /* clusters per socket, cores per cluster, threads per core */
	uint32_t l1_lines, l2_lines; /* 64-byte lines per core */
	uint64_t llc_lines; /* per cluster */
	struct cost_value cost[COST_NR];
};

enum distance { NEAR_SELF, NEAR_SMT, NEAR_CLUSTER, NEAR_SOCKET, NEAR_REMOTE, NEAR_NR };

static inline unsigned topology_cpus(const struct topology *t)
{
	return t->sockets * t->clusters * t->cores * t->smt;
}

/* CPUs are numbered as Linux does it: cores first, cluster by cluster, then their second threads. */
static inline unsigned topology_core(const struct topology *t, unsigned cpu)
{
	return cpu % (t->sockets * t->clusters * t->cores);
}

static inline unsigned topology_cluster(const struct topology *t, unsigned cpu)
{
	return topology_core(t, cpu) / t->cores;
}

static inline enum distance topology_distance(const struct topology *t, unsigned a, unsigned b)
{
	unsigned ca = topology_core(t, a), cb = topology_core(t, b);
	if (ca == cb)
		return a == b ? NEAR_SELF : NEAR_SMT;
	if (ca / t->cores == cb / t->cores)
		return NEAR_CLUSTER;
	return ca / (t->cores * t->clusters) == cb / (t->cores * t->clusters) ? NEAR_SOCKET : NEAR_REMOTE;
}

#define TOPOLOGY_CPUS_MAX 4096u

struct calibration; /* replay/calibration.h */

/*
 * What --topology=@spec means for a run of @cpus_needed CPUs at most:
 *
 *   SPEC   NAME or SOCKETSxCLUSTERSxCORES[xSMT], then any number of ,WHAT=VALUE
 *   NAME   auto (which NULL and "" mean, too) or a preset: topology_presets.c
 *   WHAT   a cost, VALUE in nanoseconds, with decimals; or l1_lines, l2_lines, llc_lines
 *
 * A preset is the same everywhere. auto and shapes are this machine made larger:
 * what @here has measured counts as it is, the rest is assumed; @here NULL:
 * all is. -EINVAL and one line in @e: a word that cannot be right, or fewer
 * CPUs than are needed. @t is whole or untouched.
 */
int topology_parse(const char *spec, unsigned cpus_needed, const struct calibration *here, struct topology *t,
		   struct mmr_err *e);

/* What is assumed where nobody has measured or published anything. */
struct cost_value topology_assumed(enum cost c);

/* Does @spec stand for this machine made larger, so that what was measured of it counts? */
bool topology_is_of_here(const char *spec);

const char *cost_name(enum cost c);
/* "self", "smt", "cluster", "socket", "remote" */
const char *distance_name(enum distance d);
/* Picoseconds as nanoseconds, in so many digits as mean something: "0.119", "63.1", "14540". */
void cost_text(uint64_t ps, char *buf, size_t size);
/* "measured", "published" or "assumed" */
const char *cost_origin_name(enum cost_origin o);

/*
 * All of it in one line, for the store: "2x12x8: 2 sockets x 12 clusters x 8
 * cores x 1 thread; lines l1=512 ...; ns step=1.1m ... (m measured, p published, a assumed)".
 */
#define TOPOLOGY_TEXT 768
void topology_text(const struct topology *t, char *buf, size_t size);
/* The same for people: a heading, then a line for each cost with its origin and source. */
void topology_print(const struct topology *t, FILE *f);

/* What --help says of --topology. */
#define TOPOLOGY_HELP                                                                                                  \
	"the machine to simulate: a name (auto; `mmreplay list topologies`) or SOCKETSxCLUSTERSxCORES[xSMT], then "    \
	"what differs, as in 2x12x8,remote=130,l2=4 (nanoseconds; cache sizes as l1_lines, l2_lines, llc_lines)"

#endif
