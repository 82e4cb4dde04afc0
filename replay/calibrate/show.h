/* show.h - a calibration on stdout. */
#ifndef CALIBRATE_SHOW_H
#define CALIBRATE_SHOW_H

#include "replay/calibrate/keep.h"

void show_table(const struct calibration_session *s);
/* One object: machine, caches, costs, extras, transfers. */
void show_json(const struct calibration_session *s);

#endif
