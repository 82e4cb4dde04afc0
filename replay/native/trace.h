/*
 * trace.h (native) - `--trace`: a run tells what it does, operation by operation
 * and lock by lock.
 *
 * What locks do is noted by the CPU that does it, 24 bytes and one reading of
 * the clock, and emitted after the operation, when no lock is held: an event
 * costs more than most holds. Only when an operation takes more locks than the
 * notes have room for some are emitted within it.
 */
#ifndef NATIVE_TRACE_H
#define NATIVE_TRACE_H

#include "replay/native/worker.h"

/* For each CPU of @r a place for its notes; nothing when the run is not traced. 0 or -ENOMEM. */
int trace_make(struct run *r, struct mmr_err *e);
void trace_free(struct run *r);

/* Around one operation of the worker: its switch is inside. */
void trace_op_begin(struct worker *me, const struct rop *op);
void trace_op_end(struct worker *me, const struct rop *op);

/* Emit what is still noted, of all CPUs: the workers have ended. */
void trace_flush(struct run *r);

#endif
