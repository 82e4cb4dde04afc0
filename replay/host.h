/*
 * host.h - the machine we are on, as the store tells machines apart.
 */
#ifndef REPLAY_HOST_H
#define REPLAY_HOST_H

#include <sys/utsname.h>

#include "replay/native/native.h"

struct host {
	struct utsname names;
	char model[128];
};

/* *@m points into @h. */
void host_describe(struct host *h, const struct native_clock *clock, struct result_machine *m);

#endif
