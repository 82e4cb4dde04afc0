/* litmus.h - `mmreplay check --engine native`. */
#ifndef REPLAY_LITMUS_H
#define REPLAY_LITMUS_H

#include "schemas/command.h"

/*
 * Races each kind of barrier in @variants (bit v: litmus_variant[v]) for @rounds
 * rounds and prints what was lost. Returns an exit status.
 */
int check_litmus(struct mmr_ctx *ctx, unsigned variants, uint64_t rounds, bool json);

#endif
