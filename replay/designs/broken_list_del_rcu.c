/*
 * broken_list_del_rcu - clears the removed element's links, as list_del does in
 * the kernel: a walk that stands on it has nowhere to go.
 */
#include "replay/dialect/kernel.h"

static inline void list_del_clearing(struct list_head *n)
{
	struct list_head *prev = READ_ONCE(n->prev), *next = READ_ONCE(n->next);
	WRITE_ONCE(next->prev, prev);
	smp_store_release(&prev->next, next);
	WRITE_ONCE(n->next, NULL);
}

#define list_del_rcu(n) list_del_clearing(n)

#define VARIANT broken_list_del_rcu
#define VARIANT_SAYS                                                                                                   \
	.source = "mutant of task_list", .about = "list_del_rcu() clears the links of what it removes",                \
	.expect = "exit x sync: I3", .flags = DESIGN_NEGATIVE
#include "replay/designs/task_list.c"
