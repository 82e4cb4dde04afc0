/*
 * sim.h - the sim engine: one run of a plan under one design on a machine that
 * is imagined, in virtual time.
 *
 * Deterministic: the same configuration, seed included, gives the same figures
 * bit by bit. Nothing is sampled and measuring costs no time: `measure` only
 * says whether there are figures. Several threads may each run one at a time;
 * none of them changes what another gets.
 *
 * What is modelled, and how far: replay/SIM.md.
 */
#ifndef SIM_SIM_H
#define SIM_SIM_H

#include "replay/run.h"

/*
 * 0 and *@r, to be freed, also when the run was interrupted or found
 * violations; -errno when it could not be made.
 */
int sim_run(const struct run_config *c, struct run_figures *r, struct mmr_err *e);

#endif
