/*
 * store.h - the results store being written: what store_*.c share.
 *
 * struct store is what a struct result_sink points to; one thread uses it.
 * The statements are prepared when first used and live until it is closed.
 */
#ifndef MMR_AZ_STORE_H
#define MMR_AZ_STORE_H

#include "analyze/sql.h"
#include "schemas/result.h"

enum store_statement {
	ST_MACHINE,
	ST_WORKLOAD,
	ST_WORKLOAD_EVENTS_GONE,
	ST_WORKLOAD_EVENT,
	ST_KERNEL_CONTENTION_GONE,
	ST_KERNEL_CONTENTION,
	ST_CALIBRATION,
	ST_RESUME,
	ST_RUN_THERE,
	ST_RUN,
	ST_RUN_SETTING,
	ST_RUN_DONE,
	ST_REFERENCE,
	ST_RUN_EVENT,
	ST_OP_STAT,
	ST_OP_HIST,
	ST_LOCK_STAT,
	ST_LOCK_HIST,
	ST_VIOLATION,
	ST_REPLAY_ERROR,
	ST_DRIFT_HIST,
	ST_RUN_TIME,
	ST_RUN_HYGIENE,
	ST_LINE_CONFLICT,
	ST_BLOCKER,
	ST_TIMELINE,
	ST_COMM_STAT,
	ST_SLOW_OP,
	ST_TOPOLOGY,
	ST_TOPOLOGY_COSTS_GONE,
	ST_TOPOLOGY_COST,
	ST_NR
};

struct store {
	struct result_sink sink;
	struct sql sql;
	sqlite3_stmt *st[ST_NR];
	int64_t machine_id, workload_id; /* 0: not set yet */
	int64_t session; /* 0: no run yet */
};

/* Statement @n, prepared; NULL and @e on failure. */
sqlite3_stmt *store_statement(struct store *s, enum store_statement n, struct mmr_err *e);

/* A write transaction around @work; on any failure nothing of it stays. */
int store_transaction(struct store *s, int (*work)(struct store *s, void *arg, struct mmr_err *e), void *arg,
		      struct mmr_err *e);

/* The members of struct result_sink (result.h). */
int store_set_machine(struct result_sink *sink, const struct result_machine *m, struct mmr_err *e);
int store_set_workload(struct result_sink *sink, const struct result_workload *w, struct mmr_err *e);
int store_set_calibration(struct result_sink *sink, const struct result_calibration *rows, unsigned n,
			  struct mmr_err *e);
int store_set_topology(struct result_sink *sink, const struct result_topology *t, struct mmr_err *e);
int store_resume(struct result_sink *sink, const struct result_config *c, bool *found, struct mmr_err *e);
int store_run_there(struct result_sink *sink, const struct result_config *c, bool *there, enum result_verdict *verdict,
		    struct mmr_err *e);
int store_run_begin(struct result_sink *sink, const struct result_config *c, int64_t *run_id, struct mmr_err *e);
int store_reference(struct result_sink *sink, int64_t run_id, const struct result_reference *r, struct mmr_err *e);
int store_run_end(struct result_sink *sink, int64_t run_id, const struct result_run *r, struct mmr_err *e);

/* What the run of @run_id yielded, within a transaction: store_rows.c. */
int store_rows(struct store *s, int64_t run_id, const struct result_run *r, struct mmr_err *e);
/* Of that, who did what when: timeline, by command name, the slowest (store_who.c). */
int store_who(struct store *s, int64_t run_id, const struct result_run *r, struct mmr_err *e);

/* @sum, of @sampled of @all values, scaled up to all of them; 0 when there is none. */
int64_t store_scaled(double sum, double sampled, double all);

/* Every integer in the store is SQLite's, signed: what does not fit is the largest that does. */
static inline int64_t store_int(uint64_t v)
{
	return v > INT64_MAX ? INT64_MAX : (int64_t)v;
}

/* Run prepared statement @n; see sql_run(). */
#define STORE_RUN(s, n, e, ...)                                                                                        \
	({                                                                                                             \
		sqlite3_stmt *st_ = store_statement(s, n, e);                                                          \
		st_ ? sql_run(&(s)->sql, st_, e, __VA_ARGS__) : sql_error(&(s)->sql, e);                               \
	})

#endif
