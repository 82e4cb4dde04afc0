/*
 * mmw_text.h - a workload as text, a line per event, both ways:
 *
 *   1000 vfork,wait 3>7 mm5 aux300 make      time, type and flags, actor > other, mm, aux, command name
 *
 * What is 0, or "", is left out. Errors end the test program.
 */
#ifndef MMR_TEST_MMW_TEXT_H
#define MMR_TEST_MMW_TEXT_H

#include <stdbool.h>

#include "schemas/mmw.h"

/* The events of the file @path; @kin: with who was whose child before (parent), and the tids of births. The caller frees. */
char *mmw_to_text(const char *path, bool kin);

/*
 * Write @text as the workload @path. Peaks are those of mmw_check.h. @more, which
 * may be NULL, adds to the information table.
 */
void mmw_from_text(const char *path, const char *text, void (*more)(struct mmw_writer *w));

#endif
