/*
 * broken_kmem_free - a page directory is given back twice.
 */
#include "replay/dialect/kernel.h"

static inline void free_twice(struct kernel *k, struct ptdesc *pgd)
{
	kmem_free(k, POOL_PTDESC, pgd);
	kmem_free(k, POOL_PTDESC, pgd);
}

static inline void free_once(struct kernel *k, struct mm_struct *mm)
{
	kmem_free(k, POOL_MM, mm);
}

#pragma push_macro("kmem_free")
#undef kmem_free
#define kmem_free(k, pool_id, obj) _Generic((obj), struct ptdesc * : free_twice, struct mm_struct * : free_once)(k, obj)
#include "replay/dialect/mm.h"
#pragma pop_macro("kmem_free")

#define VARIANT broken_kmem_free
#define VARIANT_SAYS                                                                                                   \
	.source = "mutant of pgd_list", .about = "kmem_free() frees a directory twice", .expect = "exit x sync: I6",   \
	.flags = DESIGN_NEGATIVE
#include "replay/designs/pgd_list.c"
