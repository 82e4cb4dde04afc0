/*
 * surround.h - --surround calibrated: what the kernel and the program do around
 * an operation that the designs do not model (page tables and files copied by
 * fork, a program loaded by exec...), as far as the trace itself tells.
 *
 * The figure of a type of operation is the median of the gaps between such an
 * operation and the next event of the same CPU, of those gaps that are no longer
 * than a bound: longer ones are taken for an idle CPU. What this cannot tell:
 *
 * - what ran in user mode until the next event is in it, so it is rather an
 *   upper bound for the kernel's own work;
 * - what was done before the event (most of fork, for the tracepoint comes late)
 *   is the gap of the event before, if that was on the same CPU;
 * - one figure per type: no tail, no difference between programs.
 */
#ifndef REPLAY_SURROUND_H
#define REPLAY_SURROUND_H

#include "replay/run.h"

#define SURROUND_BOUND_NS 1000000u
/* Fewer gaps than this tell nothing. */
#define SURROUND_LEAST 8

/* From the recorded events of @w, before anything was put into it. Types that tell nothing get 0. -ENOMEM. */
int surround_calibrate(const struct workload *w, uint64_t bound_ns, struct surround *out);

/* "fork 180.1 us, exec 558.3 us", or "nothing". */
void surround_text(const struct surround *s, char *buf, size_t size);

#endif
