/*
 * topology_presets.c - machines to imagine, with who measured what.
 *
 * Latencies beyond a step are the published load latency less that of the
 * nearest cache. Sources, by the names used below:
 *
 *   c2c         github.com/nviennot/core-to-core-latency: compare-and-exchange
 *               ping-pong, half of the round trip, median over the pairs
 *   AT 10435    AnandTech 2016, IBM POWER8 part 1: LMBench, random loads
 *   AT 11544    AnandTech 2017, Skylake-SP against EPYC 7000: LMBench, random loads
 *   AT 11550    AnandTech 2017, Skylake-X: caches of Skylake-S, in cycles
 *   AT 14694    AnandTech 2019, EPYC 7742 against Xeon 8280: caches in cycles; memory full random
 */
#include "replay/topology_presets.h"

#define KB_LINES(kb) ((kb)*1024u / 64)
#define MB_LINES(mb) ((mb)*1024ull * 1024 / 64)

static const struct topology_preset presets[] = {
	{
		.name = "laptop",
		.about = "4 cores of 2 threads, as a Core i5-10310U (Comet Lake)",
		.sockets = 1,
		.clusters = 1,
		.cores = 4,
		.smt = 2,
		.l1_lines = KB_LINES(32),
		.l2_lines = KB_LINES(256),
		.llc_lines = MB_LINES(6),
		.cost = {
			{ COST_l2, 1.6, COST_PUBLISHED, "Skylake-S 11 - 4 cycles (AT 11550), at 4.4 GHz" },
			{ COST_llc, 9.1, COST_PUBLISHED, "Skylake-S 44 - 4 cycles (AT 11550), at 4.4 GHz" },
			{ COST_memory, 80, COST_ASSUMED, "DDR4-2666 SO-DIMM: nothing published for this one" },
			{ COST_smt, 7.3, COST_PUBLISHED, "c2c: Core i5-10310U" },
			{ COST_cluster, 21, COST_PUBLISHED, "c2c: Core i5-10310U" },
		},
	},
	{
		.name = "epyc-2x96",
		.about = "two sockets of 12 x 8 cores of 2 threads, as EPYC 9654 has; latencies of EPYC 7742 and 7R13",
		.sockets = 2,
		.clusters = 12,
		.cores = 8,
		.smt = 2,
		.l1_lines = KB_LINES(32),
		.l2_lines = KB_LINES(1024),
		.llc_lines = MB_LINES(32),
		.cost = {
			{ COST_l2, 2.6, COST_PUBLISHED, "EPYC 7742: 13 - 4 cycles at 3.4 GHz (AT 14694)" },
			{ COST_llc, 9.1, COST_PUBLISHED, "EPYC 7742: 10.27 ns, less 4 cycles (AT 14694)" },
			{ COST_memory, 121, COST_PUBLISHED, "EPYC 7742: 122 ns, less 4 cycles (AT 14694)" },
			{ COST_smt, 9.8, COST_PUBLISHED, "c2c: EPYC 7R13" },
			{ COST_cluster, 23, COST_PUBLISHED, "c2c: EPYC 7R13" },
			{ COST_socket, 107, COST_PUBLISHED, "c2c: EPYC 7R13, between its groups of 8" },
			{ COST_remote, 197, COST_PUBLISHED, "c2c: two EPYC 7R13" },
		},
	},
	{
		.name = "power8-16s",
		.about = "16 sockets of 12 cores of 8 threads, as a POWER8 with 192 cores; transfers of POWER7",
		.sockets = 16,
		.clusters = 1,
		.cores = 12,
		.smt = 8,
		.l1_lines = KB_LINES(64),
		.l2_lines = KB_LINES(512),
		.llc_lines = MB_LINES(96),
		.cost = {
			{ COST_l2, 2.9, COST_PUBLISHED, "POWER8: 13 - 3 cycles at 3.4 GHz (AT 10435)" },
			{ COST_llc, 7.1, COST_PUBLISHED, "POWER8: 8 ns, less 3 cycles (AT 10435)" },
			{ COST_memory, 89, COST_PUBLISHED, "POWER8: 90 ns, less 3 cycles (AT 10435)" },
			{ COST_cluster, 173, COST_PUBLISHED, "c2c: POWER7, 8 cores" },
			{ COST_remote, 443, COST_PUBLISHED, "c2c: two POWER7; 16 sockets have longer ways, too" },
		},
	},
	{
		.name = "xeon-8s",
		.about = "8 sockets of 28 cores of 2 threads, as Xeon 8280; latencies of 8280, 8176 and 8275CL",
		.sockets = 8,
		.clusters = 1,
		.cores = 28,
		.smt = 2,
		.l1_lines = KB_LINES(32),
		.l2_lines = KB_LINES(1024),
		.llc_lines = MB_LINES(77) / 2,
		.cost = {
			{ COST_l2, 3.7, COST_PUBLISHED, "Xeon 8280: 14 - 4 cycles at 2.7 GHz (AT 14694)" },
			{ COST_llc, 24.5, COST_PUBLISHED, "Skylake-SP: 26 ns, less 4 cycles (AT 11544)" },
			{ COST_memory, 88.5, COST_PUBLISHED, "Skylake-SP: 90 ns, less 4 cycles (AT 11544)" },
			{ COST_smt, 7.6, COST_PUBLISHED, "c2c: Xeon 8275CL" },
			{ COST_cluster, 47, COST_PUBLISHED, "c2c: Xeon 8275CL" },
			{ COST_remote, 134, COST_PUBLISHED, "c2c: two Xeon 8275CL; of 8 some are two hops apart" },
		},
	},
};

const struct topology_preset *topology_preset(unsigned i)
{
	return i < sizeof(presets) / sizeof(*presets) ? &presets[i] : NULL;
}
