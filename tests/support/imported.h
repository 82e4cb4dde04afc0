/*
 * imported.h - run an import in a test and look at what it made. The workload
 * is told as text (mmw_text.h), a line per event, so that a test shows what it
 * expects. Who is whose parent from before (EV_PARENT), and tids, are left out.
 */
#ifndef MMR_TEST_IMPORTED_H
#define MMR_TEST_IMPORTED_H

#include <stdint.h>

#include "schemas/mmw.h"
#include "tracegen/import_child.h"

struct imported {
	int ret; /* of inputs or run */
	struct imp_result result;
	struct mmr_err e;
	char *text; /* the events; NULL when the import failed */
	struct mmw_reader *r; /* the same */
	uint64_t violations; /* of the life cycle: mmw_check.h; they are printed */
	char path[256];
};

/* A directory of its own below $TMPDIR or /tmp; remove with scratch_remove(). The caller frees. */
char *scratch_make(void);
void scratch_remove(char *dir);

/* Import the directories @dirs (NULL at the end) with short limits. */
struct imported imported(const char *const *dirs);
struct imported imported_one(const char *dir);
void imported_free(struct imported *i);
/* A count of the information table, 0 when it is not there. */
uint64_t imported_count(const struct imported *i, enum mmw_info_group group, const char *key);

#endif
