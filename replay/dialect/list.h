/*
 * list.h - doubly linked lists with shared links, and their RCU forms.
 *
 *                 | add/del/replace | for_each_entry | for_each_entry_rcu
 *   add, del      |      lock       |      lock      |   -
 *   add, del _rcu |      lock       |      lock      |   may run together
 *
 * "lock": both must hold the lock that owns the list. An element deleted with
 * list_del_rcu may be freed only after a grace period.
 */
#ifndef DIALECT_LIST_H
#define DIALECT_LIST_H

static inline void INIT_LIST_HEAD(struct list_head *h)
{
	WRITE_ONCE(h->next, h);
	WRITE_ONCE(h->prev, h);
}

static inline void list_insert_(struct list_head *n, struct list_head *prev, struct list_head *next)
{
	WRITE_ONCE(next->prev, n);
	WRITE_ONCE(n->next, next);
	WRITE_ONCE(n->prev, prev);
	WRITE_ONCE(prev->next, n);
}

static inline void list_add(struct list_head *n, struct list_head *head)
{
	list_insert_(n, head, READ_ONCE(head->next));
}

static inline void list_add_tail(struct list_head *n, struct list_head *head)
{
	list_insert_(n, READ_ONCE(head->prev), head);
}

static inline void list_del(struct list_head *n)
{
	struct list_head *prev = READ_ONCE(n->prev), *next = READ_ONCE(n->next);
	WRITE_ONCE(next->prev, prev);
	WRITE_ONCE(prev->next, next);
}

/* The element's own links are complete before a walker can reach it. */
static inline void list_add_tail_rcu(struct list_head *n, struct list_head *head)
{
	struct list_head *prev = READ_ONCE(head->prev);
	WRITE_ONCE(n->next, head);
	WRITE_ONCE(n->prev, prev);
	smp_store_release(&prev->next, n);
	WRITE_ONCE(head->prev, n);
}

/*
 * Leaves n->next alone: a walker that stands on n still finds its way. Release,
 * because @n's successor, made by another CPU, becomes reachable by this store.
 */
static inline void list_del_rcu(struct list_head *n)
{
	struct list_head *prev = READ_ONCE(n->prev), *next = READ_ONCE(n->next);
	WRITE_ONCE(next->prev, prev);
	smp_store_release(&prev->next, next);
}

/* @n takes @old's place in one step. */
static inline void list_replace_rcu(struct list_head *old, struct list_head *n)
{
	struct list_head *prev = READ_ONCE(old->prev), *next = READ_ONCE(old->next);
	WRITE_ONCE(n->next, next);
	WRITE_ONCE(n->prev, prev);
	smp_store_release(&prev->next, n);
	WRITE_ONCE(next->prev, n);
}

static inline bool list_empty(struct list_head *head)
{
	return READ_ONCE(head->next) == head;
}

#define list_entry(ptr, type, member) container_of(ptr, type, member)

#define list_for_each_entry(pos, head, member)                                                                         \
	for (pos = list_entry(READ_ONCE((head)->next), __typeof__(*pos), member); &pos->member != (head);              \
	     pos = list_entry(READ_ONCE(pos->member.next), __typeof__(*pos), member))

#define list_for_each_entry_rcu(pos, head, member)                                                                     \
	for (pos = list_entry(smp_load_acquire(&(head)->next), __typeof__(*pos), member); &pos->member != (head);      \
	     pos = list_entry(smp_load_acquire(&pos->member.next), __typeof__(*pos), member))

#endif
