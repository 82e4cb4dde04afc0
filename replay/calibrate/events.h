/*
 * events.h - a workload to calibrate with.
 */
#ifndef CALIBRATE_EVENTS_H
#define CALIBRATE_EVENTS_H

#include "replay/plan.h"

/* Of so many @events; freed with workload_free(). @foreseeable: the same again and again; else in random order. -ENOMEM. */
int events_workload(struct workload *w, bool foreseeable, unsigned events);

#endif
