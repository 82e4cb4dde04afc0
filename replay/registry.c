/*
 * The designs there are: those compiled in, each of which puts a pointer into
 * one section, and those of files loaded later.
 */
#include <dlfcn.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "replay/design.h"
#include "schemas/error.h"
#include "schemas/safe.h"

#define DESIGNS_MAX 1024

extern const struct design_ops *const __start_mmr_designs[];
extern const struct design_ops *const __stop_mmr_designs[];

static struct {
	const struct design_ops *sorted[DESIGNS_MAX];
	unsigned n;
	/* Designs that were compiled once for several lock kinds, an entry for each; the names of the locks. */
	struct design_ops made[DESIGNS_MAX];
	char lock[DESIGNS_MAX][16];
	unsigned nmade;
} registry;

static int by_name(const void *a, const void *b)
{
	const struct design_ops *const *x = a, *const *y = b;
	int d = strcmp((*x)->name, (*y)->name);
	return d ? d : strcmp((*x)->lock, (*y)->lock);
}

static void enter(const struct design_ops *d)
{
	if (registry.n < DESIGNS_MAX)
		registry.sorted[registry.n++] = d;
}

static unsigned entries_of(const struct design_ops *const *d, unsigned n)
{
	unsigned sum = n;
	for (unsigned i = 0; i < n; i++)
		for (const char *l = d[i]->lock; (l = strchr(l, ',')); l++)
			sum++;
	return sum;
}

/* "ticket,mutex" becomes two entries. */
static void enter_each_lock(const struct design_ops *d)
{
	for (const char *l = d->lock; *l && registry.nmade < DESIGNS_MAX;) {
		size_t len = strcspn(l, ",");
		struct design_ops *o = &registry.made[registry.nmade];
		char *name = registry.lock[registry.nmade++];
		*o = *d;
		snprintf(name, sizeof(registry.lock[0]), "%.*s", (int)len, l);
		o->lock = name;
		enter(o);
		l += len + (l[len] == ',');
	}
}

static void add(const struct design_ops *const *from, unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		if (from[i]->lock && strchr(from[i]->lock, ','))
			enter_each_lock(from[i]);
		else
			enter(from[i]);
	qsort(registry.sorted, registry.n, sizeof(*registry.sorted), by_name);
}

const struct design_ops *const *design_all(unsigned *n)
{
	if (!registry.n)
		add(__start_mmr_designs, (unsigned)(__stop_mmr_designs - __start_mmr_designs));
	*n = registry.n;
	return registry.sorted;
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

static int check_table(const struct design_ops *o, struct mmr_err *e)
{
	/* These two lie at the beginning in every version. */
	if (o->abi != DESIGN_ABI || o->size != sizeof(*o))
		return mmr_err(e, -EINVAL, "built for version %u of the designs' interface, this program has %u",
			       o->abi, DESIGN_ABI);
	if (!o->name || !o->subject || !o->engine || !o->lock || !o->source || !o->about || !o->expect)
		return mmr_err(e, -EINVAL, "a design without name, source, about or expect");
	if (!*o->name || strpbrk(o->name, ",:/") || strlen(o->name) > 63)
		return mmr_err(e, -EINVAL, "a design's name is 1 to 63 characters without comma, colon and slash");
	if (!o->boot || !o->fork || !o->exec || !o->exit || !o->switch_to || !o->vmalloc || !o->purge || !o->hot_add ||
	    !o->hot_remove || !o->cpa || !o->sync || !o->access || !o->efi_call || !o->use_mm || !o->unuse_mm ||
	    !o->release_mm || !o->pin_all || !o->unpin_all || !o->stale || !o->listed)
		return mmr_err(e, -EINVAL, "design %s (%s, %s) lacks an operation", o->name, o->engine, o->lock);
	return 0;
}

int design_check_all(struct mmr_err *e)
{
	unsigned n;
	const struct design_ops *const *d = design_all(&n);
	int ret = 0;
	for (unsigned i = 0; i < n && !ret; i++)
		ret = check_table(d[i], e);
	return ret;
}

/* ---- from outside ---- */

/* One that was compiled in for the same engine tells how its objects are laid out. */
static int check_layout(const struct design_ops *o, struct mmr_err *e)
{
	unsigned n;
	const struct design_ops *const *d = design_all(&n);
	for (unsigned i = 0; i < n; i++)
		if (d[i]->layout && !strcmp(d[i]->engine, o->engine) && d[i]->layout != o->layout)
			return mmr_err(e, -EINVAL, "built with the headers of another mmreplay; build it again");
	return 0;
}

static int check_entries(const struct design_ops *const *d, unsigned n, struct mmr_err *e)
{
	int ret = n ? 0 : mmr_err(e, -EINVAL, "holds no designs");
	for (unsigned i = 0; i < n && !ret; i++) {
		ret = check_table(d[i], e);
		if (!ret && design_find(d[i]->name, d[i]->engine, NULL))
			ret = mmr_err(e, -EEXIST, "there is a design called '%s' already", d[i]->name);
		if (!ret)
			ret = check_layout(d[i], e);
	}
	return ret;
}

static bool known(const struct design_ops *const *d, unsigned n)
{
	unsigned all;
	const struct design_ops *const *have = design_all(&all);
	for (unsigned i = 0; n && i < all; i++)
		/* Entries for one lock kind are copies, their names are not. */
		if (have[i]->name == d[0]->name)
			return true;
	return false;
}

int design_load(const char *path, const struct design_ops *const **d, unsigned *n, struct mmr_err *e)
{
	struct mmr_err why = { 0 };
	char file[4096], text[512];
	*n = 0;
	/* Without a slash the loader would look for a library. */
	if (snprintf(file, sizeof(file), "%s%s", strchr(path, '/') ? "" : "./", path) >= (int)sizeof(file))
		return mmr_err(e, -ENAMETOOLONG, "a file name of %zu bytes", strlen(path));
	/* It stays: its designs are used until the end. */
	void *so = dlopen(file, RTLD_NOW | RTLD_LOCAL);
	if (!so) {
		safe_copy(text, sizeof(text), dlerror());
		return mmr_err(e, -EINVAL, "%s", text);
	}
	const struct design_ops *const *(*entries)(unsigned *) =
		(const struct design_ops *const *(*)(unsigned *))(uintptr_t)dlsym(so, "mmr_design_entries");
	if (!entries) {
		dlclose(so);
		safe_copy(text, sizeof(text), file);
		return mmr_err(e, -EINVAL, "%s: no file of designs; `make design D=...` makes them", text);
	}
	*d = entries(n);
	if (known(*d, *n))
		return 0;
	int ret = check_entries(*d, *n, &why);
	if (!ret && entries_of(*d, *n) > DESIGNS_MAX - registry.n)
		ret = mmr_err(&why, -E2BIG, "more than %u designs", DESIGNS_MAX);
	if (ret) {
		safe_copy(text, sizeof(text), file);
		mmr_err(e, ret, "%s: %s", text, why.text);
		*n = 0;
		dlclose(so);
		return ret;
	}
	add(*d, *n);
	return 0;
}
