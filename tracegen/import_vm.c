/* vmalloc areas: a free event says only the address. */
#include "tracegen/import.h"

#define PAGE 4096

static struct imp_task *actor(struct imp *im, const struct imp_raw *r)
{
	return r->cur > 0 ? imp_live(im, r, r->cur) : NULL;
}

static void drop(struct imp *im, const struct imp_raw *r, struct imp_area *a, uint32_t task, uint32_t comm)
{
	if (a->id)
		imp_emit(im, r, EV_VFREE, 0, task, a->id, imp_top_slot(a->addr), comm, a->pages);
	else
		im->assumed[IA_LEFT_OUT]++;
	imp_area_drop(&im->areas, a);
}

void imp_vmalloc(struct imp *im, const struct imp_raw *r)
{
	if (r->state > 0 || r->n < 0)
		return; /* it failed */
	struct imp_task *t = actor(im, r);
	struct imp_area *a = imp_area_find(&im->areas, r->host, r->u);
	if (a) {
		im->assumed[IA_VFREE_BY_REUSE]++;
		drop(im, r, a, 0, 0);
	}
	a = imp_area_add(&im->areas, r->host, r->u);
	if (!a)
		return imp_no_memory(im);
	uint64_t pages = (uint64_t)r->n / PAGE;
	a->pages = pages > UINT32_MAX ? UINT32_MAX : (uint32_t)pages;
	if (t && t->flags & IT_LEFT_OUT) {
		im->assumed[IA_LEFT_OUT]++;
		return;
	}
	a->id = ++im->areas.ids;
	imp_emit(im, r, EV_VMALLOC, 0, t ? t->id : 0, a->id, imp_top_slot(r->u), t ? t->comm : 0, a->pages);
}

void imp_vfree(struct imp *im, const struct imp_raw *r)
{
	struct imp_area *a = imp_area_find(&im->areas, r->host, r->u);
	struct imp_task *t = actor(im, r);
	if (!a) {
		im->unresolved[IU_VFREE]++;
		return;
	}
	drop(im, r, a, t ? t->id : 0, t ? t->comm : 0);
}

void imp_purge(struct imp *im, const struct imp_raw *r)
{
	struct imp_task *t = actor(im, r);
	uint32_t n = r->n < 0 ? 0 : r->n > UINT32_MAX ? UINT32_MAX : (uint32_t)r->n;
	imp_emit(im, r, EV_PURGE, 0, t ? t->id : 0, 0, 0, t ? t->comm : 0, n);
}
