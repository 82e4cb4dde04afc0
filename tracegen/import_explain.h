/* import_explain.h - one line for a user out of what babeltrace2 logs for its authors. */
#ifndef MMR_TG_IMPORT_EXPLAIN_H
#define MMR_TG_IMPORT_EXPLAIN_H

#include <stdbool.h>
#include <stddef.h>

/*
 * The reason in @log, which is what babeltrace2 wrote to standard error, without
 * names of functions and addresses. False: @log holds no error.
 */
bool imp_explain(const char *log, char *buf, size_t size);

#endif
