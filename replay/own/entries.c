/*
 * entries.c - linked into every file of designs (`make design`): tells where
 * its own entries are. Each file has a section mmr_designs, the program too, so
 * the bounds are those of the file that asks.
 */
#include "replay/design.h"

extern const struct design_ops *const __start_mmr_designs[] __attribute__((visibility("hidden")));
extern const struct design_ops *const __stop_mmr_designs[] __attribute__((visibility("hidden")));

/* All of them, for all engines and lock kinds; *@n how many. */
const struct design_ops *const *mmr_design_entries(unsigned *n);

const struct design_ops *const *mmr_design_entries(unsigned *n)
{
	*n = (unsigned)(__stop_mmr_designs - __start_mmr_designs);
	return __start_mmr_designs;
}
