/*
 * symbols.h - the kernel's functions by address: from a list as /proc/kallsyms
 * and System.map are, or one by one as a capture says them. One thread.
 */
#ifndef MMR_TG_SYMBOLS_H
#define MMR_TG_SYMBOLS_H

#include <stdbool.h>
#include <stdint.h>

#include "schemas/error.h"

struct symbol {
	uint64_t from, to; /* to: the first address behind it */
	uint32_t name; /* where it begins in names */
	bool global;
};

struct symbols {
	struct symbol *at;
	uint32_t n, room;
	char *names;
	uint32_t used, size;
	uint64_t base; /* where the kernel's text begins, by the list's _text or _stext; 0: it does not say */
	bool sorted;
};

void symbols_free(struct symbols *s);

/*
 * Add the functions of the list at @path; those of modules are called
 * "NAME[MODULE]". @e: -EPERM, the addresses are hidden; -EINVAL, no such list;
 * else it cannot be read.
 */
int symbols_load(struct symbols *s, const char *path, struct mmr_err *e);
/* Add one. -ENOMEM. */
int symbols_add(struct symbols *s, uint64_t from, uint64_t to, const char *name, bool global);
/* The function that @address lies in, NULL when none is known. */
const struct symbol *symbols_find(struct symbols *s, uint64_t address);
const char *symbols_name(const struct symbols *s, const struct symbol *of);

#endif
