/*
 * analyze.h - what the part analyze lends to the command table: the
 * catalogue of views and the services that replay and `info` use.
 */
#ifndef MMR_ANALYZE_H
#define MMR_ANALYZE_H

#include "schemas/command.h"

/* struct mmr_services, see there. */
int results_open(const char *path, struct result_sink **sink, struct mmr_err *e);
int calibration_read(const char *path, const struct result_machine *m,
		     int (*row)(void *arg, const struct result_calibration *c), void *arg, struct mmr_err *e);
int results_info(struct mmr_ctx *ctx, const char *path, bool json);

/* The catalogue "views". */
const struct mmr_item *list_views(unsigned i);

int cmd_report(struct mmr_ctx *ctx, int argc, char **argv);
int cmd_compare(struct mmr_ctx *ctx, int argc, char **argv);
int cmd_query(struct mmr_ctx *ctx, int argc, char **argv);

#endif
