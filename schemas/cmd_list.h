/* cmd_list.h - `mmreplay list`, the one verb that belongs to no part. */
#ifndef MMR_CMD_LIST_H
#define MMR_CMD_LIST_H

#include "schemas/command.h"

int cmd_list(struct mmr_ctx *ctx, int argc, char **argv);

/* The catalogue "events". */
const struct mmr_item *list_events(unsigned i);

#endif
