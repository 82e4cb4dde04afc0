/*
 * sync_gen_nowait - sync_gen without the wait (KERNEL_FACTS.md V1, Joerg
 * Roedel 2020): who finds an entry present hands out an address behind it
 * while its installer still walks.
 */
#include "replay/dialect/kernel.h"

#define VARIANT sync_gen_nowait
#define VARIANT_SAYS                                                                                                   \
	.source = "mutant of D9", .about = "sync_gen, who finds an entry present does not wait",                       \
	.expect = "vmalloc x vmalloc: I1a (V1)", .flags = DESIGN_NEGATIVE | DESIGN_OWNS_SYNC
#define VARIANT_HOOKS .present = NULL
#include "replay/designs/sync_gen.c"
