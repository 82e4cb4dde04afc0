/*
 * all.c - every unit test and tool of the tests, one program: which of them it
 * is says the name that it is called by. The build renames their mains.
 */
#include <stdio.h>
#include <string.h>

#define X(name) int main_##name(int argc, char **argv);
#include "tests/names.h"
#undef X

static const struct {
	const char *name;
	int (*main)(int argc, char **argv);
} program[] = {
#define X(name) { #name, main_##name },
#include "tests/names.h"
#undef X
};

int main(int argc, char **argv)
{
	const char *slash = strrchr(argv[0], '/'), *name = slash ? slash + 1 : argv[0];
	for (size_t i = 0; i < sizeof(program) / sizeof(*program); i++)
		if (!strcmp(program[i].name, name))
			return program[i].main(argc, argv);
	fprintf(stderr, "%s: no test and no tool; they are links to this program\n", name);
	return 2;
}
