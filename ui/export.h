/* export.h - a table into a CSV file. */
#ifndef MMR_UI_EXPORT_H
#define MMR_UI_EXPORT_H

#include <stdbool.h>

#include "analyze/view.h"

/*
 * Write @t to @path, whole or not at all. Without @overwrite a file that is
 * there stays: -EEXIST. With it, only a regular file is replaced: -EINVAL.
 */
int export_csv(const struct az_table *t, const char *path, bool overwrite, struct mmr_err *e);

#endif
