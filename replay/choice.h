/*
 * choice.h - what --design, --era and --geometry name, for every command that
 * takes them.
 */
#ifndef REPLAY_CHOICE_H
#define REPLAY_CHOICE_H

#include <stdbool.h>

#include "replay/design.h"
#include "schemas/error.h"

struct era;
struct geometry;

/* One item of a --design list. */
struct design_choice {
	const struct design_ops *ops; /* for the first lock kind there is: name, flags, bugs */
	u32 fixed; /* for struct kernel.fixed */
	char label[256]; /* with its ":fix=K7,K10": what results call it */
};

/*
 * Parse "NAME[:fix=Kn[,Kn]...][,...]": an item that looks like K<number>
 * continues the list of repairs before it. NAME with a '/' in it or ending in
 * .so is a file of designs, which is loaded, and stands for all that it holds.
 * @engine: "native", "check"...; @arg is not changed. -EINVAL with a reason:
 * unknown names, a bug that the design does not have, more than @room items.
 */
int design_choose(const char *arg, const char *engine, struct design_choice *out, unsigned room, unsigned *n,
		  struct mmr_err *e);

/*
 * Does @geo exist in @era, and can @d, if any, run there? -EINVAL with the reason
 * why not.
 */
int choice_fits(const struct era *era, const struct geometry *geo, const struct design_ops *d, struct mmr_err *e);

/* Workloads that were recorded come from 64 bit: @tracer made this one. -EINVAL with the reason. */
int choice_fits_workload(const struct geometry *geo, const char *tracer, struct mmr_err *e);

#endif
