/*
 * record_names.h - which functions of the kernel a capture has to name: those
 * that its call chains go through, each once. One thread.
 */
#ifndef MMR_RECORD_NAMES_H
#define MMR_RECORD_NAMES_H

#include "tracegen/symbols.h"

#define REC_CHAIN_MAX 32 /* frames of a chain that are recorded */

struct rec_names {
	struct symbols symbols; /* none, when their addresses are hidden from us */
	uint8_t *told; /* by place in symbols */
	uint64_t met[4096]; /* addresses that were asked for already, by their lowest bits */
};

/* From /proc/kallsyms. 0, also when addresses are hidden; -errno. */
int rec_names_load(struct rec_names *n, struct mmr_err *e);
void rec_names_free(struct rec_names *n);
/* The function at @address, when it is asked for the first time; NULL when it is not, or not known. */
const struct symbol *rec_names_new(struct rec_names *n, uint64_t address);
/* The kernel's addresses among the @frames ones at @from, at most REC_CHAIN_MAX of them, to @to; how many. */
uint32_t rec_names_chain(const uint64_t *from, uint32_t frames, uint64_t to[REC_CHAIN_MAX]);

#endif
