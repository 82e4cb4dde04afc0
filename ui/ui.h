/* ui.h - the verb of this part. */
#ifndef MMR_UI_UI_H
#define MMR_UI_UI_H

#include "schemas/command.h"

/* `mmreplay ui [DB] [--script FILE]` */
int cmd_ui(struct mmr_ctx *ctx, int argc, char **argv);

#endif
