/*
 * import_chains.h - the call chains of a trace, each once, by number. What feeds
 * share: it locks itself. Bounded; the kernel's part of a chain only, and no
 * deeper than is needed to see who took a lock and on whose way.
 */
#ifndef MMR_TG_IMPORT_CHAINS_H
#define MMR_TG_IMPORT_CHAINS_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#include "tracegen/symbols.h"

#define IMP_CHAIN_DEPTH 32
#define IMP_CHAINS_MAX 32768u

struct imp_chain {
	uint64_t hash;
	uint32_t next; /* in its bucket; 0: the last */
	uint8_t depth;
	uint64_t ip[]; /* the innermost first */
};

struct imp_chains {
	pthread_mutex_t lock;
	struct imp_chain **chain; /* chain[n - 1] is number n */
	uint32_t n, room;
	uint32_t bucket[4096];
	struct symbols symbols; /* as the capture itself says them */
	bool no_memory; /* some are missing */
};

void imp_chains_init(struct imp_chains *c);
void imp_chains_free(struct imp_chains *c);

/*
 * The number of the chain of @n addresses, of which what is not the kernel's, or
 * a mark of perf's, does not count. 0: nothing is left, or there are too many.
 */
int32_t imp_chain_number(struct imp_chains *c, const uint64_t *ip, unsigned n);
/* The chain called @number, NULL when there is none. After the feeds have ended. */
const struct imp_chain *imp_chain(const struct imp_chains *c, int32_t number);
/* The capture says that function @name lies at @from to @to. */
void imp_chains_symbol(struct imp_chains *c, uint64_t from, uint64_t to, const char *name);

/* Names of functions, cut as the compiler's suffixes begin (.isra.0): bytes with the zero. */
#define IMP_FUNCTION 128

/*
 * Who took the lock: the first function of @chain outside the kernel's lock
 * code, and the nearest one of interest that called it ("" none). @shift is
 * added to an address before it is looked up. False: @symbols do not know.
 */
bool imp_chain_caller(const struct imp_chain *chain, struct symbols *symbols, uint64_t shift, char caller[IMP_FUNCTION],
		      char within[IMP_FUNCTION]);

#endif
