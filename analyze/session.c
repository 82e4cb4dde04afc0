#include "analyze/session.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

int64_t session_parse(const char *arg, struct argp_state *state)
{
	char *end;
	if (!strcmp(arg, "all"))
		return SESSION_ALL;
	errno = 0;
	long long n = strtoll(arg, &end, 10);
	if (errno || end == arg || *end || n < 1)
		argp_error(state, "--session is a number from 1, or all, not '%s'", arg);
	return n;
}
