/* replay.h - the part's verb and its lists. */
#ifndef REPLAY_REPLAY_H
#define REPLAY_REPLAY_H

#include "schemas/command.h"

int cmd_replay(struct mmr_ctx *ctx, int argc, char **argv);
int cmd_calibrate(struct mmr_ctx *ctx, int argc, char **argv);
int cmd_check(struct mmr_ctx *ctx, int argc, char **argv);

/* Catalogues of `mmreplay list`. */
const struct mmr_item *list_eras(unsigned i);
const struct mmr_item *list_geometries(unsigned i);
const struct mmr_item *list_locks(unsigned i);
const struct mmr_item *list_engines(unsigned i);
const struct mmr_item *list_designs(unsigned i);
const struct mmr_item *list_scenarios(unsigned i);
const struct mmr_item *list_topologies(unsigned i);

#endif
