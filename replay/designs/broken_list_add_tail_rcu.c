/*
 * broken_list_add_tail_rcu - a task can be reached before its own links are set.
 */
#include "replay/dialect/kernel.h"

static inline void list_publish_tail(struct list_head *n, struct list_head *head)
{
	struct list_head *prev = READ_ONCE(head->prev);
	smp_store_release(&prev->next, n);
	WRITE_ONCE(n->next, head);
	WRITE_ONCE(n->prev, prev);
	WRITE_ONCE(head->prev, n);
}

#define list_add_tail_rcu(n, head) list_publish_tail(n, head)

#define VARIANT broken_list_add_tail_rcu
#define VARIANT_SAYS                                                                                                   \
	.source = "mutant of task_list", .about = "list_add_tail_rcu() publishes before it links",                     \
	.expect = "fork x sync: I3", .flags = DESIGN_NEGATIVE
#include "replay/designs/task_list.c"
