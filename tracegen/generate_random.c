/* Random numbers in integers only: libm differs between hosts in the last bit. */
#include "tracegen/generate.h"

/* SplitMix64: a counter run through a mixing function. */
uint64_t gen_random(struct gen *g)
{
	uint64_t z = g->rng += 0x9e3779b97f4a7c15u;
	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
	z = (z ^ z >> 27) * 0x94d049bb133111ebu;
	return z ^ z >> 31;
}

uint32_t gen_below(struct gen *g, uint32_t n)
{
	return (uint32_t)((gen_random(g) >> 32) * n >> 32);
}

bool gen_percent(struct gen *g, uint32_t percent)
{
	return gen_below(g, 100) < percent;
}

/*
 * Quantile i/64 of each distribution, in 1/4096; the ends are the quantiles
 * 1/512 and 0.9995. Between them the line, so the mean is 1.2 % above 1
 * (exponential) and 1.41 times the median (log-normal, sigma 0.8).
 */
static const uint16_t exponential[65] = { 8,    65,   130,  197,  264,   333,   403,   474,   547,   621,  696,
					  772,  850,  930,  1011, 1094,  1178,  1265,  1353,  1443,  1535, 1629,
					  1725, 1824, 1925, 2029, 2135,  2244,  2357,  2472,  2591,  2713, 2839,
					  2969, 3103, 3242, 3386, 3535,  3690,  3850,  4017,  4192,  4374, 4564,
					  4764, 4974, 5196, 5430, 5678,  5943,  6225,  6529,  6857,  7213, 7603,
					  8035, 8517, 9064, 9696, 10443, 11357, 12535, 14196, 17035, 31133 };
static const uint16_t lognormal[65] = { 407,  731,   923,   1072,  1200,  1318,  1427,  1531,  1632,  1730, 1826,
					1920, 2014,  2108,  2201,  2294,  2388,  2482,  2577,  2673,  2770, 2869,
					2969, 3071,  3174,  3280,  3388,  3498,  3612,  3728,  3847,  3970, 4096,
					4226, 4361,  4501,  4645,  4796,  4952,  5115,  5285,  5464,  5651, 5848,
					6056, 6276,  6510,  6759,  7026,  7313,  7623,  7960,  8329,  8736, 9189,
					9699, 10281, 10956, 11757, 12734, 13976, 15655, 18178, 22945, 56965 };

static uint64_t sample(struct gen *g, const uint16_t *q, uint64_t scale)
{
	uint64_t u = gen_random(g);
	uint32_t i = (uint32_t)(u >> 58), part = (uint32_t)(u >> 42) & 0xffff;
	uint32_t x = q[i] + (uint32_t)((uint64_t)(q[i + 1] - q[i]) * part >> 16);
	return scale * x >> 12;
}

uint64_t gen_exponential(struct gen *g, uint64_t mean)
{
	return sample(g, exponential, mean);
}

uint64_t gen_lognormal(struct gen *g, uint64_t median)
{
	return sample(g, lognormal, median);
}
