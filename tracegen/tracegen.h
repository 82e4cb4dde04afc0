/* tracegen.h - the verbs, catalogues and services of this part, for mmreplay.c. */
#ifndef MMR_TRACEGEN_H
#define MMR_TRACEGEN_H

#include "schemas/command.h"

/* mmreplay record [-o DIR] [--duration SEC] [-- CMD [ARG...]] */
int cmd_record(struct mmr_ctx *ctx, int argc, char **argv);

/* mmreplay generate PROFILE -o FILE.mmw ... */
int cmd_generate(struct mmr_ctx *ctx, int argc, char **argv);

/* mmreplay info FILE.mmw | TRACE | RESULTS.db */
int cmd_info(struct mmr_ctx *ctx, int argc, char **argv);

/* mmreplay import TRACE... -o FILE.mmw */
int cmd_import(struct mmr_ctx *ctx, int argc, char **argv);
/* The service: import on the fly (command.h). */
int tg_import(struct mmr_ctx *ctx, char *const *inputs, unsigned n, const char *out, struct mmr_err *e);

/* The catalogue "sources": the tracers that import understands. */
const struct mmr_item *list_sources(unsigned i);

/* The catalogue "profiles". */
const struct mmr_item *list_profiles(unsigned i);

#endif
