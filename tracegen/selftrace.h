/*
 * selftrace.h - the session that `replay --trace` writes to, with what `record`
 * has for its own: struct mmr_services.trace_*, which schemas/command.h explains.
 */
#ifndef MMR_SELFTRACE_H
#define MMR_SELFTRACE_H

#include "schemas/command.h"

int tg_trace_open(struct mmr_ctx *ctx, const char *dir, struct mmr_trace **t, struct mmr_err *e);
int tg_trace_start(struct mmr_trace *t, const char *const *paths, const struct mmr_ust_replay **ust, struct mmr_err *e);
int tg_trace_look(struct mmr_trace *t, struct mmr_err *e);
int tg_trace_end(struct mmr_trace *t, bool keep, uint64_t *lost, struct mmr_err *e);

#endif
