/*
 * broken_list_add - an insertion that forgets what was on the list before.
 */
#include "replay/dialect/kernel.h"

static inline void list_add_alone(struct list_head *n, struct list_head *head)
{
	WRITE_ONCE(n->next, head);
	WRITE_ONCE(n->prev, head);
	WRITE_ONCE(head->next, n);
	WRITE_ONCE(head->prev, n);
}

#define list_add(n, head) list_add_alone(n, head)

#define VARIANT broken_list_add
#define VARIANT_SAYS                                                                                                   \
	.source = "mutant of pgd_list", .about = "list_add() loses what was listed before",                            \
	.expect = "fork x sync: I1 or I6", .flags = DESIGN_NEGATIVE
#include "replay/designs/pgd_list.c"
