/*
 * mkstore FILE [SESSION...]: appends sessions of made-up runs to a results store
 * (tests/support/sample_store.h), so that what reads stores can be tried. Default:
 * violation, then clean, so that the newest one is the good one. "many=N": copies
 * of the newest session until there are N runs.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/support/sample_many.h"
#include "tests/support/sample_store.h"

int main(int argc, char **argv)
{
	char *usual[] = { (char *)"violation", (char *)"clean", NULL };
	if (argc < 2) {
		fprintf(stderr, "usage: mkstore FILE [SESSION...]; sessions:");
		for (unsigned i = 0; sample_name(i); i++)
			fprintf(stderr, " %s", sample_name(i));
		fputs(" many=N\n", stderr);
		return 2;
	}
	struct mmr_err e = { 0 };
	for (char **name = argc > 2 ? argv + 2 : usual; *name; name++) {
		if (!strncmp(*name, "many=", 5)) {
			if (sample_many(argv[1], (unsigned)strtoul(*name + 5, NULL, 10), 1000, &e)) {
				fprintf(stderr, "mkstore: %s\n", e.text);
				return 1;
			}
			continue;
		}
		const struct sample *s = sample_named(*name);
		if (!s) {
			fprintf(stderr, "mkstore: no session called %s\n", *name);
			return 2;
		}
		if (sample_write(argv[1], s, &e)) {
			fprintf(stderr, "mkstore: %s\n", e.text);
			return 1;
		}
	}
	return 0;
}
