/*
 * broken_list_replace_rcu - the new leader can be reached before its own links
 * are set.
 */
#include "replay/dialect/kernel.h"

static inline void list_replace_unlinked(struct list_head *old, struct list_head *n)
{
	struct list_head *prev = READ_ONCE(old->prev), *next = READ_ONCE(old->next);
	smp_store_release(&prev->next, n);
	WRITE_ONCE(n->next, next);
	WRITE_ONCE(n->prev, prev);
	WRITE_ONCE(next->prev, n);
}

#define list_replace_rcu(old, n) list_replace_unlinked(old, n)

#define VARIANT broken_list_replace_rcu
#define VARIANT_SAYS                                                                                                   \
	.source = "mutant of task_list", .about = "list_replace_rcu() publishes before it links",                      \
	.expect = "exec with leader change x sync: I3", .flags = DESIGN_NEGATIVE
#include "replay/designs/task_list.c"
