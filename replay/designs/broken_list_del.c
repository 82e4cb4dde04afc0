/*
 * broken_list_del - a removal that takes the next element with it. (One that
 * removes nothing would do, but lets walks run in circles.)
 */
#include "replay/dialect/kernel.h"

static inline void list_del_two(struct list_head *n, struct list_head *head)
{
	struct list_head *prev = READ_ONCE(n->prev), *next = READ_ONCE(n->next);
	if (next != head)
		next = READ_ONCE(next->next);
	WRITE_ONCE(next->prev, prev);
	WRITE_ONCE(prev->next, next);
}

#define list_del(n) list_del_two(n, &w->pgd_list)

#define VARIANT broken_list_del
#define VARIANT_SAYS                                                                                                   \
	.source = "mutant of pgd_list", .about = "list_del() removes the next element, too",                           \
	.expect = "exit x sync: I1 or I6", .flags = DESIGN_NEGATIVE
#include "replay/designs/pgd_list.c"
