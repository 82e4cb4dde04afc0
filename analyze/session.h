/* session.h - --session N|all: which runs of a store a command looks at. */
#ifndef MMR_AZ_SESSION_H
#define MMR_AZ_SESSION_H

#include <argp.h>
#include <stdint.h>

#define SESSION_DEFAULT 0
#define SESSION_ALL -1

/* What --session @arg means; ends the program with a usage error when it means nothing. */
int64_t session_parse(const char *arg, struct argp_state *state);

#endif
