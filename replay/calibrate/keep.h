/*
 * keep.h - calibrations and the store.
 */
#ifndef CALIBRATE_KEEP_H
#define CALIBRATE_KEEP_H

#include "replay/calibrate/transfer.h"
#include "schemas/command.h"

/* A whole calibration, with what it is of. ~20 KB: not for a small stack. */
struct calibration_session {
	struct native_clock clock;
	struct cpus cpus;
	struct calibration got;
	struct transfers transfers;
};

/* The clock, then calibrate(), with progress. A note when the CPUs are few. To be freed even when it failed. */
int calibration_measure(struct mmr_ctx *ctx, struct calibration_session *s, struct mmr_err *e);
void calibration_session_free(struct calibration_session *s);

/* Put it into the open store @sink, as this machine's. */
int calibration_put(struct result_sink *sink, const struct calibration_session *s, struct mmr_err *e);

/* "all CPUs here are in one socket; assumed: 1.84 x socket, as EPYC 7R13 (c2c)": for what was not measured. */
#define CALIBRATION_WHY 144
void calibration_why(const struct calibrated *c, const struct cost_value *instead, char *buf, size_t size);

#endif
