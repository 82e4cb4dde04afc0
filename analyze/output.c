#include "analyze/output.h"

#include <string.h>

enum output output_parse(const char *arg, bool html, struct argp_state *state)
{
	if (!strcmp(arg, "table"))
		return OUTPUT_TABLE;
	if (!strcmp(arg, "csv"))
		return OUTPUT_CSV;
	if (!strcmp(arg, "json"))
		return OUTPUT_JSON;
	if (html && !strcmp(arg, "html"))
		return OUTPUT_HTML;
	argp_error(state, "--format is table, csv%s, not '%s'", html ? ", json or html" : " or json", arg);
	return OUTPUT_TABLE;
}

void output_table(enum output o, const struct az_table *t)
{
	if (o == OUTPUT_CSV)
		az_print_csv(t, stdout);
	else if (o == OUTPUT_JSON)
		az_print_json(t, stdout);
	else
		az_print_table(t, stdout);
}
