/* The designs that were compiled in: each puts a pointer into one section. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "replay/design.h"
#include "schemas/error.h"

extern const struct design_ops *const __start_mmr_designs[];
extern const struct design_ops *const __stop_mmr_designs[];

static int by_name(const void *a, const void *b)
{
	const struct design_ops *const *x = a, *const *y = b;
	int d = strcmp((*x)->name, (*y)->name);
	return d ? d : strcmp((*x)->lock, (*y)->lock);
}

const struct design_ops *const *design_all(unsigned *n)
{
	static struct {
		const struct design_ops *sorted[1024];
		unsigned n;
	} all;
	if (!all.n) {
		for (const struct design_ops *const *p = __start_mmr_designs; p < __stop_mmr_designs && all.n < 1024;
		     p++)
			all.sorted[all.n++] = *p;
		qsort(all.sorted, all.n, sizeof(*all.sorted), by_name);
	}
	*n = all.n;
	return all.sorted;
}

const struct design_ops *design_find(const char *name, const char *engine, const char *lock)
{
	unsigned n;
	const struct design_ops *const *d = design_all(&n);
	for (unsigned i = 0; i < n; i++)
		if (!strcmp(d[i]->name, name) && !strcmp(d[i]->engine, engine) && (!lock || !strcmp(d[i]->lock, lock)))
			return d[i];
	return NULL;
}

int design_check_all(struct mmr_err *e)
{
	unsigned n;
	const struct design_ops *const *d = design_all(&n);
	for (unsigned i = 0; i < n; i++) {
		const struct design_ops *o = d[i];
		if (o->abi != DESIGN_ABI || o->size != sizeof(*o))
			return mmr_err(e, -EINVAL, "design %s was built for ABI %u, this program has %u", o->name,
				       o->abi, DESIGN_ABI);
		if (!o->boot || !o->fork || !o->exec || !o->exit || !o->switch_to || !o->vmalloc || !o->purge ||
		    !o->hot_add || !o->hot_remove || !o->cpa || !o->sync || !o->access || !o->efi_call || !o->use_mm ||
		    !o->unuse_mm || !o->release_mm || !o->pin_all || !o->unpin_all || !o->stale || !o->listed)
			return mmr_err(e, -EINVAL, "design %s (%s, %s) lacks an operation", o->name, o->engine,
				       o->lock);
	}
	return 0;
}
