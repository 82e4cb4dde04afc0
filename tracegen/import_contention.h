/*
 * import_contention.h - how long the kernel waited for its locks, by who took
 * them: contention_begin and _end paired by task and lock, summed up by call
 * chain, and named once everything is read. One thread. Memory follows who
 * waits at a time and how many chains there are; both are bounded.
 */
#ifndef MMR_TG_IMPORT_CONTENTION_H
#define MMR_TG_IMPORT_CONTENTION_H

#include "tracegen/idmap.h"
#include "tracegen/import_chains.h"
#include "tracegen/import_table.h"

struct mmw_writer;

struct imp_waits {
	struct pool pool;
	struct imp_wait **bucket; /* NULL until there is one */
	uint32_t open;
	struct idmap sums; /* by chain and flags */
	bool has_sums;
	uint64_t ended; /* waits that are summed up */
	/* When they began, in slices, which grow as time goes on. */
	int64_t first; /* when the first wait began */
	uint64_t slice_ns; /* 0 until there was one */
};

void imp_waits_free(struct imp_waits *w);
/*
 * Somebody begins to wait, in the context of r->cur. -ENOMEM; 1: what was
 * thought to wait there does not any more, nobody has seen its end.
 */
int imp_wait_begin(struct imp_waits *w, const struct imp_raw *r);
/* It is over. -ENOMEM; 1: nobody has seen its beginning. */
int imp_wait_end(struct imp_waits *w, const struct imp_raw *r);

/* Where names come from, beside the capture itself. */
struct imp_names {
	const char *path; /* a list of symbols that the user names, or /proc/kallsyms; NULL: none */
	bool chosen; /* by the user: it may be moved to where the capture's kernel lay */
	uint64_t base; /* where that was, 0 unknown */
};

/*
 * Write the rows, on a clock that is 0 at @origin; *@nameless: waits whose caller has no name. 0, -ENOMEM, or
 * -errno and @e when a list that the user chose cannot be read.
 */
int imp_waits_write(struct imp_waits *w, struct imp_chains *chains, const struct imp_names *names, int64_t origin,
		    struct mmw_writer *to, uint64_t *nameless, struct mmr_err *e);

#endif
