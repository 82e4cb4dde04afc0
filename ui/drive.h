/* drive.h - who feeds the browser: a terminal, a script, or nobody. Each returns an exit status. */
#ifndef MMR_UI_DRIVE_H
#define MMR_UI_DRIVE_H

#include "analyze/view.h"
#include "schemas/command.h"

int drive_terminal(struct mmr_ctx *ctx, struct az_db *db, const char *path);
/* Keys and commands from @script ("-": standard input), a line each; screens to stdout. */
int drive_script(struct mmr_ctx *ctx, struct az_db *db, const char *path, const char *script);
/* No terminal: the same views as text on stdout. */
int drive_text(struct mmr_ctx *ctx, struct az_db *db, const char *path);

#endif
