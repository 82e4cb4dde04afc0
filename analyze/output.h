/* output.h - the formats that report and query write. Internal to analyze. */
#ifndef MMR_AZ_OUTPUT_H
#define MMR_AZ_OUTPUT_H

#include <argp.h>

#include "analyze/view.h"

enum output { OUTPUT_TABLE, OUTPUT_CSV, OUTPUT_JSON, OUTPUT_HTML };

/* What --format @arg means, @html: that, too; ends the program with a usage error when it means nothing. */
enum output output_parse(const char *arg, bool html, struct argp_state *state);

/* The table of a statement on stdout. */
void output_table(enum output o, const struct az_table *t);

#endif
